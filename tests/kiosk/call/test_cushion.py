"""Sound that comes unevenly is played evenly. Times are arguments."""

import random

import pytest

from kiosk.call.cushion import DEPTH, Cushion
from simulators import heart

PIECE = next(heart.frames(heart.tone(300, 0.02)))


def played(arrivals: list[float], card: float = 1.0) -> tuple[list[float], list[float]]:
    """When the loudspeaker ran dry, and how late each piece was played after it came; `card` is its clock's speed."""
    cushion, until, dry, late = Cushion(), 0.0, [], []
    waiting: list[float] = []
    for at in arrivals:
        waiting.append(at)
        for _ in cushion.add(PIECE, at):
            if until and at > until:
                dry.append(at)
            begins = max(until, at)
            late.append(begins - waiting.pop(0))
            until = begins + 0.02 / card
    return dry, late


def test_nothing_is_played_before_the_cushion_is_there() -> None:
    cushion = Cushion()
    assert [len(cushion.add(PIECE, at)) for at in (0.00, 0.02, 0.04, 0.06, 0.08)] == [0, 0, 3, 1, 1]


@pytest.mark.parametrize("seed", range(3))
def test_an_uneven_line_does_not_run_dry(seed: int) -> None:
    """Up to 50 ms of jitter: without a cushion every other piece would come too late."""
    chance = random.Random(seed)
    arrivals = sorted(number * 0.02 + chance.uniform(0, 0.05) for number in range(2000))
    dry, late = played(arrivals)
    assert len(dry) <= 2
    assert max(late) < DEPTH + 0.06


def speech(minutes: float) -> list[float]:
    """Two seconds of speech, half a second of pause."""
    return [number * 0.02 for number in range(int(minutes * 3000)) if number % 125 < 100]


@pytest.mark.parametrize("millionths", [-300, 300])
def test_clocks_that_differ_gather_no_delay(millionths: int) -> None:
    """Twenty minutes by a sound card that is off: each pause of the speech takes away what has gathered."""
    _, late = played(speech(20), 1 + millionths * 1e-6)
    assert max(late) < DEPTH + 0.03


def test_after_a_pause_the_cushion_is_made_anew() -> None:
    cushion = Cushion()
    for number in range(10):
        cushion.add(PIECE, number * 0.02)
    assert [len(cushion.add(PIECE, 1 + number * 0.02)) for number in range(4)] == [0, 0, 3, 1]
