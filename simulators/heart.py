"""A stethoscope on a chest that is composed: first and second heart sound at a given rate, and what else may come from a stethoscope.

Bursts of 90 ms: the first sound (S1) of 45 Hz with parts at 0.6 and 1.8 times that, the second (S2) of 65 Hz likewise, 0.30 s later. A model
for demonstration and tests; nobody's heart.
"""

from __future__ import annotations

import array
import math
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av

from kiosk.call.sources import AUDIO_PACKET, AUDIO_RATE, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

#: beats a minute
RATE: Final = 72
BURST_S, SYSTOLE_S = 0.090, 0.30
#: Hz, and the share of each of its parts: frequency factor, amplitude
FIRST, SECOND = 45.0, 65.0
PARTS: Final = ((1.0, 1.0), (0.6, 0.5), (1.8, 0.35))
#: of full scale
LOUDNESS: Final = 0.35


def burst(base: float, at: float) -> float:
    """One sound at `at` seconds after its start: the parts under one half of a sine."""
    if not 0 <= at < BURST_S:
        return 0.0
    window = math.sin(math.pi * at / BURST_S) ** 2
    return window * sum(share * math.sin(2 * math.pi * base * factor * at) for factor, share in PARTS)


def beat(rate: float = RATE, samples_a_second: int = AUDIO_RATE, gain: float = LOUDNESS) -> array.array[int]:
    """One whole beat, 16 bit."""
    length = round(60 / rate * samples_a_second)
    out = array.array("h", bytes(2 * length))
    for number in range(length):
        at = number / samples_a_second
        level = burst(FIRST, at) + 0.8 * burst(SECOND, at - SYSTOLE_S)
        out[number] = max(-32768, min(32767, round(gain * 32767 * level)))
    return out


def tone(frequency: float, seconds: float, level: float = 0.3, samples_a_second: int = AUDIO_RATE) -> array.array[int]:
    """A sine, 16 bit."""
    step = 2 * math.pi * frequency / samples_a_second
    return array.array("h", (round(level * 32767 * math.sin(step * number)) for number in range(round(seconds * samples_a_second))))


def frames(samples: array.array[int], start: int = 0) -> Iterator[av.AudioFrame]:
    """The samples in pieces of 20 ms, as a device gives them; what does not fill a piece is left out."""
    for at in range(0, len(samples) - AUDIO_PACKET + 1, AUDIO_PACKET):
        frame = av.AudioFrame(format="s16", layout="mono", samples=AUDIO_PACKET)
        frame.planes[0].update(samples[at : at + AUDIO_PACKET].tobytes())
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, start + at, Fraction(1, AUDIO_RATE)
        yield frame


def paced(pieces: Iterator[av.AudioFrame], clock: Callable[[], float] = time.monotonic) -> Iterator[av.AudioFrame]:
    """Each piece when its last sample has been."""
    start = clock()
    for piece in pieces:
        time.sleep(max(0.0, start + ((piece.pts or 0) + piece.samples) / AUDIO_RATE - clock()))
        yield piece


class SimulatedStethoscope:
    """A stethoscope that hears what it is told: "heart", "silent", "clipping", "unplugged" (after two seconds), "absent", or the samples given."""

    KINDS: Final = ("heart", "silent", "clipping", "unplugged", "absent")

    def __init__(self, hears: str = "heart", rate: float = RATE) -> None:
        """Raises ValueError where there is no such kind."""
        if hears not in self.KINDS:
            raise ValueError(f"a simulated stethoscope hears one of {', '.join(self.KINDS)}, not {hears!r}")
        self._hears, self._rate = hears, rate

    def open(self) -> Generator[av.AudioFrame, None, None]:
        """See `kiosk.call.sources.Device`."""
        if self._hears == "absent":
            raise SourceError("stethoscope: no such device")
        gain = {"silent": 0.0, "clipping": 3.0}.get(self._hears, LOUDNESS)
        for number, piece in enumerate(paced(self._endless(beat(self._rate, gain=gain)))):
            if self._hears == "unplugged" and number == 100:
                raise SourceError("stethoscope: gone")
            yield piece

    @staticmethod
    def _endless(loop: array.array[int]) -> Iterator[av.AudioFrame]:
        at, rest = 0, array.array("h")
        while True:
            rest += loop
            for piece in frames(rest, at):
                yield piece
                at += piece.samples
            rest = rest[len(rest) // AUDIO_PACKET * AUDIO_PACKET :]
