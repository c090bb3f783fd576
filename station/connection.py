"""One WebSocket of a booth or page: typed messages in and out, frames passed on as they are, and a slow reader cut."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Generic, TypeVar

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from protocol.codec import LIMIT, Codec, ProtocolError
from protocol.station import FromBooth, FromPage, ToBooth, ToPage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

log = logging.getLogger("station")

#: seconds between pings; a socket without an answer for half of it is dead
HEARTBEAT = 20.0
#: seconds that the first message may take
PATIENCE = 10.0
#: seconds that a slow reader may hold up the other end before it is cut
STALLED = 5.0
#: octets that may wait for a reader who must not hold anybody up
BACKLOG = 48 * 1024

Incoming = TypeVar("Incoming")
Outgoing = TypeVar("Outgoing")


class Connection(Generic[Incoming, Outgoing]):
    """One WebSocket of a booth or page, with its typed messages."""

    def __init__(self, end: str, incoming: Codec[Incoming], outgoing: Codec[Outgoing], tap: Callable[[str, bytes], None] | None) -> None:
        self.socket = web.WebSocketResponse(heartbeat=HEARTBEAT, compress=False, max_msg_size=LIMIT)
        self.key, self.name, self.session = b"", "", ""
        self.address, self.invited = "", ""
        self.transport: asyncio.WriteTransport | None = None
        self._end, self._incoming, self._outgoing, self._tap = end, incoming, outgoing, tap

    async def first(self) -> Incoming:
        """The message that must come first.

        Raises:
            ProtocolError: something else came, or nothing in time.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                got = self._read(await self.socket.receive())
        except TimeoutError:
            raise ProtocolError("nobody signed in") from None
        if got is None or isinstance(got, bytes):
            raise ProtocolError("the first message must be a sign-in")
        return got

    async def messages(self) -> AsyncIterator[Incoming | bytes]:
        """Typed messages, and binary frames as they are, until the other end goes.

        Raises:
            ProtocolError: a text frame that is no message.
        """
        async for frame in self.socket:
            got = self._read(frame)
            if got is not None:
                yield got

    async def send(self, message: Outgoing) -> None:
        """Sends one message; a socket that has gone is not an error here, its own reader notices."""
        data = self._outgoing.encode(message)
        self._note(out=True, data=data)
        await self._write(self.socket.send_str(data.decode()))

    async def relay(self, frame: bytes) -> None:
        """Passes a frame on as it is; waits while the reader is behind, cuts it when it stays behind."""
        self._note(out=True, data=frame)
        await self._write(self.socket.send_bytes(frame))

    @property
    def behind(self) -> bool:
        """Whether so much waits for its reader that the next frame might have to wait too."""
        return self.transport is not None and self.transport.get_write_buffer_size() > BACKLOG

    def abort(self) -> None:
        """Ends the connection at once: who wants to comes back by itself."""
        if self.transport is not None:
            self.transport.abort()

    async def close(self, code: int = WSCloseCode.OK) -> None:
        """Ends the connection."""
        await self.socket.close(code=code)

    async def _write(self, sending: object) -> None:
        try:
            async with asyncio.timeout(STALLED):
                await sending  # type: ignore[misc]  # a coroutine of send_str or send_bytes
        except TimeoutError:
            log.warning("a %s does not read any more", self._end)
            await self.close(WSCloseCode.TRY_AGAIN_LATER)
        except (ConnectionError, RuntimeError):
            log.debug("a %s has gone", self._end)

    def _read(self, frame: WSMessage) -> Incoming | bytes | None:
        if frame.type is WSMsgType.TEXT:
            self._note(out=False, data=frame.data.encode())
            return self._incoming.decode(frame.data)
        if frame.type is WSMsgType.BINARY:
            self._note(out=False, data=frame.data)
            return bytes(frame.data)
        return None

    def _note(self, *, out: bool, data: bytes) -> None:
        if self._tap is not None:
            self._tap(f"station>{self._end}" if out else f"{self._end}>station", data)


Booth = Connection[FromBooth, ToBooth]
Page = Connection[FromPage, ToPage]
Peer = Booth | Page
