"""Identification at the desk: what cards, codes and the keyboard say of who the patient is, until the helper has chosen; then the card's stay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drivers.cards import typed
from drivers.identity import CardError, CardProblem, CodeError, CodeProblem
from kiosk.booth.code_camera import CodeCamera
from kiosk.consultation import session
from kiosk.consultation.identity import Document, IdentityError, InsiError, confirm, correct, minor, misspelt, same_person, see_document
from kiosk.consultation.identity_messages import WARNINGS, message
from kiosk.consultation.session import Event, State
from kiosk.links.code_camera import CodeCameraState
from kiosk.links.identity_source import Candidates, Rejected
from kiosk.links.smart_card import CardEvent, Role
from kiosk.links.smart_card_monitor import Seen
from protocol import screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.identity import IdentityCandidate
    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports
    from kiosk.consultation.identity import PatientIdentity
    from kiosk.consultation.identity_messages import Message
    from kiosk.links.identity_source import Event as SourceEvent
    from kiosk.settings import Settings

#: drivers that read a code; every other one reads a card
_CODES = frozenset({"fr-ins-datamatrix"})
#: while nothing was said to a specialist
_CORRECTABLE = (State.IDENTIFIED, State.INFORMED, State.CONSENTED, State.WAITING)
_INSERTED = frozenset({Seen.CARD_IN, Seen.CARD_SWAPPED, Seen.CARD_MUTE})


@dataclass(frozen=True, slots=True)
class Turns:
    """What the rest of the desk does for the identification."""

    #: a patient comes: a new consultation
    open: Callable[[], None]
    #: the patient is known from now on
    identified: Callable[[], None]
    #: the interrupted consultation goes on
    resume: Callable[[], None]
    #: the consultation ends, and the screen is free for the next patient
    replace: Callable[[], None]
    #: the patient's card was taken where it must stay in, or has come back
    away: Callable[[bool], None]


class Identification:
    """What is known of who is there. Nothing of a card stays here when it leaves."""

    def __init__(self, case: Case, settings: Settings, ports: Ports, turns: Turns) -> None:
        self._case, self._settings, self._ports, self._turns = case, settings, ports, turns
        self._readers: set[str] = set()
        self._insertion = 0
        self._card_in = False
        self.camera = CodeCamera(case, settings, ports)
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation; which card is in the reader stays known."""
        self._own = 0
        self._chosen: IdentityCandidate | None = None
        self.leaving = False
        self.camera.close()
        self._wipe()

    def _wipe(self) -> None:
        self._found: dict[str, IdentityCandidate] = {}
        self._checking = ""
        self._problem: Message | None = None
        self._reading = False

    # --- what the sources say -------------------------------------------------------------------------------------------------------

    def take(self, event: SourceEvent) -> None:
        """One event of the card readers or the hand scanner."""
        self._case.dirty = True
        match event:
            case CodeCameraState():
                self.camera.up(up=event.up)
            case CardEvent() if event.role is Role.PATIENT:
                self._card(event)
            case Candidates() if event.insertion in (0, self._insertion):
                self._reading = False
                self._who(event.candidates)
            case Rejected() if event.insertion in (0, self._insertion):
                self._wipe()
                if self._case.away or not self._case.session.patient or self._asked:
                    self._problem = message(event.error)
            case _:
                pass

    def _card(self, event: CardEvent) -> None:
        if event.seen in _INSERTED:
            if self._card_in:
                self._gone()
            self._wipe()
            self._insertion, self._card_in, self._reading = event.insertion, True, event.seen is not Seen.CARD_MUTE
        elif event.seen is Seen.CARD_OUT:
            if event.insertion == self._insertion:
                self._card_in = False
                self._gone()
        elif event.seen is Seen.READER_IN:
            self._readers.add(event.reader)
            self._problem = None
        elif event.seen is Seen.READER_OUT:
            self._readers.discard(event.reader)
            self._lost(CardProblem.NO_READER)
        elif event.seen is Seen.SERVICE_LOST:
            self._readers.clear()
            self._lost(CardProblem.SERVICE_LOST)

    def _lost(self, problem: CardProblem) -> None:
        """No card can be read; the patient has not left for all that."""
        self.leaving = False
        if not self._readers and self._asked:
            self._wipe()
            self._problem = message(CardError(problem))

    def _gone(self) -> None:
        """A card has left the reader."""
        self._wipe()
        if self._own != self._insertion or not self._case.session.running:
            return
        self._case.write("card-out")
        if self._settings.identification.card_stays_in:
            self._turns.away(True)
        else:
            self.leaving = True

    @property
    def _asked(self) -> bool:
        """Whether the screen asks who the patient is."""
        return self._case.session.state in (State.OPENED, State.INTERRUPTED)

    def _who(self, candidates: tuple[IdentityCandidate, ...]) -> None:
        state = self._case.session.state
        if state is State.IDLE:
            self._turns.open()
        elif state is State.INTERRUPTED:
            self._again(candidates)
            return
        elif self._case.session.running and state is not State.OPENED:
            self._meanwhile(candidates)
            return
        self._problem = None
        self._found = {f"{self._insertion}-{number}": candidate for number, candidate in enumerate(candidates)}

    @property
    def next(self) -> tuple[IdentityCandidate, ...]:
        """Whoever has put a card in while the slip of the last patient was shown."""
        return tuple(self._found.values()) if self._case.session.state is State.ERASED else ()

    def welcome(self, candidates: tuple[IdentityCandidate, ...]) -> None:
        """The slip is gone: they are next."""
        if candidates:
            self._who(candidates)

    def _meanwhile(self, candidates: tuple[IdentityCandidate, ...]) -> None:
        """A card or a code, after the patient was identified."""
        if self._case.away:
            if self._chosen in candidates:
                self._own = self._insertion
                self._turns.away(False)
            else:
                self._turns.replace()
                self._who(candidates)
            return
        patient = self._case.session.patient
        if patient is not None and any(same_person(patient, candidate) for candidate in candidates):
            self.leaving = False
            if self._chosen in candidates:
                self._own = self._insertion
        else:
            self._case.notify("other-card")

    def _again(self, candidates: tuple[IdentityCandidate, ...]) -> None:
        """Somebody shows who they are after a power cut."""
        patient = self._case.session.patient
        same = [candidate for candidate in candidates if patient is None or same_person(patient, candidate)]
        if not same:
            self._problem = message(IdentityError("other-person"))
            return
        self._problem = None
        if candidates[0].driver not in (*_CODES, typed.NAME):
            self._own, self._chosen = self._insertion, same[0]
        self._turns.resume()

    def tick(self, now: float, *, blank: bool) -> None:
        """Close the camera where nobody is asked for a code any more, somebody was found, the screen is blank, or it has looked for its time."""
        over = self.camera.over(now)
        if over or blank or self._found or not self._asked:
            self.camera.close()
        if over and self._asked and not blank and not self._found:
            self._problem = message(CodeError(CodeProblem.NO_CODE))

    @property
    def _helper(self) -> str:
        return self._settings.helper or self._settings.pharmacy

    # --- what the helper says -------------------------------------------------------------------------------------------------------

    def typed(self, given: screen.TypedIdentity) -> None:
        """Traits as typed: the same candidate as from a card, chosen as soon as it is whole."""
        try:
            candidate = typed.read(given.family_name, given.given_name, given.birth_date, given.sex)
        except CodeError as error:
            self._problem = message(error)
            return
        if self._case.session.state is State.INTERRUPTED:
            self._again((candidate,))
        elif self._case.session.patient is not None and self._case.session.running:
            self._correct(self._case.session.patient, candidate)
        else:
            self._accept(candidate, 0)

    def _correct(self, patient: PatientIdentity, candidate: IdentityCandidate) -> None:
        """One trait was written wrong. Somebody else needs a consultation of their own. Raises NotAllowedError once a specialist is there."""
        case = self._case
        if case.session.state not in _CORRECTABLE:
            raise session.NotAllowedError("what the specialist has is not written anew")
        if not misspelt(patient, candidate):
            self._problem = message(IdentityError("somebody-else"))
            return
        self._change(
            lambda identity, now: correct(
                identity,
                self._helper,
                now,
                family_name=candidate.family_name,
                given_names=candidate.given_names,
                birth_date=candidate.birth_date or "",
                sex=candidate.sex,
            )
        )
        self._identified(case.session.patient or patient)

    def choose(self, candidate_id: str) -> None:
        """The helper has compared a candidate with the person. A card is asked once more whether it is still the same. Raises NotAllowedError."""
        candidate = self._found.get(candidate_id)
        if candidate is None or self._case.session.state is not State.OPENED:
            raise session.NotAllowedError("there is no such candidate")
        if candidate.driver in _CODES:
            self._accept(candidate, 0)
        else:
            self._checking = candidate_id
            self._ports.check_card(candidate)

    def dismiss(self) -> None:
        """None of the candidates is the patient. Raises NotAllowedError."""
        if self._case.session.state is not State.OPENED:
            raise session.NotAllowedError("nobody is being identified")
        self._wipe()

    def read_code(self, *, wanted: bool) -> None:
        """Open the camera for a code, or close it. Raises NotAllowedError."""
        if not wanted:
            self.camera.close()
            return
        if not self._asked or self.camera.view == "none":
            raise session.NotAllowedError("no code is asked for")
        self._wipe()
        self.camera.open()

    def checked(self, candidate: IdentityCandidate, *, still: bool) -> None:
        """Whether the card that is in the reader now names the candidate."""
        if self._found.get(self._checking) is not candidate:
            return
        self._case.dirty = True
        if still:
            self._accept(candidate, self._insertion)
        else:
            self._wipe()
            self._problem = message(CardError(CardProblem.CHANGED))

    def _accept(self, candidate: IdentityCandidate, insertion: int) -> None:
        case, now = self._case, self._case.clock.now()
        if case.session.state is not State.OPENED:
            raise session.NotAllowedError("nobody has asked who the patient is")
        try:
            identity = confirm(candidate, self._helper, now.wall)
        except IdentityError as error:
            self._problem = message(error)
            return
        self._wipe()
        self._own, self._chosen = insertion, candidate if insertion else None
        case.step(Event.IDENTIFY, patient=identity)
        self._identified(identity)

    def _identified(self, identity: PatientIdentity) -> None:
        """What follows of who the patient is, at first and after a correction."""
        case, today = self._case, self._case.clock.now().wall.astimezone(self._settings.zone).date()
        case.session = replace(case.session, minor=minor(identity.birth_date, today))
        case.write(
            "identity",
            family=identity.family_name,
            given=" ".join(identity.given_names),
            birth_date=identity.birth_date,
            sex=identity.sex,
            status=identity.status.value,
            source=identity.source,
        )
        self._turns.identified()
        self._ports.ask_insi(identity)

    def see_document(self, document: str) -> None:
        """The helper has compared the identity with a document. Raises NotAllowedError."""
        self._change(lambda identity, now: see_document(identity, Document(document), self._helper, now))

    def _change(self, how: Callable[..., PatientIdentity]) -> None:
        patient = self._case.session.patient
        if patient is None or not self._case.session.running:
            raise session.NotAllowedError("nobody is identified")
        try:
            changed = how(patient, self._case.clock.now().wall)
        except IdentityError as error:
            self._problem = message(error)
            return
        self._problem = None
        self._case.became(changed)

    def insi_answered(self, asked: PatientIdentity, answer: PatientIdentity | IdentityError | InsiError) -> None:
        """What INSi says of the identity that was `asked`; nothing when it has changed meanwhile."""
        if self._case.session.patient is not asked or not self._case.session.running:
            return
        self._case.dirty = True
        if isinstance(answer, IdentityError | InsiError):
            self._case.write("insi", reason=answer.reason)
        else:
            self._case.became(answer)

    def stays(self) -> None:
        """The card was taken, and the patient stays. Raises NotAllowedError."""
        if not self.leaving:
            raise session.NotAllowedError("nobody has asked")
        self.leaving = False
        self._case.write("stays")

    # --- what the screen shows ------------------------------------------------------------------------------------------------------

    @property
    def card(self) -> str:
        """How the patient's reader is: "none", "absent", "reading" or "present"."""
        if not self._readers:
            return "none"
        return "reading" if self._reading else "present" if self._card_in else "absent"

    @property
    def candidates(self) -> tuple[screen.Candidate, ...]:
        """Who it may be, while the screen asks."""
        if self._case.session.state is not State.OPENED:
            return ()
        return tuple(_shown(key, candidate) for key, candidate in self._found.items())

    @property
    def problem(self) -> screen.Sentences | None:
        """Why nobody was found."""
        return None if self._problem is None else _sentences(self._problem)


def _sentences(said: Message) -> screen.Sentences:
    return screen.Sentences(said.french, said.french_way_out, said.english, said.english_way_out)


def _shown(key: str, candidate: IdentityCandidate) -> screen.Candidate:
    return screen.Candidate(
        id=key,
        family_name=candidate.family_name,
        given_name=" ".join(candidate.given_names),
        birth_date=candidate.birth_date or "",
        sex=candidate.sex,
        source="code" if candidate.driver in _CODES else "card",
        number=candidate.identifiers[0].value_masked if candidate.identifiers else "",
        warnings=tuple(screen.Sentences(french, "", english, "") for french, english in map(WARNINGS.__getitem__, candidate.warnings)),
    )
