"""Decoding Opus with what it has for lost packets: error correction carried in the next packet, and concealment (RFC 6716 sections 2.1.7, 4.4).

PyAV's decoder has neither, so libopus itself is called (Debian: libopus0).
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import Final

RATE: Final = 48_000
#: samples of the longest packet, 120 ms
_LONGEST: Final = 5760


class OpusError(ValueError):
    """These octets are no Opus packet, or libopus is not there."""


@cache
def _library() -> ctypes.CDLL:
    """Raises OpusError."""
    name = ctypes.util.find_library("opus") or "libopus.so.0"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise OpusError(f"libopus is missing: {error}") from None
    library.opus_decoder_create.restype = ctypes.c_void_p
    library.opus_decoder_create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    library.opus_decode.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    library.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
    library.opus_decoder_destroy.restype = None
    return library


class OpusDecoder:
    """One stream's decoder: mono, 16 bit, 48 kHz. Every packet goes through it in order, the lost ones too."""

    def __init__(self) -> None:
        """Raises OpusError where libopus is not there."""
        self._library = _library()
        error = ctypes.c_int()
        self._state = self._library.opus_decoder_create(RATE, 1, ctypes.byref(error))
        if not self._state:
            raise OpusError(f"libopus error {error.value}")
        self._out = ctypes.create_string_buffer(2 * _LONGEST)

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._library.opus_decoder_destroy(self._state)

    def decode(self, packet: bytes) -> bytes:
        """The samples of a packet. Raises OpusError."""
        return self._call(packet, _LONGEST, 0)

    def recover(self, following: bytes, samples: int) -> bytes:
        """The lost packet before this one, as far as this one carries it, else concealment. `samples` as long as the lost one; 2.5 ms steps."""
        return self._call(following, min(samples, _LONGEST), 1)

    def conceal(self, samples: int) -> bytes:
        """What a listener best takes for a lost packet of so many samples."""
        return self._call(None, min(samples, _LONGEST), 0)

    def _call(self, packet: bytes | None, samples: int, correct: int) -> bytes:
        count = self._library.opus_decode(self._state, packet, len(packet or b""), self._out, samples, correct)
        if count < 0:
            raise OpusError(f"libopus error {count}")
        return self._out.raw[: 2 * count]
