"""What stays when a consultation has ended: its trace in the retention log, and what the erase slip says of sealed envelopes."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.consultation.retention import Incident, Trace
from protocol.screen import Remaining

if TYPE_CHECKING:
    from kiosk.consultation.record import ActRecord
    from kiosk.storage import Storage

_log = logging.getLogger(__name__)


def trace(record: ActRecord, digest: str) -> Trace:
    """The trace of this record: nothing of whom."""
    opened, ended, incidents = record.trace
    return Trace(digest, opened, ended, tuple(Incident(*incident) for incident in incidents))


def keep_trace(storage: Storage, record: ActRecord, digest: str) -> None:
    """Keep the trace. A disk that does not take it must not keep the consultation from being erased."""
    try:
        storage.retention.add(trace(record, digest))
    except OSError as error:
        _log.error("the trace of a consultation is not kept: %s", error.strerror)


def envelopes(storage: Storage, consultation: str) -> Remaining | None:
    """The consultation's envelopes that still wait for their receipt, and until when; None when there is none."""
    count, newest = storage.outbox.left(consultation)
    if newest is None:
        return None
    until = datetime.fromtimestamp(newest / 1000, UTC).astimezone() + storage.undelivered
    return Remaining(count, until.isoformat(timespec="minutes"))
