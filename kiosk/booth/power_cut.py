"""A power cut at the desk: the open consultation is kept sealed while it runs, and taken up by the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.consultation import interrupted, snapshot
from kiosk.consultation.record import ActRecord
from kiosk.consultation.session import Event

if TYPE_CHECKING:
    from drivers.measurement import Instant
    from kiosk.booth.case import Case
    from kiosk.booth.results import Results
    from kiosk.consultation.idle import Idle
    from kiosk.storage import Storage

#: seconds between two copies of an unchanged consultation: the 15 minutes after a power cut count from the newest
PRESERVE = 60.0


class PowerCut:
    """Keeps, takes up and resumes."""

    def __init__(self, case: Case, storage: Storage, results: Results, idle: Idle) -> None:
        self._case, self._storage, self._results, self._idle = case, storage, results, idle
        self._saved: tuple[bytes, float] = (b"", 0.0)

    def take_up(self) -> None:
        """The consultation that a power cut has interrupted, if there is one."""
        case, now = self._case, self._case.clock.now()
        found = interrupted.load(self._storage.session, now.wall)
        if found is None:
            return
        kept, saved = found
        case.session = interrupted.cut(kept.consultation)
        case.record, self._results.all = ActRecord(kept.consultation.id, kept.entries), kept.results
        case.specialist, case.recipient = kept.specialist, kept.recipient
        self._results.measuring.remember(kept.devices, kept.clocks)
        self._idle.touched(now.monotonic - (now.wall - saved).total_seconds())
        case.incident("power-cut")

    def resume(self) -> None:
        """The same patient is back after a power cut: to the instruments when the consents were given, else to the questions before them."""
        case, measuring = self._case, self._results.measuring
        case.step(Event.RESUME if case.session.consented else Event.IDENTIFY)
        measuring.open(case.clock.now())
        measuring.patient((case.session.ticket, case.session.ticket[1:]))
        self._results.aged()
        case.write("resume", after="power-cut")

    def due(self, now: float) -> bool:
        """Whether the kept copy is too old, changed or not."""
        return now - self._saved[1] >= PRESERVE

    def preserve(self, now: Instant) -> None:
        """Keep the consultation, if it has changed or its copy is too old."""
        case = self._case
        if not case.session.open or case.session.patient is None:
            return
        state = snapshot.take(
            case.session, case.record.entries, self._results.all, self._results.measuring, case.specialist, case.recipient
        )
        if state == self._saved[0] and not self.due(now.monotonic):
            return
        interrupted.save(self._storage.session, state, now.wall)
        self._saved = (state, now.monotonic)
