"""The station's end of a booth's network test: answers as many octets as it is asked for, within limits, and keeps none of them."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from typing import TYPE_CHECKING, Final

from protocol import network_test
from protocol.codec import ProtocolError
from protocol.station import Relays, SignedIn
from station.turn import TEST_LASTS

if TYPE_CHECKING:
    from station.connection import Booth
    from station.present import Present
    from station.turn import Turn

#: tests that run at a time: more would measure the station's own line, and fill it
AT_ONCE: Final = 16
#: tests of one booth in so many ms
OFTEN, WITHIN = 8, 10 * 60_000
_FILLER: Final = secrets.token_bytes(network_test.PIECE)


class NetworkTests:
    """For booths that have signed in, each once at a time, never beside its own consultation."""

    def __init__(self, present: Present, turn: tuple[Turn, ...]) -> None:
        self._present, self._turn = present, turn
        self._running: set[bytes] = set()
        self._begun: dict[bytes, deque[int]] = {}

    async def run(self, booth: Booth) -> None:
        """Serve one test until the booth ends it, or says why it is refused.

        Raises:
            ProtocolError: a frame that is none of a test.
        """
        here = self._present
        reason = self._refused(booth.key)
        if reason:
            await here.refuse(booth, reason, "")
            return
        self._running.add(booth.key)
        try:
            await here.audit("network-test", booth=booth.name)
            await booth.send(SignedIn(booth.name, ""))
            name = f"test-{secrets.token_hex(8)}"
            await booth.send(Relays(tuple(turn.credentials(name, here.now(), TEST_LASTS) for turn in self._turn)))
            async with asyncio.timeout(network_test.LASTS):
                reason = await self._answer(booth)
        except TimeoutError:
            reason = "test-over"
        finally:
            self._running.discard(booth.key)
        if reason:
            await here.refuse(booth, reason, "")

    def _refused(self, key: bytes) -> str:
        """Why a test does not begin; counts those that do."""
        here = self._present
        begun, now = self._begun.setdefault(key, deque(maxlen=OFTEN)), here.now()
        if self._visited(key):
            return "in-consultation"
        if key in self._running or len(self._running) >= AT_ONCE:
            return "test-busy"
        if len(begun) == OFTEN and 0 <= now - begun[0] < WITHIN:
            return "test-too-often"
        begun.append(now)
        return ""

    def _visited(self, key: bytes) -> bool:
        """Whether somebody is in the consultation of this booth: its values need the line."""
        booth = self._present.booths.get(key)
        room = None if booth is None else self._present.room.of_booth(booth)
        return room is not None and any(room.page(guest=guest) is not None for guest in room.seats)

    async def _answer(self, booth: Booth) -> str:
        octets = frames = 0
        async for frame in booth.messages():
            if not isinstance(frame, bytes):
                raise ProtocolError("a network test has binary frames only")
            back = network_test.wanted(frame)
            octets, frames = octets + len(frame) + back, frames + 1
            if octets > network_test.OCTETS or frames > network_test.FRAMES:
                return "test-over"
            if self._visited(booth.key):
                return "in-consultation"
            await booth.relay(_FILLER[:back])
        return ""
