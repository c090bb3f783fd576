"""The prime-order group ristretto255 (RFC 9496) of the system's libsodium. PyNaCl does not offer these functions of the library it carries."""

from __future__ import annotations

import ctypes
import functools

from kiosk.secure.errors import CodeError

ELEMENT = SCALAR = 32
HASH = 64
#: Debian 12 and 13: package libsodium23
_LIBRARY = "libsodium.so.23"


@functools.cache
def _library(name: str = _LIBRARY) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise CodeError("code-unavailable", f"codes that are typed need {name} (package libsodium23): {error}") from None
    if library.sodium_init() < 0:
        raise CodeError("code-unavailable", "libsodium did not start")
    return library


def from_hash(digest: bytes) -> bytes:
    """The element that 64 uniform octets derive (RFC 9496, section 4.3.4).

    Raises:
        CodeError: the library is not on this machine.
    """
    if len(digest) != HASH:
        raise ValueError(f"{len(digest)} octets in place of {HASH}")
    element = ctypes.create_string_buffer(ELEMENT)
    _library().crypto_core_ristretto255_from_hash(element, digest)
    return element.raw


def multiply(scalar: bytes, element: bytes) -> bytes | None:
    """`scalar` times `element`; None when it is not an element's encoding, or when the product is the identity."""
    if len(scalar) != SCALAR or len(element) != ELEMENT:
        return None
    product = ctypes.create_string_buffer(ELEMENT)
    failed = _library().crypto_scalarmult_ristretto255(product, scalar, element)
    return None if failed else product.raw
