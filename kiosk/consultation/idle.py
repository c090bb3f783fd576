"""Nobody touches the screen: warn, blank, warn again, close. Sans-IO; seconds of the steady clock come in."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Phase(StrEnum):
    """How far it is."""

    ACTIVE = "active"
    WARNED = "warned"
    BLANK = "blank"
    CLOSING = "closing"
    OVER = "over"


#: seconds without a touch from which each phase holds; both warnings leave time to touch (EN 301 549, 9.2.2.1: at least 20 seconds)
FROM: Final = ((900.0, Phase.OVER), (840.0, Phase.CLOSING), (180.0, Phase.BLANK), (150.0, Phase.WARNED))
_NOTICES: Final = {Phase.WARNED: ("idle-warning",), Phase.CLOSING: ("close-warning",)}


class Idle:
    """Time since the last touch, or since anything else showed that somebody is there."""

    def __init__(self, now: float) -> None:
        self._touched = now
        self.phase = Phase.ACTIVE

    def touched(self, now: float) -> None:
        """Somebody is there."""
        self._touched = now

    def passed(self, now: float) -> bool:
        """Take the time; whether the phase has changed."""
        before, idle = self.phase, now - self._touched
        self.phase = next((phase for start, phase in FROM if idle >= start), Phase.ACTIVE)
        return self.phase is not before

    @property
    def notices(self) -> tuple[str, ...]:
        """Text keys of the warning that holds."""
        return _NOTICES.get(self.phase, ())

    @property
    def blank(self) -> bool:
        """Whether nothing of the patient may be shown."""
        return self.phase in (Phase.BLANK, Phase.CLOSING, Phase.OVER)
