"""Enrolment in the shape of the device authorization grant (RFC 8628): who asks shows a code, somebody approves it, who asks polls.

Approving here only passes the request on: what counts is the directory that the organisation then signs offline.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol import directory as wire
from protocol import enrolment as requests
from station import audit
from station.key_directory import newest, verify

if TYPE_CHECKING:
    import sqlite3

    from protocol.enrolment import Request

#: RFC 8628, section 6.1: no vowels, so no words; nothing that is taken for something else
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
#: how long a code can be approved, in ms, and the pace of polling, in s
LASTS = 30 * 60 * 1000
INTERVAL = 5
#: requests that may wait at once
WAITING = 200


class EnrolmentError(Exception):
    """A request that is not taken; `args[0]` is the error code (RFC 6749, section 5.2)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What who asks is given: `device` to poll with, `code` to show ("BCDF-GHJK")."""

    device: str
    code: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a poll brings: an error code of RFC 8628, section 3.5, or the directory."""

    error: str
    directory: bytes = b""


def _hash(device: str) -> bytes:
    return hashlib.sha256(device.encode()).digest()


def ask(database: sqlite3.Connection, text: str, now: int) -> Asked:
    """A new request; one before it with the same key is dropped.

    Raises:
        EnrolmentError: "invalid_request", or "temporarily_unavailable" when too many wait.
    """
    try:
        request = requests.decode(text, verify)
    except wire.DirectoryError:
        raise EnrolmentError("invalid_request") from None
    database.execute("delete from enrolments where identity = ? or expires < ?", (request.identity, now - LASTS))
    if database.execute("select count(*) from enrolments").fetchone()[0] >= WAITING:
        raise EnrolmentError("temporarily_unavailable")
    device = secrets.token_urlsafe(32)
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    code = f"{letters[:4]}-{letters[4:]}"
    row = (_hash(device), code, text, request.identity, "pending", now + LASTS, 0, INTERVAL)
    database.execute("insert into enrolments values (?, ?, ?, ?, ?, ?, ?, ?)", row)
    audit.append(database, now, "enrolment-asked", kind=request.kind, name=request.name, key=request.identity.hex())
    return Asked(device, code)


def poll(database: sqlite3.Connection, device: str, now: int) -> Answer:
    """The directory once it lists the key, until then why not.

    "authorization_pending", "slow_down" (the pace grows by 5 s for good), "access_denied", "expired_token" or "invalid_grant" (no such code).
    """
    row = database.execute("select identity, state, expires, polled, pace from enrolments where device = ?", (_hash(device),)).fetchone()
    if row is None:
        return Answer("invalid_grant")
    identity, state, expires, polled, pace = row
    octets = newest(database)
    if octets is not None and any(entry.identity == identity for entry in wire.decode(octets)[0].entries):
        database.execute("delete from enrolments where device = ?", (_hash(device),))
        return Answer("", octets)
    if state == "denied":
        return Answer("access_denied")
    if expires < now:
        return Answer("expired_token")
    early = now < polled + pace * 1000
    database.execute(
        "update enrolments set polled = ?, pace = ? where device = ?", (now, pace + INTERVAL if early else pace, _hash(device))
    )
    return Answer("slow_down" if early else "authorization_pending")


def waiting(database: sqlite3.Connection, now: int) -> list[tuple[str, str, Request]]:
    """Code, state and request of everybody who asks, in order of their names."""
    rows = database.execute("select code, state, request from enrolments where expires >= ?", (now,)).fetchall()
    found = [(code, state, requests.decode(text, verify)) for code, state, text in rows]
    return sorted(found, key=lambda item: item[2].name)


def decide(database: sqlite3.Connection, code: str, now: int, *, approved: bool) -> str:
    """Approve or deny; the text of the request, for the organisation to sign. Case, spaces and dash of a typed code do not matter.

    Raises:
        ValueError: no such code waits.
    """
    letters = "".join(sign for sign in code.upper() if sign in ALPHABET)
    row = database.execute(
        "select request, code from enrolments where replace(code, '-', '') = ? and expires >= ?", (letters, now)
    ).fetchone()
    if row is None:
        raise ValueError("no such code waits: it may have expired")
    database.execute("update enrolments set state = ? where code = ?", ("approved" if approved else "denied", row[1]))
    audit.append(database, now, "enrolment-approved" if approved else "enrolment-denied", code=row[1])
    return str(row[0])
