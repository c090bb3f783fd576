"""What a stethoscope has just heard: whether it is of any use, and the last seconds of it. Sans-IO; samples as in protocol/sound.py.

No judgement of the heart: only whether the device gives sound, silence, or more than it can carry.
"""

from __future__ import annotations

import array
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from protocol.sound import RATE

if TYPE_CHECKING:
    from protocol.sound import Sound

#: seconds that a clip holds at most and at least
LONGEST, SHORTEST = 10.0, 2.0
#: seconds over which silence and clipping are judged
WINDOW: Final = 2.0
#: of 32768: below this in the whole window nothing lies on the skin (-60 dB of full scale)
QUIET: Final = 33
#: samples at either end of the scale in the window that are more than chance
FULL, TOO_MANY = 32_700, 8
#: samples of one lowest and highest for the screen: 5 ms
DRAWN: Final = RATE // 200


def numbers(samples: bytes) -> array.array[int]:
    """Little endian octets as numbers."""
    out = array.array("h", samples)
    if sys.byteorder == "big":
        out.byteswap()
    return out


def envelope(samples: bytes) -> tuple[int, ...]:
    """The lowest and the highest of each 5 ms, one after the other: a line that shows every beat at a twentieth of the samples."""
    heard = numbers(samples)
    pieces = (heard[at : at + DRAWN] for at in range(0, len(heard), DRAWN))
    return tuple(number for piece in pieces for number in (min(piece), max(piece)))


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of sound without a hole; `ended` is the monotonic time of its last sample."""

    samples: bytes
    ended: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / 2 / RATE


class Recent:
    """The last seconds since the site was chosen, without a hole."""

    def __init__(self) -> None:
        self._pieces: list[Sound] = []
        self._loudness: list[tuple[float, int, int]] = []
        self.at = 0.0  #: monotonic, of the last sample

    def add(self, sound: Sound, at: float) -> None:
        """The next piece; after a hole everything before is forgotten."""
        last = self._pieces[-1] if self._pieces else None
        if last is not None and last.sequence + len(last.samples) // 2 != sound.sequence:
            self._pieces.clear()
        self._pieces.append(sound)
        self.at = at
        while sum(len(piece.samples) for piece in self._pieces) > 2 * RATE * LONGEST:
            del self._pieces[0]
        heard = numbers(sound.samples)
        self._loudness.append((at, max(map(abs, heard)), sum(abs(sample) >= FULL for sample in heard)))
        self._loudness = [one for one in self._loudness if at - one[0] < WINDOW]

    def restart(self) -> None:
        """Another site: what was heard before is not of it."""
        self._pieces.clear()

    @property
    def condition(self) -> Literal["on", "silent", "clipping"]:
        """Of what use the sound of the last seconds is."""
        if sum(count for _, _, count in self._loudness) >= TOO_MANY:
            return "clipping"
        long_enough = bool(self._loudness) and self.at - self._loudness[0][0] > WINDOW * 0.8
        return "silent" if long_enough and max(peak for _, peak, _ in self._loudness) < QUIET else "on"

    def clip(self) -> Clip | None:
        """What is there, None when it is shorter than SHORTEST."""
        clip = Clip(b"".join(piece.samples for piece in self._pieces), self.at)
        return clip if clip.seconds >= SHORTEST else None
