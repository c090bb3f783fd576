"""Exact conversion between the UCUM units of the vitals: the only one in the house.

Factors: 1 mm[Hg] = 133.322387415 Pa (conventional millimetre of mercury, NIST SP 811 annex B.8), [degF] = Cel x 9/5 + 32, 1 [lb_av] =
0.45359237 kg, 1 [in_i] = 2.54 cm, all exact by definition; the others are powers of ten. The sum is done in fractions and rounded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Final


class UnitError(ValueError):
    """Two units that do not convert into each other, or a unit that is not known."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """In the dimension's base unit, a value is `value * factor + shift`."""

    dimension: str
    factor: Fraction = Fraction(1)
    shift: Fraction = Fraction(0)


_DEG_F: Final = Fraction(5, 9)
_UNITS: Final[dict[str, _Unit]] = {
    "kPa": _Unit("pressure"),
    "Pa": _Unit("pressure", Fraction(1, 1000)),
    "mm[Hg]": _Unit("pressure", Fraction("0.133322387415")),
    "Cel": _Unit("temperature"),
    "[degF]": _Unit("temperature", _DEG_F, -32 * _DEG_F),
    "K": _Unit("temperature", Fraction(1), Fraction("-273.15")),
    "kg": _Unit("mass"),
    "g": _Unit("mass", Fraction(1, 1000)),
    "[lb_av]": _Unit("mass", Fraction("0.45359237")),
    "cm": _Unit("length"),
    "m": _Unit("length", Fraction(100)),
    "mm": _Unit("length", Fraction(1, 10)),
    "[in_i]": _Unit("length", Fraction("2.54")),
    "mg/dL": _Unit("mass concentration"),
    "kg/L": _Unit("mass concentration", Fraction(100_000)),
    "mmol/L": _Unit("substance concentration"),
    "mol/L": _Unit("substance concentration", Fraction(1000)),
    "s": _Unit("time"),
    "ms": _Unit("time", Fraction(1, 1000)),
    "mV": _Unit("voltage"),
    "uV": _Unit("voltage", Fraction(1, 1000)),
    "/min": _Unit("rate"),
    "%": _Unit("proportion"),
    "kg/m2": _Unit("body mass index"),
}


def dimension(unit: str) -> str | None:
    """What kind of quantity `unit` measures ("pressure"); None for a unit that is not known here."""
    known = _UNITS.get(unit)
    return None if known is None else known.dimension


def exact(value: Decimal, unit: str, target: str) -> Fraction:
    """`value` in `target`, without rounding.

    Raises:
        UnitError: a unit is not known, or the two measure different things.
    """
    source, wanted = _pair(unit, target)
    return (Fraction(value) * source.factor + source.shift - wanted.shift) / wanted.factor


def convert(value: Decimal, unit: str, target: str) -> Decimal:
    """`value` in `target`, rounded once (half to even) to the coarsest decimal place that is no coarser than the value's own last place.

    16.0 kPa is known to 0.1 kPa = 0.75 mm[Hg], so it becomes 120.0 mm[Hg]; 98.6 [degF] becomes 37.00 Cel; 0.00126 kg/L becomes 126 mg/dL.
    Nothing that the device said is lost, and converting back gives its number. The same unit gives `value` itself.

    Raises:
        UnitError: a unit is not known, or the two measure different things, or the value is not finite.
    """
    if not value.is_finite():
        raise UnitError(f"{value} has no {unit} to convert")
    source, wanted = _pair(unit, target)
    if unit == target:
        return value
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - finite, said above; tells the type checker
    step = Fraction(10) ** exponent * source.factor / wanted.factor
    return _rounded(exact(value, unit, target), _place(step))


def _pair(unit: str, target: str) -> tuple[_Unit, _Unit]:
    for name in (unit, target):
        if name not in _UNITS:
            raise UnitError(f"unknown unit {name!r}")
    source, wanted = _UNITS[unit], _UNITS[target]
    if source.dimension != wanted.dimension:
        raise UnitError(f"{unit} is a {source.dimension}, {target} a {wanted.dimension}")
    return source, wanted


def _place(step: Fraction) -> int:
    """The largest power of ten that is not above `step`, as an exponent."""
    place = len(str(step.numerator)) - len(str(step.denominator))
    while Fraction(10) ** place > step:
        place -= 1
    while Fraction(10) ** (place + 1) <= step:
        place += 1
    return place


def _rounded(value: Fraction, place: int) -> Decimal:
    whole = round(value / Fraction(10) ** place)
    with localcontext() as context:
        context.prec = max(28, len(str(whole)) + 2)
        context.rounding = ROUND_HALF_EVEN
        return Decimal(whole).scaleb(place)
