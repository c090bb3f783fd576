"""The line is cut at any octet and comes back: every settled result and every text arrives once, in order. Needs F004-20, F002-01."""

from __future__ import annotations

import random

import pytest

from kiosk.secure.keys import BoothKeys
from kiosk.secure.padding import padded
from kiosk.secure.resumption import Resumption
from kiosk.specialist_line import SpecialistLine
from protocol import specialist as sp
from protocol.station import HANDSHAKE, SEALED
from simulators.specialist import SpecialistHandshake, SpecialistKeys

KEYS = SpecialistKeys(lambda size: b"s" * size)


def result(number: int) -> sp.Values:
    return sp.Values(f"r{number}", "cuff", "Cuff", (sp.Number("systolic", str(number), None, "mmHg"),), True, 1.0, "", (), ())


def live(number: int) -> sp.Values:
    return sp.Values(f"l{number}", "ox", "Ox", (sp.Number("spo2", str(number % 100), None, "%"),), False, 1.0, "", (), ())


class Reader:
    """A page in Python: counts what it has had, as data/resumption.ts does, and keeps what it has shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.written: list[sp.Text] = []
        self.theirs, self.received = "", 0

    def write(self, line: Line, number: int) -> None:
        self.written.append(sp.Text(f"t{number}", number))
        if line.page_ready:
            line.to_booth(self.written[-1])


class Line:
    """One stream: frames wait on a wire that may be cut."""

    def __init__(self, booth: Booth, page: Reader) -> None:
        self.page, self.page_ready, self.wire, self.back = page, False, [], []  # type: ignore[var-annotated]
        self.line = SpecialistLine(
            BoothKeys(b"b" * 32),
            "c1",
            "Pharmacie",
            lambda kind, body: self.wire.append((kind, body)),
            lambda found: found.name,
            booth,
            resumption=booth.resumption,
        )
        self.line.prepared(())
        self.shake = SpecialistHandshake(KEYS, "c1")
        self.line.received(HANDSHAKE, self.shake.hello)
        reveal = self.shake.receive(self.wire.pop(0)[1])
        assert reveal is not None
        self.line.received(HANDSHAKE, reveal)
        self.shake.receive(self.wire.pop(0)[1])
        self.to_booth(sp.Resume(log="page", of=page.theirs, received=page.received))

    def to_booth(self, message: sp.FromSpecialist) -> None:
        assert self.shake.sealer is not None
        self.back.append(self.shake.sealer.seal(padded(sp.from_specialist.encode(message))))

    def carry(self, count: int) -> None:
        """So many frames arrive, from both sides in turn."""
        for _ in range(count):
            if self.wire:
                self.hear(self.wire.pop(0)[1])
            if self.back:
                self.line.received(SEALED, self.back.pop(0))

    def hear(self, body: bytes) -> None:
        assert self.shake.opener is not None
        message, page = sp.from_booth.decode(self.shake.opener.open(body)), self.page
        if isinstance(message, sp.Resume):
            if message.log != page.theirs:
                page.theirs, page.received = message.log, 0
            self.page_ready = True
            for text in page.written[message.received if message.of == "page" else 0 :]:
                self.to_booth(text)
        elif isinstance(message, sp.Values) and message.settled:
            page.received += 1
            page.shown.append(message.reading)


class Booth:
    """What the booth's desk does with the line."""

    def __init__(self) -> None:
        self.resumption = Resumption("booth")
        self.texts: list[str] = []
        self.broken_lines: list[str] = []

    def agreed(self, _: object) -> None:
        pass

    def said(self, message: sp.FromSpecialist) -> None:
        if isinstance(message, sp.Text):
            self.texts.append(message.text)

    def broken(self, reason: str, *, detail: str) -> None:
        self.broken_lines.append(detail or reason)


@pytest.mark.parametrize("seed", range(40))
def test_cut_anywhere_nothing_is_lost_and_nothing_comes_twice(seed: int) -> None:
    random_ = random.Random(seed)
    booth, page = Booth(), Reader()
    line = Line(booth, page)
    results = texts = 0
    for _ in range(200):
        match random_.randrange(6):
            case 0:
                line.line.send(result(results))
                results += 1
            case 1:
                page.write(line, texts)
                texts += 1
            case 2:
                line.line.send(live(results))
            case 3 | 4:
                line.carry(random_.randint(1, 4))
            case 5 if random_.random() < 0.4:
                line.line.left()
                line = Line(booth, page)  # what was on the wire is gone
    line.carry(1000)
    assert page.shown == [f"r{number}" for number in range(results)]
    assert booth.texts == [f"t{number}" for number in range(texts)]
    assert {"the line was cut without its final message"} >= set(booth.broken_lines)


def test_a_page_that_starts_anew_is_told_everything_and_a_result_told_again_is_one() -> None:
    booth = Booth()
    line = Line(booth, Reader())
    for number in (1, 2, 1, 2):
        line.line.send(result(number))
    line.carry(10)
    line.line.left()
    fresh = Reader()
    Line(booth, fresh).carry(10)
    assert fresh.shown == ["r1", "r2"]


def test_a_page_of_the_version_before_is_told_nothing_that_it_does_not_know() -> None:
    sent: list[tuple[int, bytes]] = []
    line = SpecialistLine(BoothKeys(b"b" * 32), "c1", "P", lambda kind, body: sent.append((kind, body)), lambda found: found.name, Booth())
    line.prepared(())
    page = SpecialistHandshake(KEYS, "c1", version=1)
    line.received(HANDSHAKE, page.hello)
    reveal = page.receive(sent.pop()[1])
    assert reveal is not None
    line.received(HANDSHAKE, reveal)
    page.receive(sent.pop()[1])
    line.send(result(1))
    assert page.opener is not None
    assert [sp.from_booth.decode(page.opener.open(body)) for _, body in sent] == [result(1)]


def test_a_list_has_a_name_of_its_own_and_begins_empty() -> None:
    """Two lists of one name would take the messages of the other for their own."""
    one, other = Resumption(), Resumption()
    first = one.begin()
    assert first.log != other.begin().log
    assert len(bytes.fromhex(first.log)) == 16
    assert (first.of, first.received) == ("", 0)


def test_a_result_told_again_while_the_line_stands_is_sent_once() -> None:
    page = Reader()
    line = Line(Booth(), page)
    line.carry(10)
    for _ in range(2):
        line.line.send(result(1))
    line.carry(10)
    assert page.shown == ["r1"]


def test_nothing_numbered_is_sent_before_the_page_has_said_what_it_has() -> None:
    """Else what the page has already would come twice."""
    page = Reader()
    line = Line(Booth(), page)
    line.wire.clear()
    line.line.send(result(1))
    assert line.wire == []
    line.carry(1)
    assert len(line.wire) == 1
