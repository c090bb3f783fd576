"""Whether the booth's own clock is right: what the kernel says, read as systemd reads it."""

import subprocess
import sys

import pytest

from kiosk.links import booth_clock


@pytest.mark.parametrize(
    ("state", "greatest_error_us", "right"),
    [(0, 1_500, True), (5, 250_000, True), (0, 15_999_999, True), (5, 16_000_000, False), (0, 16_000_000, False), (-1, 0, False)],
)
def test_a_clock_is_right_while_its_greatest_error_is_known(state, greatest_error_us, right):
    """Whoever keeps the kernel from writing the hardware clock marks the clock unsynchronised (5), and is right all the same."""
    assert booth_clock.trusted(state, greatest_error_us) is right


def test_the_kernel_is_asked_and_answers_the_same_to_another_process():
    told = subprocess.run(
        [sys.executable, "-c", "from kiosk.links.booth_clock import synchronised; print(synchronised())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == str(booth_clock.synchronised())
