"""The station's database: SQLite, one writing thread, nothing in it that opens a measurement."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

SCHEMA = """
create table if not exists booths (key blob primary key, name text not null unique, enrolled integer not null) without rowid;
create table if not exists specialists (key blob primary key, name text not null, since integer not null) without rowid;
create table if not exists links (hash blob primary key, name text not null, expires integer not null, used integer) without rowid;
create table if not exists sessions (hash blob primary key, name text not null, key blob not null, expires integer not null) without rowid;
create table if not exists mail (
    id text primary key, recipient blob not null, sender blob not null, envelope blob not null, at integer not null) without rowid;
create index if not exists mail_by_recipient on mail (recipient, at);
create table if not exists receipts (
    id text primary key, sender blob not null, moment integer not null, signature blob not null, at integer not null) without rowid;
create index if not exists receipts_by_sender on receipts (sender);
create table if not exists directory (only integer primary key check (only = 1), octets blob not null);
create table if not exists enrolments (
    device blob primary key, code text not null unique, request text not null, identity blob not null, state text not null,
    expires integer not null, polled integer not null, pace integer not null) without rowid;
create table if not exists audit (
    sequence integer primary key autoincrement, at integer not null, event text not null, detail text not null, hash blob not null);
"""


class Store:
    """One SQLite file (WAL, synchronous=FULL). Every use runs in one thread of its own, each call one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "store")
        self._database: sqlite3.Connection | None = None

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns; its changes are on the disk when this returns, none of them when it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.call_now, work)

    def call_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The same, in the calling thread: for commands without an event loop."""
        if self._database is None:
            self._database = _open(self._path)
        with self._database as transaction:
            transaction.execute("begin immediate")
            return work(transaction)

    def close(self) -> None:
        """Waits for what is under way and closes the file."""
        self._thread.shutdown(wait=True)
        if self._database is not None:
            self._database.close()
            self._database = None


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    database.executescript("pragma journal_mode=wal; pragma synchronous=full; pragma secure_delete=on; pragma foreign_keys=on;")
    database.executescript(SCHEMA)
    return database
