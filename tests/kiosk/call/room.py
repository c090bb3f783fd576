"""A loudspeaker of its own clock at the end of a line, in virtual time: for the tests and the bench of the cushion."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from kiosk.call.cushion import RATE, Block, Cushion
from kiosk.call.speaker import play
from simulators import heart
from simulators.sound_card import SimulatedCard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: samples of a packet of 40 ms, as a browser is asked for
PACKET = 1920
HUM = heart.tone(440, 1.0).tobytes()


class Room:
    """A loudspeaker, its clock, and a line on which packets come at their times."""

    def __init__(self, arrivals: Iterable[float], speed: float = 1.0, heard: Callable[[bytes, float], None] = lambda _samples, _at: None):
        self.now = 0.0
        self.cushion = Cushion()
        self.card = SimulatedCard(speed, heard, lambda: self.now, self.sleep)
        self.given = self.silences = 0
        self.depths: list[float] = []
        self.speeds: list[float] = []
        self.heard: list[tuple[int, float]] = []
        self._arrivals = iter(arrivals)
        self._next = next(self._arrivals, None)

    def _come(self) -> None:
        offset = self.given * PACKET * 2 % len(HUM)
        self.cushion.add((HUM + HUM)[offset : offset + 2 * PACKET], self.given * PACKET)
        self.given += 1
        self._next = next(self._arrivals, None)

    def sleep(self, seconds: float) -> None:
        """The card is full: time passes, and sound comes meanwhile."""
        end = self.now + seconds
        while self._next is not None and self._next <= end:
            self.now = max(self.now, self._next)
            self._come()
        self.now = end

    def wait(self, seconds: float) -> bool:
        """Until sound comes, or the time is over."""
        if self._next is not None and self._next <= self.now + seconds:
            self.now = max(self.now, self._next)
            self._come()
        else:
            self.now += seconds
        return self._next is not None

    def take(self, waiting: float) -> Block | float:
        block = self.cushion.take(waiting)
        if isinstance(block, Block):
            if block.timestamp is None:
                self.silences += self.given > 2
            else:
                self.depths.append(waiting + self.cushion.held)
                self.speeds.append(block.speed)
        return block

    def play(self) -> None:
        play(self.take, self.card, self.wait, lambda: self.now, lambda timestamp, at: self.heard.append((timestamp, at)))


def steady(seconds: float, jitter: float = 0.0, seed: int = 0) -> list[float]:
    chance = random.Random(seed)
    return sorted(1 + number * PACKET / RATE + chance.uniform(0, jitter) for number in range(int(seconds * RATE / PACKET)))
