"""Store-and-forward: signed inside, sealed outside (docs/crypto.md). The booth itself cannot open what it has sealed."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from kiosk.secure.errors import EnvelopeError
from kiosk.secure.keys import BoothKeys, verify
from kiosk.secure.padding import bucket
from kiosk.secure.transcript import fields

VERSION, ALG_SEALED_BOX = 2, 1
#: version 1 had no padding
READ = (1, 2)
SMALLEST = 1024


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the envelope says of itself, signed with the payload. `kind`: "observation" or "record"; `recipient`: base64 Ed25519 key."""

    id: str
    kind: str
    consultation: str
    sequence: int
    recipient: str
    created: str


@dataclass(frozen=True)
class Recipient:
    """A specialist's Ed25519 key and the X25519 key that envelopes are sealed to."""

    identity: bytes
    sealing: bytes

    @property
    def text(self) -> str:
        """The identity as a header names it."""
        return base64.b64encode(self.identity).decode()


def _statement(header: bytes, payload: bytes) -> bytes:
    return fields(b"telecabine-envelope-v1", header, payload)


def seal(keys: BoothKeys, recipient: Recipient, header: Header, payload: bytes) -> bytes:
    """The octets of an envelope: version, algorithm, sealed box."""
    head = msgspec.json.encode(header)
    inner = fields(keys.sign(_statement(head, payload)), head, payload)
    inner += fields(bytes(bucket(len(inner) + 4, SMALLEST) - len(inner) - 4))
    return bytes((VERSION, ALG_SEALED_BOX)) + bytes(SealedBox(PublicKey(recipient.sealing)).encrypt(inner))


def _split(inner: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(inner):
        size = int.from_bytes(inner[at : at + 4], "big")
        part = inner[at + 4 : at + 4 + size]
        if len(part) != size:
            raise EnvelopeError("envelope-malformed", "a field of the envelope is cut short")
        parts.append(part)
        at += 4 + size
    return parts


def unseal(private: PrivateKey, booth: bytes, identity: bytes, envelope: bytes) -> tuple[Header, bytes]:
    """Header and payload, as the recipient with X25519 key `private` and Ed25519 key `identity` opens them.

    Raises:
        EnvelopeError: another version, not sealed to this key, not signed by `booth`, or addressed to somebody else.
    """
    if envelope[:2] not in [bytes((version, ALG_SEALED_BOX)) for version in READ]:
        raise EnvelopeError("envelope-version", "an envelope of another version or algorithm")
    try:
        inner = SealedBox(private).decrypt(envelope[2:])
    except (CryptoError, ValueError):
        raise EnvelopeError("envelope-altered", "the envelope does not open: altered, or sealed to another key") from None
    parts = _split(inner)
    if len(parts) != (3 if envelope[0] == 1 else 4) or any(b"".join(parts[3:])):
        raise EnvelopeError("envelope-malformed", "the envelope does not hold a signature, a header, a payload and padding")
    signature, head, payload = parts[:3]
    if not verify(booth, _statement(head, payload), signature):
        raise EnvelopeError("envelope-signature", "the envelope is not signed by this booth")
    try:
        header = msgspec.json.decode(head, type=Header)
    except msgspec.MsgspecError as error:
        raise EnvelopeError("envelope-malformed", f"the header has a wrong form: {error}") from None
    if header.recipient != Recipient(identity, b"").text:
        raise EnvelopeError("envelope-recipient", "the envelope was addressed to somebody else")
    return header, payload
