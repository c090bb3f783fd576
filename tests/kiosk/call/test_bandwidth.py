"""The rate controller on a model of a link: a queue in front of a fixed rate, and a receiver that estimates as browsers do."""

from dataclasses import dataclass

import pytest

from kiosk.call.bandwidth import BEGINNING, CLIMB, EASE, FLOOR, LADDER, START, STAY, TOP, Ladder, RateController, SoundLadder

STEP = 0.02


@dataclass
class Link:
    """`rate` bit/s for video behind a queue of `depth` s; `delay` s round trip when empty; `loss` at random. REMB as GCC's receiver makes it."""

    rate: float
    depth: float = 0.3
    delay: float = 0.05
    loss: float = 0.0
    now: float = 100.0
    backlog: float = 0.0
    dropped: float = 0.0
    offered: float = 0.0
    delivered: float = 0.0
    remb: float = 0.0
    worst: float = 0.0
    next_report: float = 101.0
    next_remb: float = 100.5
    next_trip: float = 100.6
    grown: float = 0.0

    def run(self, control: RateController, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            bits = control.target * STEP
            self.offered += bits
            self.backlog += bits
            if self.backlog > self.depth * self.rate:
                self.dropped += self.backlog - self.depth * self.rate
                self.backlog = self.depth * self.rate
            out = min(self.backlog, self.rate * STEP)
            self.backlog -= out
            self.delivered += out
            self.now += STEP
            waiting = self.backlog / self.rate
            self.worst = max(self.worst, waiting)
            if self.now >= self.next_remb:
                throughput = min(control.target, self.rate)
                if self.now < 105:  # a browser's receiver says nothing in its first five seconds, then what it has seen
                    self.remb = throughput
                elif self.backlog - self.grown > 0.02 * self.rate:
                    self.remb = 0.85 * throughput  # the delay grew: overuse
                else:
                    self.remb = min(self.remb * 1.04, 1.5 * throughput + 10_000)  # also over a queue that is full and grows no more
                self.grown = self.backlog
                self.next_remb = self.now + 0.5
                if self.now > 105:
                    control.remb(self.remb, self.now)
            if self.now >= self.next_trip:  # the reports about the sound
                control.trip(self.delay + waiting, self.now)
                self.next_trip += 1
            if self.now >= self.next_report:
                share = self.dropped / self.offered if self.offered else 0.0
                control.report(min(1.0, share + self.loss), self.delay + waiting, self.offered, self.now)
                self.dropped = self.offered = 0.0
                self.next_report = self.now + 1


def started(link: Link) -> RateController:
    return RateController(link.now)


@pytest.mark.parametrize("rate", [170_000, 400_000, 900_000])
def test_it_fills_most_of_the_link_and_little_of_the_queue(rate: int) -> None:
    """F002-01: the picture takes what is left and does not push the values into a queue."""
    link = Link(rate)
    control = started(link)
    link.run(control, 15)
    link.delivered, link.worst = 0, 0
    link.run(control, 30)
    assert link.delivered > 0.6 * rate * 30
    assert link.worst < 0.25


def test_the_start_does_not_fill_the_queue_of_a_thin_link() -> None:
    """300 kbit/s, of which sound and values leave 190 to the picture."""
    link = Link(190_000)
    link.run(started(link), 30)
    assert link.worst < 0.25


def test_a_clean_link_carries_720_rows_within_thirty_seconds() -> None:
    """By REMB and reports alone; with transport-wide feedback it takes ten, see test_delay_rate."""
    link = Link(20e6, delay=0.01)
    control = started(link)
    ladder = Ladder(link.now)
    for _ in range(300):
        link.run(control, 0.1)
        ladder.update(control.target, link.now)
    assert ladder.rung.height == 720


def test_random_loss_is_not_congestion() -> None:
    link = Link(20e6, delay=0.06, loss=0.10)
    control = started(link)
    link.run(control, 20)
    assert control.target > 900_000


def test_one_late_report_of_a_busy_machine_is_no_queue() -> None:
    control = RateController(0.0, start=400_000)
    for second in range(1, 20):
        control.report(0.1, 0.05 if second % 4 else 0.2, control.target, float(second))
    assert control.target > 900_000


def test_a_full_queue_is_left_even_while_the_estimate_of_the_other_side_climbs() -> None:
    """What latches stock aiortc: the queue is full, nothing changes any more, REMB climbs."""
    link = Link(200_000, remb=600_000, backlog=60_000)
    control = RateController(link.now, start=500_000)
    control.report(0.0, 0.05, 0, link.now)
    for second in range(1, 7):
        control.remb(600_000 + 50_000 * second, link.now + second)
        control.report(0.2, 0.35, control.target, link.now + second)
    assert control.target < 250_000


def test_a_dip_is_followed_down_and_up_again() -> None:
    link = Link(400_000)
    control = started(link)
    link.run(control, 20)
    link.rate = 60_000
    link.run(control, 6)
    assert control.target <= 80_000
    link.rate = 400_000
    link.run(control, 15)
    assert control.target > 200_000


@pytest.mark.parametrize("round_trip", [None, 0.0, 0.02, 9.0])
@pytest.mark.parametrize("loss", [0.0, 0.5, 1.0])
def test_it_never_leaves_its_bounds(round_trip: float | None, loss: float) -> None:
    control = RateController(0.0)
    for second in range(200):
        control.report(loss, round_trip, 0 if second % 3 else 1e9, float(second))
        control.remb(second % 7 * 100_000, float(second))
        assert FLOOR <= control.target <= TOP


def test_the_ladder_starts_low_goes_down_at_once_and_up_one_at_a_time() -> None:
    ladder = Ladder(0.0)
    assert ladder.rung.height == 180
    assert ladder.rung.least <= START
    assert ladder.update(2_000_000, STAY / 2).height == 180
    assert ladder.rung.fps == 10
    assert (ladder.update(2_000_000, STAY).height, ladder.rung.fps) == (180, 30)
    ladder = Ladder(0.0, 150_000)
    assert ladder.update(2_000_000, STAY).height == 360
    assert ladder.update(2_000_000, 2 * STAY).height == 540
    assert ladder.update(2_000_000, 3.1 * STAY).height == 720
    assert ladder.update(0, 3.2 * STAY) is LADDER[0]


def test_a_rate_on_the_edge_does_not_rock_the_picture() -> None:
    ladder = Ladder(0.0)
    edge = next(rung.least for rung in LADDER if rung.height == 360)
    seen = {ladder.update(int(edge * factor), float(second)).height for second in range(50) for factor in (1.0, CLIMB - 0.03)}
    assert seen == {180}


def test_the_picture_gets_small_and_seldom_before_it_takes_the_last_of_the_link_and_comes_back() -> None:
    """F002-01: what is left at the end is a still each four seconds, a few hundredths of a line of 64 kbit/s."""
    ladder = Ladder(0.0)
    rates = (50_000, 24_000, 8_000, 24_000, 24_000, 50_000, 50_000)
    rungs = [ladder.update(rate, float(second)) for second, rate in enumerate(rates)]
    assert [(rung.height, rung.fps) for rung in rungs] == [(180, 10), (180, 0.5), (90, 0.25), (90, 0.25), (180, 0.5), (180, 0.5), (180, 10)]
    assert [rung.picture for rung in rungs[:3]] == ["moving", "stills", "stills"]


def test_sound_gives_way_only_after_the_picture_and_comes_back_when_the_queue_is_gone() -> None:
    """F002-01: values, text, sound, picture, in this order."""
    ladder, now = SoundLadder(0.0), 0.0

    def wait(seconds: float, queue: float, picture: str) -> str:
        nonlocal now
        for _ in range(round(seconds / 0.1)):
            now += 0.1
            ladder.update(queue, now, least=picture == "least")
        return ladder.sound

    assert ladder.sound == "thin", "the link is not known yet"
    assert wait(BEGINNING + 0.5, 0.0, "moving") == "full"
    assert wait(2 * EASE, 0.3, "moving") == "full"
    assert wait(0.5, 0.3, "least") == "full"
    assert wait(0.6, 0.3, "least") == "thin"
    assert wait(1.0, 0.3, "least") == "none"
    assert wait(EASE + 0.5, 0.0, "least") == "thin"
    assert wait(1.0, 0.3, "least") == "none", "that was too early"
    assert wait(EASE + 0.5, 0.0, "least") == "none", "so the next try comes later"
    assert wait(EASE + 0.5, 0.0, "least") == "thin"
    assert wait(3 * EASE, 0.0, "least") == "full"


def test_on_a_line_that_is_known_to_be_thin_the_voice_is_whole_later() -> None:
    ladder = SoundLadder(0.0, EASE)
    assert [ladder.update(0.0, now, least=False) for now in (1.0, EASE - 0.1, EASE + 0.1)] == ["thin", "thin", "full"]


def test_a_blocked_way_gets_less_sound_at_once_and_more_when_it_was_free_for_a_while() -> None:
    ladder = SoundLadder(0.0)
    assert [ladder.update(0.0, now, least=False) for now in (1.0, BEGINNING + 0.1)] == ["thin", "full"]
    assert ladder.update(0.0, 3.0, least=False, blocked=True) == "thin"
    assert ladder.update(0.0, 3.0 + EASE - 0.1, least=False) == "thin"
    assert ladder.update(0.0, 3.0 + EASE + 0.1, least=False) == "full"
