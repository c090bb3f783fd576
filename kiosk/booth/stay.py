"""The card that must stay in the reader (setting `card_stays_in`): taken out, nothing is shown or sent until the same card is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.consultation.session import Event, State

if TYPE_CHECKING:
    from kiosk.booth.auscultation import Auscultation
    from kiosk.booth.call import Call
    from kiosk.booth.case import Case
    from kiosk.booth.exam import Exam
    from kiosk.booth.results import Results


class Stay:
    """Blanks and pauses the consultation, and takes it up again."""

    def __init__(self, case: Case, results: Results, call: Call, exam: Exam, auscultation: Auscultation) -> None:
        self._case, self._results, self._call, self._exam, self._auscultation = case, results, call, exam, auscultation
        self._paused = False

    def away(self, gone: bool) -> None:
        """The card was taken, or the same card is back."""
        case = self._case
        if gone == case.away:
            return
        case.away = gone
        case.write("pause" if gone else "resume", after="card-out" if gone else "card-back")
        if gone:
            self._exam.hide()
            self._paused = case.session.state is State.IN_CALL
        if self._paused and case.session.state is (State.IN_CALL if gone else State.PAUSED):
            case.step(Event.PAUSE if gone else Event.RESUME)
        self._call.send_media(paused=gone or case.session.state is State.PAUSED)
        if gone:
            self._auscultation.stop()
        else:
            self._results.card_is_back()
        self._results.situation()
