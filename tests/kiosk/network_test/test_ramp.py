"""The rate of one way, on a modelled line and a virtual clock: within a quarter of what the line carries, without filling its queue. Needs F002-20."""

import random

import pytest

from bench.rural.link import Direction, Profile
from kiosk.network_test.ramp import ENOUGH, WIDEST, Ramp, Rate

#: octets of headers of each packet: Ethernet, IPv4, TCP, TLS and WebSocket
HEADERS, SEGMENT = 14 + 20 + 32 + 22 + 8, 1400


def run(profile: Profile) -> tuple[Rate | None, float, float, int]:
    """One way by the model of bench/rural/link.py, answers by a free way back: rate, longest queue in s, time it took, octets sent."""
    line, now, back = Direction(profile, random.Random(1)), 0.0, profile.delay / 1000
    ramp, sizes, answers = Ramp(2 * back, 0.0), [], []
    longest, sent = 0.0, 0
    while True:
        while size := ramp.next(now):
            sent += size
            for at in range(0, size, SEGMENT):
                part = min(SEGMENT, size - at)
                line.take(bytes(12) + b"\x08\x00" + bytes(part + HEADERS - 14), now)
            sizes.append(-(-size // SEGMENT))
            longest = max(longest, line.queue(now))
        if not sizes and not answers:
            return ramp.rate(), longest, now, sent
        times = [at for at in (line.next(), answers[0] if answers else None) if at is not None]
        assert times, "a packet was dropped: the test has overrun the line's queue"
        now = min(times)
        for _ in line.due(now):
            sizes[0] -= 1
            if not sizes[0]:
                sizes.pop(0)
                answers.append(now + back)
        while answers and answers[0] <= now:
            answers.pop(0)
            ramp.answered(now)


@pytest.mark.parametrize("kbps", [64, 128, 300, 500, 1000, 1500])
@pytest.mark.parametrize("delay", [5, 40, 100])
def test_a_thin_line_is_measured_within_a_quarter_and_its_queue_of_300_ms_is_never_overrun(kbps: int, delay: int) -> None:
    rate, longest, took, _ = run(Profile(rate=kbps * 1000, queue=320, delay=delay))
    assert rate is not None
    assert not rate.floor
    assert kbps * 0.75 < rate.kbps < kbps * 1.01
    assert longest < 0.4
    assert took < 4.0


def test_a_line_that_is_too_thin_for_a_call_is_measured_too() -> None:
    rate, longest, took, _ = run(Profile(rate=24_000, queue=2000, delay=40))
    assert rate is not None
    assert 18 < rate.kbps < 24
    assert longest < 1.0
    assert took < 4.5


@pytest.mark.parametrize("delay", [2, 40])
def test_a_fast_line_is_not_filled_and_only_a_floor_is_said(delay: int) -> None:
    rate, _, took, sent = run(Profile(rate=100e6, delay=delay))
    assert rate is not None
    assert rate.floor
    assert 2000 < rate.kbps < 100_000
    assert sent < ENOUGH + WIDEST
    assert took < 2.5


def test_a_long_line_is_a_floor_as_long_as_the_rate_may_still_be_growing() -> None:
    rate, *_ = run(Profile(rate=8e6, delay=300))
    assert rate is not None
    assert rate.floor


def test_too_little_says_nothing() -> None:
    ramp = Ramp(0.1, 0.0)
    assert ramp.rate() is None
    ramp.next(0.0)
    ramp.answered(1.0)
    assert ramp.rate() is None
