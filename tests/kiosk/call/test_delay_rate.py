"""The delay-based rate on a model of a link: one queue for video, sound and values, and a receiver that tells of each packet."""

import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from kiosk.call.bandwidth import FLOOR, START, TOP, Ladder, RateController
from kiosk.call.delay_rate import DelayRate, Result

STEP = 0.01
#: sound and values, bit/s
BESIDE = 90_000
VIDEO_OCTETS = 600


@dataclass
class Link:
    """`rate` bit/s for all, behind a queue of `depth` s; one-way `delay` s; random `loss`; `stall` s without any progress, each 2 s."""

    rate: float
    depth: float = 0.3
    delay: float = 0.02
    loss: float = 0.0
    stall: float = 0.0
    now: float = 100.0
    free: float = 0.0
    owed: float = 0.0
    worst: float = 0.0
    delivered: int = 0
    told: float = 0.0
    results: list[Result] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(3))

    def run(self, control: DelayRate | RateController, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now += STEP
            self.owed += control.target * STEP / 8
            while self.owed >= VIDEO_OCTETS:
                self.owed -= VIDEO_OCTETS
                self.send(VIDEO_OCTETS, video=True)
            self.send(round(BESIDE * STEP / 8), video=False)
            if self.now - self.told >= 0.1:
                self.tell(control)

    def send(self, octets: int, *, video: bool) -> None:
        start = max(self.now, self.free)
        if self.stall and self.now % 2 < self.stall:
            start = max(start, self.now - self.now % 2 + self.stall)
        if start - self.now > self.depth or self.chance.random() < self.loss:
            self.results.append(Result(self.now, None, octets if video else 0))
            return
        self.free = start + octets * 8 / self.rate
        self.worst = max(self.worst, start - self.now)
        self.delivered += octets if video else 0
        # the receiver's clock has nothing to do with the sender's
        self.results.append(Result(self.now, self.free + self.delay - 5_000, octets if video else 0))

    def tell(self, control: DelayRate | RateController) -> None:
        self.told = self.now
        come = [one for one in self.results if one.came is None or one.came + 5_000 < self.now]
        self.results = [one for one in self.results if one not in come]
        control.feedback(come, self.now)


def started(link: Link) -> DelayRate:
    return DelayRate(link.now, start=START, floor=FLOOR, top=TOP)


@pytest.mark.parametrize("rate", [300_000, 500_000, 1_000_000])
def test_it_uses_most_of_the_free_rate_and_keeps_the_queue_short(rate: int) -> None:
    """F002-01: sixty percent of what sound and values leave, from the first second on, and no queue that would delay the values."""
    link = Link(rate)
    link.run(started(link), 30)
    assert link.delivered * 8 > 0.6 * (rate - BESIDE) * 30
    assert link.worst < 0.2


def test_a_dip_is_followed_within_a_second_and_up_again() -> None:
    link = Link(500_000)
    control = started(link)
    link.run(control, 15)
    link.rate = 160_000
    link.run(control, 1)
    assert control.target < 110_000
    link.run(control, 5)
    link.worst = 0
    link.run(control, 1)
    assert link.worst < 0.15
    link.rate = 500_000
    link.run(control, 12)
    assert control.target > 250_000


@pytest.mark.parametrize("loss", [0.05, 0.10])
def test_random_loss_is_not_congestion(loss: float) -> None:
    link = Link(20e6, loss=loss)
    control = started(link)
    link.run(control, 15)
    assert control.target > 1_200_000


@pytest.mark.parametrize(("lost", "goes_down"), [(11, False), (21, True)])
def test_of_few_packets_a_quarter_may_be_lost_by_chance_and_half_may_not(lost: int, *, goes_down: bool) -> None:
    """11 of the first 41 were lost in a call on a line that loses a tenth (bench rural): 720 rows came after 17 s instead of 10."""
    control = DelayRate(0.0, start=START, floor=FLOOR, top=TOP)
    targets = [control.target]
    for number in range(41):
        at = 0.04 * number
        came = None if (number + 1) * lost // 41 > number * lost // 41 else at + 0.03
        control.feedback([Result(at, came, VIDEO_OCTETS)], at + 0.1)
        targets.append(control.target)
    assert (min(after - before for before, after in pairwise(targets)) < 0) == goes_down


def test_a_line_that_is_known_to_be_thin_is_not_tried_with_more_and_one_that_has_grown_is_found_out() -> None:
    """F002-01: 20 kbit/s left beside sound and values. The first try would fill the queue before the values."""
    worst = []
    for thin in (False, True):
        link, control = Link(BESIDE + 20_000, depth=2.0), RateController(100.0, thin=thin)
        link.run(control, 6)
        worst.append(link.worst)
        assert Ladder(100.0, RateController(100.0, thin=thin).target).rung.picture == ("stills" if thin else "moving")
    assert worst[1] < 0.1 < worst[0], "seconds"
    link.rate = 5e6
    link.run(control, 20)
    assert control.target > 600_000


def test_a_clean_link_is_filled_within_ten_seconds() -> None:
    link = Link(20e6)
    control = started(link)
    link.run(control, 8)
    assert control.target == TOP


def test_a_machine_that_stalls_is_no_queue() -> None:
    """For 80 ms in every two seconds nothing comes."""
    link = Link(20e6, stall=0.08)
    control = started(link)
    link.run(control, 15)
    assert control.target > 1_200_000


def test_a_queue_that_is_full_from_elsewhere_is_left() -> None:
    """Loss and delay stand still, and REMB would climb: the rate goes down until the queue is empty."""
    link = Link(200_000)
    control = DelayRate(link.now, start=100_000, floor=FLOOR, top=TOP)
    link.run(control, 3)
    link.free = link.now + 0.3
    link.run(control, 4)
    link.worst = 0
    link.run(control, 3)
    assert link.worst < 0.15


def test_when_nothing_is_heard_any_more_the_rate_goes_down() -> None:
    link = Link(1_000_000)
    control = started(link)
    link.run(control, 5)
    before, since = control.target, link.now
    control.unheard(since, since + 0.2)
    assert control.target == before
    for step in range(1, 40):
        control.unheard(since, since + step * 0.1)
    assert control.target < 0.15 * before


def test_it_never_leaves_its_bounds() -> None:
    chance, control, now = random.Random(5), DelayRate(0.0, start=START, floor=FLOOR, top=TOP), 0.0
    for _ in range(3000):
        now += chance.random() * 0.3
        sent = now - chance.random()
        control.feedback([Result(sent, chance.choice((None, chance.uniform(-1e6, 1e6), sent + 0.02)), chance.randrange(1500))], now)
        assert FLOOR <= control.target <= TOP
