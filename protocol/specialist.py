"""Booth <-> page inside the sealed stream: JSON, padded with spaces. Values are decimal texts, never floats.

Settled values, texts, requests and reports are numbered: each end counts those it has had, and after a cut the other sends what came after
(`Resume`, from version 2 of the handshake). Everything else is of the moment and is not sent again.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from protocol import curve_frame
from protocol.codec import Codec
from protocol.left import PictureLeft, SoundLeft  # noqa: TC001 -- msgspec reads the annotations when it runs
from protocol.sound import Site, State  # noqa: TC001 -- msgspec reads the annotations when it runs


class Message(Struct, frozen=True, tag_field="type", rename="camel", forbid_unknown_fields=True):
    """Base of all messages of this boundary."""


class Instrument(Struct, frozen=True, rename="camel"):
    """One device at the booth; `state` "ready", "measuring" or "absent"."""

    key: str
    name: str
    state: Literal["ready", "measuring", "absent"]


class Situation(Message, frozen=True, tag="situation"):
    """Who is there and what can be measured; sent at the start and at each change. `patient` is the label that may be shown.

    `identity` is how far the identity was checked (RNIV: "provisional", "retrieved", "validated", "qualified"); `guardian` who answers for a
    minor, "none" when nobody came with the minor, "" for an adult. With `pseudonym` the name is kept back, and `birth_date` is the year.
    """

    consultation: str
    booth: str
    patient: str
    birth_date: str
    sex: str
    stage: str
    present: tuple[str, ...]
    instruments: tuple[Instrument, ...]
    training: bool
    identity: str = ""
    guardian: str = ""
    pseudonym: bool = False


class Number(Struct, frozen=True, rename="camel"):
    """One value: a decimal text, or None with `absent` saying why; `unit` as printed."""

    vital: str
    value: str | None
    absent: str | None
    unit: str


class Values(Message, frozen=True, tag="values"):
    """Values of one device at one moment, live or (`settled`) a result.

    `reading` identifies the reading; `received` is when its bytes reached the booth, ms since the epoch by the booth's clock;
    `measured` ISO with zone; `flags` and `remarks` (plausibility) are text keys.
    """

    reading: str
    device: str
    name: str
    numbers: tuple[Number, ...]
    settled: bool
    received: float
    measured: str
    flags: tuple[str, ...]
    remarks: tuple[str, ...]


class Curve(Message, frozen=True, tag="curve"):
    """Samples of one curve, `period` ms apart; `received` (ms since the epoch) of the last one; `sequence` counts the samples before."""

    device: str
    vital: str
    sequence: int
    samples: tuple[int | None, ...]
    period: float
    received: float


class DeviceLost(Message, frozen=True, tag="device-lost"):
    """No more values from this device: its live tiles grey at once."""

    device: str
    reason: str


class Answer(Message, frozen=True, tag="answer"):
    """The booth's SDP answer."""

    sdp: str


class ExamCameras(Message, frozen=True, tag="exam-cameras"):
    """The booth's exam cameras ("otoscope", "dermatoscope"), and whose picture goes in the place of the booth camera's.

    `state` of the one in `camera`: "asked" = the patient has not answered, "shown" = its picture is sent; "" = none, and `refused` is the one
    that the patient has just said no to. `photo`: "" none, "taking", "asked" = the patient looks at it, "kept" = sealed and on its way,
    "refused", "failed". `missing` are those that do not work.
    """

    cameras: tuple[str, ...]
    camera: str
    state: Literal["", "asked", "shown"]
    refused: str
    photo: Literal["", "taking", "asked", "kept", "refused", "failed"]
    missing: tuple[str, ...]


class CallFailed(Message, frozen=True, tag="call-failed"):
    """No picture and no sound; `reason` is a text key. Values and text go on."""

    reason: str


class Resume(Message, frozen=True, tag="resume"):
    """First message of each direction. `log` names the sender's list of numbered messages; it has had `received` of the other end's list `of`."""

    log: str
    of: str
    received: int


class Text(Message, frozen=True, tag="text", omit_defaults=True):
    """A line of text, either way; `at` ms since the epoch. `by`: passed on by the booth, from the professional of this name."""

    text: str
    at: int
    by: str = ""

    def __repr__(self) -> str:
        return "Text(•)"


class Draft(Message, frozen=True, tag="draft"):
    """The line that the other side is writing, either way, whole each time: character by character, and a merged one harms nothing."""

    text: str

    def __repr__(self) -> str:
        return "Draft(•)"


class Media(Message, frozen=True, tag="media"):
    """What the link leaves of the booth's picture and sound, at each change: on a thin one stills or none, a narrower voice or none."""

    picture: PictureLeft
    sound: SoundLeft


