"""Echo cancellation on double talk: two libraries beside "off", in a simulated room. Run: `./run bench echo`.

The other side's voice goes through a room (30 ms to the microphone, 60 reflections over 200 ms, falling by 60 dB in 0.3 s) into the booth's microphone,
8 dB below what a person in the booth says, with a noise of -60 dB. Three stretches after five seconds to settle: the other side alone, both, the
person alone. "Echo": what is left of it while the other side talks alone, dB relative to the microphone. "Kept": how much of the person's voice is in the output (projection
on the clean voice), and "clean": that voice against all else in the output, dB; both while both talk. 16 kHz, mono.

`speexdsp` is Debian's libspeexdsp1, called by ctypes; `livekit` is PyPI's package of that name (WebRTC's AEC3). What is not installed is left out: the booth
uses neither (docs/decisions).
"""

from __future__ import annotations

import array
import ctypes
import importlib
import math
import random
import sys
from operator import mul
from time import process_time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

RATE: Final = 16_000
FRAME: Final = RATE // 100
SETTLE, ALONE, BOTH, NEAR = 5, 4, 5, 3
SECONDS: Final = SETTLE + ALONE + BOTH + NEAR
Samples = array.array


def voice(pitch: float, seed: int, active: Callable[[float], bool]) -> Samples[int]:
    """Vowels under syllables, each with other harmonics, and breath."""
    chance, phase, out = random.Random(seed), 0.0, array.array("h")
    weights = [1.0] * 8
    for number in range(SECONDS * RATE):
        at = number / RATE
        if number % (RATE // 5) == 0:
            weights = [chance.uniform(0.05, 1) / (order + 1) for order in range(8)]
        phase += 2 * math.pi * pitch * (1 + 0.15 * math.sin(2 * math.pi * 0.9 * at + seed)) / RATE
        loud = math.sin(math.pi * 2.5 * at + seed) ** 2
        sound = sum(weight * math.sin((order + 1) * phase) for order, weight in enumerate(weights)) + chance.gauss(0, 0.15)
        out.append(max(-32768, min(32767, int(3500 * loud * sound))) if active(at) else 0)
    return out


def room(far: Samples[int]) -> Samples[int]:
    """What of it the microphone hears."""
    chance = random.Random(3)
    taps = [(int(0.03 * RATE), 1.0)]
    for _ in range(60):
        late = chance.uniform(0.002, 0.2)
        taps.append((int((0.03 + late) * RATE), chance.choice((-1, 1)) * 0.5 * 10 ** (-3 * late / 0.3)))
    out = [0.0] * len(far)
    for delay, gain in taps:
        for at in range(delay, len(far)):
            out[at] += gain * far[at - delay]
    loudness = math.sqrt(sum(map(mul, out, out)) / len(out))
    wanted = 0.4 * math.sqrt(sum(map(mul, far, far)) / len(far))
    return array.array("h", (max(-32768, min(32767, int(value * wanted / loudness))) for value in out))


def off(_: bytes, microphone: bytes) -> bytes:
    return microphone


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


def power(samples: Samples[int]) -> float:
    return sum(map(mul, samples, samples)) / max(len(samples), 1) + 1e-9


def decibels(ratio: float) -> str:
    return f"{10 * math.log10(max(ratio, 1e-9)):.1f}"


def best(out: Samples[int], clean: Samples[int]) -> tuple[float, float]:
    """Gain of the clean voice in the output, and its power against the rest, at the delay (up to 40 ms) where it fits best."""
    length, part = len(clean) - 640, clean[: len(clean) - 640]
    weight = sum(map(mul, part, part)) + 1e-9

    def gain(delay: int) -> float:
        return sum(map(mul, out[delay : delay + length], part)) / weight

    coarse = max(range(0, 640, 4), key=gain)
    delay = max(range(max(0, coarse - 3), coarse + 4), key=gain)
    found = gain(delay)
    rest = sum((a - found * b) ** 2 for a, b in zip(out[delay : delay + length], part, strict=True)) + 1e-9
    return found, found * found * weight / rest


def main() -> int:
    """Print the table."""
    both, last = SETTLE + ALONE, SETTLE + ALONE + BOTH
    far = voice(170, 1, lambda at: at < last)
    near = voice(110, 2, lambda at: at >= both)
    noise = random.Random(5)
    echo = room(far)
    microphone = array.array("h", (max(-32768, min(32767, a + b + int(noise.gauss(0, 20)))) for a, b in zip(near, echo, strict=True)))
    sys.stdout.write(
        "| canceller | echo left, dB | voice kept while both talk, dB | clean, dB | voice kept alone, dB | ms a second |\n|---|---|---|---|---|---|\n"
    )
    for name, process in (("off", off), ("speexdsp", speexdsp()), ("livekit (WebRTC AEC3)", livekit())):
        if process is None:
            sys.stdout.write(f"| {name} | not installed |\n")
            continue
        out, start = array.array("h"), process_time()
        for at in range(0, len(far) - FRAME + 1, FRAME):
            out.frombytes(process(far[at : at + FRAME].tobytes(), microphone[at : at + FRAME].tobytes())[: 2 * FRAME])
        spent = 1000 * (process_time() - start) / SECONDS
        cut = slice(SETTLE * RATE, both * RATE)
        left = power(out[cut]) / power(microphone[cut])
        kept, clean = best(out[both * RATE : last * RATE], near[both * RATE : last * RATE])
        alone, _ = best(out[last * RATE :], near[last * RATE :])
        sys.stdout.write(f"| {name} | {decibels(left)} | {decibels(kept**2)} | {decibels(clean)} | {decibels(alone**2)} | {spent:.1f} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
