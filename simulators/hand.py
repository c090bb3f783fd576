"""A hand and an eye on the booth's real screen: taps, types, reads and takes pictures through its remote control."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from protocol.remote import Done, Failed, Grab, Read, Tap, ToRemote, Type, from_remote, to_remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 20.0
PAUSE = 0.05


class HandError(RuntimeError):
    """The screen did not let it happen; the message says what."""


class Hand:
    """One connection to `telecabine-ui --remote`."""

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path, self._patience = path, patience
        self._socket: socket.socket | None = None

    async def connect(self) -> None:
        """Wait until the screen is there."""
        async with asyncio.timeout(self._patience):
            while self._socket is None:
                sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                sock.setblocking(False)
                try:
                    sock.connect(str(self._path))
                except OSError:
                    sock.close()
                    await asyncio.sleep(PAUSE)
                else:
                    self._socket = sock

    async def _ask(self, request: ToRemote) -> Done:
        if self._socket is None:
            raise HandError("the screen is not connected")
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._patience):
            await loop.sock_sendall(self._socket, to_remote.encode(request))
            packet = await loop.sock_recv(self._socket, 1 << 16)
        if not packet:
            raise HandError("the screen is gone")
        answer = from_remote.decode(packet)
        if isinstance(answer, Failed):
            raise HandError(answer.reason)
        return answer

    async def tap(self, name: str) -> Done:
        """Tap an item, once it is there."""
        await self.until(name, lambda item: item.visible and item.enabled)
        return await self._ask(Tap(name=name))

    async def type(self, name: str, text: str) -> Done:
        """Replace the text of a field."""
        return await self._ask(Type(name=name, text=text))

    async def read(self, name: str) -> Done:
        """What an item shows."""
        return await self._ask(Read(name=name))

    async def grab(self, path: Path) -> None:
        """Take a picture of the window."""
        await self._ask(Grab(path=str(path)))

    async def until(self, name: str, holds: Callable[[Done], bool]) -> Done:
        """Read an item until it is as wanted.

        Raises:
            HandError: it did not come; says what the item showed last.
        """
        last: Done | None = None
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    last = await self.read(name)
                    if holds(last):
                        return last
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise HandError(f"{name} did not come to be as expected; it showed {last!r}") from None

    def close(self) -> None:
        """Let go."""
        if self._socket is not None:
            self._socket.close()
