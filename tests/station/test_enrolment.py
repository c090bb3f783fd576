"""Enrolment of a booth in the shape of RFC 8628: the booth's client against a real station, every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import zxingcpp
from aiohttp import web

from kiosk.commands.enrol import enrol, qr
from kiosk.enrolment import GRANT, Enrolling
from kiosk.secure import organisation
from kiosk.secure.errors import EnrolmentError, SecureError
from kiosk.secure.keys import BoothKeys, verify
from kiosk.secure.organisation import DAY, Cost, Organisation
from kiosk.settings import Settings
from protocol import enrolment as requests
from protocol.enrolment import Request
from station import enrolment, key_directory
from tests.station.booth_peer import BoothPeer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.station.running import RunningStation

KEYS = BoothKeys(b"n" * 32)
REQUEST = requests.encode(Request("booth", "Pharmacie du Pont", KEYS.public, KEYS.sealing), KEYS.sign)


class Office:
    """The station's administrator and the organisation, and time that passes only while the booth sleeps."""

    def __init__(self, folder: Path, station: RunningStation, session: aiohttp.ClientSession) -> None:
        words = "agrafe cheval pile"
        self.station, self.slept = station, list[float]()
        self.organisation: Organisation = organisation.create(folder, words, words, station.now(), Cost(1, 8192))
        self.during: dict[int, Callable[[], object]] = {}
        self.enrolling = Enrolling(session, station.origin, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.station.ahead += int(seconds * 1000)
        self.during.get(len(self.slept), lambda: None)()

    def decide(self, *, approved: bool = True) -> str:
        [(code, _, _)] = self.station.work(lambda database: enrolment.waiting(database, self.station.now()))
        typed = f" {code.lower().replace('-', ' ')} "
        return str(self.station.work(lambda database: enrolment.decide(database, typed, self.station.now(), approved=approved)))

    def sign(self) -> None:
        request = requests.decode(self.decide(), verify)
        now = self.station.now()
        self.organisation.enrol(request.entry("", now - DAY, now + DAY), now)
        self.station.work(lambda database: key_directory.publish(database, self.organisation.octets, now))


@pytest.fixture
async def office(tmp_path: Path, station: RunningStation) -> AsyncIterator[Office]:
    async with aiohttp.ClientSession() as session:
        yield Office(tmp_path / "org", station, session)


def settings(folder: Path, office: Office | None) -> Settings:
    pin = str(office.organisation.pin) if office is not None else ""
    return Settings("Pharmacie du Pont", "wss://x/booth", str(folder), str(folder), organisation=pin)


async def test_a_booth_shows_code_and_fingerprint_and_signs_in_once_it_is_listed(
    tmp_path: Path, station: RunningStation, office: Office
) -> None:
    """Approving alone lists nobody: only the organisation's signature does."""
    said: list[str] = []
    office.during = {1: office.decide, 2: office.sign}
    await enrol(settings(tmp_path, office), KEYS, office.enrolling, said.append, station.now())
    fingerprint = requests.decode(REQUEST, verify).fingerprint
    assert any(fingerprint in line for line in said)
    assert office.slept == [5, 5]
    async with BoothPeer(station.origin, KEYS) as booth:
        assert (await booth.sign_in()).name == "Pharmacie du Pont"
    assert (tmp_path / "directory").read_bytes() == office.organisation.octets


async def test_without_the_code_of_the_organisation_it_is_shown_to_be_compared(
    tmp_path: Path, station: RunningStation, office: Office
) -> None:
    said: list[str] = []
    office.during = {1: office.sign}
    await enrol(settings(tmp_path, None), KEYS, office.enrolling, said.append, station.now())
    assert f'organisation = "{office.organisation.pin}"' in said[-1]
    assert not (tmp_path / "directory").exists()


@pytest.mark.parametrize("reason", ["access_denied", "expired_token"])
async def test_what_ends_the_wait_is_said(tmp_path: Path, station: RunningStation, office: Office, reason: str) -> None:
    if reason == "access_denied":
        office.during = {2: lambda: office.decide(approved=False)}
    asked = await office.enrolling.ask(KEYS, "Pharmacie du Pont")
    with pytest.raises(EnrolmentError) as refused:
        await office.enrolling.listed(asked)
    assert refused.value.reason == reason
    assert (
        len(office.slept) == 2 if reason == "access_denied" else sum(office.slept) > asked.expires_in * 0.9
    )  # some of the time passes by itself


async def test_who_asks_too_often_is_slowed_down_for_good(office: Office) -> None:
    asked = await office.enrolling.ask(KEYS, "Pharmacie du Pont")

    async def poll() -> Any:
        form = {"grant_type": GRANT, "device_code": asked.device_code}
        async with office.enrolling.session.post(f"{office.station.origin}/enrol/token", data=form) as response:
            assert response.status == 400
            assert response.headers["Cache-Control"] == "no-store"
            return (await response.json())["error"]

    assert [await poll(), await poll(), await poll()] == ["authorization_pending", "slow_down", "slow_down"]
    office.station.ahead += 10_000
    assert await poll() == "slow_down"
    office.station.ahead += 25_000
    assert await poll() == "authorization_pending"


async def test_the_booth_slows_down_when_it_is_told(tmp_path: Path, office: Office) -> None:
    asked = await office.enrolling.ask(KEYS, "Pharmacie du Pont")
    hurried = Enrolling(office.enrolling.session, office.enrolling.address, office.enrolling.sleep)
    office.during = {
        1: lambda: setattr(office.station, "ahead", office.station.ahead - 4_000),
        2: lambda: setattr(office.station, "ahead", office.station.ahead - 4_000),
        4: office.sign,
    }
    await hurried.listed(asked)
    assert office.slept == [5, 5, 10, 10]


@pytest.mark.parametrize(
    ("place", "form", "error"),
    [
        ("device_authorization", {}, "invalid_request"),
        ("device_authorization", {"request": "x" * 500}, "invalid_request"),
        ("device_authorization", {"request": REQUEST[:-3]}, "invalid_request"),
        ("token", {}, "unsupported_grant_type"),
        ("token", {"grant_type": GRANT}, "invalid_grant"),
        ("token", {"grant_type": GRANT, "device_code": "guessed"}, "invalid_grant"),
        ("token", {"grant_type": "password", "device_code": "x"}, "unsupported_grant_type"),
    ],
)
async def test_a_malformed_request_gets_the_error_of_the_rfc(office: Office, place: str, form: dict[str, str], error: str) -> None:
    async with office.enrolling.session.post(f"{office.station.origin}/enrol/{place}", data=form) as response:
        assert (response.status, await response.json()) == (400, {"error": error})


async def test_not_more_than_a_few_may_ask_at_once(station: RunningStation, office: Office) -> None:
    for number in range(enrolment.WAITING):
        keys = BoothKeys(number.to_bytes(32, "big"))
        text = requests.encode(Request("booth", f"Cabine {number}", keys.public, keys.sealing), keys.sign)
        station.work(lambda database, text=text: enrolment.ask(database, text, station.now()))
    with pytest.raises(EnrolmentError) as refused:
        await office.enrolling.ask(KEYS, "Pharmacie du Pont")
    assert refused.value.reason == "temporarily_unavailable"


async def test_a_code_that_nobody_has_is_not_approved(station: RunningStation, office: Office) -> None:
    await office.enrolling.ask(KEYS, "Pharmacie du Pont")
    with pytest.raises(ValueError, match="no such code"):
        station.work(lambda database: enrolment.decide(database, "BBBB-BBBB", station.now(), approved=True))
    station.ahead += enrolment.LASTS + 1000
    assert station.work(lambda database: enrolment.waiting(database, station.now())) == []


async def test_a_station_that_answers_something_else_is_no_crash(office: Office) -> None:
    """Garbage, an empty answer, a directory that is not base64, a directory of somebody else."""
    bodies = iter([b"", b"[]", b"\xff\xfe", b'{"device_code":1}', b'{"directory":"***"}'])

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=next(bodies))

    app = web.Application()
    app.router.add_post("/{tail:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    asked = await office.enrolling.ask(KEYS, "Pharmacie du Pont")
    liar = Enrolling(office.enrolling.session, address, office.enrolling.sleep)
    for _ in range(4):
        with pytest.raises(EnrolmentError, match="no station"):
            await liar.ask(KEYS, "Pharmacie du Pont")
    with pytest.raises(EnrolmentError, match="not readable"):
        await liar.listed(asked)
    await runner.cleanup()
    with pytest.raises(EnrolmentError, match="not reached"):
        await liar.ask(KEYS, "Pharmacie du Pont")


async def test_a_directory_of_another_organisation_enrols_nobody(tmp_path: Path, station: RunningStation, office: Office) -> None:
    words = "agrafe cheval pile"
    other = organisation.create(tmp_path / "other", words, words, station.now(), Cost(1, 8192))
    chosen = Settings("Pharmacie du Pont", "wss://x/booth", str(tmp_path), str(tmp_path), organisation=str(other.pin))
    office.during = {1: office.sign}
    with pytest.raises(SecureError, match="another organisation"):
        await enrol(chosen, KEYS, office.enrolling, lambda _: None, station.now())


def test_the_qr_code_on_the_terminal_is_read_by_a_reader() -> None:
    text = "https://station.example.org/enrol?user_code=BCDF-GHJK#123451234512345123451234512345"
    rows = [[sign in pair for sign in line] for line in qr(text).splitlines() for pair in ("█▀", "█▄")]
    scaled = [[255 * white for white in row for _ in range(4)] for row in rows for _ in range(4)]
    picture = memoryview(bytes(dot for row in scaled for dot in row)).cast("B", (len(scaled), len(scaled[0])))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [text]


async def test_the_address_of_the_code_says_what_to_do(office: Office) -> None:
    async with office.enrolling.session.get(f"{office.station.origin}/enrol") as response:
        assert "telecabine-station approve" in await response.text()
