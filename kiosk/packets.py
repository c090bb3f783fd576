"""Messages over SOCK_SEQPACKET unix sockets: one packet is one message, descriptors travel beside it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from typing import TYPE_CHECKING, Final

from protocol.codec import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: packets kept for a reader that is behind; more, and it is taken for dead
BACKLOG: Final = 256


class Packets:
    """One connected socket on the running event loop.

    `receive` gets each packet's bytes, or None for one that was too long; `closed` is called once when the other side is gone.
    """

    def __init__(self, connected: socket.socket, receive: Callable[[bytes | None], None], closed: Callable[[], None]) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._receive = receive
        self._closed = closed
        self._waiting: deque[bytes] = deque()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(connected.fileno(), self._readable)

    def _readable(self) -> None:
        for _ in range(64):  # then let others run
            if self._socket.fileno() < 0:
                return
            try:
                data, _, flags, _ = self._socket.recvmsg(LIMIT)
            except BlockingIOError:
                return
            except OSError:
                data = b""
                flags = 0
            if not data and not flags & socket.MSG_TRUNC:
                self._gone()
                return
            self._receive(None if flags & socket.MSG_TRUNC else data)

    def _gone(self) -> None:
        if self._socket.fileno() >= 0:
            self.close()
            self._closed()

    def send(self, data: bytes, descriptors: tuple[int, ...] = (), *, droppable: bool = False) -> None:
        """Send one packet, or keep it until the reader catches up; a droppable one is dropped instead.

        Descriptors are only sent at once (at the start of a connection); with a full buffer the connection ends.
        """
        if self._socket.fileno() < 0:
            return
        if self._waiting:
            if droppable:
                return
            self._keep(data)
            return
        try:
            if descriptors:
                socket.send_fds(self._socket, [data], list(descriptors))
            else:
                self._socket.send(data)
        except BlockingIOError:
            if descriptors:
                self._gone()
            elif not droppable:
                self._keep(data)
        except OSError:
            self._gone()

    def _keep(self, data: bytes) -> None:
        if len(self._waiting) >= BACKLOG:
            self._gone()
            return
        self._waiting.append(data)
        self._loop.add_writer(self._socket.fileno(), self._writable)

    def _writable(self) -> None:
        while self._waiting:
            try:
                self._socket.send(self._waiting[0])
            except BlockingIOError:
                return
            except OSError:
                self._gone()
                return
            self._waiting.popleft()
        self._loop.remove_writer(self._socket.fileno())

    def close(self) -> None:
        """Close this end; `closed` is not called."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
            self._socket.close()


def connect(path: Path) -> socket.socket:
    """A socket connected to the listener at `path`.

    Raises:
        OSError: nobody listens there.
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    try:
        made.connect(str(path))
    except OSError:
        made.close()
        raise
    return made


class Listener:
    """Listens at `path` (a stale socket file is replaced) and hands each connected socket to `accepted`."""

    def __init__(self, path: Path, accepted: Callable[[socket.socket], None]) -> None:
        self._path = path
        self._accepted = accepted
        if path.is_socket():
            path.unlink()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            self._socket.bind(str(path))
            path.chmod(0o600)
            self._socket.listen(4)
        except OSError:
            self._socket.close()
            raise
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._ready)

    def _ready(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            connected, _ = self._socket.accept()
            self._accepted(connected)

    def close(self) -> None:
        """Listen no more and remove the socket file."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._path.unlink(missing_ok=True)
