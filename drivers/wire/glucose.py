"""What glucose meters on a serial line have in common: a result beyond the meter's range is a comparator and the limit, never a number.

Meters that store a raw number show HI or LO for it; the booth says what the meter shows: the limit as value, with the flag `above-range` or
`below-range`.
"""

from __future__ import annotations

from decimal import Decimal

from drivers.measurement import Measurement

ABOVE, BELOW, CONTROL = "above-range", "below-range", "control-solution"


def within(raw: int, low: int, high: int) -> tuple[Measurement, tuple[str, ...]]:
    """A raw result in mg/dL against the range that the meter shows: the Measurement and its flags."""
    shown = min(max(raw, low), high)
    flags = (ABOVE,) if raw > high else (BELOW,) if raw < low else ()
    return Measurement("glucose", Decimal(shown), "mg/dL"), flags
