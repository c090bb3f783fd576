"""Agent <-> UI. The agent sends the whole View at each change, so a restarted screen is right at once; live values and curves go apart."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from protocol.codec import Codec
from protocol.sound import Site, State  # noqa: TC001 -- msgspec reads the annotations when it runs

Stage: TypeAlias = Literal[
    "idle", "identified", "informed", "consented", "waiting", "in-call", "paused", "interrupted", "closing", "erased"
]


class Message(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all messages of this boundary."""


class DeviceLine(Struct, frozen=True):
    """One instrument on the screen. `state` is "ready", "measuring" or "absent"; `message` a text key of the interface."""

    key: str
    name: str
    state: Literal["ready", "measuring", "absent"]
    message: str


class Value(Struct, frozen=True):
    """One number as shown: `value` a decimal text or None with `absent` saying why; `unit` as printed ("mmHg", "%", "°C")."""

    vital: str
    value: str | None
    absent: str | None
    unit: str


class Kept(Struct, frozen=True):
    """A settled result. `state`: "kept" = durable in the sealed outbox, "sent" = at the station, "seen" = the specialist's signed receipt."""

    id: str
    values: tuple[Value, ...]
    device: str
    taken: str
    state: Literal["pending", "kept", "sent", "seen", "rejected"]
    seen_at: str | None
    remarks: tuple[str, ...]


class Unattributed(Struct, frozen=True):
    """A reading that is not this patient's until somebody says so; `reason` is a text key ("old-reading", "other-user", ...)."""

    id: str
    values: tuple[Value, ...]
    device: str
    taken: str | None
    reason: str


class CallView(Struct, frozen=True):
    """The call. `authentication` is the 6-digit string to compare; `verified` what the helper said of it, None until then."""

    state: Literal["off", "connecting", "connected", "failed"]
    specialist: str
    authentication: str | None
    verified: bool | None
    camera: bool
    microphone: bool
    message: str


class PhotoLine(Struct, frozen=True):
    """A photograph that the patient has let go: `camera` by which, `site` of the body; `state` as `Kept`."""

    id: str
    camera: str
    site: str
    taken: str
    state: Literal["kept", "sent", "seen"]


class ExamView(Struct, frozen=True):
    """Exam cameras and photographs.

    The booth's own screen shows the picture of `camera` while `state` is "asked" or "shown", and the photograph itself while `photo` is
    "asked"; nothing leaves while a state is "asked". `by` is who has asked last, "specialist" or "booth"; `missing` why an exam camera does not work, by name; `sites` where on the body the
    camera may have looked, for the helper to say.
    """

    cameras: tuple[str, ...] = ()
    camera: str = ""
    state: Literal["", "asked", "shown"] = ""
    by: Literal["", "specialist", "booth"] = ""
    photo: Literal["", "taking", "asked"] = ""
    sites: tuple[str, ...] = ()
    photos: tuple[PhotoLine, ...] = ()
    missing: dict[str, str] = {}


class Check(Struct, frozen=True):
    """One line of the check before the call: what ("light", "face", "sound", "noise", "line"), and the text key of how it is."""

    what: str
    says: str
    good: bool


class LineRate(Struct, frozen=True):
    """What the line carries one way, in kbit/s; `floor`: at least so much."""

    kbps: int
    floor: bool


class RelayLine(Struct, frozen=True):
    """One relay of a call: the way to it ("TLS 443"), and the text key of how it is ("relay-works", "relay-silent", ...); an empty way: all of them."""

    way: str
    says: str


class NetworkView(Struct, frozen=True):
    """The network test before the call. `says`: the text key (after "check-") of how the line is, "" before it is known.

    None is what was not measured.
    """

    says: str = ""
    good: bool = False
    running: bool = False
    up: LineRate | None = None
    down: LineRate | None = None
    round_trip_ms: int | None = None
    loss_percent: int | None = None
    relays: tuple[RelayLine, ...] = ()


class RoomView(Struct, frozen=True):
    """The check of picture, sound and line before the call; the booth's own screen shows its camera while `on`. Nothing of it leaves.

    `level` is the loudness at this moment, 0 to 1, for the meter; `checks` what is judged so far.
    """

    on: bool = False
    level: float | None = None
    checks: tuple[Check, ...] = ()


class TextLine(Struct, frozen=True):
    """One line of the conversation; `author` "booth", "specialist" or "guest"."""

    author: Literal["booth", "specialist", "guest"]
    text: str
    at: str


