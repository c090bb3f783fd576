"""What both ends compute alike (docs/crypto.md): length-prefixed fields, commitment, transcript, signed statement, keys, authentication string."""

from __future__ import annotations

from typing import Literal

from nacl.encoding import RawEncoder
from nacl.hash import blake2b

Role = Literal["booth", "specialist"]


def fields(*parts: bytes) -> bytes:
    """Each part prefixed with its length in 4 octets, so that no two lists share octets."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _hash(data: bytes, size: int = 32, key: bytes = b"") -> bytes:
    return bytes(blake2b(data, digest_size=size, key=key, encoder=RawEncoder))


def commitment(nonce: bytes) -> bytes:
    """What the specialist shows of its nonce before it sees the booth's."""
    return _hash(fields(b"telecabine-commit-v1", nonce))


def transcript(hello_specialist: bytes, hello_booth: bytes, nonce: bytes) -> bytes:
    """Hash of everything said: the two hellos as sent, and the revealed nonce."""
    return _hash(fields(b"telecabine-handshake-v1", hello_specialist, hello_booth, nonce))


def statement(role: Role, digest: bytes) -> bytes:
    """What `role` signs of the transcript `digest`."""
    return fields(b"telecabine-sign-v1", role.encode(), digest)


def stream_key(key: bytes, digest: bytes, secret: bytes = b"") -> bytes:
    """The secretstream key of one direction, from the key exchange's, and from the secret that a code has given when there is one."""
    statement = fields(b"telecabine-stream-code-v1", digest, secret) if secret else fields(b"telecabine-stream-v1", digest)
    return _hash(statement, key=key)


def confirmation(role: Role, digest: bytes, secret: bytes) -> bytes:
    """What shows the other end that `role` knows the code's secret, for this transcript only."""
    return _hash(fields(b"telecabine-confirm-v1", role.encode(), digest), key=_hash(fields(b"telecabine-code-v1", secret)))


def authentication_string(digest: bytes) -> str:
    """Six digits to compare on both screens."""
    return f"{int.from_bytes(_hash(fields(b'telecabine-sas-v1', digest), size=8), 'big') % 1_000_000:06d}"
