"""How good a canceller's output is."""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING, Final

from bench.echo.sound import ENDS, RATE, SETTLE, STOPS, TALKS

if TYPE_CHECKING:
    from bench.echo.sound import Samples

#: a canceller may give the voice back so much later, in samples
LATEST: Final = RATE // 10


def power(samples: Samples[int]) -> float:
    return sum(map(mul, samples, samples)) / max(len(samples), 1) + 1e-9


def decibels(ratio: float) -> str:
    return f"{10 * math.log10(max(ratio, 1e-9)):.1f}"


def part(samples: Samples[int], start: float, end: float) -> Samples[int]:
    return samples[round(start * RATE) : round(end * RATE)]


def lag(out: Samples[int], clean: Samples[int]) -> int:
    """By how many samples, up to LATEST, the output is behind the clean voice."""
    length = len(clean) - LATEST

    def fit(delay: int, step: int) -> int:
        return sum(map(mul, out[delay : delay + length : step], clean[:length:step]))

    coarse = max(range(0, LATEST - 4, 4), key=lambda delay: fit(delay, 2))
    return max(range(max(0, coarse - 4), coarse + 5), key=lambda delay: fit(delay, 1))


def voice_in(out: Samples[int], clean: Samples[int]) -> tuple[float, float, float]:
    """Gain of the clean voice in the output (squared), its power against all else there, and the output's power against the clean voice's."""
    delay, length = lag(out, clean), len(clean) - LATEST
    given, wanted = out[delay : delay + length], clean[:length]
    weight = sum(map(mul, wanted, wanted)) + 1e-9
    gain = sum(map(mul, given, wanted)) / weight
    rest = sum((a - gain * b) ** 2 for a, b in zip(given, wanted, strict=True)) + 1e-9
    return gain**2, gain**2 * weight / rest, power(given) / power(wanted)


def row(out: Samples[int], microphone: Samples[int], near: Samples[int]) -> list[str]:
    """The columns of COLUMNS."""
    left = power(part(out, SETTLE, TALKS)) / power(part(microphone, SETTLE, TALKS))
    both, clean, _ = voice_in(part(out, TALKS, STOPS), part(near, TALKS, STOPS))
    alone, _, level = voice_in(part(out, STOPS, ENDS), part(near, STOPS, ENDS))
    return [decibels(value) for value in (left, both, clean, alone, level)]


COLUMNS: Final = (
    "echo left, dB",
    "voice kept while both talk, dB",
    "clean, dB",
    "voice kept alone, dB",
    "its level alone, dB",
    "ms a second",
)
