"""What of a running device goes out, and when: numbers at once when they change, curves in batches, both slower on a full link.

Sans-IO; times are the booth's monotonic seconds. A value that does not change is repeated once a second, so that its reader knows it is alive
(a reader greys it after 3 s).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.measurement import Reading

REPEAT = 1.0
#: so much of a curve is one message
BATCH = 0.05
SLOW = 0.2
#: a curve that could not leave for this long is dropped: late samples help nobody
OLDEST = 1.0


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


class LiveGate:
    """Decides for one consultation."""

    def __init__(self) -> None:
        self._numbers: dict[str, tuple[object, float]] = {}
        self._batches: dict[tuple[str, str], Batch] = {}

    def numbers_due(self, reading: Reading, *, congested: bool = False) -> bool:
        """Whether this reading's numbers go out now."""
        now = reading.received.monotonic
        said = (reading.measurements, reading.flags)
        last, at = self._numbers.get(reading.device, (None, float("-inf")))
        wait = 0.0 if said != last else REPEAT
        if now - at < max(wait, SLOW if congested else 0.0):
            return False
        self._numbers[reading.device] = (said, now)
        return True

    def curve(self, reading: Reading) -> None:
        """Take the samples of this reading."""
        for wave in reading.waveforms:
            batch = self._batches.setdefault((reading.device, wave.vital), Batch(reading.device, wave.vital, float(wave.period)))
            if not batch.samples:
                batch.first = reading.received.monotonic
            batch.last = reading.received.monotonic
            batch.samples.extend(wave.samples)

    def curves_due(self, now: float, *, congested: bool = False) -> list[Batch]:
        """The batches that go out now; what waited too long is dropped and leaves a gap in `sequence`."""
        due = []
        for key, batch in self._batches.items():
            if not batch.due(now, SLOW if congested else BATCH):
                continue
            self._batches[key] = Batch(batch.device, batch.vital, batch.period, batch.sequence + len(batch.samples))
            if now - batch.first <= OLDEST:
                due.append(batch)
        return due

    def forget(self, device: str) -> None:
        """The device is gone: nothing of it is repeated or sent late."""
        self._numbers.pop(device, None)
        for key in [key for key in self._batches if key[0] == device]:
            del self._batches[key]