class Remaining(Struct, frozen=True):
    """What is left of an ended consultation: `envelopes` sealed for the specialist without a receipt yet, deleted at `until` (ISO) at last."""

    envelopes: int
    until: str


class Visit(Struct, frozen=True):
    """A guest of the specialist: the patient is "asked", the guest is "invited", "here", or "away" for a moment. `name` as the guest gives it."""

    state: Literal["asked", "invited", "here", "away"]
    name: str = ""


class Unsent(Struct, frozen=True):
    """A result that the end of the consultation has erased unsent: `reason` "unconfirmed" (nobody said yes) or "no-specialist" (nobody came)."""

    device: str
    vitals: tuple[str, ...]
    reason: Literal["unconfirmed", "no-specialist"]


class Sentences(Struct, frozen=True):
    """What happened and what to do about it, where the agent has the words: French, then English."""

    french: str
    french_do: str
    english: str
    english_do: str


class Candidate(Struct, frozen=True):
    """Who the patient may be, as a card or a code says. `birth_date` ISO, partial allowed; `number` is masked; `warnings` need an eye."""

    id: str
    family_name: str
    given_name: str
    birth_date: str
    sex: str
    source: Literal["card", "code"]
    number: str
    warnings: tuple[Sentences, ...]

    def __repr__(self) -> str:
        return "Candidate(•)"


class Clip(Struct, frozen=True):
    """What was kept of the stethoscope: `state` as of `Kept`."""

    id: str
    site: Site
    state: Literal["kept", "sent", "seen"]
    seen_at: str | None


class Auscultation(Struct, frozen=True):
    """The stethoscope. `site` is where it is put, `asked` where the specialist wants it ("": no wish).

    `listening`: the specialist hears it now; `keep`: seconds of sound that the specialist wants to keep, while the patient is asked, else 0.
    """

    state: State
    site: Site | Literal[""]
    asked: Site | Literal[""]
    listening: bool
    keep: int
    clips: tuple[Clip, ...]


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
    outcomes: dict[str, dict[str, int]] = {}
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
    about: dict[str, str] = {}


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


class Ready(Message, frozen=True, tag="ready"):
    """The screen is painted for the first time, `first_frame_ms` after its start."""

    first_frame_ms: float


class OpenSession(Message, frozen=True, tag="open-session"):
    """The helper starts with a new patient."""


class TypedIdentity(Message, frozen=True, tag="typed-identity"):
    """Traits as typed: `birth_date` ISO, `sex` a FHIR administrative gender."""

    family_name: str
    given_name: str
    birth_date: str
    sex: Literal["male", "female", "other", "unknown"]

    def __repr__(self) -> str:
        return "TypedIdentity(•)"


class Choose(Message, frozen=True, tag="choose"):
    """The helper has compared a candidate with the person: this is the patient."""

    id: str


class Dismiss(Message, frozen=True, tag="dismiss"):
    """None of the candidates is the patient."""


class ReadCode(Message, frozen=True, tag="read-code"):
    """Open the camera to look for a code that is held before it, or close it."""

    wanted: bool


class SeeDocument(Message, frozen=True, tag="see-document"):
    """The helper has compared the identity with a document."""

    document: Literal["passport", "identity-card", "residence-permit", "vitale-card", "driving-licence", "other"]


class Guardian(Message, frozen=True, tag="guardian"):
    """Who answers for a minor; `relation` "none" when the minor comes without anybody, and both names are empty then."""

    family_name: str
    given_name: str
    relation: Literal["parent", "guardian", "other", "none"]

    def __repr__(self) -> str:
        return "Guardian(•)"


class Pseudonym(Message, frozen=True, tag="pseudonym"):
    """The patient wants (or no longer wants) a pseudonym shown instead of the name."""

    wanted: bool


class Stays(Message, frozen=True, tag="stays"):
    """The card was taken, and the patient stays."""


class StopList(Message, frozen=True, tag="stop-list"):
    """The emergency list was asked: True when one answer was yes."""

    emergency: bool


class Informed(Message, frozen=True, tag="informed"):
    """The patient has read, or was read, the information of this version."""

    version: str


class Consent(Message, frozen=True, tag="consent"):
    """One consent, given or refused or withdrawn; each is separate."""

    subject: Literal["act", "sharing", "photos"]
    given: bool


