"""The open consultation on disk, for a power cut: one file, sealed under a key of its own that the booth's key wraps.

File: "TCS1", the wrapped session key (72 octets), then frames, each a length in 4 octets and a secret box over the time in ms since the epoch
(8 octets) and the state. Frames are only added, so that a cut while writing loses the newest frame at most, and the wrapped key stands in
one place: overwriting it makes every frame unreadable for ever, whatever the file system keeps of them.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random

from kiosk import durable

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.secure.keys import BoothKeys

#: how long after its last frame a consultation may be taken up again
KEPT: Final = timedelta(minutes=15)
_MAGIC: Final = b"TCS1"
_WRAPPED: Final = SecretBox.NONCE_SIZE + SecretBox.KEY_SIZE + SecretBox.MACBYTES
_HEAD: Final = len(_MAGIC) + _WRAPPED


class SealedSession:
    """The file at `path`. What a method has returned from is on disk."""

    def __init__(self, path: Path, keys: BoothKeys) -> None:
        self._path = path
        self._wrapping = SecretBox(keys.secret(b"telecabine-session-v1"))
        self._box: SecretBox | None = None

    def save(self, state: bytes, now: datetime) -> None:
        """Add the state as it is now; the first call after `erase` makes a new key.

        Raises:
            OSError: the disk does not take it.
        """
        if self._box is None:
            self.erase()
            self._begin()
        assert self._box is not None  # noqa: S101  _begin has made it
        frame = bytes(self._box.encrypt(int(now.timestamp() * 1000).to_bytes(8, "big") + state))
        durable.append(self._path, len(frame).to_bytes(4, "big") + frame)

    def load(self, now: datetime) -> tuple[bytes, datetime] | None:
        """The newest state and its time; None, and nothing on disk, when there is none, it is too old, or it does not open."""
        found = self._newest()
        if found is None or not timedelta(0) <= now - found[1] <= KEPT:
            self.erase()
            return None
        return found

    def peek(self) -> bytes | None:
        """The newest state, for a search; nothing on disk is touched. None when there is none or it does not open."""
        found = self._newest(mend=False)
        return found[0] if found is not None else None

    def erase(self) -> None:
        """Destroy the key, then the file."""
        self._box = None
        if not self._path.exists():
            return
        durable.overwrite(self._path, bytes(_HEAD))
        durable.remove(self._path)

    def _begin(self) -> None:
        key = random(SecretBox.KEY_SIZE)
        durable.create(self._path, _MAGIC + bytes(self._wrapping.encrypt(key)))
        self._box = SecretBox(key)

    def _newest(self, *, mend: bool = True) -> tuple[bytes, datetime] | None:
        try:
            octets = self._path.read_bytes()
            self._box = SecretBox(self._wrapping.decrypt(octets[:_HEAD].removeprefix(_MAGIC)))
        except (OSError, CryptoError, ValueError):
            return None
        at, newest = _HEAD, None
        while True:
            size = int.from_bytes(octets[at : at + 4], "big")
            try:
                opened = self._box.decrypt(octets[at + 4 : at + 4 + size])
            except (CryptoError, ValueError):  # ValueError: shorter than a frame, as the end is
                break
            newest, at = opened, at + 4 + size
        if newest is None:
            return None
        if mend:  # a frame that the cut has torn: what is added later must stand behind a whole one
            os.truncate(self._path, at)
        return newest[8:], datetime.fromtimestamp(int.from_bytes(newest[:8], "big") / 1000, UTC)
