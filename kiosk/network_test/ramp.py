"""How much of the test's filler may be under way, and the rate that it comes to. Sans-IO; times in seconds of one clock.

TCP's own start would fill the queue of a thin link and measure the packets that it lost by that. Here so much is under way that the line is never
idle, and what is sent waits for about `HIGH` in its queue, whatever the line's rate.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from protocol.network_test import PIECE

#: octets under way at first and at most, and octets of a piece at least
FIRST, WIDEST, LEAST = 2400, 64 * 1024, 800
#: waits in the queue below which the window doubles in a round trip, and below which it grows by half: s
LOW, HIGH = 0.03, 0.15
#: one way is filled for so long, s: or for so many round trips, on a long line
FILLS, TRIPS, LONGEST = 2.5, 6.0, 4.0
#: octets of one way: more is no news for a call
ENOUGH: Final = 384 * 1024
#: the measured part lasts so many round trips, or TCP may still have been finding the rate
SETTLED: Final = 4.0
#: pieces that came in the measured part, at least, for a rate
PIECES: Final = 2


class Rate(NamedTuple):
    """What one way carries, in kbit/s; `floor`: at least so much, the line was not full."""

    kbps: float
    floor: bool


class Ramp:
    """One way. `base` is the line's round trip when nothing waits."""

    def __init__(self, base: float, now: float) -> None:
        self._base, self._window = base, FIRST
        self._end = now + min(max(FILLS, TRIPS * base), LONGEST)
        self._under_way: deque[tuple[int, float]] = deque()
        self._asked = 0
        self._came: list[tuple[float, int, float]] = []  # when, octets so far, the wait of the last piece

    def next(self, now: float) -> int:
        """Octets of the piece to be sent now; 0: none."""
        size = max(LEAST, min(self._window // 4, PIECE))
        if now >= self._end or self._asked >= ENOUGH or self.waiting + size > self._window:
            return 0
        self._asked += size
        self._under_way.append((size, now))
        return size

    @property
    def waiting(self) -> int:
        """Octets under way."""
        return sum(size for size, _ in self._under_way)

    def answered(self, now: float) -> None:
        """The oldest piece has come."""
        size, sent = self._under_way.popleft()
        wait = now - sent - self._base
        self._came.append((now, (self._came[-1][1] if self._came else 0) + size, wait))
        if wait < HIGH:
            self._window = min(self._window + (size if wait < LOW else size // 2), WIDEST)

    def rate(self) -> Rate | None:
        """By the second half of what came, when the window had settled; None when so little came that nothing can be said."""
        half = self._asked / 2
        first = next((index for index, (_, octets, _) in enumerate(self._came) if octets >= half), 0)
        measured = self._came[first:]
        if len(measured) <= PIECES or measured[-1][0] <= measured[0][0]:
            return None
        (begun, before, _), (ended, octets, _) = measured[0], measured[-1]
        waits = sorted(wait for _, _, wait in measured)
        full = waits[len(waits) // 2] >= LOW and ended - begun >= SETTLED * self._base
        return Rate((octets - before) * 8 / 1000 / (ended - begun), floor=not full)
