"""Sealed envelopes that wait for their specialist, and receipts that wait for their booth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.station import Deposit, Mail, Receipt
from station import audit
from station.directory import is_specialist

if TYPE_CHECKING:
    import sqlite3

#: envelopes that may wait for one specialist
QUOTA = 2000
#: how long a receipt is repeated to its booth at each sign-in, in ms
RECEIPTS_LAST = 7 * 24 * 3600 * 1000


class DepositError(Exception):
    """An envelope that is not taken; `args[0]` is the reason of the `refused` message."""


def deposit(database: sqlite3.Connection, sender: bytes, message: Deposit, now: int) -> Receipt | None:
    """Keeps the envelope; the same one twice is one. Returns the receipt if the specialist has seen it already.

    Raises:
        DepositError: "bad-id", "id-taken" (by other bytes), "unknown-recipient" or "mailbox-full".
    """
    if not 0 < len(message.id) <= 64:
        raise DepositError("bad-id")
    seen = database.execute("select moment, signature from receipts where id = ? and sender = ?", (message.id, sender)).fetchone()
    if seen is not None:
        return Receipt(message.id, *seen)
    row = database.execute("select sender, recipient, envelope from mail where id = ?", (message.id,)).fetchone()
    if row is not None:
        if row != (sender, message.recipient, message.envelope):
            raise DepositError("id-taken")
        return None
    if not is_specialist(database, message.recipient):
        raise DepositError("unknown-recipient")
    if database.execute("select count(*) from mail where recipient = ?", (message.recipient,)).fetchone()[0] >= QUOTA:
        raise DepositError("mailbox-full")
    database.execute("insert into mail values (?, ?, ?, ?, ?)", (message.id, message.recipient, sender, message.envelope, now))
    audit.append(database, now, "deposited", envelope=message.id, booth=sender.hex(), specialist=message.recipient.hex())
    return None


def waiting(database: sqlite3.Connection, recipient: bytes) -> list[Mail]:
    """The envelopes for this specialist, oldest first."""
    rows = database.execute("select id, sender, envelope from mail where recipient = ? order by at, id", (recipient,))
    return [Mail(*row) for row in rows]


def receive(database: sqlite3.Connection, recipient: bytes, receipt: Receipt, now: int) -> bytes | None:
    """Deletes the envelope that was seen; returns its booth's key, None when there is no such envelope (any more)."""
    row = database.execute("select sender from mail where id = ? and recipient = ?", (receipt.id, recipient)).fetchone()
    if row is None:
        return None
    database.execute("delete from mail where id = ?", (receipt.id,))
    database.execute("delete from receipts where at < ?", (now - RECEIPTS_LAST,))
    database.execute("insert or replace into receipts values (?, ?, ?, ?, ?)", (receipt.id, row[0], receipt.at, receipt.signature, now))
    audit.append(database, now, "receipt", envelope=receipt.id, booth=row[0].hex(), specialist=recipient.hex())
    return bytes(row[0])


def receipts(database: sqlite3.Connection, sender: bytes) -> list[Receipt]:
    """The receipts of this booth's envelopes, repeated at each sign-in since a socket may die with the last ones."""
    rows = database.execute("select id, moment, signature from receipts where sender = ? order by at", (sender,))
    return [Receipt(*row) for row in rows]
