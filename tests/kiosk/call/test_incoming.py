"""What the other side is asked for, on a model of a link whose sender obeys."""

import pytest

from kiosk.call.incoming import LITTLE, PLENTY, VOICE, Incoming

SECOND, TURN = 1 << 18, 1 << 24
OCTETS, TRIP = 700, 0.06


class Link:
    """`rate` bit/s behind a queue of `depth` s; the sender's clock has nothing to do with the receiver's, and its stamp turns over."""

    def __init__(self, rate: float, depth: float = 0.3) -> None:
        self.rate, self.depth = rate, depth
        self.now, self.free, self.owed, self.worst, self.came = 50.0, 0.0, 0.0, 0.0, 0

    def run(self, asked: Incoming, seconds: float, most: float = 800_000) -> None:
        self.worst = self.came = 0
        for step in range(round(seconds * 100)):
            self.now += 0.01
            self.send(400 if step % 4 == 0 else 0, asked)
            self.owed += min(most, max(0.0, asked.wish - VOICE)) / 800
            while self.owed >= OCTETS:
                self.owed -= OCTETS
                self.send(OCTETS, asked, video=True)
            if step % 8 == 0:
                asked.settle(TRIP, self.now)

    def send(self, octets: int, asked: Incoming, *, video: bool = False) -> None:
        start = max(self.now, self.free)
        if not octets or start - self.now > self.depth:
            return
        self.free = start + octets * 8 / self.rate
        self.worst = max(self.worst, start - self.now)
        self.came += octets if video else 0
        asked.note(round((self.now + 7_777) * SECOND) % TURN, self.free + 0.03, octets if video else 0)


def test_a_good_link_is_not_spoken_of() -> None:
    link, asked = Link(20e6), Incoming(50.0)
    assert asked.wish == PLENTY
    link.run(asked, 6, most=2e6)
    assert asked.wish == PLENTY


@pytest.mark.parametrize("rate", [300_000, 500_000])
def test_a_thin_link_is_used_and_its_queue_stays_short(rate: int) -> None:
    """F002-01."""
    link, asked = Link(rate), Incoming(50.0)
    link.run(asked, 10)
    link.run(asked, 80)  # abs-send-time turns over every 64 s
    assert link.came * 8 / 80 > 0.5 * (rate - 80_000)
    assert link.worst < 0.25


def test_a_dip_is_seen_at_once_and_left_to_the_values() -> None:
    link, asked = Link(500_000), Incoming(50.0)
    link.run(asked, 12)
    before = asked.wish
    link.rate = 100_000
    link.run(asked, 0.4)
    assert asked.wish < 0.5 * before
    link.run(asked, 3)
    assert asked.wish < 100_000


def test_hardly_any_room_is_no_room() -> None:
    link, asked = Link(64_000), Incoming(50.0)
    link.run(asked, 10)
    assert asked.wish == LITTLE


def test_a_side_that_sends_little_is_not_held_down() -> None:
    link, asked = Link(20e6), Incoming(50.0)
    link.run(asked, 20, most=60_000)
    assert asked.wish == PLENTY


def test_packets_out_of_order_do_no_harm() -> None:
    asked, now = Incoming(0.0), 0.0
    for number in range(500):
        now += 0.01
        swapped = number + (1 if number % 2 else -1)
        asked.note(round((swapped * 0.01) * SECOND) % TURN, now, 500)
        if number % 10 == 0:
            asked.settle(TRIP, now)
    assert asked.wish == PLENTY
