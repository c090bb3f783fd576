"""The organisation's directory of keys: its canonical octets, and what one must be to be believed. Pure; the caller gives Ed25519.

All integers are unsigned and big-endian, all times ms since the epoch. `lp(a, b, ...)` = each field prefixed with its length in 4 octets.

    file       = lp(body, signature)         signature: Ed25519 of the current root over the body
    body       = lp("telecabine-directory-v1", first root, first recovery key, lp(succession, ...), number[8], issued[8], until[8],
                    lp(entry, ...), lp(revocation, ...))
    succession = lp(signer[1], epoch[4], generation[4], root, recovery key, signature)
    entry      = lp(kind[1], name, role, identity, sealing, since[8], until[8])
    revocation = lp(identity, at[8], reason)

Entries and revocations stand in ascending order of their identity, each identity once in the whole directory, so that one directory has one
encoding. The organisation's id is BLAKE2b-256 over lp("telecabine-organisation-v1", first root, first recovery key): it never changes.

A succession by the root (signer 1) is the next generation of the same epoch, with the same recovery key. One by the recovery key (signer 2)
begins the next epoch at generation 0, whatever a stolen root has signed before: an epoch outranks every number of the one before it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

#: verify(public key, statement, signature): whether the signature is Ed25519 of the statement by the key; False for what is no key
Verify: TypeAlias = "Callable[[bytes, bytes, bytes], bool]"
Kind: TypeAlias = Literal["booth", "specialist"]
Signer: TypeAlias = Literal["root", "recovery"]

#: no file is larger: it travels as base64 in one message
SIZE: Final = 180 * 1024
TEXT: Final = 120
_KINDS: Final[tuple[Kind, ...]] = ("booth", "specialist")
_SIGNERS: Final[tuple[Signer, ...]] = ("root", "recovery")
_LABEL: Final = b"telecabine-directory-v1"


class DirectoryError(ValueError):
    """A directory or key that is not believed; `reason` is a text key, `str` says it in plain words."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Entry(Struct, frozen=True):
    """One booth or specialist: Ed25519 `identity` and X25519 `sealing` (32 octets each), valid from `since` until before `until`."""

    kind: Kind
    name: str
    role: str
    identity: bytes
    sealing: bytes
    since: int
    until: int


class Revocation(Struct, frozen=True):
    """A key that is not to be believed any more."""

    identity: bytes
    at: int
    reason: str


class Succession(Struct, frozen=True):
    """New organisation keys; `signature` over `succession_statement` by the root or recovery key before them."""

    signer: Signer
    epoch: int
    generation: int
    root: bytes
    recovery: bytes
    signature: bytes


class Directory(Struct, frozen=True):
    """Everything that is signed. `until`: it is not believed any more from then on, since revocations may have been held back."""

    root: bytes
    recovery: bytes
    successions: tuple[Succession, ...]
    number: int
    issued: int
    until: int
    entries: tuple[Entry, ...]
    revocations: tuple[Revocation, ...]

    @property
    def organisation(self) -> bytes:
        """The organisation's id."""
        return organisation_id(self.root, self.recovery)

    @property
    def epoch(self) -> int:
        """How often the recovery key was used."""
        return self.successions[-1].epoch if self.successions else 0

    @property
    def position(self) -> tuple[int, int]:
        """Epoch and number: a later directory has a greater one."""
        return self.epoch, self.number

    @property
    def current(self) -> tuple[bytes, bytes]:
        """The root and recovery key of now."""
        return (self.successions[-1].root, self.successions[-1].recovery) if self.successions else (self.root, self.recovery)

    def entry(self, identity: bytes, kind: Kind, now: int) -> Entry:
        """The valid entry of this key.

        Raises:
            DirectoryError: "directory-expired", "key-revoked", "key-not-listed", "key-other-kind", "key-not-yet-valid" or "key-expired".
        """
        if now >= self.until:
            raise DirectoryError("directory-expired", f"directory {self.number} ended: the organisation must renew it")
        revoked = next((item for item in self.revocations if item.identity == identity), None)
        if revoked is not None:
            raise DirectoryError("key-revoked", f"this key was revoked by the organisation: {revoked.reason}")
        found = next((item for item in self.entries if item.identity == identity), None)
        if found is None:
            raise DirectoryError("key-not-listed", "this key is not in the organisation's directory")
        if found.kind != kind:
            raise DirectoryError("key-other-kind", f"this key is that of a {found.kind}, not of a {kind}")
        if now < found.since:
            raise DirectoryError("key-not-yet-valid", f"the key of {found.name} is not valid yet")
        if now >= found.until:
            raise DirectoryError("key-expired", f"the key of {found.name} has expired: the organisation must renew it")
        return found


class Pin(Struct, frozen=True):
    """What an end knows of its organisation before it sees a directory: the id, and the least epoch and number that it believes.

    Its text form is `base64url(id) "." epoch "." number`.
    """

    organisation: bytes
    epoch: int
    number: int

    def __str__(self) -> str:
        return f"{base64.urlsafe_b64encode(self.organisation).decode().rstrip('=')}.{self.epoch}.{self.number}"


