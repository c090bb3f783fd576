"""A settled reading on its way to the specialist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.consultation.measuring import Settled


@dataclass
class Result:
    """A settled reading and how far it is; `seen_at` in ms since the epoch.

    "pending" (the helper has not said), "confirmed" (no specialist to seal it for yet), "kept", "sent", "seen"; "rejected" by the helper,
    "failed" when the device gave no number at all.
    """

    settled: Settled
    name: str
    state: str = "pending"
    seen_at: int | None = None
