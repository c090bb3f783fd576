"""Cancellers that could run inside the call process: 10 ms of the far voice and of the microphone in, 10 ms out.

`speexdsp` is Debian's libspeexdsp1, called by ctypes; `livekit` is PyPI's package of that name (WebRTC's AEC3), measured where it is installed.
"""

from __future__ import annotations

import array
import ctypes
import importlib
from time import process_time
from typing import TYPE_CHECKING, Any, Final

from bench.echo.sound import ENDS, RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.echo.sound import Samples

FRAME: Final = RATE // 100


def off() -> Callable[[bytes, bytes], bytes]:
    return lambda _, microphone: microphone


def speexdsp() -> Callable[[bytes, bytes], bytes] | None:
    """The echo canceller of libspeexdsp with a tail of 250 ms, and its residual suppressor."""
    try:
        library = ctypes.CDLL("libspeexdsp.so.1")
    except OSError:
        return None
    library.speex_echo_state_init.restype = library.speex_preprocess_state_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.speex_echo_state_init(FRAME, RATE // 4))
    rate = ctypes.c_int(RATE)
    library.speex_echo_ctl(state, 24, ctypes.byref(rate))
    after = ctypes.c_void_p(library.speex_preprocess_state_init(FRAME, RATE))
    library.speex_preprocess_ctl(after, 24, state)
    zero = ctypes.c_int(0)
    library.speex_preprocess_ctl(after, 0, ctypes.byref(zero))
    out = ctypes.create_string_buffer(2 * FRAME)

    def process(far: bytes, microphone: bytes) -> bytes:
        library.speex_echo_cancellation(state, microphone, far, out)
        library.speex_preprocess_run(after, out)
        return out.raw

    return process


def livekit() -> Callable[[bytes, bytes], bytes] | None:
    try:
        rtc: Any = importlib.import_module("livekit.rtc")
        apm: Any = importlib.import_module("livekit.rtc.apm")
    except ImportError:
        return None
    module = apm.AudioProcessingModule(echo_cancellation=True)

    def process(far: bytes, microphone: bytes) -> bytes:
        module.process_reverse_stream(rtc.AudioFrame(bytearray(far), RATE, 1, FRAME))
        module.set_stream_delay_ms(0)
        frame = rtc.AudioFrame(bytearray(microphone), RATE, 1, FRAME)
        module.process_stream(frame)
        return bytes(frame.data)

    return process


LIBRARIES: Final = {"off": off, "speexdsp": speexdsp, "livekit (WebRTC AEC3)": livekit}


def through(name: str, far: Samples[int], microphone: Samples[int]) -> tuple[Samples[int], float] | None:
    """The output, and the milliseconds of processor for a second of sound; None where the library is not installed."""
    process = LIBRARIES[name]()
    if process is None:
        return None
    out, start = array.array("h"), process_time()
    for at in range(0, len(far) - FRAME + 1, FRAME):
        out.frombytes(process(far[at : at + FRAME].tobytes(), microphone[at : at + FRAME].tobytes())[: 2 * FRAME])
    return out, 1000 * (process_time() - start) / ENDS
