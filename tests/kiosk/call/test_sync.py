"""The voice with the lips: what is held back, and what is not believed. Times are arguments."""

from __future__ import annotations

import random

import pytest

from kiosk.call.cushion import LEAST, Cushion
from kiosk.call.sync import AFTER, BEFORE, LONGEST, PICTURES, Sync

#: the sender's clock, its streams' first time stamps (near their end), and this machine's clock, all unlike each other
NTP, SOUND, PICTURE, HERE = 3_900_000_000.0, 4_294_960_000, 4_294_900_000, 500.0


class Line:
    """A sender whose reports came, and how late each of its streams is here."""

    def __init__(self, *, sound: float, reports: bool = True) -> None:
        self.sync, self.sound = Sync(), sound
        if reports:
            self.sync.reported("audio", int((NTP + 3) * 2**32), (SOUND + 3 * 48_000) % 2**32)
            self.sync.reported("video", int((NTP + 4) * 2**32), (PICTURE + 4 * 90_000) % 2**32)

    def hear(self, at: float) -> float:
        """Sound of the sender's time `at` is heard; what comes back."""
        return self.sync.heard(round(SOUND + at * 48_000) % 2**32, HERE + at + self.sound)

    def see(self, at: float, late: float) -> float:
        """A picture of the sender's time `at` has come `late`; how long it is held back."""
        return self.sync.hold(round(PICTURE + at * 90_000) % 2**32, HERE + at + late)


def test_a_picture_that_is_early_is_held_back_no_longer_than_needed() -> None:
    """Also beyond the end of 32 bits, which both time stamps pass."""
    line = Line(sound=0.25)
    for at in (5.0, 5.5, 6.0):
        line.hear(at)
        assert line.see(at, 0.05) == pytest.approx(0.2 - BEFORE, abs=1e-4)
        assert line.see(at, 0.25 - BEFORE) == pytest.approx(0, abs=1e-4)
        assert line.see(at, 0.4) == 0


def test_without_reports_nothing_is_held_back() -> None:
    line = Line(sound=0.25, reports=False)
    line.hear(5)
    assert line.see(5, 0.05) == 0


def test_packets_that_say_when_they_were_recorded_are_enough_and_count_for_more_than_reports() -> None:
    line = Line(sound=0.25, reports=False)
    line.sync.recorded("audio", int(NTP * 2**32), SOUND)
    line.hear(5)
    assert line.see(5, 0.05) == 0, "of the picture nothing is known yet"
    line.sync.recorded("video", int((NTP + 4) * 2**32), (PICTURE + 4 * 90_000) % 2**32)
    assert line.see(5, 0.05) == pytest.approx(0.2 - BEFORE, abs=1e-4)
    line.sync.reported("audio", int((NTP + 0.1) * 2**32), SOUND)
    line.hear(5)
    assert line.see(5, 0.05) == pytest.approx(0.2 - BEFORE, abs=1e-4)


def test_a_picture_is_not_held_back_by_a_sender_that_errs() -> None:
    line = Line(sound=30.0)
    line.hear(5)
    assert line.see(5, 0.05) == 0
    line = Line(sound=0.05 + LONGEST + BEFORE - 0.01)
    line.hear(5)
    assert line.see(5, 0.05) < LONGEST


def test_sound_before_its_picture_is_to_be_later() -> None:
    line, chance = Line(sound=0.1), random.Random(1)
    for number in range(PICTURES):
        line.hear(number / 30)
        line.see(number / 30, 0.25 + chance.uniform(-0.02, 0.02))
    assert line.hear(PICTURES / 30) == pytest.approx(0.15 - AFTER, abs=0.025)


def test_a_picture_that_stood_still_moves_no_sound() -> None:
    line = Line(sound=0.1)
    for number in range(2 * PICTURES):
        behind = line.hear(number / 30)
        line.see(number / 30, 1.0 if PICTURES + 100 < number < PICTURES + 150 else 0.05)
    assert behind < 0


def test_the_cushion_lays_sound_back_within_bounds_and_never_below_what_the_line_needs() -> None:
    cushion = Cushion()
    for seconds, extra in ((0.1, 0.1), (5.0, 0.2), (-0.3, 0.0)):
        cushion.lay_back(seconds)
        assert cushion.extra == pytest.approx(extra)
    cushion.lay_back(0.1)
    cushion.add(bytes(2 * 1920), 0)
    lead = cushion.take(0.0)
    assert not isinstance(lead, float)
    assert lead.seconds == pytest.approx(LEAST + 0.1)
