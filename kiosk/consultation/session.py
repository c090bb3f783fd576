"""The life of one consultation: a table of states and events, sans-IO. `now` is an argument, and nothing else is known of time.

The diagram in docs/session.md is drawn from TRANSITIONS (`./run generate`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from drivers.measurement import Instant
    from kiosk.consultation.identity import PatientIdentity


class State(StrEnum):
    """Where the consultation is."""

    IDLE = "idle"
    OPENED = "opened"
    IDENTIFIED = "identified"
    INFORMED = "informed"
    CONSENTED = "consented"
    WAITING = "waiting"
    IN_CALL = "in-call"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    CLOSING = "closing"
    ERASED = "erased"


class Event(StrEnum):
    """What may happen to it."""

    OPEN = "open"
    IDENTIFY = "identify"
    EMERGENCY = "emergency"
    INFORM = "inform"
    CONSENT = "consent"
    WAIT = "wait"
    JOIN = "join"
    LEAVE = "leave"
    PAUSE = "pause"
    RESUME = "resume"
    CUT = "cut"
    END = "end"
    ERASE = "erase"
    NEXT = "next"


_S, _E = State, Event
_RUNNING: Final = (_S.OPENED, _S.IDENTIFIED, _S.INFORMED, _S.CONSENTED, _S.WAITING, _S.IN_CALL, _S.PAUSED)

TRANSITIONS: Final[dict[tuple[State, Event], State]] = {
    (_S.IDLE, _E.OPEN): _S.OPENED,
    (_S.OPENED, _E.IDENTIFY): _S.IDENTIFIED,
    (_S.IDENTIFIED, _E.IDENTIFY): _S.IDENTIFIED,
    (_S.IDENTIFIED, _E.INFORM): _S.INFORMED,
    (_S.INFORMED, _E.CONSENT): _S.CONSENTED,
    (_S.CONSENTED, _E.WAIT): _S.WAITING,
    (_S.WAITING, _E.JOIN): _S.IN_CALL,
    (_S.IN_CALL, _E.JOIN): _S.IN_CALL,
    (_S.IN_CALL, _E.LEAVE): _S.WAITING,
    (_S.IN_CALL, _E.PAUSE): _S.PAUSED,
    (_S.PAUSED, _E.RESUME): _S.IN_CALL,
    (_S.PAUSED, _E.LEAVE): _S.WAITING,
    (_S.INTERRUPTED, _E.RESUME): _S.CONSENTED,
    (_S.INTERRUPTED, _E.IDENTIFY): _S.IDENTIFIED,
    (_S.INTERRUPTED, _E.END): _S.CLOSING,
    (_S.CLOSING, _E.ERASE): _S.ERASED,
    (_S.ERASED, _E.NEXT): _S.IDLE,
    **{(state, _E.END): _S.CLOSING for state in _RUNNING},
    **{(state, _E.CUT): _S.INTERRUPTED for state in _RUNNING},
    **{(state, _E.EMERGENCY): state for state in _RUNNING},
}

#: consents without which a specialist sees nothing
REQUIRED_CONSENTS: Final = ("act", "sharing")


class NotAllowedError(ValueError):
    """The event has no meaning in this state; nothing changed."""


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who answers for a minor; `relation` "none" with empty names when the minor came without anybody. Masked in `repr`."""

    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    relation: str = field(repr=False)

    @property
    def label(self) -> str:
        """How the screens name the guardian; "none" for nobody."""
        return f"{self.given_name} {self.family_name.upper()}" if self.relation != "none" else "none"


@dataclass(frozen=True, slots=True)
class Consultation:
    """What is known at one moment. `triage` is None until the stop list was asked, then whether an answer was yes.

    `people` are the roles of who is in the booth beside the patient. `minor`: a guardian must be named before anything else. With
    `pseudonym` the name is shown to nobody, until the specialist asks for it with the reason `revealed`.
    """

    id: str = ""
    ticket: str = ""
    state: State = State.IDLE
    opened: Instant | None = None
    patient: PatientIdentity | None = None
    minor: bool = False
    guardian: Guardian | None = None
    pseudonym: bool = False
    revealed: str = field(default="", repr=False)
    triage: bool | None = None
    information: str = ""
    consents: dict[str, bool] = field(default_factory=dict)
    specialist: str = ""
    people: tuple[str, ...] = ("helper",)

    @property
    def running(self) -> bool:
        """Whether readings may belong to this patient."""
        return self.state in _RUNNING

    @property
    def open(self) -> bool:
        """Whether something of a patient is held, the consultation cut by a power failure included."""
        return self.running or self.state is State.INTERRUPTED

    @property
    def hidden(self) -> bool:
        """Whether the pseudonym stands for the name."""
        return self.pseudonym and not self.revealed

    @property
    def label(self) -> str:
        """How the screens name the patient; "" while nobody is known."""
        if self.patient is None:
            return ""
        return f"Patient {self.ticket}" if self.hidden else self.patient.label

    @property
    def consented(self) -> bool:
        """Whether every required consent is given."""
        return all(self.consents.get(subject, False) for subject in REQUIRED_CONSENTS)


def step(consultation: Consultation, event: Event) -> Consultation:
    """The consultation after `event`.

    Raises:
        NotAllowedError: the table or a condition forbids it.
    """
    following = TRANSITIONS.get((consultation.state, event))
    if following is None:
        raise NotAllowedError(f"{event} is not possible while {consultation.state}")
    if event is Event.INFORM and consultation.triage is None:
        raise NotAllowedError("the emergency list has not been asked")
    if event is Event.INFORM and consultation.minor and consultation.guardian is None:
        raise NotAllowedError("nobody has said who answers for the minor")
    if event in (Event.CONSENT, Event.RESUME) and not consultation.consented:
        raise NotAllowedError("the consents to the act and to sharing are both needed")
    return replace(consultation, state=following)


def person(consultation: Consultation, role: str, *, here: bool) -> Consultation:
    """Somebody comes in or leaves.

    Raises:
        NotAllowedError: no patient is there, or the person has come or left already.
    """
    if not consultation.running or here is (role in consultation.people):
        raise NotAllowedError(f"{role} {'comes in' if here else 'leaves'} while {consultation.state} with {consultation.people}")
    others = tuple(other for other in consultation.people if other != role)
    return replace(consultation, people=(*others, role) if here else others)


def opened(consultation_id: str, ticket: str, now: Instant) -> Consultation:
    """A new consultation, its window of attribution open from `now`."""
    return replace(step(Consultation(), Event.OPEN), id=consultation_id, ticket=ticket, opened=now)
