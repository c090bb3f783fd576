"""The end at the desk: the record is closed and sent, its trace kept, and everything else erased."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kiosk.booth import remains
from kiosk.consultation import session
from kiosk.consultation.needles import needles
from kiosk.consultation.session import Event
from protocol import specialist, station

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.booth.auscultation import Auscultation
    from kiosk.booth.call import Call
    from kiosk.booth.case import Case
    from kiosk.booth.photos import Photos
    from kiosk.booth.ports import Ports
    from kiosk.booth.results import Results
    from kiosk.secure.keys import BoothKeys
    from kiosk.storage import Storage


class Closing:
    """Ends a consultation."""

    def __init__(
        self,
        case: Case,
        keys: BoothKeys,
        storage: Storage,
        ports: Ports,
        results: Results,
        call: Call,
        auscultation: Auscultation,
        photos: Photos,
    ) -> None:
        self._case, self._keys, self._storage, self._ports = case, keys, storage, ports
        self._results, self._call, self._auscultation = results, call, auscultation
        self._counted = {"result": results.outcomes, "sound": auscultation.outcomes, "photo": photos.outcomes}
        #: what else there is to forget
        self.forget: Callable[[], None] = lambda: None

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self._case.clear()
        self._results.clear()
        self._call.clear()
        self._auscultation.clear()
        self.forget()

    def end(self, by: str, *, copy: bool = False) -> None:
        """Close the record, send it, keep its trace, print the patient's copy if wanted, erase the rest.

        Raises:
            NotAllowedError: nothing is open.
        """
        case = self._case
        case.step(Event.END)
        self._auscultation.stop()
        unsent = self._results.unsent()
        outcomes = {kind: found for kind, count in self._counted.items() if (found := count())}
        values = needles(case.session, case.record.entries, (result.settled for result in self._results.all.values()), case.needles)
        case.write("ended", by=by)
        record = case.record.close(self._keys)
        digest = hashlib.sha256(record).hexdigest()
        if case.recipient is not None:
            now = case.clock.now().wall
            self._results.post.send(case.recipient, f"record-{digest[:24]}", "record", case.session.id, record, now)
        case.send(specialist.Ended(record=digest), final=True)
        if copy:
            self._ports.print_copy(record)
        remains.keep_trace(self._storage, case.record, digest)
        self._call.hang_up()
        self._ports.to_station(station.CloseRoom(consultation=case.session.id))
        self._results.measuring.close()
        self._storage.session.erase()
        ended = case.session
        self.clear()
        case.session = session.step(session.Consultation(id=ended.id, ticket=ended.ticket, state=ended.state), Event.ERASE)
        case.slip = " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
        case.unsent, case.outcomes, case.ended = unsent, outcomes, by
        case.copy = "printing" if copy else ""
        case.checked = "checking" if values else ""
        if values:
            self._ports.check_erased(ended.id, values)
        case.dirty = True
