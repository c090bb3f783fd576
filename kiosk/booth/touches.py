"""The screen at the desk: what each touch of the helper or the patient does."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.consultation import session
from kiosk.consultation.record import ActRecord
from kiosk.consultation.session import Event, State
from kiosk.secure.errors import CodeError
from protocol import screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.booth.auscultation import Auscultation
    from kiosk.booth.call import Call
    from kiosk.booth.case import Case
    from kiosk.booth.closing import Closing
    from kiosk.booth.exam import Exam
    from kiosk.booth.guest import Guest
    from kiosk.booth.identification import Identification
    from kiosk.booth.network import Network
    from kiosk.booth.ports import Names
    from kiosk.booth.results import Results
    from kiosk.booth.room import RoomCheck
    from kiosk.booth.specialist import Specialist
    from kiosk.settings import Settings

_log = logging.getLogger(__name__)
#: what may still be done while the card is out of a reader that it must stay in
_WITHOUT_CARD = (screen.End, screen.Touched, screen.Ready)
_JOINED = {"companion": "companion-joined", "second-professional": "professional-joined"}


class Touches:
    """The helper's and the patient's side."""

    def __init__(
        self,
        case: Case,
        settings: Settings,
        names: Callable[[], Names],
        results: Results,
        call: Call,
        auscultation: Auscultation,
        exam: Exam,
        room: RoomCheck,
        network: Network,
        specialist: Specialist,
        guest: Guest,
        identification: Identification,
        closing: Closing,
    ) -> None:
        self._case, self._settings, self._names = case, settings, names
        self._results, self._call, self._specialist = results, call, specialist
        self._exam, self._room, self._network = exam, room, network
        self._auscultation = auscultation
        self._identification, self._closing = identification, closing
        self.screen_ms: float | None = None
        self._meanings: dict[type[screen.FromScreen], Callable[..., None]] = {
            screen.Ready: self._ready,
            screen.OpenSession: lambda _: self.open(),
            screen.TypedIdentity: identification.typed,
            screen.Choose: lambda message: identification.choose(message.id),
            screen.Dismiss: lambda _: identification.dismiss(),
            screen.ReadCode: lambda message: identification.read_code(wanted=message.wanted),
            screen.SeeDocument: lambda message: identification.see_document(message.document),
            screen.Stays: lambda _: identification.stays(),
            screen.Guardian: self._guardian,
            screen.Pseudonym: self._pseudonym,
            screen.StopList: lambda message: self._triage(emergency=message.emergency),
            screen.Informed: self._inform,
            screen.Consent: self._consent,
            screen.Wait: lambda _: self._wait(),
            screen.DoctorCode: lambda message: self.doctor_code(message.text),
            screen.NoCode: lambda _: specialist.without_code(),
            screen.Guest: guest.answer,
            screen.Confirm: lambda message: results.confirm(message.id, accepted=message.accepted),
            screen.Attach: lambda message: results.attach(message.id),
            screen.Identical: lambda message: specialist.compare(same=message.same, by="booth"),
            screen.Media: lambda message: call.switch(camera=message.camera, microphone=message.microphone),
            screen.ExamCamera: lambda message: exam.ask(message.camera, by="booth"),
            screen.ShowExam: lambda message: exam.answer(given=message.given),
            screen.Photograph: lambda _: exam.photograph(by="booth"),
            screen.SendPhoto: lambda message: exam.photos.answer(given=message.given, site=message.site),
            screen.CheckRoom: lambda message: self._check_room(on=message.on),
            screen.TestNetwork: lambda _: network.begin(),
            screen.Say: lambda message: specialist.say(message.text),
            screen.Drafting: lambda message: specialist.write(message.text),
            screen.Auscultate: auscultation.place,
            screen.KeepSound: lambda message: auscultation.permit(given=message.given),
            screen.Pause: lambda message: self._pause(paused=message.paused),
            screen.End: lambda message: closing.end("booth", copy=message.copy),
            screen.NextPatient: lambda _: self._next(),
            screen.Touched: lambda _: None,
            screen.Person: self._person,
        }

    def take(self, message: screen.FromScreen) -> None:
        """One touch. What the state forbids changes nothing and is said."""
        try:
            self._check(message)
            self._meanings[type(message)](message)
        except session.NotAllowedError as error:
            _log.info("refused: %s", error)
            self._case.notify("not-now")
        self._case.dirty = True

    def _check(self, message: screen.FromScreen) -> None:
        if self._case.away and not isinstance(message, _WITHOUT_CARD):
            raise session.NotAllowedError("the card is out")

    def _ready(self, message: screen.Ready) -> None:
        self.screen_ms = message.first_frame_ms

    def open(self) -> None:
        """A new consultation. Raises NotAllowedError while there is another."""
        if self._case.session.state is not State.IDLE:
            raise session.NotAllowedError("a consultation is open")
        names, now = self._names(), self._case.clock.now()
        self._closing.clear()
        self._case.session = session.opened(names.consultation, names.ticket, now)
        self._case.record = ActRecord(names.consultation)
        self._results.measuring.open(now)
        self._results.measuring.patient((names.ticket, names.ticket[1:]))  # a scale's keyboard has no letters
        self._case.write("opened", booth=self._settings.pharmacy, helper=self._settings.helper, training=self._settings.training)

    def _triage(self, *, emergency: bool) -> None:
        case = self._case
        if emergency:
            case.step(Event.EMERGENCY, triage=True)
            case.write("emergency", advice="15 / 112")
            return
        if not case.session.running or case.session.state is State.OPENED:
            raise session.NotAllowedError("the stop list comes after the identity")
        case.session = replace(case.session, triage=False)
        case.notify()
        case.write("stop-list", emergency=False)

    def _inform(self, message: screen.Informed) -> None:
        self._case.step(Event.INFORM, information=message.version)
        self._case.write("information", version=message.version)

    def _consent(self, message: screen.Consent) -> None:
        case = self._case
        if not case.session.running or case.session.state in (State.OPENED, State.IDENTIFIED):
            raise session.NotAllowedError("consent comes after the information")
        case.session = replace(case.session, consents={**case.session.consents, message.subject: message.given})
        case.write("consent", subject=message.subject, given=message.given, information=case.session.information)
        if case.session.state is State.INFORMED and case.session.consented:
            case.step(Event.CONSENT)
        elif case.session.state is not State.INFORMED and not case.session.consented:
            self._closing.end("consent-withdrawn")

    def _wait(self) -> None:
        self._case.step(Event.WAIT)
        self._case.write("waiting", ticket=self._case.session.ticket)
        self._specialist.wait_for_one()

    def doctor_code(self, text: str) -> None:
        """A doctor's code as typed or scanned. Raises NotAllowedError where nobody waits, or might."""
        case = self._case
        if case.session.state not in (State.CONSENTED, State.WAITING):
            raise session.NotAllowedError("a code is for before the call")
        try:
            self._specialist.by_code(text)
        except CodeError as error:
            case.notify(error.reason)
            return
        if case.session.state is State.CONSENTED:
            notices = case.notices
            self._wait()
            case.notify(*notices)

    def _person(self, message: screen.Person) -> None:
        case = self._case
        case.session = session.person(case.session, message.role, here=message.here)
        if message.role == "helper":
            case.draft = ""  # begun for other eyes
        case.write("present", role=message.role, here=message.here)
        case.notify(*(key for key in (_JOINED.get(message.role) if message.here else "person-left",) if key is not None))
        self._results.situation()

    def _pause(self, *, paused: bool) -> None:
        if self._case.session.state is State.INTERRUPTED:
            raise session.NotAllowedError("after a power cut the patient shows again who it is")
        self._case.step(Event.PAUSE if paused else Event.RESUME)
        self._case.write("pause" if paused else "resume")
        if paused:
            self._exam.hide()
        self._call.send_media(paused=paused)
        self._auscultation.stop()
        self._results.situation()

    def _next(self) -> None:
        following = self._identification.next
        self.next()
        self._identification.welcome(following)

    def next(self) -> None:
        """Leave the erase slip. Raises NotAllowedError while there is none."""
        self._case.step(Event.NEXT)
        self._closing.clear()

    def _check_room(self, *, on: bool) -> None:
        if not on:
            self._room.end()
            return
        self._room.begin()
        self._network.opened(online=self._specialist.online)

    def _guardian(self, message: screen.Guardian) -> None:
        case = self._case
        named = message.family_name.strip(), message.given_name.strip()
        if not case.session.minor or case.session.patient is None or not case.session.running:
            raise session.NotAllowedError("there is no minor")
        if message.relation != "none" and not all(named):
            case.notify("identity-incomplete")
            return
        guardian = session.Guardian(*(named if message.relation != "none" else ("", "")), message.relation)
        case.session = replace(case.session, guardian=guardian)
        case.notify()
        case.write("guardian", family=guardian.family_name, given=guardian.given_name, relation=guardian.relation)
        self._results.situation()

    def _pseudonym(self, message: screen.Pseudonym) -> None:
        case = self._case
        if case.session.patient is None or not case.session.running:
            raise session.NotAllowedError("nobody is identified")
        case.session = replace(case.session, pseudonym=message.wanted)
        case.write("pseudonym", wanted=message.wanted)
        self._results.situation()
