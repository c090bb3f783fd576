"""Loudspeaker and microphones by the system's ALSA library (Debian: libasound2), to which PipeWire and USB cards belong.

Not FFmpeg's: the copy of libasound in PyAV's wheel looks for its configuration and plug-ins where its builder had them and finds no device on
Debian; and its output neither bounds its buffer nor tells through PyAV how full it is.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import av

from kiosk.call.cushion import RATE
from kiosk.call.sources import AUDIO_PACKET, SourceError
from kiosk.call.speaker import SpeakerError

if TYPE_CHECKING:
    from collections.abc import Generator

#: seconds that fit into a loudspeaker's buffer
OUT: Final = 0.06
#: seconds that a microphone may hold for a reader who is late
IN: Final = 0.2
#: how often a device may begin anew without taking or giving a sample in between
ANEW: Final = 3
_MOVES: Final = ("writei", "readi")
# pcm.h: SND_PCM_STREAM_PLAYBACK, _CAPTURE, SND_PCM_FORMAT_S16_LE, SND_PCM_ACCESS_RW_INTERLEAVED
_PLAYBACK, _CAPTURE, _S16_LE, _INTERLEAVED = 0, 1, 2, 3

_Handler = ctypes.CFUNCTYPE(None)  # its variable arguments are never looked at
_quiet = _Handler(lambda: None)


class AlsaError(OSError):
    """What ALSA says of a device that cannot be used."""


@cache
def _library() -> ctypes.CDLL:
    """Raises AlsaError."""
    try:
        library = ctypes.CDLL(ctypes.util.find_library("asound") or "libasound.so.2")
    except OSError as error:
        raise AlsaError(f"libasound is missing: {error}") from None
    pointer, number, count = ctypes.c_void_p, ctypes.c_int, ctypes.c_ulong
    for name, result, arguments in (
        ("open", number, [ctypes.POINTER(pointer), ctypes.c_char_p, number, number]),
        ("set_params", number, [pointer, number, number, ctypes.c_uint, ctypes.c_uint, number, ctypes.c_uint]),
        ("sw_params_malloc", number, [ctypes.POINTER(pointer)]),
        ("sw_params_current", number, [pointer, pointer]),
        ("sw_params_set_start_threshold", number, [pointer, pointer, count]),
        ("sw_params", number, [pointer, pointer]),
        ("sw_params_free", None, [pointer]),
        ("get_params", number, [pointer, ctypes.POINTER(count), ctypes.POINTER(count)]),
        ("avail_delay", number, [pointer, ctypes.POINTER(ctypes.c_long), ctypes.POINTER(ctypes.c_long)]),
        ("writei", ctypes.c_long, [pointer, ctypes.c_char_p, count]),
        ("readi", ctypes.c_long, [pointer, pointer, count]),
        ("recover", number, [pointer, number, number]),
        ("drop", number, [pointer]),
        ("close", number, [pointer]),
    ):
        function = getattr(library, f"snd_pcm_{name}")
        function.restype, function.argtypes = result, arguments
    library.snd_strerror.restype = ctypes.c_char_p
    library.snd_lib_error_set_handler(_quiet)  # else it writes to stderr; the error itself is raised
    return library


class _Pcm:
    """One open device: mono, 16 bit, 48 kHz, whatever the hardware has. `buffer` is what fits in, in samples."""

    def __init__(self, name: str, direction: int, latency: float) -> None:
        """Raises AlsaError."""
        self._library, self._pcm, self._anew = _library(), ctypes.c_void_p(), 0
        self.call("open", ctypes.byref(self._pcm), name.encode(), direction, 0, new=True)
        buffer, period = ctypes.c_ulong(), ctypes.c_ulong()
        try:
            self.call("set_params", _S16_LE, _INTERLEAVED, 1, RATE, 1, round(latency * 1_000_000))
            self.call("get_params", ctypes.byref(buffer), ctypes.byref(period))
            self._start_at_once()
        except AlsaError:
            self.close()
            raise
        self.buffer = buffer.value

    def _start_at_once(self) -> None:
        """ALSA's own setting waits until the buffer is full, which the cushion does not always make it."""
        settings = ctypes.c_void_p()
        self.call("sw_params_malloc", ctypes.byref(settings), new=True)
        try:
            self.call("sw_params_current", settings)
            self.call("sw_params_set_start_threshold", settings, 1)
            self.call("sw_params", settings)
        finally:
            self._library.snd_pcm_sw_params_free(settings)

    def call(self, name: str, *arguments: Any, new: bool = False) -> int:
        """snd_pcm_NAME of this device. Raises AlsaError."""
        function = getattr(self._library, f"snd_pcm_{name}")
        result: int = function(*arguments) if new else function(self._pcm, *arguments)
        if result < 0:
            raise AlsaError(-result, self._library.snd_strerror(result).decode(errors="replace"))
        return result

    def tried(self, name: str, *arguments: Any) -> int:
        """The same; when the buffer ran over or dry, or the machine slept, it begins anew, and the answer is 0.

        Raises:
            AlsaError: beginning anew does not help: a sound server that has lost the device says the same for ever.
        """
        try:
            result = self.call(name, *arguments)
        except AlsaError as error:
            self._anew += 1
            if self._anew > ANEW:
                raise
            self.call("recover", -(error.errno or 0), 1)
            return 0
        if name in _MOVES:
            self._anew = 0
        return result

    def close(self) -> None:
        self._library.snd_pcm_drop(self._pcm)
        self._library.snd_pcm_close(self._pcm)


