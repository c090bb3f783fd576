"""The booth's identity: keys born on the booth, from one seed; their private halves never leave it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from nacl.encoding import RawEncoder
from nacl.exceptions import BadSignatureError
from nacl.hash import blake2b
from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey
from nacl.utils import random

from kiosk import durable
from kiosk.secure.errors import KeyFileError

if TYPE_CHECKING:
    from pathlib import Path

SEED = 32
#: name of the systemd credential that holds the booth's key
CREDENTIAL = "booth.key"


class BoothKeys:
    """The booth's keys: `public` (Ed25519) and `sealing` (X25519), 32 octets each. `repr` shows only the fingerprint."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._signing = SigningKey(seed)
        self.public = bytes(self._signing.verify_key)
        self.sealing = bytes(PrivateKey(self.secret(b"telecabine-sealing-v1")).public_key)

    def __repr__(self) -> str:
        return f"BoothKeys({self.public.hex()[:16]})"

    def secret(self, purpose: bytes) -> bytes:
        """A 32-octet key for one purpose on this booth: BLAKE2b keyed with the seed. It is derived each time and stored nowhere."""
        return blake2b(purpose, digest_size=32, key=self._seed, encoder=RawEncoder)

    def sign(self, statement: bytes) -> bytes:
        """A 64-octet Ed25519 signature."""
        return bytes(self._signing.sign(statement).signature)


def verify(public: bytes, statement: bytes, signature: bytes) -> bool:
    """Whether `signature` is Ed25519 of `statement` by `public`; False for malformed keys and signatures too."""
    try:
        VerifyKey(public).verify(statement, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


def load_or_create(path: Path, credentials: Path | None = None) -> BoothKeys:
    """The booth's keys: of systemd's credential "booth.key" in `credentials` where there is one, else of the file `path`, born now if need be.

    systemd opens a credential that the TPM or the host's key has sealed (`systemd-creds`); this program speaks to no TPM itself.

    Raises:
        KeyFileError: the file or its directory is open to others than the owner, or it is not a key.
    """
    credential = credentials / CREDENTIAL if credentials is not None else None
    if credential is not None and credential.exists():
        return _read(credential)
    folder = stat.S_IMODE(path.parent.stat().st_mode)
    if folder & 0o077:
        raise KeyFileError("key-directory-open", f"{path.parent} has mode {folder:04o}: set it to 0700, only the booth's user may look in")
    seed = random(SEED)
    try:
        durable.create(path, seed)
    except FileExistsError:
        return _load(path)
    return BoothKeys(seed)


def _load(path: Path) -> BoothKeys:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyFileError(
            "key-readable-by-others", f"{path} has mode {mode:04o}; set it to 0600, then enrol the booth again: the key may be known"
        )
    return _read(path)


def _read(path: Path) -> BoothKeys:
    seed = path.read_bytes()
    if len(seed) != SEED:
        raise KeyFileError("key-damaged", f"{path} is not a booth key: {len(seed)} octets in place of {SEED}")
    return BoothKeys(seed)