def pin(text: str) -> Pin:
    """The pin of its text form.

    Raises:
        DirectoryError: "pin-malformed".
    """
    found = re.fullmatch(r"([A-Za-z0-9_-]{43})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,17})", text)
    if found is None:
        raise DirectoryError("pin-malformed", "this is not an organisation's code, as `telecabine org show` prints it")
    try:
        return Pin(base64.b64decode(found[1] + "=", altchars=b"-_", validate=True), int(found[2]), int(found[3]))
    except binascii.Error:
        raise DirectoryError("pin-malformed", "this is not an organisation's code") from None


def lp(*fields: bytes) -> bytes:
    """Fields, each prefixed with its length."""
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def _split(octets: bytes) -> list[bytes]:
    fields: list[bytes] = []
    at = 0
    while at < len(octets):
        size = int.from_bytes(octets[at : at + 4], "big")
        field = octets[at + 4 : at + 4 + size]
        if at + 4 > len(octets) or len(field) != size:
            raise _malformed("a field is cut short")
        fields.append(field)
        at += 4 + size
    return fields


def split(octets: bytes, count: int) -> list[bytes]:
    """The fields of an lp(), which are `count`.

    Raises:
        DirectoryError: "directory-malformed": cut, or another count.
    """
    fields = _split(octets)
    if len(fields) != count:
        raise _malformed(f"{len(fields)} fields in place of {count}")
    return fields


def _malformed(why: str) -> DirectoryError:
    return DirectoryError("directory-malformed", f"this is no directory: {why}")


def organisation_id(root: bytes, recovery: bytes) -> bytes:
    """The id of the organisation that began with these keys."""
    return hashlib.blake2b(lp(b"telecabine-organisation-v1", root, recovery), digest_size=32).digest()


def fingerprint(entry: Entry) -> str:
    """What people compare when a key is enrolled: six groups of five digits, of kind and both keys."""
    octets = bytes((_KINDS.index(entry.kind) + 1,))
    return digits(lp(b"telecabine-fingerprint-v1", octets, entry.identity, entry.sealing))


def digits(octets: bytes) -> str:
    """Six groups of five digits from BLAKE2b-256: group i is octets 5 i to 5 i + 4 as an integer, modulo 100,000."""
    digest = hashlib.blake2b(octets, digest_size=32).digest()
    return " ".join(f"{int.from_bytes(digest[at : at + 5], 'big') % 100_000:05d}" for at in range(0, 30, 5))


def mark(organisation: bytes) -> str:
    """What people compare of the organisation itself."""
    return digits(lp(b"telecabine-organisation-mark-v1", organisation))


def succession_statement(organisation: bytes, item: Succession) -> bytes:
    """What the root or recovery key before it signs."""
    signer = bytes((_SIGNERS.index(item.signer) + 1,))
    place = (item.epoch.to_bytes(4, "big"), item.generation.to_bytes(4, "big"))
    return lp(b"telecabine-succession-v1", organisation, signer, *place, item.root, item.recovery)


def _entry(item: Entry) -> bytes:
    kind = bytes((_KINDS.index(item.kind) + 1,))
    times = (item.since.to_bytes(8, "big"), item.until.to_bytes(8, "big"))
    return lp(kind, item.name.encode(), item.role.encode(), item.identity, item.sealing, *times)


def _succession(item: Succession) -> bytes:
    signer = bytes((_SIGNERS.index(item.signer) + 1,))
    place = (item.epoch.to_bytes(4, "big"), item.generation.to_bytes(4, "big"))
    return lp(signer, *place, item.root, item.recovery, item.signature)


def encode(directory: Directory) -> bytes:
    """The body: what the root signs."""
    entries = sorted(directory.entries, key=lambda item: item.identity)
    revocations = sorted(directory.revocations, key=lambda item: item.identity)
    times = (value.to_bytes(8, "big") for value in (directory.number, directory.issued, directory.until))
    return lp(
        _LABEL,
        directory.root,
        directory.recovery,
        lp(*map(_succession, directory.successions)),
        *times,
        lp(*map(_entry, entries)),
        lp(*(lp(item.identity, item.at.to_bytes(8, "big"), item.reason.encode()) for item in revocations)),
    )


