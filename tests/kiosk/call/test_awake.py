"""The clock that stands while this process does."""

import pytest

from kiosk.call.awake import SLACK, AwakeClock


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def test_it_runs_while_its_timer_rings_in_time_and_stands_while_it_is_overdue() -> None:
    clock = Clock()
    awake = AwakeClock(clock)
    for _ in range(10):
        awake.expect(0.08)
        clock.now += 0.08 + SLACK / 2
    assert awake() == pytest.approx(clock.now), "a timer is never quite in time"
    awake.expect(0.08)
    asleep = clock.now
    clock.now += 3
    assert awake() == pytest.approx(asleep + 0.08 + SLACK), "it stands, before the timer rings"
    awake.expect(0.08)
    assert awake() == pytest.approx(asleep + 0.08 + SLACK)
    clock.now += 0.05
    assert awake() == pytest.approx(asleep + 0.13 + SLACK), "and goes on from there"


def test_without_a_timer_it_is_the_clock_it_was_made_of() -> None:
    clock = Clock()
    awake = AwakeClock(clock)
    clock.now += 1000
    assert awake() == clock.now