class Wait(Message, frozen=True, tag="wait"):
    """Enter the specialist's waiting room."""


class DoctorCode(Message, frozen=True, tag="doctor-code"):
    """The code that a doctor has given the patient, as typed: into that doctor's waiting room and no other."""

    text: str

    def __repr__(self) -> str:
        return "DoctorCode(•)"


class NoCode(Message, frozen=True, tag="no-code"):
    """Wait for any specialist, in the place of the doctor of the code."""


class Guest(Message, frozen=True, tag="guest"):
    """The patient's word on a guest of the specialist: before, whether one may come; afterwards, False sends the guest away."""

    agreed: bool


class Confirm(Message, frozen=True, tag="confirm"):
    """The helper confirms (True) or rejects (False) a pending result."""

    id: str
    accepted: bool


class Attach(Message, frozen=True, tag="attach"):
    """The helper says that an unattributed reading is this patient's."""

    id: str


class Identical(Message, frozen=True, tag="identical"):
    """Whether the authentication strings are the same on both screens."""

    same: bool


class Media(Message, frozen=True, tag="media"):
    """The patient's own switch of camera and microphone."""

    camera: bool
    microphone: bool


class ExamCamera(Message, frozen=True, tag="exam-camera"):
    """The helper takes an exam camera in hand; "" puts it away: nothing of it is sent from then on."""

    camera: str


class ShowExam(Message, frozen=True, tag="show-exam"):
    """The patient's answer: the picture of the exam camera may be seen by the specialist, or not."""

    given: bool


class Photograph(Message, frozen=True, tag="photograph"):
    """The helper takes a photograph by the exam camera that is shown."""


class SendPhoto(Message, frozen=True, tag="send-photo"):
    """The patient's answer to the photograph on the screen; `site` is where on the body it was taken, "" when nobody said."""

    given: bool
    site: str = ""


class CheckRoom(Message, frozen=True, tag="check-room"):
    """Begin or end the check of picture and sound before the call."""

    on: bool


class TestNetwork(Message, frozen=True, tag="test-network"):
    """Test the network once more before the call."""


class Say(Message, frozen=True, tag="say"):
    """A line of text to the specialist."""

    text: str

    def __repr__(self) -> str:
        return "Say(•)"


class Drafting(Message, frozen=True, tag="drafting"):
    """The line to the specialist as it is being written, whole each time."""

    text: str

    def __repr__(self) -> str:
        return "Drafting(•)"


class Auscultate(Message, frozen=True, tag="auscultate"):
    """The helper takes the stethoscope, puts it on a site, or puts it away."""

    on: bool
    site: Site | Literal[""] = ""


class KeepSound(Message, frozen=True, tag="keep-sound"):
    """The patient's yes or no to keeping what the stethoscope has heard."""

    given: bool


class Pause(Message, frozen=True, tag="pause"):
    """Pause or resume the consultation."""

    paused: bool


class End(Message, frozen=True, tag="end"):
    """End the consultation: close the record, print the patient's `copy` if it is wanted, erase."""

    copy: bool = False


class Person(Message, frozen=True, tag="person"):
    """Somebody beside the patient comes into the booth (`here`) or leaves it."""

    role: Literal["helper", "companion", "second-professional"]
    here: bool


class Touched(Message, frozen=True, tag="touched"):
    """Somebody is there. Every other message says so too; this one when there is nothing else to say."""


class NextPatient(Message, frozen=True, tag="next-patient"):
    """Leave the erase slip: back to the welcome screen."""


FromScreen: TypeAlias = (
    Ready
    | OpenSession
    | TypedIdentity
    | StopList
    | Informed
    | Consent
    | Wait
    | Confirm
    | Attach
    | Identical
    | Media
    | ExamCamera
    | ShowExam
    | Photograph
    | SendPhoto
    | CheckRoom
    | TestNetwork
    | Say
    | Drafting
    | Pause
    | End
    | NextPatient
    | Touched
    | Person
    | Choose
    | Dismiss
    | ReadCode
    | SeeDocument
    | Guardian
    | Pseudonym
    | Stays
    | DoctorCode
    | NoCode
    | Guest
    | Auscultate
    | KeepSound
)

to_screen: Codec[ToScreen] = Codec(ToScreen, "msgpack")
from_screen: Codec[FromScreen] = Codec(FromScreen, "msgpack")
