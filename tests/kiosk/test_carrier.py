"""One stream over two ways: every record comes once and in order, whichever way it goes and whatever dies. Needs F004-25."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from kiosk.carrier import ALONE, EVERY, HYSTERESIS, KEPT, LATE, REST, Carrier
from protocol.station import ECHO, NUMBERED, PROBE, SEALED

if TYPE_CHECKING:
    from collections.abc import Callable

TICK = 0.0125


class MissingError(AssertionError):
    """The page would end the stream: a record is missing before the one that came."""


@dataclass
class Rig:
    """A carrier, the page at the other end (docs/crypto.md says how it reads), and between them two ordered ways with their delays."""

    now: float = 100.0
    socket_delay: float = 0.04
    channel_delay: float = 0.01
    channel_alive: bool = True
    got: list[bytes] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    call: int = 1
    _plain: int = 0
    _sent: int = 0

    def __post_init__(self) -> None:
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._last = {"socket": 0.0, "channel": 0.0, "socket back": 0.0, "channel back": 0.0}
        self.carrier = Carrier(self._by_socket, self._by_channel, lambda: self.now, b"nonce-of-24-octets......")

    def _by_channel(self, frame: bytes) -> None:
        call = self.call

        def arrive() -> None:
            if self.channel_alive and self.call == call:
                self._page("channel", frame[0], frame[1:])

        if self.channel_alive:
            self._later("channel", arrive)

    def _by_socket(self, kind: int, body: bytes) -> None:
        self._later("socket", lambda: self._page("socket", kind, body))

    def _later(self, way: str, act: Callable[[], None]) -> None:
        delay = self.socket_delay if way.startswith("socket") else self.channel_delay
        at = self._last[way] = max(self.now + delay, self._last[way])
        heapq.heappush(self._due, (at, next(self._order), act))

    def _page(self, way: str, kind: int, body: bytes) -> None:
        self.kinds.append(kind)
        if kind == PROBE:
            echo = body + len(self.got).to_bytes(8)
            self._later(f"{way} back", lambda: self.carrier.echo(echo, by_channel=way == "channel"))
            return
        number = self._plain if kind == SEALED else int.from_bytes(body[:8])
        self._plain += kind == SEALED
        if number > len(self.got):
            raise MissingError(number)
        if number == len(self.got):
            self.got.append(body if kind == SEALED else body[8:])
            self.ways.append(way)

    def run(self, seconds: float, *, every: float = 0.05) -> None:
        """Let time pass; a record is sent as often as this."""
        end, due = self.now + seconds, self.now
        while self.now < end:
            tick = self.now + TICK
            while self._due and self._due[0][0] <= tick:
                self.now, _, act = heapq.heappop(self._due)
                act()
            self.now = tick
            self.carrier.tick()
            if self.now >= due:
                due += every
                self.say()

    def say(self, *, last: bool = False) -> None:
        self.carrier.send(b"record %d" % self._sent, last=last)
        self._sent += 1

    def settle(self) -> None:
        """Everything that is under way arrives."""
        while self._due:
            at, _, act = heapq.heappop(self._due)
            self.now = max(self.now, at)
            act()

    @property
    def whole(self) -> bool:
        """Whether the page has had every record, once, in order."""
        self.settle()
        return self.got == [b"record %d" % number for number in range(self._sent)]


def opened(**ways: float) -> Rig:
    rig = Rig(**ways)  # type: ignore[arg-type]
    rig.run(1)
    rig.carrier.ready(ready=True)
    return rig


def test_without_a_channel_nothing_changes_on_the_wire() -> None:
    rig = Rig()
    rig.run(20)
    assert set(rig.kinds) == {SEALED, PROBE}
    assert rig.kinds.count(PROBE) <= 20 / ALONE + 1
    assert not rig.carrier.late
    assert rig.whole


def test_a_reader_that_falls_behind_is_noticed_and_so_is_one_that_has_caught_up() -> None:
    """Wherever on the way it waits: the station's buffers say nothing to the booth."""
    rig = Rig()
    rig.run(5)
    rig.socket_delay = 2.0
    rig.run(ALONE + LATE + 0.2)
    assert rig.carrier.late
    rig.run(20)
    assert rig.carrier.late, "long since, but no less"
    rig.socket_delay = 0.04
    rig.run(4)
    assert not rig.carrier.late
    assert rig.whole


def test_a_page_that_answers_no_probe_is_not_taken_for_a_slow_one() -> None:
    ticks = itertools.count()
    carrier = Carrier(lambda _kind, _body: None, lambda _: None, lambda: next(ticks) / 10, bytes(24))
    for _ in range(600):
        carrier.tick()
        assert not carrier.late


def test_the_faster_way_carries_after_it_was_faster_for_a_while() -> None:
    rig = opened()
    rig.run(HYSTERESIS)
    assert not rig.carrier.on_channel
    rig.run(3)
    assert rig.carrier.on_channel
    rig.run(2)
    assert rig.ways[-20:] == ["channel"] * 20
    assert rig.whole


