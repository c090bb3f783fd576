"""CPace, a balanced PAKE: two ends that know the same short code agree on a key, and who does not know it may guess once per run.

draft-irtf-cfrg-cpace, cipher suite CPACE-RISTR255-SHA512, initiator and responder. The page is the initiator; its twin is data/cpace.ts.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nacl.utils import random

from kiosk.secure import ristretto
from kiosk.secure.errors import CodeError

if TYPE_CHECKING:
    from collections.abc import Callable

DSI = b"CPaceRistretto255"
DSI_ISK = DSI + b"_ISK"
_BLOCK = 128


def prepend_len(data: bytes) -> bytes:
    """The octets with their length before them as LEB128 (draft, appendix A.1)."""
    size, length = len(data), b""
    while True:
        low, size = size & 0x7F, size >> 7
        if not size:
            return length + bytes((low,)) + data
        length += bytes((low | 0x80,))


def lv_cat(*parts: bytes) -> bytes:
    """Each part with its length, one after the other (draft, appendix A.1)."""
    return b"".join(map(prepend_len, parts))


def generator_string(code: bytes, channel: bytes, session: bytes) -> bytes:
    """What the generator is derived from: a short code is padded so that it fills the first block alone (draft, section 7.1)."""
    pad = max(0, _BLOCK - len(prepend_len(code)) - len(prepend_len(DSI)) - 1)
    return lv_cat(DSI, code, bytes(pad), channel, session)


def generator(code: bytes, channel: bytes, session: bytes) -> bytes:
    """The secret generator of this code, channel identifier and session (draft, section 7.3)."""
    return ristretto.from_hash(hashlib.sha512(generator_string(code, channel, session)).digest())


def sample_scalar(randomness: Callable[[int], bytes] = random) -> bytes:
    """A fresh scalar of 252 bits (draft, section 7.3)."""
    scalar = bytearray(randomness(ristretto.SCALAR))
    scalar[-1] &= 0x0F
    return bytes(scalar)


def share(scalar: bytes, base: bytes) -> bytes:
    """The public share Y of a scalar."""
    element = ristretto.multiply(scalar, base)
    if element is None:
        raise CodeError("code-malformed", "a scalar of zero")
    return element


def transcript_ir(initiator: bytes, responder: bytes, associated: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    """Both shares with their associated data, the initiator's first (draft, appendix A.3.5)."""
    return lv_cat(initiator, associated[0]) + lv_cat(responder, associated[1])


def intermediate_key(scalar: bytes, theirs: bytes, session: bytes, transcript: bytes) -> bytes:
    """The 64 octets that both ends have in common if their codes were the same.

    Raises:
        CodeError: `theirs` is no element of the group, or its product is the identity.
    """
    product = ristretto.multiply(scalar, theirs)
    if product is None:
        raise CodeError("code-malformed", "the other end's share is not an element of the group")
    return hashlib.sha512(lv_cat(DSI_ISK, session, product) + transcript).digest()
