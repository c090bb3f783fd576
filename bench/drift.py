"""Thirty minutes of sound without a pause by a sound card whose clock is off, in virtual time. Run: `./run bench drift`.

A hum of 440 Hz in packets of 40 ms goes through the booth's cushion, its resampler and its loop to a simulated sound card. "Left": what was in
the cushion and the card when the next packet came, least and most, and the same of the last minute. "Ran dry", "left out": what would be heard. "Speed":
how much faster or slower than it was said the sound was played, at most. "Without": seconds that the card would be late (or would have had to
make up) at the end if nothing were done.
"""

from __future__ import annotations

import sys

from tests.kiosk.call.room import PACKET, RATE, Room, steady

MINUTES = 30
LAST = 60 * RATE // PACKET


def main() -> int:
    """Print the table."""
    sys.stdout.write("| card, ppm | line uneven by ms | left ms | in the last minute | ran dry | left out s | speed % | without s |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|---|\n")
    for millionths, jitter in ((-1000, 0.0), (-200, 0.0), (0, 0.0), (200, 0.0), (1000, 0.0), (-200, 0.05), (200, 0.05)):
        room = Room(steady(60 * MINUTES, jitter), 1 + millionths * 1e-6)
        room.play()
        left = [f"{1000 * min(some):.0f} to {1000 * max(some):.0f}" for some in (room.depths, room.depths[-LAST:])]
        speed = 100 * max(abs(speed - 1) for speed in room.speeds)
        without = 60 * MINUTES * abs(millionths) * 1e-6
        sys.stdout.write(
            f"| {millionths:+} | {1000 * jitter:.0f} | {left[0]} | {left[1]} | {room.cushion.dried} | {room.cushion.left_out:.2f} "
            f"| {speed:.2f} | {without:.1f} |\n"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
