"""What stands between a station and who speaks with it: a TCP relay that holds back, or that reads slowly."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Self

#: octets that a slow reader has room for
ROOM = 1024


class Distance:
    """`async with` it, then set `port` of what stands behind. What comes is `seconds` late each way; nothing overtakes.

    `rate`, in bit/s, is what is read at most of what stands behind; None reads all. Both may change at any time.
    """

    def __init__(self, seconds: float = 0.0, rate: float | None = None) -> None:
        self.seconds, self.rate, self.port = seconds, rate, 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far = socket.socket()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * ROOM)
        far.setblocking(False)
        await asyncio.get_running_loop().sock_connect(far, ("127.0.0.1", self.port))
        far_reader, far_writer = await asyncio.open_connection(sock=far, limit=ROOM)
        for carrying in (self._carry(reader, far_writer), self._carry(far_reader, writer, slowly=True)):
            task = asyncio.create_task(carrying)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, slowly: bool = False) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        now = asyncio.get_running_loop().time

        async def deliver() -> None:
            while True:
                at, octets = await under_way.get()
                await asyncio.sleep(at - now())
                if not octets:
                    return
                target.write(octets)

        delivering = asyncio.create_task(deliver())
        try:
            with contextlib.suppress(ConnectionError):
                while octets := await source.read(ROOM // 4 if slowly else 65536):
                    under_way.put_nowait((now() + self.seconds, octets))
                    if slowly and self.rate is not None:
                        await asyncio.sleep(8 * len(octets) / self.rate)
                under_way.put_nowait((now() + self.seconds, b""))
                await delivering
        finally:
            delivering.cancel()
            target.close()