def decode(octets: bytes) -> tuple[Directory, bytes, bytes]:
    """Directory, body and signature of a file. Nothing is verified yet.

    Raises:
        DirectoryError: "directory-malformed": not the one encoding of a directory.
    """
    if len(octets) > SIZE:
        raise _malformed(f"{len(octets)} octets, the limit is {SIZE}")
    body, signature = split(octets, 2)
    _exactly(signature, 64)
    fields = split(body, 9)
    if fields[0] != _LABEL:
        raise _malformed("another version")
    directory = Directory(
        root=_exactly(fields[1], 32),
        recovery=_exactly(fields[2], 32),
        successions=tuple(map(_read_succession, _split(fields[3]))),
        number=_number(fields[4], 8),
        issued=_number(fields[5], 8),
        until=_number(fields[6], 8),
        entries=tuple(map(_read_entry, _split(fields[7]))),
        revocations=tuple(map(_read_revocation, _split(fields[8]))),
    )
    for keys in ([item.identity for item in directory.entries], [item.identity for item in directory.revocations]):
        if any(one >= other for one, other in itertools.pairwise(keys)):
            raise _malformed("keys out of order, or twice")
    if {item.identity for item in directory.entries} & {item.identity for item in directory.revocations}:
        raise _malformed("a key is listed and revoked")
    return directory, body, signature


def _exactly(field: bytes, size: int) -> bytes:
    if len(field) != size:
        raise _malformed(f"a field of {len(field)} octets in place of {size}")
    return field


def _number(field: bytes, size: int) -> int:
    value = int.from_bytes(_exactly(field, size), "big")
    if value >= 1 << 53:
        raise _malformed("a number that is too large")
    return value


def _text(field: bytes, *, empty: bool) -> str:
    try:
        text = field.decode()
    except UnicodeDecodeError:
        raise _malformed("a text is not UTF-8") from None
    if not text_fits(text, empty=empty):
        raise _malformed("a text is empty, too long, or holds signs that cannot be shown")
    return text


def text_fits(text: str, *, empty: bool) -> bool:
    """Whether a name, role or reason may stand in a directory: at most 120 signs, no line ends or other control signs."""
    return (
        len(text) <= TEXT
        and (empty or bool(text.strip()))
        and not re.search(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)
    )


def _chosen(field: bytes, count: int) -> int:
    value = _number(field, 1)
    if not 1 <= value <= count:
        raise _malformed("a kind that does not exist")
    return value - 1


def _read_succession(octets: bytes) -> Succession:
    signer, epoch, generation, root, recovery, signature = split(octets, 6)
    keys = (_exactly(root, 32), _exactly(recovery, 32), _exactly(signature, 64))
    return Succession(_SIGNERS[_chosen(signer, 2)], _number(epoch, 4), _number(generation, 4), *keys)


def _read_entry(octets: bytes) -> Entry:
    kind, name, role, identity, sealing, since, until = split(octets, 7)
    keys = (_exactly(identity, 32), _exactly(sealing, 32))
    times = (_number(since, 8), _number(until, 8))
    return Entry(_KINDS[_chosen(kind, 2)], _text(name, empty=False), _text(role, empty=True), *keys, *times)


def _read_revocation(octets: bytes) -> Revocation:
    identity, at, reason = split(octets, 3)
    return Revocation(_exactly(identity, 32), _number(at, 8), _text(reason, empty=False))


def opened(octets: bytes, organisation: bytes, verify: Verify) -> Directory:
    """The directory of a file, if it is whole and of this organisation.

    Raises:
        DirectoryError: "directory-malformed", "directory-other-organisation" or "directory-signature".
    """
    directory, body, signature = decode(octets)
    if directory.organisation != organisation:
        raise DirectoryError("directory-other-organisation", "a directory of another organisation")
    root, recovery, epoch, generation = directory.root, directory.recovery, 0, 0
    for item in directory.successions:
        by_root = item.signer == "root"
        expected = (epoch, generation + 1, recovery) if by_root else (epoch + 1, 0, item.recovery)
        signer = root if by_root else recovery
        statement = succession_statement(organisation, item)
        if (item.epoch, item.generation, item.recovery) != expected or not verify(signer, statement, item.signature):
            raise DirectoryError("directory-signature", "a succession of the organisation's keys is not signed by the key before it")
        root, recovery, epoch, generation = item.root, item.recovery, item.epoch, item.generation
    if not verify(root, body, signature):
        raise DirectoryError("directory-signature", "the directory is not signed by the organisation")
    return directory


def newer(octets: bytes, held: bytes | None, floor: Pin, verify: Verify) -> Directory | None:
    """The directory of `octets` if it is to be taken in the place of `held` (believed before); None when it is the same one.

    Raises:
        DirectoryError: as `opened`; "directory-old": a lower epoch or number than was seen; "directory-forked": another directory of the
            same number, or another history of the organisation's keys.
    """
    directory = opened(octets, floor.organisation, verify)
    if directory.position < (floor.epoch, floor.number):
        raise DirectoryError("directory-old", f"an old directory, number {directory.number}; number {floor.number} is known to exist")
    if held is None:
        return directory
    before = decode(held)[0]
    if octets == held:
        return None
    if directory.position < before.position:
        raise DirectoryError("directory-old", f"an old directory, number {directory.number}; number {before.number} was seen")
    if directory.position == before.position:
        raise DirectoryError("directory-forked", f"two different directories have number {directory.number}")
    if directory.epoch == before.epoch and directory.successions[: len(before.successions)] != before.successions:
        raise DirectoryError("directory-forked", "another history of the organisation's keys")
    return directory
