"""Unix sockets of kind SOCK_SEQPACKET for asyncio: one packet is one message; a sender never blocks, a reader that is behind loses packets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKET = 1 << 18


class Peer(Protocol):
    """What a server does with one connection."""

    def received(self, packet: bytes) -> None:
        """One packet came."""

    def closed(self) -> None:
        """The other side is gone."""


class Connection:
    """One end of a socket. `send` says whether the packet was taken."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PACKET)
        self._loop = asyncio.get_running_loop()
        self._peer: Peer | None = None
        self.open = True

    def serve(self, peer: Peer) -> None:
        """Give packets to `peer` from now on."""
        self._peer = peer
        self._loop.add_reader(self._socket.fileno(), self._readable)

    def send(self, packet: bytes) -> bool:
        """Send one packet; False when the reader is behind or gone."""
        if not self.open:
            return False
        try:
            self._socket.send(packet)
        except BlockingIOError:
            return False
        except OSError:
            self.close()
            return False
        return True

    def _readable(self) -> None:
        while self.open:
            try:
                packet = self._socket.recv(PACKET)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                self.close()
            elif self._peer is not None:
                self._peer.received(packet)

    def close(self) -> None:
        """Close once; the peer is told."""
        if not self.open:
            return
        self.open = False
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        if self._peer is not None:
            self._peer.closed()


class Server:
    """Listens on `path` (mode 0600, a stale file is replaced) and hands each connection to `connected`."""

    def __init__(self, path: Path, connected: Callable[[Connection], None]) -> None:
        self._path, self._connected = path, connected
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen(4)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            sock, _ = self._socket.accept()
            self._connected(Connection(sock))

    def close(self) -> None:
        """Stop listening."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._path.unlink(missing_ok=True)
