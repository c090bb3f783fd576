"""The consultation that is open at the booth: its session, its record, what the screen is told beside, and the line to the specialist."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from kiosk.consultation import session
from kiosk.consultation.record import ActRecord
from kiosk.consultation.session import Event, State
from kiosk.secure.resumption import Resumption
from protocol import screen, specialist

if TYPE_CHECKING:
    from kiosk.consultation.identity import PatientIdentity
    from kiosk.links.link import Clock
    from kiosk.secure.codes import Code, CodeGate
    from kiosk.secure.envelope import Recipient
    from kiosk.specialist_line import SpecialistLine
    from protocol.sound import Sound

_log = logging.getLogger(__name__)
#: what a guest is told beside the specialist
_FOR_BOTH = (
    specialist.Situation,
    specialist.Values,
    specialist.Curve,
    specialist.DeviceLost,
    specialist.Text,
    specialist.Draft,
    specialist.Ended,
)


@dataclass(slots=True)
class Visit:
    """A guest of the specialist, from the question to the patient until the guest has gone. `codes`: the forms of the invitation."""

    state: Literal["asked", "agreed", "invited", "here", "away"] = "asked"
    codes: tuple[Code, ...] = ()
    expires: int = 0
    gate: CodeGate | None = None
    #: once somebody has come by the invitation
    identity: bytes = b""
    name: str = ""
    #: monotonic time since when the guest is "away"
    lost: float = 0.0
    line: SpecialistLine | None = None
    resumption: Resumption = field(default_factory=Resumption)

    @property
    def shown(self) -> screen.Visit:
        """For the screen."""
        return screen.Visit("invited" if self.state == "agreed" else self.state, self.name)


class Case:
    """What all parts of the desk know of one consultation. `dirty`: the screen has not been told of the newest change."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.dirty = True
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self.session = session.Consultation()
        self.record = ActRecord("")
        #: text keys, and the key of the device that they are about
        self.notices: tuple[str, ...] = ()
        self.about = ""
        self._texts: list[tuple[bool, screen.TextLine]] = []
        self.draft = ""  #: what the specialist is writing
        self.line: SpecialistLine | None = None
        self.resumption = Resumption()
        #: a doctor's code by which this consultation goes to that doctor only, who may enter by it, and whether it has led somewhere so far
        self.code: Code | None = None
        self.gate: CodeGate | None = None
        self.code_state: Literal["", "waiting", "refused"] = ""
        self.visit: Visit | None = None
        self.specialist = ""
        self.recipient: Recipient | None = None
        self.slip: str | None = None
        #: what came of the search for the patient's values, and how many they were
        self.checked: Literal["", "checking", "clean", "found", "failed"] = ""
        self.searched = 0
        self.ended = ""  #: by whom or why, once it is over
        self.outcomes: dict[str, dict[str, int]] = {}
        self.unsent: tuple[screen.Unsent, ...] = ()
        self.copy: Literal["", "printing", "printed", "failed"] = ""
        #: the patient's card was taken where it must stay in: nothing is shown or sent until it is back
        self.away = False
        self._happening: set[str] = set()

    @property
    def alone(self) -> bool:
        """Whether the patient is alone with the specialist."""
        return self.session.state in (State.IN_CALL, State.PAUSED) and "helper" not in self.session.people

    def text(self, author: Literal["booth", "specialist", "guest"], text: str) -> None:
        """A line of the conversation."""
        at = self.clock.now().wall.isoformat(timespec="seconds")
        self._texts.append((self.alone, screen.TextLine(author, text, at)))

    @property
    def needles(self) -> tuple[str, ...]:
        """What was written in the conversation, and is being written, for the search after the end."""
        return (*(line.text for _, line in self._texts), self.draft)

    @property
    def texts(self) -> tuple[screen.TextLine, ...]:
        """The conversation, with what is being written; what was written while the patient was alone with the specialist is not for the helper."""
        helped = "helper" in self.session.people
        said = tuple(line for private, line in self._texts if not (private and helped))
        if not self.draft:
            return said
        return (*said, screen.TextLine("specialist", f"{self.draft} …", self.clock.now().wall.isoformat(timespec="seconds")))

    def step(self, event: Event, **changes: object) -> None:
        """One step of the session. Raises NotAllowedError."""
        self.session = replace(session.step(self.session, event), **changes)  # type: ignore[arg-type]
        self.notify()

    def notify(self, *notices: str, device: str = "") -> None:
        """Say this on the screen, of this device, until something else is said."""
        self.notices, self.about, self.dirty = notices, device, True

    def over(self, *notices: str, device: str = "") -> None:
        """What these said of this device holds no more."""
        if self.about == device and not set(notices).isdisjoint(self.notices):
            self.notify()

    def became(self, identity: PatientIdentity) -> None:
        """The patient's identity after one more step: into the record, without its values."""
        self.session = replace(self.session, patient=identity)
        step = identity.history[-1]
        self.write("identity-status", status=identity.status.value, step=step.event, detail=step.detail, by=step.by)

    def write(self, kind: str, **data: object) -> None:
        """One line of the act record, while there is a consultation."""
        if self.session.state is not State.IDLE:
            self.record.add(self.clock.now().wall, kind, **data)

    def incident(self, reason: str, **data: object) -> None:
        """A technical incident: into the record."""
        _log.warning("incident: %s", reason)
        self.write("incident", reason=reason, **data)

    def begins(self, trouble: str) -> bool:
        """Whether this trouble is new: it is an incident once, until it `ends`."""
        new = trouble not in self._happening
        self._happening.add(trouble)
        return new

    def ends(self, trouble: str) -> None:
        """The trouble is over."""
        self._happening.discard(trouble)

    def send(self, message: specialist.FromBooth, *, final: bool = False) -> bool:
        """Seal and send to the specialist, and to the guest what is for both; False while no specialist is there to read it."""
        if isinstance(message, _FOR_BOTH):
            self.send_guest(message, final=final)
        return self.line is not None and self.line.send(message, final=final)

    def send_sound(self, piece: Sound) -> bool:
        """Seal and send what the stethoscope has heard; False while nobody is there."""
        return self.line is not None and self.line.send_sound(piece)

    def send_guest(self, message: specialist.FromBooth, *, final: bool = False) -> None:
        """Seal and send to the guest, if one is there."""
        if self.visit is not None and self.visit.line is not None:
            self.visit.line.send(message, final=final)
