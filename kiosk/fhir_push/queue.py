"""The queue of `telecabine fhir push`: what is not acknowledged is on disk, what is acknowledged is not.

A Bundle is known by the hash of its bytes and its server, so giving it twice queues it once. The file is for its owner alone; an
acknowledged Bundle is overwritten with zeros (SQLite's secure_delete) and only its hash stays.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA = """
create table if not exists waiting (
    number integer primary key autoincrement, id text not null, server text not null, body blob not null, reason text not null default '',
    unique (id, server));
create table if not exists acknowledged (id text not null, server text not null, primary key (id, server)) without rowid;
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One Bundle that is not acknowledged; `reason` is what the server last said of it."""

    number: int
    body: bytes = field(repr=False)
    reason: str


class Queue:
    """A file of Bundles on their way to servers. Every change is on disk when the call returns."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("pragma journal_mode = delete")
        self._database.execute("pragma synchronous = full")
        self._database.execute("pragma secure_delete = on")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def add(self, body: bytes, server: str) -> bool:
        """Keep a Bundle for `server`; False when it is known already, waiting or acknowledged."""
        identity = hashlib.sha256(body).hexdigest()
        with self._database:
            if self._one("select 1 from acknowledged where id = ? and server = ?", identity, server):
                return False
            cursor = self._database.execute("insert or ignore into waiting (id, server, body) values (?, ?, ?)", (identity, server, body))
            return cursor.rowcount == 1

    def waiting(self, server: str) -> Iterator[Waiting]:
        """What is not acknowledged, oldest first."""
        with closing(
            self._database.execute("select number, body, reason from waiting where server = ? order by number", (server,))
        ) as rows:
            yield from [Waiting(*row) for row in rows]

    def acknowledge(self, number: int) -> None:
        """The server has it: forget the Bundle, remember its hash."""
        self._database.execute("begin immediate")
        try:
            self._database.execute("insert or ignore into acknowledged select id, server from waiting where number = ?", (number,))
            self._database.execute("delete from waiting where number = ?", (number,))
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("commit")

    def refuse(self, number: int, reason: str) -> None:
        """Note what the server said; the Bundle stays."""
        self._database.execute("update waiting set reason = ? where number = ?", (reason, number))

    def _one(self, statement: str, *values: str) -> bool:
        return self._database.execute(statement, values).fetchone() is not None
