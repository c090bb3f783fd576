"""Who may sign in: enrolled booth keys, one-time links and the sessions that they open. Secrets are stored hashed only."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from station import audit

if TYPE_CHECKING:
    import sqlite3

#: how long a one-time link can be used, and how long a page that signed in can come back, in ms
LINK_LASTS = 24 * 3600 * 1000
SESSION_LASTS = 12 * 3600 * 1000


class SignInError(Exception):
    """A sign-in that does not hold; `args[0]` is the reason of the `refused` message."""


def signed(key: bytes, signature: bytes, statement: bytes) -> bool:
    """Whether `signature` is Ed25519 by `key` over `statement`; False as well for what is no key or no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def enrol_booth(database: sqlite3.Connection, key: bytes, name: str, now: int) -> None:
    """Lets the booth that holds `key` (Ed25519, 32 octets) sign in as `name`; a booth of that name has this key from now on.

    Raises:
        ValueError: not a key of 32 octets, or no name.
    """
    if len(key) != 32:
        raise ValueError(f"an Ed25519 key has 32 octets, this one has {len(key)}")
    if not name.strip():
        raise ValueError("a booth needs a name")
    database.execute("delete from booths where key = ? or name = ?", (key, name))
    database.execute("insert into booths values (?, ?, ?)", (key, name, now))
    audit.append(database, now, "booth-enrolled", booth=name, key=key.hex())


def booth_name(database: sqlite3.Connection, key: bytes) -> str | None:
    """The name under which `key` is enrolled, None when it is not."""
    row = database.execute("select name from booths where key = ?", (key,)).fetchone()
    return row[0] if row else None


def make_link(database: sqlite3.Connection, name: str, now: int, lasts: int = LINK_LASTS) -> str:
    """A token that signs the specialist `name` in once, within `lasts` ms."""
    token = secrets.token_urlsafe(32)
    database.execute("delete from links where expires < ?", (now - LINK_LASTS,))
    database.execute("insert into links values (?, ?, ?, null)", (_hash(token), name, now + lasts))
    audit.append(database, now, "link-made", specialist=name)
    return token


def use_link(database: sqlite3.Connection, token: str, key: bytes, now: int) -> tuple[str, str]:
    """Name and new session of the specialist whose link this is; the link is used up.

    Raises:
        SignInError: "bad-token", "used-token", "expired-token", or "key-of-another" (the key belongs to another name).
    """
    row = database.execute("select name, expires, used from links where hash = ?", (_hash(token),)).fetchone()
    if row is None:
        raise SignInError("bad-token")
    name, expires, used = row
    if used is not None:
        raise SignInError("used-token")
    if expires < now:
        raise SignInError("expired-token")
    owner = database.execute("select name from specialists where key = ?", (key,)).fetchone()
    if owner is not None and owner[0] != name:
        raise SignInError("key-of-another")
    session = secrets.token_urlsafe(32)
    database.execute("update links set used = ? where hash = ?", (now, _hash(token)))
    database.execute("insert or ignore into specialists values (?, ?, ?)", (key, name, now))
    database.execute("delete from sessions where expires < ?", (now,))
    database.execute("insert into sessions values (?, ?, ?, ?)", (_hash(session), name, key, now + SESSION_LASTS))
    audit.append(database, now, "specialist-signed-in", specialist=name, key=key.hex())
    return name, session


def use_session(database: sqlite3.Connection, session: str, key: bytes, now: int) -> str:
    """Name of the specialist whose page comes back with its session and the same key.

    Raises:
        SignInError: "bad-session" or "expired-session".
    """
    row = database.execute("select name, expires from sessions where hash = ? and key = ?", (_hash(session), key)).fetchone()
    if row is None:
        raise SignInError("bad-session")
    if row[1] < now:
        raise SignInError("expired-session")
    audit.append(database, now, "specialist-back", specialist=row[0], key=key.hex())
    return str(row[0])


def admit_guest(database: sqlite3.Connection, key: bytes, name: str, now: int) -> None:
    """A guest who came by a booth's invitation may have mail; the name is what the guest says, and the audit says so."""
    database.execute("insert or ignore into specialists values (?, ?, ?)", (key, name, now))
    audit.append(database, now, "guest-signed-in", guest=name, key=key.hex())


def is_specialist(database: sqlite3.Connection, key: bytes) -> bool:
    """Whether a specialist with this key has ever signed in."""
    return database.execute("select 1 from specialists where key = ?", (key,)).fetchone() is not None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
