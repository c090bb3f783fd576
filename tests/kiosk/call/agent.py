"""The agent's and the screen's side of the call process's sockets, for tests."""

import asyncio
import mmap
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from protocol.engine import FromCall, Painted, Ring, State, ToCall, Up, from_call, to_call, to_video

M = TypeVar("M")


class Agent:
    """Listens as the agent does, starts one call process, exchanges messages with it."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        module: str = "simulators.call",
        prefix: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = environment
        self.video = folder / "video"
        self._path = folder / "agent"
        self._command = [*prefix, sys.executable, "-m", module, "--agent", str(self._path), "--video", str(self.video), *options]
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        self._listener.bind(str(self._path))
        self._listener.listen(1)
        self.seen: list[FromCall] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def start(self) -> None:
        """Start the process and wait until it is up."""
        self.process = await asyncio.create_subprocess_exec(*self._command, stderr=asyncio.subprocess.PIPE, env=self._environment)
        loop = asyncio.get_running_loop()
        self.connection, _ = await loop.sock_accept(self._listener)
        self.connection.setblocking(False)
        await self.expect(Up)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.connection.close()
        self._listener.close()
        if self.process.returncode is None:
            await asyncio.wait_for(self.process.communicate(), 5)

    async def send_raw(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.connection, data)

    async def send(self, message: ToCall) -> None:
        await self.send_raw(to_call.encode(message))

    async def receive(self) -> FromCall:
        data = await asyncio.get_running_loop().sock_recv(self.connection, 1 << 18)
        if not data:
            raise ConnectionError("the call process has closed its socket")
        message = from_call.decode(data)
        self.seen.append(message)
        return message

    async def expect(self, kind: type[M]) -> M:
        """The next message of this kind; a failed call on the way is an error, unless it is what is expected."""
        while True:
            message = await self.receive()
            if isinstance(message, kind):
                return message
            if isinstance(message, State) and message.state == "failed":
                raise AssertionError(f"the call failed: {message.reason}")

    async def state(self, state: str) -> State:
        while True:
            message = await self.expect(State)
            if message.state == state:
                return message


class Screen:
    """The screen's end of the video socket: maps the ring, reads pictures out of it."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self.descriptor = -1
        self.shape: Ring | None = None

    async def next(self) -> Ring | Painted:
        """The next message; a ring is mapped at once."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                data, descriptors, _, _ = socket.recv_fds(self.socket, 65536, 1)
                break
            except BlockingIOError:
                ready = loop.create_future()
                loop.add_reader(self.socket.fileno(), lambda done=ready: done.done() or done.set_result(None))
                try:
                    await ready
                finally:
                    loop.remove_reader(self.socket.fileno())
        if not data:
            raise ConnectionError("the call process has closed the video socket")
        message = to_video.decode(data)
        if isinstance(message, Ring):
            self.shape, self.descriptor = message, descriptors[0]
            self.memory = mmap.mmap(self.descriptor, 0, prot=mmap.PROT_READ)
        return message

    async def painted(self) -> Painted:
        while True:
            message = await self.next()
            if isinstance(message, Painted):
                return message

    def picture(self, painted: Painted) -> bytes:
        """The BGRA bytes of a slot."""
        assert self.shape
        size = self.shape.width * self.shape.height * 4
        return self.memory[painted.slot * size : (painted.slot + 1) * size]

    def close(self) -> None:
        self.socket.close()
        if self.shape:
            self.memory.close()
            os.close(self.descriptor)
