"""Script -> UI: a hand and an eye on the real screen, for tests and the scripted demo (`telecabine-ui --remote SOCKET`, off otherwise).

SOCK_SEQPACKET, one msgpack message a packet; one answer (`Done` or `Failed`) to each request, in order. A `Done` is sent after a frame that
came later than the action was presented. The object names are listed in docs/ui.md.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from protocol.codec import Codec


class Message(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all messages of this boundary."""


class Tap(Message, frozen=True, tag="tap"):
    """Press and release the mouse on the item's centre. Fails when a finger could not do it: hidden, disabled, covered, off the window."""

    name: str


class Type(Message, frozen=True, tag="type"):
    """Tap the field, replace its text by key events, one a character."""

    name: str
    text: str

    def __repr__(self) -> str:
        return f"Type({self.name})"


class Grab(Message, frozen=True, tag="grab"):
    """Save the window as a PNG of this path."""

    path: str


class Read(Message, frozen=True, tag="read"):
    """Ask what an item shows. An item that does not exist at all answers `Done` with visible False."""

    name: str


ToRemote: TypeAlias = Tap | Type | Grab | Read


class Done(Message, frozen=True, tag="done"):
    """It happened. The fields are those of the item after it (of the window for Grab)."""

    text: str
    visible: bool
    enabled: bool
    checked: bool

    def __repr__(self) -> str:
        return f"Done(visible={self.visible}, enabled={self.enabled}, checked={self.checked})"


class Failed(Message, frozen=True, tag="failed"):
    """It did not happen; `reason` in plain words."""

    reason: str


FromRemote: TypeAlias = Done | Failed

to_remote: Codec[ToRemote] = Codec(ToRemote, "msgpack")
from_remote: Codec[FromRemote] = Codec(FromRemote, "msgpack")
