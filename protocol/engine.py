"""Agent <-> call process (msgpack packets), and call process -> UI (the video ring)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from protocol.codec import Codec
from protocol.left import PictureLeft, SoundLeft  # noqa: TC001 -- msgspec reads the annotations when it runs


class Message(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all messages of this boundary."""


class IceServer(Struct, frozen=True):
    """One STUN or TURN server; empty credentials for STUN."""

    urls: str
    username: str
    credential: str


class Prepare(Message, frozen=True, tag="prepare"):
    """Make a new peer connection; answered by Prepared. An earlier one is closed.

    `identity`: what an earlier Prepared of this consultation had, so that a process that was started again shows the certificate that both
    sides have agreed on; empty for a new one. `thin`: the line was measured to carry no moving picture, so the call begins with stills.
    """

    ice_servers: tuple[IceServer, ...]
    relay_only: bool
    identity: bytes = b""
    thin: bool = False

    def __repr__(self) -> str:
        return f"Prepare(relay_only={self.relay_only})"


class Offer(Message, frozen=True, tag="offer"):
    """The specialist's offer; answered by Answer or by State failed."""

    sdp: str


class RemoteCandidate(Message, frozen=True, tag="remote-candidate"):
    """A trickled candidate of the specialist; an empty text ends them."""

    candidate: str
    mid: str


class Sources(Message, frozen=True, tag="sources"):
    """What the booth sends: black and silence otherwise. Both start False.

    `exam` is the exam camera whose picture goes in the place of the booth camera's, "" for none. `seen` is the camera that the booth's own
    screen shows ("booth", or an exam camera); nothing of it leaves by that. Beside "booth", light and noise are measured (`Room`).
    """

    camera: bool
    microphone: bool
    exam: str = ""
    seen: str = ""


class TakePhoto(Message, frozen=True, tag="take-photo"):
    """A photograph in the full resolution of a camera; answered by PhotoPart, the last with `part` = `parts` - 1, or by PhotoFailed.

    The booth's own screen shows it in the place of the moving picture, from the very octets, until DropPhoto.
    """

    id: str
    camera: str


class DropPhoto(Message, frozen=True, tag="drop-photo"):
    """Forget the photograph that is shown."""


class Auscultate(Message, frozen=True, tag="auscultate"):
    """Open the stethoscope or free it; while `listening`, what it hears goes to the specialist's ear too. Both start False."""

    on: bool
    listening: bool


class TryRelays(Message, frozen=True, tag="try-relays"):
    """Try the relays of a call to come, before anybody is called; answered by RelaysTried."""

    ice_servers: tuple[IceServer, ...]

    def __repr__(self) -> str:
        return f"TryRelays({len(self.ice_servers)})"


class Hangup(Message, frozen=True, tag="hangup"):
    """End the call and free the devices."""


class Relay(Message, frozen=True, tag="relay"):
    """A frame of the sealed stream, to or from the page by the data channel `channel`; for another channel than the open one it is dropped."""

    channel: int
    octets: bytes

    def __repr__(self) -> str:
        return f"Relay({self.channel}, {len(self.octets)} octets)"


ToCall: TypeAlias = Prepare | Offer | RemoteCandidate | Sources | TakePhoto | DropPhoto | Auscultate | TryRelays | Hangup | Relay


class Up(Message, frozen=True, tag="up"):
    """The call process is ready for Prepare."""


class Prepared(Message, frozen=True, tag="prepared"):
    """DTLS fingerprints of the new peer connection, "sha-256 AB:CD:...", sorted; `identity` is its certificate with the private key."""

    fingerprints: tuple[str, ...]
    identity: bytes = b""

    def __repr__(self) -> str:
        return f"Prepared({self.fingerprints})"


class Answer(Message, frozen=True, tag="answer"):
    """The booth's answer, with its candidates."""

    sdp: str


class State(Message, frozen=True, tag="state"):
    """State of the call; `reason` is a text key when it failed ("no-candidate", "no-answer", "no-camera", "bad-offer", ...)."""

    state: Literal["new", "connecting", "connected", "failed", "closed"]
    reason: str


