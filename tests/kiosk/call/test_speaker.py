"""Sound without a pause, by a sound card whose clock is not the other side's. The clock is virtual."""

from __future__ import annotations

import array
import math
from itertools import pairwise

import pytest

from kiosk.call.cushion import LEAST, LIMIT, MOST, RATE, Cushion
from tests.kiosk.call.room import PACKET, Room, steady


@pytest.mark.parametrize("millionths", [-1000, -200, 200, 1000])
def test_sound_without_a_pause_neither_piles_up_nor_runs_dry(millionths: int) -> None:
    """Four minutes; `./run bench drift` plays thirty. Uncorrected, the fast card would run dry again and again, the slow one be 0.24 s late."""
    room = Room(steady(240), 1 + millionths * 1e-6)
    room.play()
    assert (room.cushion.dried, room.silences, room.cushion.left_out) == (0, 0, 0)
    assert min(room.depths) > 0.01
    assert max(room.depths) < 0.1
    settled = room.speeds[-1000:]
    assert abs(min(room.depths[-1000:]) - LEAST) < 0.01
    assert all(abs(speed - 1) <= LIMIT < 0.005 for speed in room.speeds)
    assert abs(sum(settled) / len(settled) - 1 + millionths * 1e-6) < 100e-6


def test_a_card_that_grows_slow_while_it_plays_is_followed() -> None:
    room = Room(steady(200), 1.0003)
    changing = iter([*([1.0003] * 2500), *([0.9997] * 100_000)])
    write = room.card.write

    def aged(samples: bytes) -> None:
        room.card.speed = next(changing)
        write(samples)

    room.card.write = aged  # type: ignore[method-assign]
    room.play()
    assert (room.cushion.dried, room.silences, room.cushion.left_out) == (0, 0, 0)
    assert abs(min(room.depths[-200:]) - LEAST) < 0.01


def test_the_pitch_stays_and_no_sample_is_made_up_or_left_out() -> None:
    """A hum of 440 Hz by a card of 1000 ppm: each second of it has its pitch within 0.5 %, and no step that a hum of its height has not."""
    out = array.array("h")
    room = Room(steady(60), 1.001, lambda samples, _: out.frombytes(samples))
    room.play()
    start = next(number for number, sample in enumerate(out) if sample)
    hum = out[start + RATE : start + 59 * RATE]
    for second in range(57):
        piece = hum[second * RATE : (second + 1) * RATE + RATE // 100]
        rising = [number for number in range(len(piece) - 1) if piece[number] < 0 <= piece[number + 1]]
        pitch = RATE * (len(rising) - 1) / (rising[-1] - rising[0])
        assert abs(pitch / 440 - 1) < 0.005
    steepest = max(abs(later - earlier) for earlier, later in pairwise(hum))
    assert steepest < 1.02 * 0.3 * 32767 * 2 * math.pi * 440 / RATE


def test_an_uneven_line_is_learnt_and_does_not_run_dry_again() -> None:
    """Packets up to 80 ms late: more than the cushion is made for."""
    room = Room(steady(120, jitter=0.08))
    room.play()
    assert room.cushion.dried <= 2
    assert room.cushion.left_out == 0


def test_after_a_pause_the_sound_is_heard_a_moment_after_it_came() -> None:
    """And the last piece before it was not kept back."""
    arrivals = [1.0, 1.04, 3.0, 3.04, 3.08, 5.0, 5.1]
    room = Room(arrivals)
    room.play()
    late = [at - arrivals[timestamp // PACKET] for timestamp, at in room.heard]
    assert late == pytest.approx([LEAST] * 6, abs=0.001)


def test_sound_that_comes_all_at_once_is_not_late_for_good() -> None:
    cushion = Cushion()
    for number in range(50):
        cushion.add(bytes(2 * PACKET), number * PACKET)
    assert cushion.held <= MOST
    assert cushion.left_out == pytest.approx(2 - cushion.held)
