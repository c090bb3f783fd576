"""Whose reading is it? A settled reading counts only if it began inside the open session, by the booth's clock (design rule 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.device import ClockReading
    from drivers.measurement import Instant, Reading

_MEMORY = frozenset({"data-from-measurement-storage"})
#: device clocks tell whole seconds
RESOLUTION = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Attributed:
    """The open session's patient. `effective` is zone-aware; `corrected` by the device's clock offset."""

    reading: Reading
    effective: datetime
    corrected: bool


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Nobody's until the helper says so; `reason` is a text key."""

    reading: Reading
    reason: str


class Attributor:
    """Decides for one booth."""

    def __init__(self) -> None:
        self._opened: Instant | None = None
        self._clocks: dict[str, ClockReading] = {}

    def open(self, now: Instant) -> None:
        """A session begins."""
        self._opened = now

    def close(self) -> None:
        """No session is open."""
        self._opened = None

    def clock(self, reading: ClockReading) -> None:
        """A device's clock was read."""
        self._clocks[reading.device] = reading

    def connected(self, device: str, at: Instant) -> None:
        """A device connected."""

    def decide(self, reading: Reading) -> Attributed | Unattributed:
        """Whose it is."""
        if self._opened is None:
            return Unattributed(reading, "no-session")
        if _MEMORY & set(reading.flags):
            return Unattributed(reading, "from-memory")
        if not reading.settled or reading.device_time is None:
            return Attributed(reading, reading.received.wall, corrected=False)
        clock = self._clocks.get(reading.device)
        offset = clock.offset() if clock is not None else None
        began = (reading.device_time + (offset or timedelta())).replace(tzinfo=reading.received.wall.tzinfo)
        if began < self._opened.wall - RESOLUTION:
            return Unattributed(reading, "old-reading")
        return Attributed(reading, began, corrected=bool(offset))
