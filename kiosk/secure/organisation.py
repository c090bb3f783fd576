"""The organisation's own keys, kept offline: its directory is signed here and nowhere else.

A folder holds `root.key`, `recovery.key` (to be moved to another place after `create`) and `directory`, which is public. A key file is
"TCK1", the cost of argon2id (operations 4 octets, memory in octets 8 octets), salt (16), and a libsodium secretbox (nonce first) of the
Ed25519 seed under argon2id13 of the passphrase.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.signing import SigningKey
from nacl.utils import random

from kiosk import durable
from kiosk.secure.errors import KeyFileError
from kiosk.secure.keys import verify
from protocol import directory as wire
from protocol.directory import Directory, DirectoryError, Entry, Pin, Revocation, Signer, Succession

if TYPE_CHECKING:
    from pathlib import Path

ROOT, RECOVERY, DIRECTORY = "root.key", "recovery.key", "directory"
#: how long a directory is believed, and how long a key is, in ms
DAY: Final = 24 * 3600 * 1000
DIRECTORY_LASTS, ENTRY_LASTS = 92 * DAY, 730 * DAY
SHORTEST_PASSPHRASE = 12
_MAGIC: Final = b"TCK1"
_HEAD: Final = len(_MAGIC) + 4 + 8 + argon2id.SALTBYTES

Reason = Literal["lost", "stolen", "left", "replaced", "retired"]


class OrganisationError(ValueError):
    """What was asked of the organisation makes no sense; `str` says why."""


@dataclass(frozen=True)
class Cost:
    """What guessing one passphrase costs: argon2id operations and memory in octets."""

    operations: int = argon2id.OPSLIMIT_SENSITIVE
    memory: int = argon2id.MEMLIMIT_MODERATE


def _wrapping(passphrase: str, salt: bytes, cost: Cost) -> SecretBox:
    key = argon2id.kdf(SecretBox.KEY_SIZE, passphrase.encode(), salt, opslimit=cost.operations, memlimit=cost.memory)
    return SecretBox(key)


def new_key(path: Path, passphrase: str, cost: Cost) -> SigningKey:
    """A new key in a new file of mode 0600.

    Raises:
        OrganisationError: the passphrase is too short; FileExistsError: there is such a file.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise OrganisationError(
            f"the passphrase needs at least {SHORTEST_PASSPHRASE} signs: several words that have nothing to do with each other"
        )
    key, salt = SigningKey(random(32)), random(argon2id.SALTBYTES)
    head = _MAGIC + cost.operations.to_bytes(4, "big") + cost.memory.to_bytes(8, "big") + salt
    sealed = _wrapping(passphrase, salt, cost).encrypt(bytes(key))
    durable.create(path, head + bytes(sealed))
    return key


