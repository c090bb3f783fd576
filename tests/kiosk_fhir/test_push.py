"""`telecabine fhir push`: whatever the line and the server do, nothing is lost and nothing is doubled. Need F004-21."""

from __future__ import annotations

import io
import json
import stat
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import aiohttp
import pytest

from kiosk.cli import main
from kiosk.fhir_push import deliver as delivery
from kiosk.fhir_push.deliver import Patience, deliver, keep, refused_address
from kiosk.fhir_push.queue import Queue
from kiosk.fhir_push.server import Client, Server, Verdict, judge
from kiosk_fhir import bundle
from kiosk_fhir.errors import ShapeError
from tests.kiosk_fhir.faults import KINDS, Line, bad_line
from tests.kiosk_fhir.servers import CLIENT, SECRET, count, sekmet
from tests.kiosk_fhir.sessions import CONTEXT, EFFECTIVE, pressure, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)
WEIGHTS = [bundle.settled(reading(("weight", f"7{index}.4", "kg"), sequence=index), CONTEXT, effective=EFFECTIVE) for index in range(4)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sekmet(tmp_path_factory.mktemp("sekmet")) as base:
        yield base


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    made = Queue(tmp_path / "queue.sqlite")
    yield made
    made.close()


class Waits:
    """A sleep that only notes how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def push(queue: Queue, line: Line, waits: Waits, *, attempts: int = 20, patience: float = 30.0) -> int:
    async with bad_line(line) as base, aiohttp.ClientSession() as session:
        for body in WEIGHTS:
            queue.add(body, "the server")
        made = Server(session, base, None, lambda: 0.0, patience)
        return await deliver(queue, "the server", made, Patience(attempts, waits, lambda: 1.0), say=lambda _: None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("slow", "redirect")])
async def test_after_any_fault_every_bundle_is_there_once(server: str, queue: Queue, kind: str) -> None:
    line, waits = Line(server, [kind, kind]), Waits()
    assert await push(queue, line, waits) == 0
    assert list(queue.waiting("the server")) == []
    assert count(server, "Observation") == len(WEIGHTS)
    assert line.seen == len(WEIGHTS) + 2
    assert waits.seconds == [1.0, 2.0]


async def test_after_any_storm_of_faults_every_bundle_is_there_once(server: str, queue: Queue) -> None:
    """A fixed sample; the proofs run many more."""
    storm = [
        "cut after",
        "500",
        "half",
        "cut before",
        "garbage",
        "503",
        "cut after",
        "other json",
        "500",
        "cut after",
        "cut after",
        "half",
        "garbage",
        "cut before",
        "503",
    ]
    assert await push(queue, Line(server, storm), Waits()) == 0
    assert count(server, "Observation") == len(WEIGHTS)


async def test_a_server_that_does_not_answer_in_time_is_asked_again(server: str, queue: Queue) -> None:
    line = Line(server, ["slow"], patience=3.0)
    assert await push(queue, line, Waits(), patience=2.0) == 0
    assert count(server, "Observation") == len(WEIGHTS)


async def test_a_server_that_cannot_be_had_holds_everything_back_on_disk(queue: Queue, tmp_path: Path) -> None:
    line, waits = Line("http://127.0.0.1:9/fhir", ["500"] * 99), Waits()
    assert await push(queue, line, waits, attempts=9) == len(WEIGHTS)
    assert waits.seconds == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    again = Queue(tmp_path / "queue.sqlite")
    assert [one.body for one in again.waiting("the server")] == WEIGHTS
    assert next(iter(again.waiting("the server"))).reason == "the server says 500"
    again.close()


async def test_a_refused_bundle_stays_and_the_next_is_sent(server: str, queue: Queue) -> None:
    bad = json.loads(WEIGHTS[0])
    bad["entry"][-1]["resource"]["recorded"] = "yesterday"
    queue.add(json.dumps(bad).encode(), "the server")
    assert await push(queue, Line(server), Waits()) == 1
    (left,) = queue.waiting("the server")
    assert left.reason.startswith("the server says 400")
    assert count(server, "Observation") == len(WEIGHTS)


async def test_a_redirect_is_not_followed(queue: Queue, server: str) -> None:
    line = Line(server, ["redirect"] * 4)
    assert await push(queue, line, Waits()) == len(WEIGHTS)
    assert line.reached == 0


async def test_what_the_server_asks_to_wait_is_waited(queue: Queue, server: str) -> None:
    waits = Waits()
    assert await push(queue, Line(server, ["503"] * 2), waits) == 0
    assert all(seconds >= 1.0 for seconds in waits.seconds)


async def test_a_token_is_had_with_client_credentials_and_renewed(tmp_path: Path) -> None:
    """sekmet as the authorisation server and as the guarded server."""
    with sekmet(tmp_path, guarded=True) as base:
        async with aiohttp.ClientSession() as session:
            now = [0.0]
            open_door = Server(session, base, None, lambda: now[0], 60.0)
            refused = await open_door.send(WEIGHTS[0])
            assert refused.verdict is Verdict.REFUSED
            token_url = base.replace("/fhir", "/auth/token")
            client = Client(token_url, CLIENT, SECRET, "system/*.*")
            assert SECRET not in repr(client)
            guarded = Server(session, base, client, lambda: now[0], 60.0)
            assert (await guarded.send(WEIGHTS[0])).verdict is Verdict.ACKNOWLEDGED
            now[0] += 100_000
            assert (await guarded.send(WEIGHTS[1])).verdict is Verdict.ACKNOWLEDGED
            wrong = Server(session, base, Client(token_url, CLIENT, "wrong"), lambda: now[0], 60.0)
            answer = await wrong.send(WEIGHTS[0])
            assert answer.verdict is Verdict.LATER
            assert "wrong" not in answer.reason


def test_a_bundle_given_twice_is_queued_once_even_after_it_was_acknowledged(queue: Queue) -> None:
    assert queue.add(WEIGHTS[0], "a") is True
    assert queue.add(WEIGHTS[0], "a") is False
    assert queue.add(WEIGHTS[0], "b") is True, "another server has not had it"
    queue.acknowledge(next(iter(queue.waiting("a"))).number)
    assert queue.add(WEIGHTS[0], "a") is False


def test_an_acknowledged_bundle_leaves_no_trace_on_disk(queue: Queue, tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    queue.add(WEIGHTS[0], "a")
    assert b"DUPONT" in path.read_bytes()
    queue.acknowledge(next(iter(queue.waiting("a"))).number)
    assert b"DUPONT" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_line_that_is_no_bundle_queues_nothing(queue: Queue) -> None:
    with pytest.raises(ShapeError, match="line 2"):
        keep(queue, [WEIGHTS[0], b'{"resourceType": "Patient"}'], "a")
    assert list(queue.waiting("a")) == []


@pytest.mark.parametrize("url", ["ftp://server/fhir", "http://server/fhir", "server/fhir", "https://me:secret@server/fhir", "http://[", ""])
def test_an_address_that_would_leak_is_refused(url: str) -> None:
    assert refused_address(url)


@pytest.mark.parametrize("url", ["https://server/fhir", "http://127.0.0.1:8080/fhir", "http://localhost/fhir"])
def test_an_address_over_tls_or_on_this_machine_is_taken(url: str) -> None:
    assert refused_address(url) == ""


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (
            200,
            b'{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201 Created"}}]}',
            Verdict.ACKNOWLEDGED,
        ),
        (200, b'{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"400"}}]}', Verdict.REFUSED),
        (200, b'{"resourceType":"Bundle","type":"transaction-response","entry":[]}', Verdict.REFUSED),
        (200, b'{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":"201"}]}', Verdict.REFUSED),
        (200, b'{"resourceType":"Bundle","type":"searchset","entry":[]}', Verdict.LATER),
        (200, b"", Verdict.LATER),
        (200, None, Verdict.LATER),
        (404, b"", Verdict.REFUSED),
        (429, b"", Verdict.LATER),
        (503, b"", Verdict.LATER),
    ],
)
def test_an_answer_is_judged(status: int, body: bytes | None, verdict: Verdict) -> None:
    assert judge(status, "", body, 1).verdict is verdict


def test_what_a_server_quotes_of_the_patient_is_not_repeated() -> None:
    outcome = {"issue": [{"severity": "error", "code": "value", "diagnostics": "DUPONT is wrong", "expression": ["Patient.name"]}]}
    answer = judge(422, "", json.dumps(outcome).encode(), 1)
    assert answer.reason == "the server says 422: value Patient.name"


def test_the_command_sends_what_it_is_given_and_says_so_by_its_status(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(stdin: bytes, *more: str) -> int:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin), isatty=lambda: False))
        return main(["fhir", "push", server, "--queue", str(tmp_path / "q" / "queue.sqlite"), *more])

    made = bundle.settled(pressure(), CONTEXT, effective=EFFECTIVE)
    before = count(server, "Observation")
    assert run(made + b"\n" + made + b"\n") == 0
    assert run(made) == 0
    assert count(server, "Observation") == before + 1
    assert run(b"{}") == 1
    (tmp_path / "q" / "queue.sqlite").write_bytes(b"this is not a database, and long enough to be read as one" * 40)
    assert run(made) == 2
    assert run(b"", "--token-url", "https://server/token") == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_wait_between_attempts_doubles_with_chance_up_to_a_minute() -> None:
    low, high = Patience(9, chance=lambda: 0.0), Patience(9, chance=lambda: 1.0)
    assert [low.wait(failures, 0) for failures in (1, 2, 7, 50)] == [0.5, 1.0, 30.0, 30.0]
    assert [high.wait(failures, 0) for failures in (1, 2, 7, 50)] == [1.0, 2.0, 60.0, 60.0]
    assert high.wait(1, 45.0) == 45.0
    assert high.wait(1, 1e9) == 5 * delivery.LONGEST_WAIT
