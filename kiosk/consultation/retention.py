"""What the booth keeps of an ended consultation: its record's hash, times, and technical incidents without identity. For a number of months.

One JSON line a consultation, oldest first. It says that an act record existed and what failed, never of whom.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from kiosk import durable

if TYPE_CHECKING:
    from pathlib import Path


class Incident(msgspec.Struct, frozen=True):
    """A technical incident: ISO time and a text key, no detail."""

    at: str
    reason: str


class Trace(msgspec.Struct, frozen=True):
    """One ended consultation. `record` is the SHA-256 of its signed act record in hex; times are ISO with zone."""

    record: str
    opened: str
    ended: str
    incidents: tuple[Incident, ...]


def _months_before(now: datetime, months: int) -> datetime:
    """The same hour of the first or same day `months` earlier; days that a month has not become its 28th."""
    count = now.year * 12 + now.month - 1 - months
    return now.replace(year=count // 12, month=count % 12 + 1, day=min(now.day, 28))


class RetentionLog:
    """The file of traces. Every method returns after the disk has it."""

    def __init__(self, path: Path, months: int) -> None:
        self._path, self._months = path, months

    def add(self, trace: Trace) -> None:
        """Keep the trace of a consultation."""
        durable.append(self._path, msgspec.json.encode(trace) + b"\n")

    def traces(self) -> list[Trace]:
        """Everything kept; a line torn by a power cut is left out."""
        if not self._path.exists():
            return []
        kept = []
        for line in self._path.read_bytes().splitlines():
            try:
                kept.append(msgspec.json.decode(line, type=Trace))
            except msgspec.MsgspecError:
                continue
        return kept

    def purge(self, now: datetime) -> int:
        """Forget what ended more than the months of the settings before `now` (zone-aware); how many."""
        traces, limit = self.traces(), _months_before(now, self._months)
        kept = [trace for trace in traces if datetime.fromisoformat(trace.ended) >= limit]
        if len(kept) == len(traces):
            return 0
        durable.replace(self._path, b"".join(msgspec.json.encode(trace) + b"\n" for trace in kept))
        return len(traces) - len(kept)
