"""Simulated patient cards: a virtual card that answers APDUs in process, and a virtual reader that puts it into a real pcscd.

Protocol: ISO/IEC 7816-4 for the card; for the reader the wire protocol of vsmartcard's vpcd (a 16-bit length and a message, both ways).
Every card here is fictional. The layouts are those of the public descriptions that the drivers follow; no real card was copied.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: an answer to reset that pcscd takes, T=1
ATR = bytes.fromhex("3B8F80018031B86B84010550544E90005A")
CPS_ATR = bytes.fromhex("3BAC00402A001225006480000310009000")

_OK = b"\x90\x00"
_NOT_FOUND = b"\x6a\x82"
_UNKNOWN = b"\x6d\x00"
_NO_FILE = b"\x69\x86"
_PAST_END = b"\x6b\x00"
_END = b"\x62\x82"


@dataclass
class VirtualCard:
    """Files by path ("3F00/DF01/4031"), each with its bytes or with the status word of an access rule.

    `applications` maps an AID to the path of its directory, `short` a directory and a short file identifier to a file. `t0` answers as a
    T=0 card does (61xx, 6Cxx). `log` holds every command. `answers` gives fixed responses by the number of the command, from 0.
    """

    files: dict[str, bytes | int]
    applications: dict[bytes, str] = field(default_factory=dict)
    short: dict[tuple[str, int], str] = field(default_factory=dict)
    atr: bytes = ATR
    t0: bool = False
    answers: dict[int, bytes] = field(default_factory=dict)
    log: list[bytes] = field(default_factory=list)
    _directory: str = "3F00"
    _file: str = ""
    _pending: bytes = b""

    def reset(self) -> None:
        """Power on: the master file is selected."""
        self._directory, self._file, self._pending = "3F00", "", b""

    def answer(self, command: bytes) -> bytes:
        """The response to one command APDU: data and status word."""
        number = len(self.log)
        self.log.append(command)
        if number in self.answers:
            return self.answers[number]
        if len(command) < 4:
            return b"\x67\x00"
        act = {0xA4: self._select, 0xB0: self._read, 0xC0: self._get_response}.get(command[1])
        return _UNKNOWN if act is None else act(command)

    def _select(self, command: bytes) -> bytes:
        name = command[5 : 5 + command[4]] if len(command) > 5 else b""
        found = self.applications.get(name) if command[2] == 4 else self._by_file(command[2], name.hex().upper())
        if found is None:
            return _NOT_FOUND
        if found in self.files:
            self._directory, self._file = found.rpartition("/")[0], found
        else:
            self._directory, self._file = found, ""
        if not self.t0:
            return _OK
        self._pending = b"\x6f\x00"
        return b"\x61\x02"

    def _by_file(self, p1: int, name: str) -> str | None:
        parts = [name[at : at + 4] for at in range(0, len(name), 4)]
        if p1 == 8:
            return self._known("/".join(parts))
        if parts == ["3F00"]:
            return "3F00"
        return self._known("/".join((self._directory, *parts)))

    def _known(self, path: str) -> str | None:
        return path if path in self.files or any(known.startswith(path + "/") for known in self.files) else None

    def _read(self, command: bytes) -> bytes:
        if command[2] & 0x80:
            path = self.short.get((self._directory, command[2] & 0x1F), "")
            if path not in self.files:
                return _NOT_FOUND
            self._file, at = path, command[3]
        else:
            at = command[2] << 8 | command[3]
        data = self.files.get(self._file)
        if data is None:
            return _NO_FILE
        if isinstance(data, int):
            return data.to_bytes(2, "big")
        return self._piece(data, at, _expected(command))

    def _piece(self, data: bytes, at: int, wanted: int) -> bytes:
        if at >= len(data):
            return _PAST_END
        piece = data[at : at + wanted]
        if len(piece) == wanted:
            return piece + _OK
        return b"\x6c" + bytes((len(piece),)) if self.t0 else piece + _END

    def _get_response(self, command: bytes) -> bytes:
        pending, self._pending = self._pending, b""
        return pending[: _expected(command)] + _OK if pending else _NO_FILE


def _expected(command: bytes) -> int:
    """Le: one octet, or three with a leading zero; 0 stands for the most."""
    if len(command) == 7 and command[4] == 0:
        return command[5] << 8 | command[6] or 65536
    return (command[4] if len(command) > 4 else 0) or 256


class VirtualReader:
    """One slot of a real pcscd, through vpcd on `port` of this machine. Its cards answer from a thread of its own.

    `before` is called with the number of each command before it is answered, and may swap or tear the card right there.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.RLock()
        self._connection: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self.card: VirtualCard | None = None
        self.before: Callable[[int], None] = lambda _: None
        #: while it is clear the card says nothing
        self.speaking = threading.Event()
        self.speaking.set()

    def insert(self, card: VirtualCard) -> None:
        """Put a card in; pcscd sees it at its next poll, 400 ms apart at most."""
        with self._lock:
            self.remove()
            connection = socket.create_connection(("127.0.0.1", self._port), timeout=5)
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.card, self._connection = card, connection
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads = [*(known for known in self._threads if known.is_alive()), thread]
            thread.start()

    def remove(self) -> None:
        """Pull the card out, in the middle of an answer if need be."""
        with self._lock:
            connection, self._connection, self.card = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def exchange(self, card: VirtualCard) -> None:
        """Another card answers from now on, on the same contact: a swap that the reader does not notice at all."""
        card.reset()
        self.card = card

    def close(self) -> None:
        """Pull the card and wait for the threads."""
        self.speaking.set()
        self.remove()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(5)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            while True:
                message = _receive(connection, struct.unpack(">H", _receive(connection, 2))[0])
                answer = self._answer(connection, message)
                if answer is not None:
                    connection.sendall(struct.pack(">H", len(answer)) + answer)

    def _answer(self, connection: socket.socket, message: bytes) -> bytes | None:
        card = self.card
        if card is None or connection is not self._connection:
            raise EOFError
        if len(message) == 1:
            if message[0] in {1, 2}:
                card.reset()
            return card.atr if message[0] == 4 else None
        self.before(len(card.log))
        self.speaking.wait()
        card = self.card
        if card is None or connection is not self._connection:
            raise EOFError
        return card.answer(message)


def _receive(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        # vpcd sends length and body apart: without this, set again each time, every command waits for a delayed acknowledgement
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = connection.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