class Statistics(Message, frozen=True, tag="statistics"):
    """Once a second while connected. Rates in kbit/s, times in ms; `freeze_ms` is the longest gap between received pictures.

    `picture` and `sound` are what the link leaves of the booth's own: on a thin one stills or none, and a narrower voice or none.
    """

    sent_fps: float
    received_fps: float
    sent_kbps: float
    received_kbps: float
    loss: float
    round_trip_ms: float | None
    freeze_ms: float
    picture: PictureLeft = "moving"
    sound: SoundLeft = "full"


class Heard(Message, frozen=True, tag="heard"):
    """What the stethoscope heard: samples as in protocol/sound.py; `sequence` counts those before, `at` is the monotonic clock at the last one."""

    sequence: int
    samples: bytes
    at: float

    def __repr__(self) -> str:
        return f"Heard({self.sequence})"


class Device(Message, frozen=True, tag="device"):
    """A camera, microphone, loudspeaker or stethoscope appeared or is missing; the call goes on without it.

    `kind` is "camera", "microphone", "speaker", "stethoscope" or the name of an exam camera; "microphone-node" and "speaker-node" are what the
    settings name, and whether that is there or the default card is used. `reason` is empty when it works, else a text key ("no-camera", "camera-lost", "camera-busy", "camera-forbidden", "camera-unfit", "no-microphone", "microphone-lost", "microphone-muted",
    "no-speaker", "no-stethoscope", "stethoscope-lost", "microphone-elsewhere", "speaker-elsewhere").
    """

    kind: str
    reason: str


class RelayTried(Struct, frozen=True):
    """One relay: "turns:host:443?transport=tcp", the way to it ("UDP 3478", "TCP 3478", "TLS 443"), and what is wrong with it.

    `reason` is a text key, "" where an address was allocated on it: "relay-silent", "relay-refused", "relay-credentials", "relay-certificate",
    "relay-tls", "relay-unreachable", "relay-address". `detail` says the same in English, with what the other end has said.
    """

    url: str
    way: str
    reason: str = ""
    detail: str = ""


class RelaysTried(Message, frozen=True, tag="relays-tried"):
    """Each relay in the order given; and of the datagrams sent to oneself by the first that works over UDP, how many came back (0 sent: none does)."""

    relays: tuple[RelayTried, ...]
    sent: int = 0
    back: int = 0


class Channel(Message, frozen=True, tag="channel"):
    """Whether the call's data channel may carry the sealed stream: it is open, and the link has room for it beside the picture.

    Each channel has a number of its own.
    """

    number: int
    ready: bool


class PhotoPart(Message, frozen=True, tag="photo-part"):
    """A piece of a photograph: a JPEG of `width` x `height` with nothing in it but the picture."""

    id: str
    part: int
    parts: int
    width: int
    height: int
    data: bytes

    def __repr__(self) -> str:
        return f"PhotoPart({self.part + 1}/{self.parts})"


class PhotoFailed(Message, frozen=True, tag="photo-failed"):
    """There is no photograph; `reason` is a text key."""

    id: str
    reason: str


class Room(Message, frozen=True, tag="room"):
    """Light and sound in the booth, twice a second while its own camera is seen; None where there is no picture, or no sound.

    Luma from 0 (black) to 1 (white): `face` is the mean inside the outline where the face belongs, `around` outside of it, `spread` the
    standard deviation inside. `level` is the loudest moment and `noise` the quietest of the last seconds, in dB below full scale (RMS of
    0.1 s): no microphone here is calibrated, these are no dB(A).
    """

    face: float | None
    around: float | None
    spread: float | None
    level: float | None
    noise: float | None


FromCall: TypeAlias = (
    Up | Prepared | Answer | State | Statistics | Device | Heard | PhotoPart | PhotoFailed | Room | RelaysTried | Channel | Relay
)


class Ring(Message, frozen=True, tag="ring"):
    """A ring of BGRA pictures; its descriptor travels with this message, read-only. Sent at connect and when the size changes."""

    width: int
    height: int
    slots: int


class Painted(Message, frozen=True, tag="painted"):
    """The slot that holds the newest picture; `at` is the monotonic clock in seconds."""

    slot: int
    sequence: int
    at: float


ToVideo: TypeAlias = Ring | Painted

to_call: Codec[ToCall] = Codec(ToCall, "msgpack")
from_call: Codec[FromCall] = Codec(FromCall, "msgpack")
to_video: Codec[ToVideo] = Codec(ToVideo, "msgpack")
