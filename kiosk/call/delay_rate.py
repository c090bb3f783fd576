"""The video rate from the delay of each packet. Sans-IO; time is passed in.

Delay-based congestion control after the ideas of GCC (draft-ietf-rmcat-gcc) and LEDBAT (RFC 6817), made for a link of a few hundred
kbit/s that also carries values: what is steered by is the queue itself, one packet's delay above the least of the last half minute. The
least of a fifth of a second counts, since a queue delays every packet and a busy machine only some. Loss without a queue is weather.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

#: seconds that tell the empty path's delay, in slices
MEMORY, SLICE = 30.0, 1.0
#: seconds of packets whose least delay is the queue, and packets at least
WINDOW, FEWEST = 0.2, 4
#: seconds over which the rate that arrives is measured
MEASURE: Final = 0.6
#: queue in s: grow below the first, go down above the second
CALM, BUSY = 0.020, 0.030
#: what is kept of the rate that arrives, less what empties the queue within the time in s; never less than the last
BACK_OFF, EMPTY_IN, LEAST_KEPT = 0.92, 0.25, 0.6
#: a queue in s that is about to drop the values, and what is kept then
FULL, FLEE = 0.2, 0.35
#: a queue that was this much longer at the last step down is being emptied already
SHRUNK: Final = 0.9
#: seconds between two steps down at least: what was sent before still stands in the queue. Beside it, the round trip counts
REST: Final = 0.3
#: seconds without growth after a step down
PATIENCE: Final = 0.8
#: growth a second: while no limit was met, far below the last limit, near it
FIRST, FAR, NEAR = 2.5, 1.3, 1.05
#: the part of the best rate of late up to which growth is fast again, and what is left of that memory after a second
KNOWN, FORGET = 0.4, 0.98
#: and at least this much a second, bit/s
LEAST_STEP: Final = 4_000
#: how far the rate runs ahead of what has arrived
AHEAD, AHEAD_BY = 1.3, 36_000
#: loss that is no weather any more, of how many packets at least, by how many standard deviations of chance, and what is kept then
STORM, TOLD, SURE, SHELTER = 0.25, 20, 2.5, 0.9
#: without news for this long, beside the round trip, the way is blocked: s, and what is kept then, at once and each time after
SILENCE, KEPT_AT_FIRST, KEPT_AFTER = 0.3, 0.15, 0.4


@dataclass(frozen=True, slots=True)
class Result:
    """One sent packet: when it left and when it came (None: not, so far), in s of each side's own clock; `octets` of video, 0 for sound."""

    sent: float
    came: float | None
    octets: int