class Auscultation(Message, frozen=True, tag="auscultation"):
    """The stethoscope, at each change: what it hears comes as octets of its own (protocol/sound.py).

    `site` is where the helper has put it ("" while it is not said); `listening`: its sound comes over the call too; `held`: the link has no room
    for the samples, which give way to values, text and voice; `keep`: what became of the wish to keep what was heard.
    """

    state: State
    site: Site | Literal[""]
    listening: bool
    held: bool
    keep: Literal["", "asked", "refused", "too-short", "kept"]


class Guest(Message, frozen=True, tag="guest", omit_defaults=True):
    """To the specialist: how far the guest is whom the patient was asked about.

    `link` (behind the # of the station's address) and `digits` are the two forms of the invitation, while it is "invited", until `expires`
    (ms since the epoch); `reason` says why it has "failed".
    """

    state: Literal["asked", "refused", "invited", "here", "away", "left", "dismissed", "failed"]
    name: str = ""
    link: str = ""
    digits: str = ""
    expires: int = 0
    reason: str = ""

    def __repr__(self) -> str:
        return f"Guest({self.state})"


class Ended(Message, frozen=True, tag="ended"):
    """The booth has closed the consultation; `record` is the SHA-256 of the act record, empty if there is none."""

    record: str


FromBooth: TypeAlias = (
    Resume
    | Situation
    | Values
    | Curve
    | DeviceLost
    | Answer
    | CallFailed
    | ExamCameras
    | Text
    | Draft
    | Media
    | Auscultation
    | Guest
    | Ended
)


class Offer(Message, frozen=True, tag="offer"):
    """The page's SDP offer."""

    sdp: str


class Candidate(Message, frozen=True, tag="candidate"):
    """A trickled ICE candidate; an empty text ends them."""

    candidate: str
    mid: str


class Ask(Message, frozen=True, tag="ask"):
    """The specialist asks for a measurement of one vital."""

    vital: str


class Listen(Message, frozen=True, tag="listen"):
    """The specialist wants to hear the stethoscope over the call, or no longer."""

    on: bool


class AskSite(Message, frozen=True, tag="ask-site"):
    """The specialist asks for the stethoscope on this site."""

    site: Site


class KeepSound(Message, frozen=True, tag="keep-sound"):
    """Keep what was heard up to now (ten seconds at most): the patient is asked, and what is kept comes as a sealed result."""


class ShowCamera(Message, frozen=True, tag="show-camera"):
    """The specialist asks to see through an exam camera; "" = the booth's camera again. The patient answers."""

    camera: str


class AskPhoto(Message, frozen=True, tag="ask-photo"):
    """The specialist asks for a photograph by the exam camera that is shown. The patient sees it and answers."""


class Verified(Message, frozen=True, tag="verified"):
    """What the specialist says of the authentication string."""

    same: bool


class Report(Message, frozen=True, tag="report"):
    """The specialist's report, for the act record: what was found, what is concluded, which acts were done and what is prescribed."""

    text: str
    conclusion: str
    prescriptions: str = ""

    def __repr__(self) -> str:
        return "Report(•)"


class BreakGlass(Message, frozen=True, tag="break-glass"):
    """The specialist needs the name behind a pseudonym. The reason is recorded, and the patient reads it."""

    reason: str

    def __repr__(self) -> str:
        return "BreakGlass(•)"


class InviteGuest(Message, frozen=True, tag="invite-guest"):
    """The specialist would like a guest to join: the booth asks the patient."""


class DismissGuest(Message, frozen=True, tag="dismiss-guest"):
    """The specialist takes the invitation back, or sends the guest away."""


class Leave(Message, frozen=True, tag="leave"):
    """The specialist ends the consultation; a guest leaves it."""


FromSpecialist: TypeAlias = (
    Resume
    | Offer
    | Candidate
    | ShowCamera
    | AskPhoto
    | Ask
    | Listen
    | AskSite
    | KeepSound
    | Verified
    | Text
    | Draft
    | Report
    | BreakGlass
    | InviteGuest
    | DismissGuest
    | Leave
)


class _FromBooth(Codec[FromBooth]):
    """JSON, but for curves: they come as `curve_frame` from version 2 of the handshake on."""

    def __init__(self) -> None:
        super().__init__(FromBooth, "json")

    def decode(self, data: bytes | str) -> FromBooth:
        """See `Codec.decode`."""
        if isinstance(data, bytes) and data[:1] == bytes((curve_frame.MARK,)):
            return Curve(*curve_frame.decode(data))
        return super().decode(data)

    def compact(self, message: FromBooth) -> bytes:
        """The message's bytes, those of a curve as a frame where it fits. Raises ProtocolError."""
        if not isinstance(message, Curve) or not curve_frame.fits(message.device, message.vital, message.samples):
            return self.encode(message)
        return curve_frame.encode((message.device, message.vital, message.sequence, message.samples, message.period, message.received))


from_booth = _FromBooth()
from_specialist: Codec[FromSpecialist] = Codec(FromSpecialist, "json")
