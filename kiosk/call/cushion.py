"""What lies between the line, on which sound comes unevenly, and the loudspeaker, which takes it evenly. Sans-IO.

The first sound, and the first after each time that it ran dry, is heard a moment after it came: a cushion. While sound plays, the cushion is
held: what is left of it when the next sound comes, at least, in the last seconds, tells both how uneven the line is and how the sound card's
clock goes beside the other side's, and the sound is played that little faster or slower that keeps it. No sample is left out or made up for that.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

#: samples a second, mono, 16 bit
RATE: Final = 48_000
#: seconds that shall be left when the next sound comes: what a line may be uneven by; and that must be in the loudspeaker, else silence goes there
LEAST, FLOOR = 0.04, 0.02
#: seconds of sound that may wait; older is left out, so that the voice is never late for good
MOST: Final = 0.2
#: seconds of silence at once
SILENCE: Final = 0.02
#: seconds that sound is laid back at most, to be heard with its picture
LAID_BACK: Final = 0.2
#: how much faster or slower than it was said a sound is played at most: a fifteenth of a semitone
LIMIT: Final = 0.004
#: how different two clocks are held to be at most
CLOCKS: Final = 0.002
#: seconds over which the least is looked for, one by one
WINDOW: Final = 10
#: what an error of the cushion does to the speed: a second of it (1/s), and each second of it again (1/s²). Slow: the least is known late
PROPORTIONAL, INTEGRAL = 0.04, 0.0003


@dataclass(frozen=True, slots=True)
class Block:
    """What the loudspeaker gets next: samples, how fast, and the time stamp of the first (RTP); None for silence."""

    samples: bytes
    timestamp: int | None = None
    speed: float = 1.0

    @property
    def seconds(self) -> float:
        """How long it lasts as it was said."""
        return len(self.samples) / 2 / RATE


class Cushion:
    """One loudspeaker's."""

    def __init__(self) -> None:
        self.extra = 0.0  #: seconds that the sound shall lie longer than the line needs
        self.left_out = 0.0  #: seconds of sound that came and were not played
        self.dried = 0  #: how often it ran dry
        self.least = LEAST  #: the least that was left in the last seconds
        self.speed = 1.0
        self._held: deque[Block] = deque()
        self._playing = False
        self._clocks = 0.0
        self._windows: deque[float] = deque(maxlen=WINDOW)
        self._window, self._played = float("inf"), 0.0

    @property
    def held(self) -> float:
        """Seconds of sound that wait here."""
        return sum(block.seconds for block in self._held)

    def add(self, samples: bytes, timestamp: int) -> None:
        """Sound has come."""
        self._held.append(Block(samples, timestamp))
        while len(self._held) > 1 and self.held > MOST + self.extra:
            self.left_out += self._held.popleft().seconds

    def lay_back(self, seconds: float) -> None:
        """Let the sound be heard so much later than now (earlier, when negative), bit by bit or after its next pause; never before the line allows."""
        self.extra = max(0.0, min(LAID_BACK, self.least - LEAST + seconds))

    def take(self, waiting: float) -> Block | float:
        """What the loudspeaker gets now, which still has `waiting` seconds; or the seconds until it must be asked again, if no sound comes before."""
        left = waiting + self.held - (self._held[-1].seconds if self._held else 0)
        if self._held and not self._playing:
            self._begin()
            if (lead := LEAST + self.extra - left) > 0:
                return _silence(lead)
        if self._held:
            self._steer(left, self._held[0].seconds)
            block = self._held.popleft()
            return Block(block.samples, block.timestamp, self.speed)
        if waiting > FLOOR:
            return max(0.001, waiting - FLOOR)
        if self._playing:
            self._playing = False
            self.dried += 1
        return _silence(SILENCE)

    def _begin(self) -> None:
        self._playing = True
        self._window, self._played = float("inf"), 0.0
        self._windows.clear()

    def _steer(self, left: float, seconds: float) -> None:
        self._window = min(self._window, left)
        self._played += seconds
        if self._played < 1:
            return
        self._windows.append(self._window)
        self._window, self._played = float("inf"), 0.0
        self.least = min(self._windows)
        error = self.least - LEAST - self.extra
        wanted = self._clocks + PROPORTIONAL * error
        if abs(wanted) < LIMIT:
            self._clocks = _within(CLOCKS, self._clocks + INTEGRAL * error)
        self.speed = 1 + _within(LIMIT, wanted)


def _silence(seconds: float) -> Block:
    return Block(bytes(2 * round(seconds * RATE)))


def _within(bound: float, value: float) -> float:
    return max(-bound, min(bound, value))
