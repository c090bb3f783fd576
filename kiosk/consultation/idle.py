"""Nobody touches the screen: warn, blank, ask again and again, close. Sans-IO; seconds of the steady clock come in.

A patient may wait longer for the doctor than this rule lasts. It holds for them too, since nobody else can say that they are still there;
but they are asked in time, by sound and text, and one touch is the whole answer.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final


class Phase(StrEnum):
    """How far it is."""

    ACTIVE = "active"
    WARNED = "warned"
    BLANK = "blank"
    CLOSING = "closing"
    OVER = "over"


#: seconds without a touch after which the consultation is closed
CLOSED: Final = 900.0
#: seconds without a touch from which each phase holds; warnings leave time to touch (EN 301 549, 9.2.2.1: at least 20 seconds)
FROM: Final = ((CLOSED, Phase.OVER), (720.0, Phase.CLOSING), (180.0, Phase.BLANK), (150.0, Phase.WARNED))
#: seconds between two sounds while the booth asks whether somebody is still there
ASKING: Final = 30.0
_NOTICES: Final = {Phase.WARNED: ("idle-warning",), Phase.CLOSING: ("close-warning",)}


class Idle:
    """Time since the last touch, or since anything else showed that somebody is there."""

    def __init__(self, now: float) -> None:
        self._touched = now
        self._sounded: float | None = None
        self.phase = Phase.ACTIVE
        #: minutes until the consultation is closed, while the booth asks; None before
        self.closes_in: int | None = None

    def touched(self, now: float) -> None:
        """Somebody is there."""
        self._touched = now

    def passed(self, now: float) -> bool:
        """Take the time; whether what is shown has changed."""
        before, idle = (self.phase, self.closes_in), now - self._touched
        self.phase = next((phase for start, phase in FROM if idle >= start), Phase.ACTIVE)
        self.closes_in = math.ceil((CLOSED - idle) / 60) if self.phase is Phase.CLOSING else None
        return (self.phase, self.closes_in) != before

    def sounds(self, now: float) -> bool:
        """Whether a warning is to be heard now; to be asked after `passed`."""
        if self.phase not in (Phase.WARNED, Phase.CLOSING):
            self._sounded = None
            return False
        if self._sounded is not None and (self.phase is Phase.WARNED or now - self._sounded < ASKING):
            return False
        self._sounded = now
        return True

    @property
    def notices(self) -> tuple[str, ...]:
        """Text keys of the warning that holds."""
        return _NOTICES.get(self.phase, ())

    @property
    def blank(self) -> bool:
        """Whether nothing of the patient may be shown."""
        return self.phase in (Phase.BLANK, Phase.CLOSING, Phase.OVER)
