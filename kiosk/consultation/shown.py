"""How a reading is printed: values with their digits, units as people read them. Nothing is rounded.

Glucose alone changes its unit: meters send kg/L and mol/L, and show mg/dL and mmol/L, which is the same number with its point moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from drivers.measurement import Absent, Measurement
from drivers.units import convert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.measurement import Reading

#: UCUM code -> print symbol (UCUM section "c/s print symbol", French usage for temperature and pulse)
PRINTED: Final = {
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "[lb_av]": "lb",
    "[in_i]": "in",
    "/min": "/min",
    "1": "",
    "kg/m2": "kg/m²",
    "Ohm": "Ω",
    "uV": "µV",
}

#: what the air carries -> what the instrument's own display shows
_DISPLAYED: Final = {"kg/L": "mg/dL", "mol/L": "mmol/L"}

#: live curiosities of a device that are not shown as a number
NOT_SHOWN: Final = frozenset({"signal-strength", "battery"})


def unit(ucum: str) -> str:
    """The unit as printed."""
    return PRINTED.get(ucum, ucum)


#: a rate or a saturation of zero is "none found": 0 bpm is not an asystole, and no finger has 0 % (drivers decode it as it was sent)
ZERO_IS_NONE: Final = frozenset(
    {"spo2", "spo2-fast", "spo2-slow", "pulse-rate", "pulse-rate-fast", "pulse-rate-slow", "heart-rate", "perfusion-index"}
)


def without_zeros(reading: Reading) -> Reading:
    """The reading with what its device means by a zero: no value."""
    if not any(measurement.vital in ZERO_IS_NONE and measurement.value == 0 for measurement in reading.measurements):
        return reading
    judged = (
        replace(measurement, value=Absent.NOT_PERFORMED) if measurement.vital in ZERO_IS_NONE and measurement.value == 0 else measurement
        for measurement in reading.measurements
    )
    return replace(reading, measurements=tuple(judged))


def text(measurement: Measurement) -> str | None:
    """The decimal text, or None when there is no number."""
    if isinstance(measurement.value, Absent):
        return None
    return format(measurement.value, "f")


def shown(measurements: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """The measurements that a person sees, in the units of the instruments' displays."""
    return tuple(_displayed(measurement) for measurement in measurements if measurement.vital not in NOT_SHOWN)


def _displayed(measurement: Measurement) -> Measurement:
    wanted = _DISPLAYED.get(measurement.unit)
    if wanted is None:
        return measurement
    value = measurement.value if isinstance(measurement.value, Absent) else convert(measurement.value, measurement.unit, wanted)
    return replace(measurement, value=value, unit=wanted)
