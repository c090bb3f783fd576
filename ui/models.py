"""What QML sees of the booth: facts and lists drawn from the agent's View, and one slot for each thing a person can do."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlSingleton

from protocol import screen as messages
from ui import identity_form
from ui.auscultation import Auscultation
from ui.exam import Exam
from ui.identity import Identity
from ui.live import DeviceLive
from ui.rows import Rows
from ui.values import clock, tiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.screen import FromScreen, Kept, ToScreen, Unattributed, Value, View

QML_IMPORT_NAME = "Telecabine"
QML_IMPORT_MAJOR_VERSION = 1

#: version of the information text that the patient reads (i18n keys "information-…")
INFORMATION_VERSION: Final = "2026-11"

TICK_MS = 250

#: notices that the next touch answers
WARNINGS: Final = frozenset(("idle-warning", "close-warning"))
#: a touch without a message is said after so many seconds of silence
QUIET_S: Final = 30.0

#: remark of a result that is confirmed but cannot be sealed yet
WAITS: Final = "waits-for-specialist"

_BY_STAGE: Final = {
    "consented": "measure",
    "waiting": "waiting",
    "in-call": "call",
    "paused": "paused",
    "interrupted": "interrupted",
    "closing": "closing",
    "erased": "end",
}


def screen_of(view: View | None, again: bool = False, asked: bool = False) -> str:
    """Name of the screen that shows this view (docs/ui.md has the table).

    `again` = the refused consent is asked once more; `asked` = the patient of an interrupted session is asked who it is.
    """
    if view is None:
        return "starting"
    if view.emergency and view.stage not in ("idle", "closing", "erased"):
        return "emergency"
    if view.stage == "idle":
        return "identity" if view.opened else "welcome"
    if view.stage == "identified":
        if view.emergency is None:
            return "stop-list"
        return "guardian" if view.minor and view.guardian is None else "information"
    if view.stage == "informed":
        return "refused" if view.consents.get("act") is False and not again else "consent"
    return "identity" if view.stage == "interrupted" and asked else _BY_STAGE[view.stage]


def _shown(values: tuple[Value, ...]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(tile) for tile in tiles(values)]


def _confirmed(kept: Kept) -> bool:
    """The helper has said yes, and there is no specialist yet to seal it for."""
    return kept.state == "pending" and WAITS in kept.remarks


def _waits_for_helper(kept: Kept) -> bool:
    return kept.state == "pending" and not _confirmed(kept)


def _result(kept: Kept) -> dict[str, Any]:
    return {
        "id": kept.id,
        "state": "confirmed" if _confirmed(kept) else kept.state,
        "device": kept.device,
        "remarks": [key for key in kept.remarks if key != WAITS],
        "values": _shown(kept.values),
        "taken": clock(kept.taken),
        "seen_at": clock(kept.seen_at),
    }


def _old(old: Unattributed, device: str) -> dict[str, Any]:
    taken = clock(old.taken, "%d/%m/%Y %H:%M")
    return {"id": old.id, "reason": old.reason, "device": device, "values": _shown(old.values), "taken": taken}


@QmlElement
@QmlSingleton
class Booth(QObject):
    """The singleton of the screens. Facts change together (`changed`); lists keep their rows by key."""

    changed = Signal()
    _instance: Booth | None = None

    def __init__(
        self,
        send: Callable[[FromScreen], bool],
        video: QObject | None = None,
        now: Callable[[], float] = time.monotonic,
        code_video: QObject | None = None,
        own: QObject | None = None,
    ) -> None:
        """`send` takes a message to the agent, `video`, `code_video` and `own` are sources for VideoItem, `now` the monotonic clock of this host."""
        super().__init__()
        self._video, self._code_video, self._own = video, code_video, own
        self._tell = send
        self._now = now
        self._told = now()
        self._view: View | None = None
        self._agent = False
        self._again = False
        self._live: dict[str, DeviceLive] = {}
        self._devices, self._pending, self._kept, self._unattributed, self._texts = (Rows(self) for _ in range(5))
        self._identity = Identity(self._send, self)
        self._identity.changed.connect(self.changed)
        self._auscultation = Auscultation(self._send, self)
        self._exam = Exam(self._send, self)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)
        Booth._instance = self

    @staticmethod
    def create(_engine: object) -> Booth:
        """For the QML engine.

        Raises:
            RuntimeError: no booth was made.
        """
        if Booth._instance is None:
            raise RuntimeError("the booth's model is not made yet")
        return Booth._instance

    def _send(self, message: FromScreen) -> bool:
        self._told = self._now()
        return self._tell(message)

    @Slot()
    def touched(self) -> None:
        """Somebody touches the glass: said where the agent warns or has blanked the screen, or has heard nothing for a while."""
        warned = self._view is not None and (self._view.blank or not WARNINGS.isdisjoint(self._view.notices))
        if warned or self._now() - self._told > QUIET_S:
            self._send(messages.Touched())

    @Property(bool, notify=changed)
    def blank(self) -> bool:
        """Whether the screen shows nothing of the patient until it is touched."""
        return self._view is not None and self._view.blank

    # what the agent says

    def hear(self, message: ToScreen) -> None:
        """Take one message of the agent."""
        match message:
            case messages.View():
                self._see(message)
            case messages.Live():
                self._of(message.device).hear(message, self._now())
            case messages.Curve() if message.vital == "phonocardiogram":
                self._auscultation.hear(message, self._now())
            case messages.Curve() if message.vital == "pleth":
                self._of(message.device).curve_buffer.push(message, self._now())
            case messages.LinkLost():
                self._of(message.device).lose(self._now())

    def agent(self, up: bool) -> None:
        """The agent came or went."""
        self._agent = up
        self.changed.emit()

    def _see(self, view: View) -> None:
        if view.stage in ("idle", "erased"):
            for live in self._live.values():
                live.forget()
        self._view = view
        self._devices.replace([(line.key, msgspec.to_builtins(line)) for line in view.devices])
        self._pending.replace([(kept.id, _result(kept)) for kept in view.kept if _waits_for_helper(kept)])
        self._kept.replace([(kept.id, _result(kept)) for kept in view.kept if not _waits_for_helper(kept)])
        names = {line.key: line.name for line in view.devices}
        self._unattributed.replace([(old.id, _old(old, names.get(old.device, old.device))) for old in view.unattributed])
        self._texts.replace([(str(at), {**msgspec.to_builtins(line), "at": clock(line.at)}) for at, line in enumerate(view.texts)])
        self._exam.see(view)
        self._identity.see(view)
        self._auscultation.see(view)

    def _of(self, device: str) -> DeviceLive:
        if device not in self._live:
            self._live[device] = DeviceLive(self)
        return self._live[device]

    def _tick(self) -> None:
        now = self._now()
        for live in self._live.values():
            live.tick(now)
        self._auscultation.tick(now)

    # facts

    @Property(bool, notify=changed)
    def agentUp(self) -> bool:  # noqa: N802
        """Whether the agent is there."""
        return self._agent

    @Property(str, notify=changed)
    def screen(self) -> str:
        """Which screen."""
        return screen_of(self._view, self._again, self._identity.again)

    @Property(bool, notify=changed)
    def training(self) -> bool:
        """Training mode."""
        return bool(self._view and self._view.training)

    @Property(str, notify=changed)
    def pharmacy(self) -> str:
        """The pharmacy's name."""
        return self._view.pharmacy if self._view else ""

    @Property(str, notify=changed)
    def patient(self) -> str:
        """The label that may be shown."""
        return self._view.patient if self._view else ""

    @Property(str, notify=changed)
    def ticket(self) -> str:
        """Number in the waiting room."""
        return self._view.ticket if self._view else ""

    @Property(list, notify=changed)
    def wait(self) -> list[int]:
        """Expected minutes, from and to; empty when unknown."""
        return list(self._view.wait) if self._view and self._view.wait else []

    @Property(str, notify=changed)
    def line(self) -> str:
        """Text key of the line's quality."""
        view = self._view
        if view is None or not self._agent:
            return "line-unknown"
        if view.station != "connected":
            return f"line-{view.station}"
        return f"line-{view.link}" if view.link else "line-connected"

    @Property(list, notify=changed)
    def notices(self) -> list[str]:
        """Text keys, each once."""
        return list(dict.fromkeys(self._view.notices)) if self._view else []

    @Property(dict, notify=changed)
    def about(self) -> dict[str, str]:
        """Of a notice about a device: its text key -> the device's name."""
        return dict(self._view.about) if self._view else {}

    @Property(dict, notify=changed)
    def consents(self) -> dict[str, bool]:
        """What was given and refused."""
        return dict(self._view.consents) if self._view else {}

    @Property(dict, notify=changed)
    def call(self) -> dict[str, Any]:
        """CallView as a map; `verified` is "", "same" or "different"."""
        if self._view is None:
            return {
                "state": "off",
                "specialist": "",
                "authentication": "",
                "verified": "",
                "camera": False,
                "microphone": False,
                "message": "",
            }
        call = self._view.call
        verified = {None: "", True: "same", False: "different"}[call.verified]
        return {**msgspec.to_builtins(call), "authentication": call.authentication or "", "verified": verified}

    @Property(list, notify=changed)
    def present(self) -> list[str]:
        """Roles of who is in the consultation."""
        return list(self._view.present) if self._view else []

    @Property(str, notify=changed)
    def code(self) -> str:
        """The doctor's code that was typed: "" none, "waiting" the doctor is told, "refused" nobody is."""
        return self._view.code if self._view else ""

    @Property(dict, notify=changed)
    def visit(self) -> dict[str, str]:
        """The guest of the specialist: `state` ("" = none) and `name`."""
        visit = self._view.visit if self._view else None
        return {"state": visit.state if visit else "", "name": visit.name if visit else ""}

    @Property(str, notify=changed)
    def slip(self) -> str:
        """Text of the erase slip."""
        return (self._view.slip or "") if self._view else ""

    @Property(dict, notify=changed)
    def remaining(self) -> dict[str, Any]:
        """Envelopes of the ended consultation that still wait, sealed, for the specialist, and the day of their deletion at last."""
        left = self._view.remaining if self._view else None
        return {"envelopes": left.envelopes if left else 0, "until": clock(left.until, "%d/%m/%Y") if left else ""}

    @Property(list, notify=changed)
    def outcomes(self) -> list[dict[str, Any]]:
        """Of the ended consultation: how many results, sounds and photographs (`kind`) ended in a `state`."""
        found = self._view.outcomes if self._view else {}
        return [
            {"kind": kind, "state": state, "count": found[kind][state]}
            for kind in ("result", "sound", "photo")
            for state in ("seen", "sent", "kept", "rejected")
            if state in found.get(kind, {})
        ]

    @Property(list, notify=changed)
    def unsent(self) -> list[dict[str, Any]]:
        """Results that the end has erased unsent."""
        return [{**msgspec.to_builtins(one), "vitals": list(one.vitals)} for one in self._view.unsent] if self._view else []

    @Property(bool, notify=changed)
    def copies(self) -> bool:
        """Whether a copy of the record can be printed."""
        return bool(self._view and self._view.copies)

    @Property(str, notify=changed)
    def copy(self) -> str:
        """What became of the patient's copy."""
        return self._view.copy if self._view else ""

    @Property(str, notify=changed)
    def ended(self) -> str:
        """By whom or why the consultation was ended."""
        return self._view.ended if self._view else ""

    @Property(str, notify=changed)
    def checked(self) -> str:
        """What came of searching the booth for what should be gone."""
        return self._view.checked if self._view else ""

    @Property(int, notify=changed)
    def searched(self) -> int:
        """How many of the patient's values were searched for."""
        return self._view.searched if self._view else 0

    @Property(int, notify=changed)
    def closesIn(self) -> int:  # noqa: N802
        """Minutes until the consultation is closed because nobody touches; 0 while there is time."""
        return (self._view.closes_in or 0) if self._view else 0

    @Property(QObject, constant=True)
    def identity(self) -> Identity:
        """Who the patient is."""
        return self._identity

    @Property(QObject, constant=True)
    def auscultation(self) -> Auscultation:
        """The stethoscope."""
        return self._auscultation

    @Property(str, constant=True)
    def informationVersion(self) -> str:  # noqa: N802
        """Version of the information text."""
        return INFORMATION_VERSION

    @Property(QObject, constant=True)
    def devices(self) -> Rows:
        """DeviceLine rows."""
        return self._devices

    @Property(QObject, constant=True)
    def pending(self) -> Rows:
        """Results that wait for the helper's word."""
        return self._pending

    @Property(QObject, constant=True)
    def kept(self) -> Rows:
        """Results that the helper has spoken of; values are tiles."""
        return self._kept

    @Property(QObject, constant=True)
    def unattributed(self) -> Rows:
        """Unattributed rows."""
        return self._unattributed

    @Property(QObject, constant=True)
    def texts(self) -> Rows:
        """TextLine rows."""
        return self._texts

    @Property(QObject, constant=True)
    def video(self) -> QObject | None:
        """Where the specialist's picture comes from."""
        return self._video

    @Property(QObject, constant=True)
    def codeVideo(self) -> QObject | None:  # noqa: N802
        """Where the picture of the booth's own camera comes from while it looks for a code."""
        return self._code_video

    @Property(QObject, constant=True)
    def own(self) -> QObject | None:
        """Where the pictures of the booth's own cameras come from, for its own screen."""
        return self._own

    @Property(QObject, constant=True)
    def exam(self) -> Exam:
        """Exam cameras, photographs, and the check before the call."""
        return self._exam

    @Slot(str, result=DeviceLive)
    def live(self, device: str) -> DeviceLive:
        """Live values of a device, the same object each time."""
        return self._of(device)

    # what a person does

    @Slot()
    def openSession(self) -> None:  # noqa: N802
        """New patient."""
        self._send(messages.OpenSession())

    @Slot(str, str, str, str, result=str)
    def identify(self, family: str, given: str, born: str, sex: Literal["male", "female", "unknown"]) -> str:
        """Check what was typed and send it; the text key of what is wrong, "" when it was sent."""
        today = datetime.now(tz=UTC).astimezone().date()
        try:
            traits = messages.TypedIdentity(
                family_name=identity_form.name(family, "form-family-missing"),
                given_name=identity_form.name(given, "form-given-missing"),
                birth_date=identity_form.birth_date(born, today),
                sex=identity_form.sex(sex),
            )
        except identity_form.FormError as error:
            return str(error)
        return "" if self._send(traits) else "agent-gone"

    @Slot(bool)
    def stopList(self, emergency: bool) -> None:  # noqa: N802
        """The emergency list was asked."""
        self._send(messages.StopList(emergency))

    @Slot()
    def informed(self) -> None:
        """The information was read."""
        self._send(messages.Informed(INFORMATION_VERSION))

    @Slot(str, bool)
    def consent(self, subject: Literal["act", "sharing", "photos"], given: bool) -> None:
        """One consent."""
        self._again = False
        self._send(messages.Consent(subject, given))

    @Slot()
    def consentAgain(self) -> None:  # noqa: N802
        """Show the choices again after a refusal."""
        self._again = True
        self.changed.emit()

    @Slot()
    def enterWaiting(self) -> None:  # noqa: N802
        """Into the waiting room."""
        self._send(messages.Wait())

    @Slot(str)
    def doctorCode(self, text: str) -> None:  # noqa: N802
        """The code of a doctor, as typed."""
        self._send(messages.DoctorCode(text))

    @Slot()
    def withoutCode(self) -> None:  # noqa: N802
        """Wait for any specialist."""
        self._send(messages.NoCode())

    @Slot(bool)
    def guest(self, agreed: bool) -> None:
        """The patient's word on a guest."""
        self._send(messages.Guest(agreed))

    @Slot(str, bool)
    def confirm(self, result: str, accepted: bool) -> None:
        """Confirm or reject a pending result."""
        self._send(messages.Confirm(result, accepted))

    @Slot(str)
    def attach(self, reading: str) -> None:
        """This reading is this patient's."""
        self._send(messages.Attach(reading))

    @Slot(bool)
    def identical(self, same: bool) -> None:
        """The authentication strings were compared."""
        self._send(messages.Identical(same))

    @Slot(bool, bool)
    def media(self, camera: bool, microphone: bool) -> None:
        """Camera and microphone switches."""
        self._send(messages.Media(camera, microphone))

    @Slot(str)
    def drafting(self, text: str) -> None:
        """The line as it is being written: at each character."""
        self._send(messages.Drafting(text))

    @Slot(str, result=bool)
    def say(self, text: str) -> bool:
        """A line to the specialist; False when it did not leave."""
        text = " ".join(text.split())
        return bool(text) and self._send(messages.Say(text))

    @Slot(str, bool)
    def person(self, role: str, here: bool) -> None:
        """Somebody comes into the booth or leaves it."""
        if role in ("helper", "companion", "second-professional"):
            self._send(messages.Person(role, here))  # type: ignore[arg-type]  # checked on the line above

    @Slot(bool)
    def pause(self, paused: bool) -> None:
        """Pause or resume."""
        self._send(messages.Pause(paused))

    @Slot()
    @Slot(bool)
    def end(self, copy: bool = False) -> None:
        """End and erase, with a copy for the patient or without."""
        self._send(messages.End(copy))

    @Slot()
    def nextPatient(self) -> None:  # noqa: N802
        """Back to the welcome screen."""
        self._send(messages.NextPatient())
