"""Client end of a SOCK_SEQPACKET unix socket inside the Qt loop: one packet is one message, and it comes back by itself."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

from protocol.codec import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY_MS = 500


class PacketSocket:
    """Connects to `path`, retries every RETRY_MS while nobody listens or after the peer is gone.

    `receive(data, descriptors)` gets each packet and owns the descriptors; `changed(up)` is told when the peer comes and goes.
    """

    def __init__(self, path: str, receive: Callable[[bytes, list[int]], None], changed: Callable[[bool], None], parent: QObject) -> None:
        self._path = path
        self._receive = receive
        self._changed = changed
        self._socket: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        self._retry = QTimer(parent)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self._connect)

    def start(self) -> None:
        """Connect now, or keep trying."""
        self._retry.start()
        self._connect()

    def send(self, data: bytes) -> bool:
        """Send one packet; False when the peer is gone or does not read."""
        if self._socket is None:
            return False
        try:
            self._socket.send(data)
        except BlockingIOError:
            return False
        except OSError:
            self._lost()
            return False
        return True

    def close(self) -> None:
        """Stop for good."""
        self._retry.stop()
        self._forget()

    def _connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            return
        connection.setblocking(False)
        self._retry.stop()
        self._socket = connection
        self._notifier = QSocketNotifier(connection.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._ready)
        self._changed(True)

    def _ready(self) -> None:
        while self._socket is not None:
            try:
                data, descriptors, flags, _ = socket.recv_fds(self._socket, LIMIT, 4)
            except BlockingIOError:
                return
            except OSError:
                self._lost()
                return
            if not data:
                self._lost()
            elif flags & socket.MSG_TRUNC:
                for descriptor in descriptors:
                    os.close(descriptor)
            else:
                self._receive(data, descriptors)

    def _lost(self) -> None:
        self._forget()
        self._changed(False)
        self._retry.start()

    def _forget(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
        if self._socket is not None:
            self._socket.close()
        self._notifier = self._socket = None