@pytest.mark.parametrize("channel_delay", [0.04, 0.036, 0.2])
def test_a_way_that_is_no_faster_does_not_carry(channel_delay: float) -> None:
    rig = opened(channel_delay=channel_delay)
    rig.run(60)
    assert not rig.carrier.on_channel
    assert set(rig.ways) == {"socket"}
    assert rig.whole


def test_ways_that_are_alike_do_not_rock_the_stream() -> None:
    rig, shake, switches = opened(socket_delay=0.03, channel_delay=0.03), random.Random(3), 0
    for _ in range(400):
        rig.socket_delay, rig.channel_delay = (max(0.001, shake.gauss(0.03, 0.01)) for _ in range(2))
        before = rig.carrier.on_channel
        rig.run(0.5)
        switches += rig.carrier.on_channel != before
    assert switches <= 4, "in more than three minutes"
    assert rig.whole


def test_it_goes_back_when_the_socket_is_the_faster_one_again() -> None:
    rig = opened()
    rig.run(10)
    rig.channel_delay = 0.1
    rig.run(10)
    assert not rig.carrier.on_channel
    assert rig.ways[-20:] == ["socket"] * 20
    assert rig.whole


def test_a_channel_that_falls_silent_is_left_within_a_second_and_rests() -> None:
    rig = opened()
    rig.run(10)
    died = len(rig.got)
    rig.channel_alive = False
    rig.run(0.7)
    assert not rig.carrier.on_channel
    rig.run(0.3)
    assert rig.ways[-1] == "socket"
    assert len(rig.got) > died
    rig.channel_alive = True
    rig.run(REST - 1)
    assert not rig.carrier.on_channel
    rig.run(20)
    assert rig.carrier.on_channel
    assert rig.whole


def test_a_call_that_dies_is_left_at_once() -> None:
    rig = opened()
    rig.run(10)
    rig.channel_alive = False
    rig.carrier.ready(ready=False)
    assert not rig.carrier.on_channel
    rig.run(5)
    assert rig.whole


def test_a_channel_that_is_never_there_for_long_carries_nothing() -> None:
    rig = Rig()
    for _ in range(20):
        rig.carrier.ready(ready=True)
        rig.run(1)  # too short to be measured
        rig.carrier.ready(ready=False)
        rig.run(3)
    assert not {NUMBERED} & set(rig.kinds)
    assert set(rig.ways) == {"socket"}
    assert rig.whole


def test_the_last_record_goes_by_the_socket_after_all_others() -> None:
    rig = opened()
    rig.run(10)
    assert rig.carrier.on_channel
    rig.say()
    rig.say(last=True)
    rig.channel_alive = False  # the call is hung up
    assert rig.whole


def test_an_echo_counts_by_the_channel_only_and_only_when_it_was_asked_for() -> None:
    rig = opened()
    rig.run(10)
    rig.channel_alive = False
    for by_channel in (False, True):
        for token in (b"12345678", (1).to_bytes(8)):
            rig.carrier.echo(token + (1 << 40).to_bytes(8), by_channel=by_channel)
    for malformed in (b"", b"x", bytes(15), bytes(17)):
        rig.carrier.echo(malformed, by_channel=True)
    rig.run(3)
    assert rig.whole, "nobody has made the booth believe that lost records had come"


def test_what_waits_for_a_page_that_answers_nothing_is_bounded() -> None:
    rig = opened()
    rig.run(10)
    rig.channel_alive = False
    for _ in range(3 * KEPT):
        rig.say()
    assert not rig.carrier.on_channel
    assert len(rig.carrier._kept) <= KEPT
    assert rig.whole


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_doubled_or_out_of_order(seed: int) -> None:
    """Delays that jump, a channel that dies without a word, comes back as another one, or is taken away; over and over."""
    chance = random.Random(seed)
    rig = opened()
    for _ in range(60):
        rig.socket_delay, rig.channel_delay = chance.choice([0.002, 0.02, 0.3, 1.5]), chance.choice([0.001, 0.01, 0.05, 0.8])
        match chance.randrange(5):
            case 0:
                rig.channel_alive = False
            case 1:
                rig.channel_alive = False
                rig.carrier.ready(ready=False)
            case 2 if not rig.channel_alive:
                rig.carrier.ready(ready=False)
                rig.channel_alive, rig.call = True, rig.call + 1
                rig.carrier.ready(ready=True)
        rig.run(chance.uniform(0.05, 12), every=chance.choice([0.02, 0.05, 0.3]))
    rig.run(3)  # a channel that has died just now is noticed
    assert rig.whole


def test_probes_cost_a_good_link_little() -> None:
    rig = opened()
    rig.run(10)
    rig.kinds.clear()
    rig.run(10)
    assert rig.kinds.count(PROBE) <= 2 * 10 / EVERY + 2
    assert ECHO not in rig.kinds
