"""Large envelopes on their way to the station: in pieces, each only when the line has room, so that no value waits behind a photograph or a sound."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from protocol.station import Deposit, Part

if TYPE_CHECKING:
    from collections.abc import Callable

#: octets of an envelope that still go in one message, and of a piece: a piece is 2 KiB of text, a quarter of a second of 64 kbit/s
WHOLE, PIECE = 16 * 1024, 1536
#: seconds between two looks for room
LOOK: Final = 0.02


def pieces(deposit: Deposit) -> list[Part]:
    """The envelope cut up, in order."""
    octets = [deposit.envelope[at : at + PIECE] for at in range(0, len(deposit.envelope), PIECE)]
    return [Part(deposit.id, deposit.recipient, number, len(octets), piece) for number, piece in enumerate(octets)]


class Parcels:
    """What waits to be carried, one envelope after the other. Who has to start anew (the line was cut) makes a new one."""

    def __init__(self, room: Callable[[], bool], send: Callable[[Part], None]) -> None:
        self._room, self._send = room, send
        self._waiting: deque[Part] = deque()
        self._there = asyncio.Event()

    def add(self, deposit: Deposit) -> None:
        """Carry this one too."""
        self._waiting.extend(pieces(deposit))
        self._there.set()

    async def run(self) -> None:
        """Carry until cancelled."""
        while True:
            await self._there.wait()
            while self._waiting:
                if self._room():
                    self._send(self._waiting.popleft())
                await asyncio.sleep(LOOK)
            self._there.clear()