class DelayRate:
    """`feedback` as it comes; `target` is the bit/s of video to send."""

    def __init__(self, now: float, *, start: float, floor: float, top: float, met: bool = False) -> None:
        """`met`: the way is known to be thin before anything was sent, so the rate grows slowly from the start."""
        self._floor, self._top = floor, top
        self._target = float(start)
        self._least: deque[tuple[float, float]] = deque()
        self._delays: deque[tuple[float, float]] = deque()
        self._arrived: deque[tuple[float, int]] = deque()
        self._fates: deque[tuple[float, bool]] = deque()
        self._limit: float | None = None
        self._met = met
        self._queue_then = 0.0
        self._fell = self._at = now
        self._silent = float("-inf")
        self._best = 0.0
        self._quiet_until = now
        self.queue = 0.0  #: seconds of queue on the way
        self.round_trip = 0.1  #: seconds from a packet to the word that it came, smoothed

    @property
    def target(self) -> float:
        """Bit/s of video."""
        return self._target

    def feedback(self, results: list[Result], now: float, round_trip: float | None = None) -> None:
        """What became of packets, in the order of sending; `round_trip` where the results do not show it, s."""
        elapsed, self._at = min(0.5, now - self._at), now
        for result in results:
            self._fates.append((now, result.came is not None))
            if result.came is not None:
                self._note(result, result.came)
        if not any(result.came is not None for result in results):
            return
        self._trim(now)
        self.queue = self._queue()
        if round_trip is None:
            newest = max(result.sent for result in results if result.came is not None)
            round_trip = self.round_trip + 0.1 * (now - newest - self.round_trip)
        self.round_trip = round_trip
        self._steer(elapsed, now)

    @property
    def free(self) -> bool:
        """Whether no limit is known that this rate comes near."""
        return self._limit is None

    def unheard(self, since: float, now: float) -> None:
        """Nothing was heard of what was sent at `since` and later: after a while the rate goes far down, and again."""
        if now - max(since, self._silent) > SILENCE + 2 * self.round_trip:
            self._fall((KEPT_AT_FIRST if self._silent < since else KEPT_AFTER) * self._target, now)
            self._silent = now

    def _note(self, result: Result, came: float) -> None:
        delay = came - result.sent
        self._delays.append((came, delay))
        if result.octets:
            self._arrived.append((came, result.octets))
        if self._least and came - self._least[-1][0] < SLICE:
            if delay < self._least[-1][1]:
                self._least[-1] = (self._least[-1][0], delay)
        else:
            self._least.append((came, delay))

    def _trim(self, now: float) -> None:
        latest = self._delays[-1][0]
        while self._least[0][0] < latest - MEMORY:
            self._least.popleft()
        while len(self._delays) > FEWEST and self._delays[0][0] < latest - WINDOW:
            self._delays.popleft()
        while self._arrived and self._arrived[0][0] < latest - MEASURE:
            self._arrived.popleft()
        while self._fates[0][0] < now - 2:
            self._fates.popleft()

    def _queue(self) -> float:
        return max(0.0, min(delay for _, delay in self._delays) - min(delay for _, delay in self._least))

    @property
    def arrived(self) -> float:
        """Bit/s of video that came of late."""
        return sum(octets for _, octets in self._arrived) * 8 / MEASURE

    @property
    def _storm(self) -> bool:
        """Whether more is lost than chance makes of weather: of the few at a call's beginning more than a quarter may be, on a line that loses a tenth."""
        told, lost = len(self._fates), sum(not came for _, came in self._fates)
        return told > TOLD and lost > told * STORM + SURE * math.sqrt(told * STORM * (1 - STORM))

    def _steer(self, elapsed: float, now: float) -> None:
        rested = now - self._fell > REST + self.round_trip
        if self.queue < BUSY / 2:
            self._queue_then = 0.0
        if self.queue > BUSY and rested and self.queue > SHRUNK * self._queue_then:
            self._queue_then = self.queue
            kept = max(LEAST_KEPT, BACK_OFF - self.queue / EMPTY_IN) if self.queue < FULL else FLEE
            self._fall(kept * min(self._target, self.arrived), now)
        elif rested and self._storm:
            self._fall(SHELTER * self._target, now)
        elif self.queue < CALM and now > self._quiet_until:
            self._grow(elapsed)

    def _fall(self, rate: float, now: float) -> None:
        self._met, self._limit = True, min(self._target, max(self.arrived, self._floor))
        self._target = max(self._floor, min(self._target, rate))
        self._fell, self._quiet_until = now, now + PATIENCE

    def _grow(self, elapsed: float) -> None:
        if self._limit is not None and self._target > 1.15 * self._limit:
            self._limit = None  # the old limit was passed without harm: the link has grown
        self._best = max(self._best * FORGET**elapsed, self.arrived)
        growth = FAR if self._met and self._target > KNOWN * self._best else FIRST
        if self._limit is not None and self._target > 0.85 * self._limit:
            growth = NEAR
        grown = max(self._target * growth**elapsed, self._target + LEAST_STEP * elapsed)
        self._target = min(self._top, max(self._target, min(grown, AHEAD * self.arrived + AHEAD_BY)))
