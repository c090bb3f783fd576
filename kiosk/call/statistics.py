"""The figures of the call, once a second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Pictures:
    """Counts received pictures and the longest gap between them. Times in seconds of one monotonic clock."""

    count: int = 0
    _last: float | None = None
    _gap: float = 0.0

    def add(self, now: float) -> None:
        """One picture arrived."""
        self.count += 1
        if self._last is not None:
            self._gap = max(self._gap, now - self._last)
        self._last = now

    def fresh(self, now: float) -> bool:
        """Whether one came in the last two seconds."""
        return self._last is not None and now - self._last < 2

    def longest_gap(self, now: float) -> float:
        """The longest gap that was open since this was last asked, in seconds; one that is open still counts. 0 before the first picture."""
        open_gap = 0.0 if self._last is None else now - self._last
        gap, self._gap = max(self._gap, open_gap), 0.0
        return gap


@dataclass(slots=True)
class Rate:
    """Turns a growing count into a rate per second."""

    _count: float | None = None
    _at: float = 0.0

    def per_second(self, count: float, now: float) -> float:
        """How fast the count grew since the last call; 0 at the first."""
        before, at = self._count, self._at
        self._count, self._at = count, now
        return 0.0 if before is None or now <= at else max(0.0, (count - before) / (now - at))
