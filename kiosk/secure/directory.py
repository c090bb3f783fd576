"""What this booth believes about keys: the newest directory of its organisation, pinned and kept in one file (docs/crypto.md)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kiosk import durable
from kiosk.secure.errors import TrustError
from kiosk.secure.keys import verify
from protocol import directory as wire
from protocol.directory import DirectoryError, Pin

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from protocol.directory import Directory, Entry

_log = logging.getLogger(__name__)


class Trust:
    """The directory at `path`. Without a `pin` there is no organisation: keys are compared by people only, and the screen says so."""

    def __init__(self, path: Path, pin: Pin | None) -> None:
        self._path, self._pin = path, pin
        self._octets: bytes | None = None
        self._directory: Directory | None = None
        if pin is not None and path.exists():
            try:
                self._believe(path.read_bytes())
            except DirectoryError as error:
                _log.warning("the kept directory is not believed any more: %s", error)

    @property
    def organised(self) -> bool:
        """Whether this booth has an organisation."""
        return self._pin is not None

    @property
    def position(self) -> tuple[int, int]:
        """Epoch and number of the directory in force; (0, 0) without one."""
        return self._directory.position if self._directory is not None else (0, 0)

    def take(self, octets: bytes) -> bool:
        """Take over a directory that the station gave; whether it is new. On return it is on disk.

        Raises:
            TrustError: it is not believed; `reason` is that of `protocol.directory.newer`.
        """
        if self._pin is None:
            return False
        try:
            new = self._believe(octets)
        except DirectoryError as error:
            raise TrustError(error.reason, str(error)) from None
        if new:
            durable.replace(self._path, octets)
        return new

    def specialist(self, identity: bytes, now: datetime, sealing: bytes | None = None) -> Entry | None:
        """The directory's entry for a specialist with this key, or these keys; None when there is no organisation.

        Raises:
            TrustError: this key is not to be believed; `reason` is a text key.
        """
        if self._pin is None:
            return None
        if self._directory is None:
            raise TrustError("directory-missing", "the booth has no directory of its organisation yet")
        try:
            entry = self._directory.entry(identity, "specialist", int(now.timestamp() * 1000))
        except DirectoryError as error:
            raise TrustError(error.reason, str(error)) from None
        if sealing is not None and entry.sealing != sealing:
            raise TrustError("key-differs", f"the sealing key is not the one that the organisation signed for {entry.name}")
        return entry

    def _believe(self, octets: bytes) -> bool:
        assert self._pin is not None  # noqa: S101  the callers have checked
        found = wire.newer(octets, self._octets, self._pin, verify)
        if found is None:
            return False
        self._directory, self._octets = found, octets
        return True
