"""Flags for values that can hardly be: the helper decides, nothing is clamped, changed or left out.

The table is a setting; the defaults are wide on purpose (a value outside is more likely a bad measurement than a patient). The limits are
compared exactly, in the unit of the table, whatever unit the device sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, TypeAlias

from drivers.measurement import Absent
from drivers.units import UnitError, dimension, exact
from drivers.vitals import VITALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from drivers.measurement import Measurement, Reading

#: every remark there is, as text keys
REMARKS: Final = (
    "no-value",
    "implausible-low",
    "implausible-high",
    "implausible-unit",
    "unlikely-for-age",
    "unusual-low",
    "unusual-high",
    "systolic-below-diastolic",
    "implausible-mean-pressure",
    "implausible-pulse-pressure",
)
_OUTSIDE: Final = frozenset({"implausible-low", "implausible-high"})
#: vitals whose 0 says that the device found nothing: never a value of a person who is there
_ZERO_IS_NONE: Final = frozenset(
    {
        *(f"{vital}{speed}" for vital in ("spo2", "pulse-rate") for speed in ("", "-fast", "-slow")),
        "heart-rate",
        "mean-arterial-pressure",
    }
)


class LimitsError(ValueError):
    """The table of the settings cannot be used; the message says which entry to mend."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is plausible in `unit`, both ends included; outside of `usual_low` and `usual_high` (None: no such limit) it is unusual."""

    unit: str
    low: Decimal
    high: Decimal
    usual_low: Decimal | None = None
    usual_high: Decimal | None = None


def _limits(unit: str, low: str, high: str, usual_low: str | None = None, usual_high: str | None = None) -> tuple[Limits, ...]:
    usual = (None if limit is None else Decimal(limit) for limit in (usual_low, usual_high))
    return (Limits(unit, Decimal(low), Decimal(high), *usual),)


_PULSE, _SPO2 = _limits("/min", "20", "300"), _limits("%", "0", "100", usual_low="70")
Table = dict[str, tuple[Limits, ...]]
Limited: TypeAlias = "Mapping[str, tuple[Limits, ...]]"
NONE: Final[Table] = {}
DEFAULTS: Final[Table] = {
    "systolic": _limits("mm[Hg]", "40", "300"),
    "diastolic": _limits("mm[Hg]", "20", "200"),
    "spo2": _SPO2,
    "spo2-fast": _SPO2,
    "spo2-slow": _SPO2,
    "pulse-rate": _PULSE,
    "pulse-rate-fast": _PULSE,
    "pulse-rate-slow": _PULSE,
    "heart-rate": _PULSE,
    "rr-interval": _limits("ms", "200", "3000"),
    "temperature": _limits("Cel", "25", "45"),
    "weight": _limits("kg", "1", "400"),
    "height": _limits("cm", "40", "250"),
    "glucose": _limits("mg/dL", "10", "1000") + _limits("mmol/L", "0.6", "55.5"),
}
#: systolic minus diastolic, in mm[Hg]
PULSE_PRESSURE: Final = Decimal(10)


def table(settings: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Table:
    """DEFAULTS with the entries of `settings` in their place: vital -> unit -> low, high, usual_low, usual_high as decimal texts.

    Raises:
        LimitsError: an unknown vital, unit or limit, a text that is no number, or limits the wrong way round.
    """
    return {**DEFAULTS, **entries(settings)}


def entries(settings: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Table:
    """The limits of settings in that form, and no others. Raises LimitsError as `table`."""
    return {vital: tuple(_entry(vital, unit, given) for unit, given in units.items()) for vital, units in settings.items()}


def remarks(reading: Reading, limits: Limited = DEFAULTS, child: Limited = NONE) -> tuple[str, ...]:
    """The remarks on this reading, each once, in the order of REMARKS; `child` are the narrower limits of the patient's age, for a child."""
    found = {remark for measurement in reading.measurements for remark in _at_age(measurement, limits, child)} | set(_pressures(reading))
    return tuple(remark for remark in REMARKS if remark in found)


def _at_age(measurement: Measurement, limits: Limited, child: Limited) -> set[str]:
    """What is outside of the child's limits and not of everybody's is unlikely for the age; what is within the child's is not outside."""
    judged = set(_judge(measurement, limits))
    if measurement.vital not in child:
        return judged
    if _OUTSIDE.isdisjoint(_judge(measurement, child)):
        return judged - _OUTSIDE
    return judged if judged & _OUTSIDE else judged | {"unlikely-for-age"}


def _judge(measurement: Measurement, limits: Limited) -> Iterator[str]:
    value, known = measurement.value, limits.get(measurement.vital, ())
    if isinstance(value, Absent):
        return
    if measurement.vital in _ZERO_IS_NONE and not value:
        yield "no-value"
        return
    if not known:
        return
    entry = next((one for one in known if dimension(one.unit) == dimension(measurement.unit)), None)
    if entry is None:
        yield "implausible-unit"
        return
    comparable = exact(value, measurement.unit, entry.unit)
    if comparable < entry.low:
        yield "implausible-low"
    elif comparable > entry.high:
        yield "implausible-high"
    elif entry.usual_low is not None and comparable < entry.usual_low:
        yield "unusual-low"
    elif entry.usual_high is not None and comparable > entry.usual_high:
        yield "unusual-high"


def _pressures(reading: Reading) -> Iterator[str]:
    systolic, mean, diastolic = (_pressure(reading, vital) for vital in ("systolic", "mean-arterial-pressure", "diastolic"))
    if systolic is None or diastolic is None:
        return
    if systolic <= diastolic:
        yield "systolic-below-diastolic"
        return
    if systolic - diastolic < PULSE_PRESSURE:
        yield "implausible-pulse-pressure"
    if mean and not diastolic < mean < systolic:
        yield "implausible-mean-pressure"


def _pressure(reading: Reading, vital: str) -> Fraction | None:
    for measurement in reading.measurements:
        if measurement.vital == vital and not isinstance(measurement.value, Absent):
            try:
                return exact(measurement.value, measurement.unit, "mm[Hg]")
            except UnitError:
                return None
    return None


def _entry(vital: str, unit: str, given: Mapping[str, str]) -> Limits:
    where = f"plausibility of {vital} in {unit}"
    if vital not in VITALS or dimension(unit) is None:
        raise LimitsError(f"{where}: there is no such vital or unit")
    unknown = given.keys() - {"low", "high", "usual_low", "usual_high"}
    if unknown or not given.keys() >= {"low", "high"}:
        raise LimitsError(f"{where}: it takes low and high, and may take usual_low and usual_high")
    try:
        numbers = {name: Decimal(text) for name, text in given.items()}
    except InvalidOperation:
        raise LimitsError(f"{where}: a limit is not a number") from None
    order = [numbers[name] for name in ("low", "usual_low", "usual_high", "high") if name in numbers]
    if not all(number.is_finite() for number in order) or order != sorted(order):
        raise LimitsError(f"{where}: the limits are not in order, or not finite")
    return Limits(unit, numbers["low"], numbers["high"], numbers.get("usual_low"), numbers.get("usual_high"))
