"""How a reading is printed: values with their digits, units as people read them. No rounding, no conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.measurement import Absent, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterable

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

#: live curiosities of a device that are not shown as a number
NOT_SHOWN: Final = frozenset({"signal-strength", "battery"})


def unit(ucum: str) -> str:
    """The unit as printed."""
    return PRINTED.get(ucum, ucum)


def text(measurement: Measurement) -> str | None:
    """The decimal text, or None when there is no number. An oximeter's zero is "no value", as its maker means it."""
    if isinstance(measurement.value, Absent):
        return None
    return format(measurement.value, "f")


def shown(measurements: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """The measurements that a person sees."""
    return tuple(measurement for measurement in measurements if measurement.vital not in NOT_SHOWN)
