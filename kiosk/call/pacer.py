"""Video leaves evenly: a key frame is spread over the link's time instead of standing in its queue before the values. Sans-IO."""

from __future__ import annotations

from collections import deque
from typing import Final

#: seconds of sending that may leave at once: timers are no finer, and a small picture is not held up
BURST: Final = 0.008
#: seconds of pictures that may wait here before pictures are left out
FULL: Final = 0.15


class Pacer:
    """A queue that is emptied at `rate` bit/s. Retransmissions go first. Times in seconds of one clock."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._waiting: deque[bytes] = deque()
        self._octets = 0
        self._free = 0.0

    def put(self, packet: bytes, *, first: bool = False) -> None:
        """Queue a packet, before all others if `first`."""
        (self._waiting.appendleft if first else self._waiting.append)(packet)
        self._octets += len(packet)

    def take(self, now: float) -> bytes | None:
        """The next packet if it is due."""
        if not self._waiting or now < self._free - BURST:
            return None
        packet = self._waiting.popleft()
        self._octets -= len(packet)
        self._free = max(now, self._free) + len(packet) * 8 / self.rate
        return packet

    def wait(self, now: float) -> float | None:
        """Seconds until the next packet is due; None when none waits."""
        return max(0.0, self._free - BURST - now) if self._waiting else None

    def clear(self) -> None:
        """Forget what waits: the picture is given up."""
        self._waiting.clear()
        self._octets = 0

    @property
    def full(self) -> bool:
        """Whether what waits takes so long that the next picture had better not be coded."""
        return self._octets * 8 > FULL * self.rate
