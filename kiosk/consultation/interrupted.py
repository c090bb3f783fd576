"""A consultation that a power cut has interrupted: kept sealed while it runs, found again by the next start."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kiosk.consultation.session import Consultation, Event, step
from kiosk.consultation.snapshot import Snapshot, restore

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.consultation.sealed_session import SealedSession

_log = logging.getLogger(__name__)


def save(file: SealedSession, state: bytes, now: datetime) -> None:
    """Keep it. A disk that does not take it costs the resumption, not the consultation."""
    try:
        file.save(state, now)
    except OSError as error:
        _log.error("the consultation is not kept for a power cut: %s", error.strerror)


def load(file: SealedSession, now: datetime) -> tuple[Snapshot, datetime] | None:
    """The interrupted consultation and when it was last kept. One that cannot be read is erased."""
    found = file.load(now)
    if found is None:
        return None
    try:
        return restore(found[0]), found[1]
    except ValueError as error:
        _log.warning("an interrupted consultation was erased: %s", error)
        file.erase()
        return None


def cut(consultation: Consultation) -> Consultation:
    """The consultation after the cut; one cut twice stays as it is."""
    return step(consultation, Event.CUT) if consultation.running else consultation
