"""What of a running device goes out to one reader, and when: numbers at once when they change, curves in batches, nothing into a full link.

Sans-IO; times are the booth's monotonic seconds. A value that does not change is repeated once a second, so that its reader knows it is alive
(a reader greys it after 3 s). While the way to the reader is congested nothing goes, lest old values stand in line before new ones: of a
device's numbers the newest waits, of a curve the last second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.measurement import Reading
    from kiosk.consultation.measuring import Live

REPEAT = 1.0
#: so much of a curve is one message, and on a link that was behind of late
BATCH, SLOW = 0.05, 0.2
#: a link that was congested for this long is behind; it is slowed down for, and for so long after
BEHIND, CALM = 0.2, 1.0
#: samples that could not leave for this long are dropped: late ones help nobody; and numbers
OLDEST, OLDEST_NUMBERS = 1.0, 3.0


@dataclass
class Batch:
    """Samples of one curve that wait for their message: `sequence` counts the samples before `samples`; `period` in seconds."""

    device: str
    vital: str
    period: float
    sequence: int = 0
    samples: list[int | None] = field(default_factory=list)
    first: float = 0.0
    last: float = 0.0

    def due(self, now: float, span: float) -> bool:
        """Whether the samples make up `span` seconds, or the first has waited for so long."""
        return bool(self.samples) and ((len(self.samples) + 0.5) * self.period > span or now - self.first >= span)

    def trim(self, now: float) -> None:
        """Drop what is older than `OLDEST`."""
        kept = max(0, int((OLDEST - (now - self.last)) / self.period))
        dropped = len(self.samples) - kept
        if dropped > 0:
            del self.samples[:dropped]
            self.sequence += dropped
            self.first = max(self.first, now - OLDEST)


@dataclass
class _Numbers:
    """One device's numbers: what was told last and when, and what waits."""

    told: tuple[object, ...] = ()
    at: float = float("-inf")
    waiting: Live | None = None


class LiveGate:
    """Decides for one consultation and one reader."""

    def __init__(self) -> None:
        self._numbers: dict[str, _Numbers] = {}
        self._batches: dict[tuple[str, str], Batch] = {}
        self._congested: float | None = None
        self._behind = float("-inf")

    def take(self, live: Live) -> None:
        """Take a reading's numbers and samples."""
        reading = live.reading
        if reading.measurements:
            numbers = self._numbers.setdefault(reading.device, _Numbers())
            changed = (reading.measurements, reading.flags) != numbers.told
            numbers.waiting = live if changed or reading.received.monotonic - numbers.at >= REPEAT else None
        self._curves(reading)

    def _curves(self, reading: Reading) -> None:
        for wave in reading.waveforms:
            batch = self._batches.setdefault((reading.device, wave.vital), Batch(reading.device, wave.vital, float(wave.period)))
            if not batch.samples:
                batch.first = reading.received.monotonic
            batch.last = reading.received.monotonic
            batch.samples.extend(wave.samples)

    def behind(self, now: float) -> bool:
        """Whether the link was congested for long, of late."""
        return now < self._behind

    def _watch(self, now: float, *, congested: bool) -> None:
        if not congested:
            self._congested = None
        elif self._congested is None:
            self._congested = now
        elif now - self._congested >= BEHIND:
            self._behind = now + CALM

    def numbers_due(self, now: float, *, congested: bool = False) -> list[Live]:
        """The live readings whose numbers go out now, one a device."""
        self._watch(now, congested=congested)
        due: list[Live] = []
        for numbers in self._numbers.values():
            waiting = numbers.waiting
            if waiting is None or congested or now - numbers.at < (SLOW if self.behind(now) else 0.0):
                continue
            numbers.waiting = None
            if now - waiting.reading.received.monotonic <= OLDEST_NUMBERS:
                numbers.told, numbers.at = (waiting.reading.measurements, waiting.reading.flags), now
                due.append(waiting)
        return due

    def curves_due(self, now: float, *, congested: bool = False) -> list[Batch]:
        """The batches that go out now; what waited too long is dropped and leaves a gap in `sequence`."""
        self._watch(now, congested=congested)
        due: list[Batch] = []
        for key, batch in self._batches.items():
            batch.trim(now)
            if congested or not batch.due(now, SLOW if self.behind(now) else BATCH):
                continue
            self._batches[key] = Batch(batch.device, batch.vital, batch.period, batch.sequence + len(batch.samples))
            due.append(batch)
        return due

    def settled(self, device: str) -> None:
        """The device has given a result: what waits of its live numbers is older."""
        if device in self._numbers:
            self._numbers[device].waiting = None

    def forget(self, device: str) -> None:
        """The device is gone: nothing of it is repeated or sent late."""
        self._numbers.pop(device, None)
        for key in [key for key in self._batches if key[0] == device]:
            del self._batches[key]
