"""Everything that the booth keeps on disk: its state directory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kiosk.consultation.retention import RetentionLog
from kiosk.consultation.sealed_session import SealedSession
from kiosk.known_devices import NAME as DEVICES
from kiosk.record_marks import NAME as MARKS
from kiosk.secure.directory import Trust
from kiosk.secure.keys import CREDENTIAL
from kiosk.secure.outbox import Outbox

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings

OUTBOX, RETENTION, SESSION, DIRECTORY = "outbox.db", "retention.jsonl", "session.sealed", "directory"
#: what may stand in the state directory
KNOWN = (
    CREDENTIAL,
    *(f"{OUTBOX}{suffix}" for suffix in ("", "-wal", "-shm", "-journal")),
    SESSION,
    # replaced as a whole: a power cut may leave the new one beside the old one
    *(f"{name}{suffix}" for name in (RETENTION, DIRECTORY, DEVICES, MARKS) for suffix in ("", ".new")),
)


@dataclass(frozen=True)
class Storage:
    """The files of one booth. `undelivered` is how long a sealed envelope may wait for its recipient."""

    outbox: Outbox
    retention: RetentionLog
    session: SealedSession
    undelivered: timedelta
    trust: Trust

    def purge(self, now: datetime) -> None:
        """Delete what has been kept for its whole time."""
        self.retention.purge(now)
        self.outbox.purge(int((now - self.undelivered).timestamp() * 1000))

    def close(self) -> None:
        """Close the database."""
        self.outbox.close()


def open_storage(directory: Path, keys: BoothKeys, settings: Settings) -> Storage:
    """The booth's files under `directory`, which exists."""
    return Storage(
        Outbox(directory / OUTBOX),
        RetentionLog(directory / RETENTION, settings.retention_months),
        SealedSession(directory / SESSION, keys),
        timedelta(days=settings.undelivered_days),
        Trust(directory / DIRECTORY, settings.pin),
    )
