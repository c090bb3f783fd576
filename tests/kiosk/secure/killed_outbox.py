"""A booth's outbox that is killed at any moment, and what comes of its envelopes at the station's own mailbox."""

from __future__ import annotations

import os
import select
import signal
import sqlite3
import struct
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kiosk.post import Post
from kiosk.secure.envelope import Recipient
from kiosk.secure.keys import BoothKeys
from kiosk.secure.outbox import Outbox
from protocol import station
from protocol.station import Deposit, Deposited, Receipt
from simulators.specialist import SpecialistKeys
from station import mailbox
from station.store import SCHEMA

if TYPE_CHECKING:
    import random

KEYS = BoothKeys(b"b" * 32)
SPECIALIST = SpecialistKeys(lambda size: b"s" * size)
TO = Recipient(SPECIALIST.identity, bytes(SPECIALIST.sealing.public_key))
AT = datetime(2026, 1, 12, 10, tzinfo=UTC)


class Kept(msgspec.Struct, tag_field="type", tag="kept"):
    """The booth has said "kept" of this envelope."""

    id: str


class Seen(msgspec.Struct, tag_field="type", tag="seen"):
    """The booth has shown the specialist's receipt."""

    id: str


class Pipe:
    """Whole messages over two descriptors; what a dead writer left unfinished is not one."""

    def __init__(self, read: int, write: int, *, waits: bool = True) -> None:
        self._read, self._write, self._left = read, write, b""
        self._out: list[bytes] = []
        self.ended = False
        os.set_blocking(write, waits)

    def send(self, data: bytes) -> None:
        """Write, or keep for the next `flush` when the reader is behind: a message of less than PIPE_BUF is written whole or not at all."""
        self._out.append(struct.pack(">I", len(data)) + data)
        self.flush()

    def flush(self) -> None:
        try:
            while self._out:
                os.write(self._write, self._out[0])
                del self._out[0]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._out.clear()

    def receive(self, wait: float) -> list[bytes]:
        """What has come, after waiting for the first at most so many seconds."""
        if select.select([self._read], [], [], wait)[0]:
            data = os.read(self._read, 1 << 20)
            self.ended = not data
            self._left += data
        found = []
        while len(self._left) >= 4 and len(self._left) >= 4 + (size := struct.unpack(">I", self._left[:4])[0]):
            found.append(self._left[4 : 4 + size])
            self._left = self._left[4 + size :]
        return found


def booth(directory: Path, pipe: Pipe, first: int, count: int) -> None:
    """One life of a booth: deposits what waits, keeps `count` new envelopes, and stays until every receipt has come."""

    class Told:
        def sent(self, envelope_id: str) -> None: ...

        def seen(self, envelope_id: str, _: int) -> None:
            pipe.send(msgspec.json.encode(Seen(envelope_id)))

        def forged(self, envelope_id: str) -> None:
            raise AssertionError(envelope_id)

    outbox = Outbox(directory / "outbox.db")
    post = Post(KEYS, outbox, lambda message: pipe.send(station.from_booth.encode(message)), Told())

    def hear(wait: float) -> None:
        for data in pipe.receive(wait):
            message = station.to_booth.decode(data)
            if isinstance(message, Deposited):
                post.deposited(message, AT)
            elif isinstance(message, Receipt):
                post.receipt(message)

    post.station_up()
    for number in range(first, first + count):
        identifier = f"e{number}"
        post.send(TO, identifier, "observation", "c1", f'{{"number":{number}}}'.encode(), AT)
        pipe.send(msgspec.json.encode(Kept(identifier)))
        hear(0)
    while outbox.waiting():
        hear(1.0)


class Relay:
    """The station's own mailbox with a specialist who opens everything once and signs for it; the booth is killed again and again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.database = sqlite3.connect(":memory:", isolation_level=None)
        self.database.executescript(SCHEMA)
        self.database.execute("insert into specialists values (?, 'Dr', 0)", (SPECIALIST.identity,))
        self.kept: set[str] = set()
        self.seen: Counter[str] = Counter()
        self.delivered: Counter[str] = Counter()
        self.opened: dict[str, bytes] = {}

    def live(self, first: int, count: int, seconds: float | None) -> None:
        """One life, killed after so many seconds; None: until it has ended by itself."""
        to_booth, from_booth = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(to_booth[1])
                os.close(from_booth[0])
                booth(self.directory, Pipe(to_booth[0], from_booth[1]), first, count)
                status = 0
            finally:
                os._exit(status)
        os.close(to_booth[0])
        os.close(from_booth[1])
        pipe = Pipe(from_booth[0], to_booth[1], waits=False)
        for receipt in mailbox.receipts(self.database, KEYS.public):  # as the station does at each sign-in
            pipe.send(station.to_booth.encode(receipt))
        until = None if seconds is None else time.monotonic() + seconds
        try:
            self._serve(child, pipe, until)
        finally:
            os.close(from_booth[0])
            os.close(to_booth[1])

    def _serve(self, child: int, pipe: Pipe, until: float | None) -> None:
        killed = False
        while not pipe.ended:
            left = 0.01 if until is None or killed else max(0.0, min(0.01, until - time.monotonic()))
            pipe.flush()
            for data in pipe.receive(left):
                self._take(data, None if killed else pipe)
            if until is not None and not killed and time.monotonic() >= until:
                os.kill(child, signal.SIGKILL)
                killed = True
        status = os.waitpid(child, 0)[1]
        if not killed and status != 0:
            raise AssertionError("the booth ended with an error")

    def _take(self, data: bytes, answer: Pipe | None) -> None:
        told = msgspec.json.decode(data)
        if told["type"] == "kept":
            self.kept.add(told["id"])
        elif told["type"] == "seen":
            self.seen[told["id"]] += 1
        else:
            message = station.from_booth.decode(data)
            if not isinstance(message, Deposit):
                raise TypeError(type(message).__name__)
            for reply in self._deposit(message):
                if answer is not None:
                    answer.send(station.to_booth.encode(reply))

    def _deposit(self, message: Deposit) -> list[Deposited | Receipt]:
        receipt = mailbox.deposit(self.database, KEYS.public, message, 1)
        for mail in mailbox.waiting(self.database, SPECIALIST.identity):
            self.delivered[mail.id] += 1
            self.opened[mail.id] = SPECIALIST.open(mail.sender, mail.envelope)[1]
            receipt = SPECIALIST.receipt(mail.id, 1_700_000_000_000)
            mailbox.receive(self.database, SPECIALIST.identity, receipt, 1)
        return [Deposited(message.id), *([receipt] if receipt is not None else [])]


def kills(count: int, seed: random.Random) -> dict[str, int]:
    """`count` SIGKILLs of one booth, then one life to the end; raises when an envelope was lost, doubled, or does not open."""
    with tempfile.TemporaryDirectory() as folder:
        relay = Relay(Path(folder))
        for life in range(count):
            relay.live(life * 1000, 1000, seed.random() * 0.06)
        relay.live(count * 1000, 3, None)
        lost = relay.kept - set(relay.delivered)
        doubled = [one for one, times in relay.delivered.items() if times > 1]
        wrong = [one for one, payload in relay.opened.items() if payload != f'{{"number":{one[1:]}}}'.encode()]
        left = Outbox(relay.directory / "outbox.db").waiting()
    if lost or doubled or wrong or left:
        raise AssertionError(f"lost {sorted(lost)[:3]}, doubled {doubled[:3]}, wrong {wrong[:3]}, left {len(left)}")
    return {"kills": count, "kept": len(relay.kept), "delivered": len(relay.delivered)}
