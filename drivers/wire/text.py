"""Numbers, units and dates as scales, monitors and meters print them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from drivers.driver import DecodeError

#: what devices print -> UCUM
UNITS = {
    "kg": "kg",
    "g": "g",
    "lb": "[lb_av]",
    "cm": "cm",
    "in": "[in_i]",
    "mg/dL": "mg/dL",
    "mmol/L": "mmol/L",
}


def unit(printed: str) -> str:
    """The UCUM code of a printed unit.

    Raises:
        DecodeError: a unit that is not known is never guessed.
    """
    try:
        return UNITS[printed]
    except KeyError:
        raise DecodeError(f"unknown unit {printed!r}") from None


def number(printed: str) -> Decimal:
    """A printed number with its digits; the caller's pattern has let only digits, a sign and a point through."""
    return Decimal(printed)


def moment(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> datetime | None:
    """A device's clock, which has no zone; None for a date that does not exist."""
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the device's clock has no zone
    except ValueError:
        return None
