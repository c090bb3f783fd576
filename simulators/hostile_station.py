"""A hostile station: what somebody who runs the station can do to the frames that it relays. For tests and drills.

It holds no key of either end. It may read, change, keep, repeat and invent what passes, and answer in the place of either end with keys of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nacl import bindings
from nacl.utils import random

from kiosk.secure import transcript
from kiosk.secure.keys import BoothKeys
from protocol.station import HANDSHAKE, SEALED, Receipt

if TYPE_CHECKING:
    from collections.abc import Callable

Frame = tuple[int, bytes]
#: a certificate of the station's own media
MEDIA = ("sha-256 " + ":".join(["EE"] * 32),)


class Impostor(BoothKeys):
    """Claims the identity of another key, and signs with its own."""

    def __init__(self, claimed: bytes) -> None:
        super().__init__(random(32))
        self.public = claimed


def rewritten(body: bytes, **fields: Any) -> bytes:
    """A JSON message with other values in some fields."""
    return json.dumps(json.loads(body) | fields, separators=(",", ":")).encode()


@dataclass
class HostileStation:
    """Relays faithfully but for what a subclass or a test changes."""

    seen: list[Frame] = field(default_factory=list)

    def to_booth(self, kind: int, body: bytes) -> list[Frame]:
        """What the booth gets in the place of this frame of the page."""
        self.seen.append((kind, body))
        return [(kind, body)]

    def to_page(self, kind: int, body: bytes) -> list[Frame]:
        """What the page gets in the place of this frame of the booth."""
        self.seen.append((kind, body))
        return [(kind, body)]


@dataclass
class Rewrites(HostileStation):
    """Changes fields of handshake messages by their type: toward the booth, and toward the page."""

    for_booth: dict[str, dict[str, Any]] = field(default_factory=dict)
    for_page: dict[str, dict[str, Any]] = field(default_factory=dict)

    def to_booth(self, kind: int, body: bytes) -> list[Frame]:
        """See HostileStation."""
        return [self._changed(frame, self.for_booth) for frame in super().to_booth(kind, body)]

    def to_page(self, kind: int, body: bytes) -> list[Frame]:
        """See HostileStation."""
        return [self._changed(frame, self.for_page) for frame in super().to_page(kind, body)]

    def _changed(self, frame: Frame, changes: dict[str, dict[str, Any]]) -> Frame:
        kind, body = frame
        wanted = changes.get(json.loads(body)["type"]) if kind == HANDSHAKE else None
        return frame if wanted is None else (kind, rewritten(body, **wanted))


@dataclass
class Meddles(HostileStation):
    """Does something to the sealed frames toward the booth; `how` gets all of them and gives those that arrive."""

    how: Callable[[list[bytes]], list[bytes]] = list
    held: list[bytes] = field(default_factory=list)

    def to_booth(self, kind: int, body: bytes) -> list[Frame]:
        """See HostileStation: sealed frames wait for `release`."""
        if kind == SEALED:
            self.held.append(body)
            return []
        return super().to_booth(kind, body)

    def release(self) -> list[Frame]:
        """What is left of the sealed frames."""
        return [(SEALED, body) for body in self.how(self.held)]


@dataclass
class KeySwapper:
    """Puts a key of its own in the place of the page's ephemeral key, to read what the booth seals."""

    public: bytes = b""
    secret: bytes = b""

    def __post_init__(self) -> None:
        """A fresh key pair."""
        self.public, self.secret = bindings.crypto_kx_keypair()

    def stream_key(self, hello: bytes, reply: bytes, nonce: bytes, booth_ephemeral: bytes) -> bytes:
        """The key of the booth's sending direction, as the page would have computed it from these octets."""
        receive, _ = bindings.crypto_kx_client_session_keys(self.public, self.secret, booth_ephemeral)
        return transcript.stream_key(receive, transcript.transcript(hello, reply, nonce))


def grind(hello: bytes, reply: bytes, wanted: Callable[[str], bool]) -> bytes:
    """A nonce that gives the digits that are wanted, looked for after the booth has shown its own."""
    while True:
        nonce = random(32)
        if wanted(transcript.authentication_string(transcript.transcript(hello, reply, nonce))):
            return nonce


def forged_receipt(envelope_id: str, at: int) -> Receipt:
    """A receipt that the specialist has not signed."""
    return Receipt(id=envelope_id, at=at, signature=random(64))
