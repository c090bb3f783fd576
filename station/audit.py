"""The audit: rows of metadata, each with the hash of the one before, so that none can be changed or removed unseen."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def append(database: sqlite3.Connection, now: int, event: str, **detail: str) -> None:
    """Adds one row. `now` in ms since the epoch; `detail` names keys, booths and consultations, never a value or a patient."""
    last = database.execute("select hash from audit order by sequence desc limit 1").fetchone()
    text = json.dumps(detail, sort_keys=True, ensure_ascii=False)
    row = (now, event, text, _link(last[0] if last else b"", now, event, text))
    database.execute("insert into audit (at, event, detail, hash) values (?, ?, ?, ?)", row)


def first_broken(database: sqlite3.Connection) -> int | None:
    """The sequence number of the first row that does not follow from the ones before it, None when the chain holds."""
    before, expected = b"", 1
    for sequence, at, event, detail, link in database.execute("select sequence, at, event, detail, hash from audit order by sequence"):
        if sequence != expected or link != _link(before, at, event, detail):
            return int(sequence)
        before, expected = link, expected + 1
    return None


def _link(before: bytes, at: int, event: str, detail: str) -> bytes:
    parts = (before, at.to_bytes(8, "big"), event.encode(), detail.encode())
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
