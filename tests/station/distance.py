"""A station far away: a TCP relay in front of it that holds everything back for a while, each way."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self


class Distance:
    """`async with` it, then set `port` of what stands behind; `seconds` may change at any time, and nothing overtakes."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.port = seconds, 0
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
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._carry(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
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
                while octets := await source.read(65536):
                    under_way.put_nowait((now() + self.seconds, octets))
                under_way.put_nowait((now() + self.seconds, b""))
                await delivering
        finally:
            delivering.cancel()
            target.close()
