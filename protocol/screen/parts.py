"""What the View is made of."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from protocol.sound import Site, State  # noqa: TC001 -- msgspec reads the annotations when it runs

Stage: TypeAlias = Literal[
    "idle", "identified", "informed", "consented", "waiting", "in-call", "paused", "interrupted", "closing", "erased"
]


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
