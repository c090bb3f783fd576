"""What is said on both sides, and what a room makes of it: 16 kHz, mono, 16 bit."""

from __future__ import annotations

import array
import math
import random
from operator import mul
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

RATE: Final = 16_000
SETTLE, ALONE, BOTH, NEAR = 5, 4, 5, 3
#: when both begin to talk, when the far one stops, when all is over; in seconds
TALKS, STOPS, ENDS = SETTLE + ALONE, SETTLE + ALONE + BOTH, SETTLE + ALONE + BOTH + NEAR
Samples = array.array
#: delay in seconds and gain of each way from loudspeaker to microphone
Room = list[tuple[float, float]]


def voice(pitch: float, seed: int, active: Callable[[float], bool]) -> Samples[int]:
    """Vowels under syllables, each with other harmonics, and breath."""
    chance, phase, out = random.Random(seed), 0.0, array.array("h")
    weights = [1.0] * 8
    for number in range(ENDS * RATE):
        at = number / RATE
        if number % (RATE // 5) == 0:
            weights = [chance.uniform(0.05, 1) / (order + 1) for order in range(8)]
        phase += 2 * math.pi * pitch * (1 + 0.15 * math.sin(2 * math.pi * 0.9 * at + seed)) / RATE
        loud = math.sin(math.pi * 2.5 * at + seed) ** 2
        sound = sum(weight * math.sin((order + 1) * phase) for order, weight in enumerate(weights)) + chance.gauss(0, 0.15)
        out.append(clipped(3500 * loud * sound) if active(at) else 0)
    return out


def clipped(value: float) -> int:
    return max(-32768, min(32767, int(value)))


def mixed(*parts: Iterable[float]) -> Samples[int]:
    return array.array("h", (clipped(sum(values)) for values in zip(*parts, strict=True)))


def noise() -> list[float]:
    """A microphone's own, at -64 dB of full scale."""
    chance = random.Random(5)
    return [chance.gauss(0, 20) for _ in range(ENDS * RATE)]


def reflections(seed: int, first: float) -> Room:
    """The way of `first` seconds and 60 reflections over 200 ms, falling by 60 dB in 0.3 s."""
    chance, ways = random.Random(seed), [(first, 1.0)]
    for _ in range(60):
        late = chance.uniform(0.002, 0.2)
        ways.append((first + late, chance.choice((-1, 1)) * 0.5 * 10 ** (-3 * late / 0.3)))
    return ways


def heard(far: Samples[int], room: Room) -> list[float]:
    """What of it reaches the microphone, before its loudness is set."""
    out = [0.0] * len(far)
    for seconds, gain in room:
        delay = int(seconds * RATE)
        for at in range(delay, len(far)):
            out[at] += gain * far[at - delay]
    return out


def loudness(samples: Sequence[float]) -> float:
    return math.sqrt(sum(map(mul, samples, samples)) / len(samples))


def drifting(samples: Sequence[float], parts_per_million: float) -> list[float]:
    """As a microphone records it whose clock is slow by so much, by cubic interpolation between the samples."""
    step, out = 1 + parts_per_million / 1e6, []
    for number in range(len(samples)):
        whole, part = int(number * step), number * step % 1
        if not 1 <= whole < len(samples) - 2:
            out.append(0.0)
            continue
        a, b, c, d = samples[whole - 1 : whole + 3]
        out.append(b + part / 2 * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a))))
    return out
