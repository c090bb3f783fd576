"""The sound of a warning: two soft tones, made once, as a WAV file in memory. No alarm: it rises slowly, and comes twice a minute at most."""

from __future__ import annotations

import io
import math
import struct
import wave
from functools import cache
from typing import Final

RATE: Final = 22_050
#: hertz and seconds of each tone
_TONES: Final = ((659.3, 0.35), (523.3, 0.55))
_LOUDNESS: Final = 0.35


@cache
def wav() -> bytes:
    """16 bit, one channel."""
    samples = [sample for hertz, seconds in _TONES for sample in _tone(hertz, round(seconds * RATE))]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()


def _tone(hertz: float, count: int) -> list[int]:
    """A sine that swells and fades, so that it begins and ends without a click."""
    return [round(32767 * _LOUDNESS * math.sin(math.pi * at / count) * math.sin(2 * math.pi * hertz * at / RATE)) for at in range(count)]
