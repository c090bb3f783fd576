"""Booth <-> page before the sealed stream: JSON bodies of relayed frames of kind HANDSHAKE, in this order.

1. page   HelloSpecialist   commits to a nonce
2. booth  HelloBooth        its nonce in clear
3. page   Reveal            the nonce, and a signature over the transcript
4. booth  Agreed            a signature over the transcript; or Declined, also before

The transcript is BLAKE2b-256 over the length-prefixed octets of messages 1 and 2 exactly as sent, and the revealed nonce. It holds both
identities, both ephemeral keys and both sides' DTLS fingerprints, so that the media is authenticated with the stream.

A page that comes by a code says which kind in message 1. A link's 128 bits are mixed into the keys as they are; a code that somebody types goes
through CPace, whose two shares are in messages 1 and 2. Messages 3 and 4 then hold the proof that their sender knows the code.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from protocol.codec import Codec
from protocol.directory import lp


class Message(Struct, frozen=True, tag_field="type", rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """Base of all messages of this boundary. What has a default came with version 2 and is absent in a message of version 1."""


class Prekey(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """An X25519 key of this week (`since` to before `until`, ms since the epoch), signed by the identity over `prekey_statement`."""

    key: bytes
    since: int
    until: int
    signature: bytes


class HelloSpecialist(Message, frozen=True, tag="hello-specialist"):
    """`identity` Ed25519, `sealing` X25519 for envelopes, `ephemeral` X25519 for this stream, `commitment` to the nonce (32 octets each).

    `code` says by what kind of code the page comes, `share` is its CPace share when that code was typed.
    """

    version: int
    consultation: str
    identity: bytes
    sealing: bytes
    ephemeral: bytes
    commitment: bytes
    fingerprints: tuple[str, ...]
    name: str
    prekey: Prekey | None = None
    code: Literal["", "link", "typed"] = ""
    share: bytes = b""


class HelloBooth(Message, frozen=True, tag="hello-booth"):
    """The booth's keys, nonce and fingerprints (empty while its call process is down); `version` is the page's, `share` answers the page's."""

    version: int
    consultation: str
    identity: bytes
    ephemeral: bytes
    nonce: bytes
    fingerprints: tuple[str, ...]
    name: str
    share: bytes = b""


class Reveal(Message, frozen=True, tag="reveal"):
    """The committed nonce, the page's signature over the transcript, and the header of its sealed stream (24 octets)."""

    nonce: bytes
    signature: bytes
    header: bytes
    confirmation: bytes = b""


class Agreed(Message, frozen=True, tag="agreed"):
    """The booth's signature over the transcript and the header of its sealed stream."""

    signature: bytes
    header: bytes
    confirmation: bytes = b""


class Declined(Message, frozen=True, tag="declined"):
    """In the place of any other message of the booth: it does not go on. `reason` is a text key; nobody has signed it."""

    reason: str


Handshake: TypeAlias = HelloSpecialist | HelloBooth | Reveal | Agreed | Declined

handshake: Codec[Handshake] = Codec(Handshake, "json")


def prekey_statement(key: bytes, since: int, until: int) -> bytes:
    """What an identity signs of its prekey."""
    return lp(b"telecabine-prekey-v1", key, since.to_bytes(8, "big"), until.to_bytes(8, "big"))
