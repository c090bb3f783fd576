"""A busy machine is not a blocked way: a clock that stands while this process does. Sans-IO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: a timer may ring so much too late before this process is said to have stood still: s
SLACK: Final = 0.03


class AwakeClock:
    """Seconds for which this process was running, by a timer of its own: while that is overdue, nothing that has come was looked at either."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stood = 0.0
        self._due = float("inf")

    def __call__(self) -> float:
        """Never more than a second a second, and none at all in a standstill."""
        return self._clock() - self._stood - self._overdue

    @property
    def _overdue(self) -> float:
        return max(0.0, self._clock() - self._due - SLACK)

    def expect(self, seconds: float) -> None:
        """The timer has rung, and is to ring again after so many seconds."""
        self._stood += self._overdue
        self._due = self._clock() + seconds
