"""Flags for values that can hardly be: the helper decides, nothing is clamped or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.measurement import Reading


def remarks(reading: Reading) -> tuple[str, ...]:
    """The flags of this reading."""
    return ()
