"""A sound card whose clock is off: it takes samples at its own pace and keeps what it played."""

from __future__ import annotations

import json
import time
import wave
from typing import TYPE_CHECKING, Final

from kiosk.call.cushion import RATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: seconds that fit into its buffer, as the booth asks of a real one
BUFFER: Final = 0.06


class SimulatedCard:
    """See `kiosk.call.speaker.Card`. `speed` is its clock's (1.0002: 200 ppm fast), and may be changed while it plays.

    `clock` and `sleep` are of the time in which it plays: the machine's, or a virtual one. `played(samples, at)` gets what is written and
    when its first sample is heard.
    """

    def __init__(
        self,
        speed: float = 1.0,
        played: Callable[[bytes, float], None] = lambda _samples, _at: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.speed = speed
        self.dry = 0  #: how often it had nothing to play, since the first sample
        self._played, self._clock, self._sleep = played, clock, sleep
        self._waiting = 0.0  # in seconds of its own clock
        self._seen: float | None = None

    def _pass(self) -> None:
        now = self._clock()
        if self._seen is not None:
            self._waiting -= (now - self._seen) * self.speed
            if self._waiting < 0:
                self.dry += 1
                self._waiting = 0.0
        self._seen = now if self._waiting else None

    def fill(self) -> tuple[float, float]:
        """See `Card`."""
        self._pass()
        return self._waiting, self._waiting / self.speed

    def write(self, samples: bytes) -> None:
        """See `Card`."""
        self._pass()
        now = self._clock()
        self._played(samples, now + self._waiting / self.speed)
        self._seen = now
        self._waiting += len(samples) / 2 / RATE
        if self._waiting > BUFFER:
            self._sleep((self._waiting - BUFFER) / self.speed)
            self._pass()

    def close(self) -> None:
        """See `Card`."""


class Recorder:
    """Writes what a card plays into a WAV file, and beside it (suffix .times) one JSON line a piece: {"sample": number of its first, "at": s}."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where it cannot write there."""
        self._sound = wave.open(str(path), "wb")  # noqa: SIM115 -- as long as the process
        self._sound.setparams((1, 2, RATE, 0, "NONE", ""))
        self._times = path.with_suffix(".times").open("w", encoding="utf-8")

    def __call__(self, samples: bytes, at: float) -> None:
        """One piece."""
        self._times.write(json.dumps({"sample": self._sound.tell(), "at": at}) + "\n")
        self._times.flush()
        self._sound.writeframes(samples)
