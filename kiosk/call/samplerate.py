"""Sound played a little faster or slower, by libsamplerate (Debian: libsamplerate0), whose ratio may change from call to call without a click."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import Final

#: its windowed sinc of 97 dB and 80 % of the band (samplerate.h): Opus' voice holds no more, and it is a seventh of the work of the best
SINC_FASTEST: Final = 2
#: samples that come out beside those that go in, at most, for what is converted at once
MARGIN: Final = 512


class StretchError(RuntimeError):
    """libsamplerate is not there, or does not take this."""


class _Data(ctypes.Structure):
    """SRC_DATA of samplerate.h."""

    _fields_ = (
        ("data_in", ctypes.c_void_p),
        ("data_out", ctypes.c_void_p),
        ("input_frames", ctypes.c_long),
        ("output_frames", ctypes.c_long),
        ("input_frames_used", ctypes.c_long),
        ("output_frames_gen", ctypes.c_long),
        ("end_of_input", ctypes.c_int),
        ("src_ratio", ctypes.c_double),
    )


@cache
def _library() -> ctypes.CDLL:
    """Raises StretchError."""
    try:
        library = ctypes.CDLL(ctypes.util.find_library("samplerate") or "libsamplerate.so.0")
    except OSError as error:
        raise StretchError(f"libsamplerate is missing: {error}") from None
    library.src_new.restype = ctypes.c_void_p
    library.src_new.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    library.src_process.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Data)]
    library.src_delete.restype, library.src_delete.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    for name, given, made in (
        ("src_short_to_float_array", ctypes.c_char_p, ctypes.c_void_p),
        ("src_float_to_short_array", ctypes.c_void_p, ctypes.c_void_p),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = None, [given, made, ctypes.c_int]
    return library


class Stretcher:
    """One stream: mono, 16 bit. A few samples stay in it until the next come; none is left out."""

    def __init__(self) -> None:
        """Raises StretchError where libsamplerate is not there."""
        self._library = _library()
        error = ctypes.c_int()
        self._state = self._library.src_new(SINC_FASTEST, 1, ctypes.byref(error))
        if not self._state:
            raise StretchError(f"libsamplerate error {error.value}")
        self._room = 0

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._library.src_delete(self._state)

    def convert(self, samples: bytes, speed: float) -> bytes:
        """The samples, `speed` (0.9 to 1.1) times as fast. From one call's speed to the next it goes over evenly. Raises StretchError."""
        count = len(samples) // 2
        self._make_room(count)
        self._library.src_short_to_float_array(samples, self._given, count)
        self._data.input_frames, self._data.src_ratio = count, 1 / speed
        if (error := self._library.src_process(self._state, ctypes.byref(self._data))) or self._data.input_frames_used != count:
            raise StretchError(f"libsamplerate error {error}")
        made: int = self._data.output_frames_gen
        self._library.src_float_to_short_array(self._made, self._out, made)
        return self._out.raw[: 2 * made]

    def _make_room(self, count: int) -> None:
        if count <= self._room:
            return
        self._room, most = count, count + count // 8 + MARGIN
        self._given, self._made = (ctypes.c_float * count)(), (ctypes.c_float * most)()
        self._out = ctypes.create_string_buffer(2 * most)
        self._data = _Data(ctypes.addressof(self._given), ctypes.addressof(self._made), 0, most, 0, 0, 0, 1.0)