def open_key(path: Path, passphrase: str) -> SigningKey:
    """The key of a file.

    Raises:
        KeyFileError: "key-missing", "key-readable-by-others", "key-damaged" or "key-passphrase".
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        octets = path.read_bytes()
    except OSError as error:
        raise KeyFileError("key-missing", f"{path} cannot be read: {error.strerror}") from None
    if mode & 0o077:
        raise KeyFileError(
            "key-readable-by-others", f"{path} has mode {mode:04o}: others may have copied it. Set it to 0600 and rotate the key"
        )
    if octets[:4] != _MAGIC or len(octets) != _HEAD + SecretBox.NONCE_SIZE + 32 + SecretBox.MACBYTES:
        raise KeyFileError("key-damaged", f"{path} is not a key of an organisation")
    cost = Cost(int.from_bytes(octets[4:8], "big"), int.from_bytes(octets[8:16], "big"))
    if not argon2id.OPSLIMIT_MIN <= cost.operations <= 100 or not argon2id.MEMLIMIT_MIN <= cost.memory <= 1 << 32:
        raise KeyFileError("key-damaged", f"{path} asks for an impossible cost of argon2id")
    try:
        return SigningKey(_wrapping(passphrase, octets[16:_HEAD], cost).decrypt(octets[_HEAD:]))
    except CryptoError:
        raise KeyFileError("key-passphrase", f"{path} does not open with this passphrase") from None


class Organisation:
    """The directory in `folder`, and the key that signs the next one. Every change is one more directory, on disk on return.

    `key` must be the current root, or the recovery key for `recover`.
    """

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self._folder, self._key = folder, key
        self.octets = read(folder)
        self.directory = wire.opened(self.octets, wire.decode(self.octets)[0].organisation, verify)

    @property
    def pin(self) -> Pin:
        """What booths and pages are given."""
        return Pin(self.directory.organisation, *self.directory.position)

    def enrol(self, entry: Entry, now: int) -> None:
        """List a booth or a specialist.

        Raises:
            OrganisationError: the key or the name is listed, or the key was revoked.
        """
        if not wire.text_fits(entry.name, empty=False) or not wire.text_fits(entry.role, empty=True):
            raise OrganisationError("a name or role is empty, longer than 120 signs, or holds signs that cannot be shown")
        if len(entry.identity) != 32 or len(entry.sealing) != 32:
            raise OrganisationError("both keys have 32 octets")
        if any(item.identity == entry.identity for item in self.directory.revocations):
            raise OrganisationError("this key was revoked: a new one must be made")
        for item in self.directory.entries:
            if item.identity == entry.identity or (item.kind, item.name) == (entry.kind, entry.name):
                raise OrganisationError(f"{item.name} is listed: revoke the old key first, or renew it")
        self._sign(replace(self.directory, entries=(*self.directory.entries, entry)), now)

    def renew(self, name: str, now: int, lasts: int = ENTRY_LASTS) -> None:
        """Believe the key of `name` for longer."""
        found = self._named(name)
        others = tuple(item for item in self.directory.entries if item is not found)
        self._sign(replace(self.directory, entries=(*others, replace(found, until=now + lasts))), now)

    def revoke(self, name: str, reason: Reason, now: int) -> None:
        """Believe the key of `name` no more."""
        found = self._named(name)
        others = tuple(item for item in self.directory.entries if item is not found)
        revocations = (*self.directory.revocations, Revocation(found.identity, now, reason))
        self._sign(replace(self.directory, entries=others, revocations=revocations), now)

    def refresh(self, now: int) -> None:
        """The same entries, believed for another while."""
        self._sign(self.directory, now)

    def rotate(self, root: SigningKey, now: int) -> None:
        """A new root, signed by the one before it."""
        last = self.directory.successions[-1] if self.directory.successions else None
        place = (last.epoch, last.generation + 1) if last is not None else (0, 1)
        self._succeed("root", place, bytes(root.verify_key), self.directory.current[1], root, now)

    def recover(self, root: SigningKey, recovery: SigningKey, now: int) -> None:
        """A new root and recovery key, signed by the recovery key: whatever a lost or stolen root signs is worth nothing from now on."""
        self._succeed("recovery", (self.directory.epoch + 1, 0), bytes(root.verify_key), bytes(recovery.verify_key), root, now)

    def _succeed(self, signer: Signer, place: tuple[int, int], root: bytes, recovery: bytes, key: SigningKey, now: int) -> None:
        unsigned = Succession(signer, *place, root, recovery, b"")
        statement = wire.succession_statement(self.directory.organisation, unsigned)
        signed = replace(unsigned, signature=bytes(self._key.sign(statement).signature))
        before, self._key = self._key, key
        try:
            self._sign(replace(self.directory, successions=(*self.directory.successions, signed)), now)
        except OrganisationError:
            self._key = before
            raise

    def _named(self, name: str) -> Entry:
        found = [item for item in self.directory.entries if item.name == name]
        if len(found) != 1:
            raise OrganisationError(f"{name} is not listed" if not found else f"{name} is the name of a booth and of a specialist")
        return found[0]

    def _sign(self, changed: Directory, now: int) -> None:
        following = replace(changed, number=self.directory.number + 1, issued=now, until=now + DIRECTORY_LASTS)
        octets = signed(following, self._key)
        try:
            checked = wire.opened(octets, following.organisation, verify)
        except DirectoryError as error:
            raise OrganisationError(f"this key cannot sign the next directory: {error}") from None
        durable.replace(self._folder / DIRECTORY, octets)
        self.directory, self.octets = checked, octets


def signed(directory: Directory, key: SigningKey) -> bytes:
    """The octets of a directory's file."""
    body = wire.encode(directory)
    return wire.lp(body, bytes(key.sign(body).signature))


def read(folder: Path) -> bytes:
    """The directory's octets.

    Raises:
        OrganisationError: there is none.
    """
    try:
        return (folder / DIRECTORY).read_bytes()
    except OSError as error:
        raise OrganisationError(f"{folder / DIRECTORY} cannot be read: {error.strerror}") from None


def create(folder: Path, passphrase: str, recovery_passphrase: str, now: int, cost: Cost | None = None) -> Organisation:
    """A new organisation in a folder of mode 0700; its first directory lists nobody.

    Raises:
        OrganisationError: a passphrase is too short, or there is an organisation already.
    """
    cost = cost or Cost()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if any((folder / name).exists() for name in (ROOT, RECOVERY, DIRECTORY)):
        raise OrganisationError(f"there is an organisation in {folder} already")
    root = new_key(folder / ROOT, passphrase, cost)
    recovery = new_key(folder / RECOVERY, recovery_passphrase, cost)
    first = Directory(bytes(root.verify_key), bytes(recovery.verify_key), (), 1, now, now + DIRECTORY_LASTS, (), ())
    durable.replace(folder / DIRECTORY, signed(first, root))
    return Organisation(folder, root)
