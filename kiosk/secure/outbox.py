"""The sealed outbox: durable before the screen says "kept", delivered until the specialist's signed receipt.

SQLite with a write-ahead log and synchronous=FULL; rows hold sealed octets only. Deleted rows are overwritten (secure_delete).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_SCHEMA = """
create table if not exists outbox(
    position integer primary key autoincrement,
    id text unique not null,
    consultation text not null,
    recipient blob not null,
    created integer not null,
    envelope blob not null,
    sent integer
)
"""


@dataclass(frozen=True)
class Item:
    """One sealed envelope that still waits for its receipt; `created` and `sent` in ms since the epoch."""

    id: str
    consultation: str
    recipient: bytes
    created: int
    envelope: bytes
    sent: int | None


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


class Outbox:
    """Sealed envelopes on disk, in order. All methods return after the disk has it. `connect` opens the database, each statement a transaction."""

    def __init__(self, path: Path, connect: Callable[[Path], sqlite3.Connection] = _connect) -> None:
        self._database = connect(path)
        path.chmod(0o600)
        for pragma in ("journal_mode=wal", "synchronous=full", "secure_delete=on"):
            self._database.execute(f"pragma {pragma}")
        self._database.execute(_SCHEMA)

    def put(self, item: Item) -> None:
        """Keep an envelope; the same id again changes nothing."""
        self._database.execute(
            "insert or ignore into outbox(id, consultation, recipient, created, envelope) values(?, ?, ?, ?, ?)",
            (item.id, item.consultation, item.recipient, item.created, item.envelope),
        )

    def put_all(self, items: Iterable[Item]) -> None:
        """Keep all of them, or none."""
        self._database.execute("begin immediate")
        try:
            for item in items:
                self.put(item)
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("commit")

    def waiting(self) -> list[Item]:
        """Every envelope without a receipt, oldest first."""
        rows = self._database.execute("select id, consultation, recipient, created, envelope, sent from outbox order by position")
        return [Item(*row) for row in rows]

    def get(self, envelope_id: str) -> Item | None:
        """One envelope, or None when its receipt came or it was never here."""
        row = self._database.execute(
            "select id, consultation, recipient, created, envelope, sent from outbox where id = ?", (envelope_id,)
        ).fetchone()
        return None if row is None else Item(*row)

    def mark_sent(self, envelope_id: str, at: int) -> None:
        """The station has it on disk."""
        self._database.execute("update outbox set sent = ? where id = ? and sent is null", (at, envelope_id))

    def acknowledge(self, envelope_id: str) -> None:
        """The receipt is verified: forget the envelope."""
        self._database.execute("delete from outbox where id = ?", (envelope_id,))

    def left(self, consultation: str) -> tuple[int, int | None]:
        """How many results of this consultation still wait for their receipt, and when the newest was made (ms since the epoch).

        What was sent in parts counts once.
        """
        found = self._database.execute(
            "select count(distinct substr(id, 1, instr(id || '.', '.') - 1)), max(created) from outbox where consultation = ?",
            (consultation,),
        ).fetchone()
        return int(found[0]), found[1]

    def purge(self, before: int) -> int:
        """Delete the envelopes created before this time in ms since the epoch, receipt or not; how many."""
        return self._database.execute("delete from outbox where created < ?", (before,)).rowcount

    def compact(self) -> None:
        """Empty the write-ahead log into the database and truncate it."""
        self._database.execute("pragma wal_checkpoint(truncate)")

    def close(self) -> None:
        """Close the database; the last one to do so empties the write-ahead log into it and removes the log."""
        self._database.close()