class AlsaSpeaker:
    """See `kiosk.call.speaker.Card`: an ALSA device ("default", "plughw:CARD=…", a PipeWire node)."""

    def __init__(self, name: str) -> None:
        """Raises SpeakerError."""
        try:
            self._pcm = _Pcm(name, _PLAYBACK, OUT)
        except AlsaError as error:
            raise SpeakerError(f"loudspeaker {name}: {error}") from None

    def fill(self) -> tuple[float, float]:
        """See `Card`."""
        room, delay = ctypes.c_long(self._pcm.buffer), ctypes.c_long()
        try:
            self._pcm.tried("avail_delay", ctypes.byref(room), ctypes.byref(delay))
        except AlsaError as error:
            raise SpeakerError(str(error)) from None
        return max(0, self._pcm.buffer - room.value) / RATE, max(0, delay.value) / RATE

    def write(self, samples: bytes) -> None:
        """See `Card`."""
        try:
            while samples:
                samples = samples[2 * self._pcm.tried("writei", samples, len(samples) // 2) :]
        except AlsaError as error:
            raise SpeakerError(str(error)) from None

    def close(self) -> None:
        """See `Card`."""
        self._pcm.close()


class AlsaMicrophone:
    """See `kiosk.call.sources.Device`: an ALSA device, by name. Frames are 20 ms, mono, 16 bit, 48 kHz."""

    def __init__(self, name: str) -> None:
        self._name = name

    def open(self) -> Generator[av.AudioFrame, None, None]:
        """See `Device`."""
        try:
            pcm = _Pcm(self._name, _CAPTURE, IN)
        except AlsaError as error:
            raise SourceError(f"microphone {self._name}: {error}") from None
        try:
            yield from _frames(pcm)
        except AlsaError as error:
            raise SourceError(f"microphone {self._name}: {error}") from None
        finally:
            pcm.close()


def _frames(pcm: _Pcm) -> Generator[av.AudioFrame, None, None]:
    piece, filled, given = ctypes.create_string_buffer(2 * AUDIO_PACKET), 0, 0
    while True:
        filled += pcm.tried("readi", ctypes.byref(piece, 2 * filled), AUDIO_PACKET - filled)
        if filled < AUDIO_PACKET:
            continue
        frame = av.AudioFrame(format="s16", layout="mono", samples=AUDIO_PACKET)
        frame.planes[0].update(piece.raw)
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), given
        yield frame
        filled, given = 0, given + AUDIO_PACKET
