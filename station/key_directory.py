"""The organisation's directory as the station keeps and serves it. It can check a signature, and can make none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol import directory as wire
from station import audit
from station.directory import enrol_booth, signed

if TYPE_CHECKING:
    import sqlite3

    from protocol.directory import Directory


def verify(key: bytes, statement: bytes, signature: bytes) -> bool:
    """Ed25519 in the order that protocol/ asks."""
    return signed(key, signature, statement)


def newest(database: sqlite3.Connection) -> bytes | None:
    """The octets of the directory that is served, None before the first one."""
    row = database.execute("select octets from directory").fetchone()
    return bytes(row[0]) if row else None


def publish(database: sqlite3.Connection, octets: bytes, now: int) -> Directory:
    """Serve this directory from now on: its booths may sign in, revoked keys may not. The first one chooses the organisation for good.

    Raises:
        DirectoryError: it is not signed, of another organisation, or older than the one that is served.
    """
    held = newest(database)
    organisation = wire.decode(held if held is not None else octets)[0].organisation
    found = wire.newer(octets, held, wire.Pin(organisation, 0, 0), verify)
    if found is None:
        return wire.decode(octets)[0]
    database.execute("insert or replace into directory values (1, ?)", (octets,))
    audit.append(database, now, "directory", epoch=str(found.epoch), number=str(found.number))
    for item in found.revocations:
        for table in ("booths", "sessions"):
            database.execute(f"delete from {table} where key = ?", (item.identity,))  # noqa: S608 - two names of ours
    known = set(database.execute("select key, name from booths"))
    for entry in found.entries:
        if entry.kind == "booth" and (entry.identity, entry.name) not in known:
            enrol_booth(database, entry.identity, entry.name, now)
    return found


def pin(database: sqlite3.Connection) -> wire.Pin | None:
    """What a new page is told of the organisation, in its link; None without one."""
    held = newest(database)
    if held is None:
        return None
    found = wire.decode(held)[0]
    return wire.Pin(found.organisation, *found.position)


def revoked(octets: bytes | None) -> frozenset[bytes]:
    """The keys that a directory revokes."""
    return frozenset(item.identity for item in wire.decode(octets)[0].revocations) if octets is not None else frozenset()
