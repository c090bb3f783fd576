"""What the screen shows: the agent's View, whole, at each change; live values and curves apart."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import field

from protocol.codec import Codec
from protocol.screen.message import Message
from protocol.screen.parts import (
    Auscultation,
    CallView,
    Candidate,
    DeviceLine,
    ExamView,
    Kept,
    NetworkView,
    Remaining,
    RoomView,
    Sentences,
    Stage,
    TextLine,
    Unattributed,
    Unsent,
    Value,
    Visit,
)


class View(Message, frozen=True, tag="view"):
    """Everything the screen shows but live values and curves.

    `patient` is the label that may be shown; `notices` are text keys, and `about` has the name of the device that one of them is about.

    The screen is drawn from this alone (docs/ui.md has the table): `opened` = the helper has started with a patient who is not identified
    yet; `emergency` = the answer to the stop list, None while it is not asked; `wait` = expected wait in minutes, from and to; `present` =
    roles of who is in the consultation ("patient", "helper", "companion", "specialist", "second-professional"); `link` = quality of the
    line to the station as measured, None while unknown; `remaining` = what the erase slip says beside the hash, None when nothing is left;
    `blank` = nobody has touched the screen for a while: it shows nothing of the patient (the view holds nothing) until the next touch.

    Of the identity: `card` = the patient's card reader ("none" = there is no reader); `candidates` = who it may be, for the helper to choose;
    `code_camera` = the camera as a reader of codes ("none" = there is none); `problem` = why a card, a code or what was typed gave nobody;
    `identity` = how far the identity is checked, "" before; `minor` = a
    guardian must be named, and `guardian` who that is, None until somebody said; `pseudonym` = the name is not shown, and `revealed` = the
    reason for which the specialist has asked for it all the same. `leaving` = the card was taken: does the patient leave?; `away` = the
    card was taken where it must stay in: blank until it comes back. `alone` = the helper is out: nothing is shown that the helper reads.

    `closes_in` = minutes until the consultation is closed because nobody touches the screen, None while there is time.

    Of codes: `code` = the doctor whose code was typed is told ("waiting"), or nobody is ("refused"; a notice says why); `visit` = the guest of
    the specialist, None while there is none.

    Of the end: `ended` = by whom or why ("booth", "specialist", "idle", ...); `checked` = what came of searching the
    booth for the patient's values, `searched` of them; `outcomes` = of each kind ("result", "sound", "photo") how
    many ended as "seen", "sent", "kept" or "rejected" (not confirmed, or not agreed to);
    `unsent` = results that were erased unsent; `copies` = a copy for the patient can be printed; `copy` = what became of it.

    `auscultation` = the stethoscope, None where the booth has none; what it hears comes as the curve "phonocardiogram" of the device
    "stethoscope": the lowest and the highest of each 5 ms, one after the other, 16 bit.
    """

    stage: Stage
    training: bool
    pharmacy: str
    ticket: str
    patient: str
    station: Literal["connected", "connecting", "refused"]
    devices: tuple[DeviceLine, ...]
    kept: tuple[Kept, ...]
    unattributed: tuple[Unattributed, ...]
    call: CallView
    texts: tuple[TextLine, ...]
    notices: tuple[str, ...]
    consents: dict[str, bool]
    slip: str | None
    opened: bool = False
    emergency: bool | None = None
    wait: tuple[int, int] | None = None
    present: tuple[str, ...] = ()
    link: Literal["good", "fair", "poor"] | None = None
    remaining: Remaining | None = None
    blank: bool = False
    card: Literal["none", "absent", "reading", "present"] = "none"
    candidates: tuple[Candidate, ...] = ()
    problem: Sentences | None = None
    identity: Literal["", "provisional", "retrieved", "validated", "qualified"] = ""
    minor: bool = False
    guardian: str | None = None
    pseudonym: bool = False
    revealed: str = ""
    leaving: bool = False
    away: bool = False
    alone: bool = False
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    unsent: tuple[Unsent, ...] = ()
    copies: bool = False
    copy: Literal["", "printing", "printed", "failed"] = ""
    exam: ExamView = ExamView()
    room: RoomView = RoomView()
    network: NetworkView = NetworkView()
    code_camera: Literal["none", "off", "starting", "on"] = "none"
    ended: str = ""
    checked: Literal["", "checking", "clean", "found", "failed"] = ""
    searched: int = 0
    closes_in: int | None = None
    code: Literal["", "waiting", "refused"] = ""
    visit: Visit | None = None
    auscultation: Auscultation | None = None
    about: dict[str, str] = field(default_factory=dict)


class Live(Message, frozen=True, tag="live"):
    """Live values of one device. `received` is the agent's monotonic clock in seconds (one host: the UI's too)."""

    device: str
    values: tuple[Value, ...]
    flags: tuple[str, ...]
    received: float


class Curve(Message, frozen=True, tag="curve"):
    """Samples of one curve since the last message, `period` seconds apart."""

    device: str
    vital: str
    samples: tuple[int | None, ...]
    period: float


class LinkLost(Message, frozen=True, tag="link-lost"):
    """Live values of this device are over: they grey and vanish."""

    device: str
    reason: str


ToScreen: TypeAlias = View | Live | Curve | LinkLost

to_screen: Codec[ToScreen] = Codec(ToScreen, "msgpack")
