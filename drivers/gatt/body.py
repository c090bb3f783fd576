"""What the weight scale and the body composition profiles share: masses, heights, and the marks of a failed measurement.

Protocol: GATT Specification Supplement 3.33 (Body Composition Measurement) and 3.246 (Weight Measurement). A mass of 0xFFFF (weight) and a
body fat of 0xFFFF say "measurement unsuccessful"; a user of 0xFF is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.ieee11073 import scaled
from drivers.measurement import Absent, Measurement

if TYPE_CHECKING:
    from drivers.ieee11073 import Fields

UNSUCCESSFUL = 0xFFFF
USER_UNKNOWN = 0xFF


def mass(fields: Fields, vital: str, *, imperial: bool) -> Measurement:
    """A mass of 0.005 kg or 0.01 lb a step."""
    raw = fields.u16(vital)
    unit, step = ("[lb_av]", "0.01") if imperial else ("kg", "0.005")
    return Measurement(vital, Absent.ERROR if raw == UNSUCCESSFUL else scaled(raw, step), unit)


def height(fields: Fields, *, imperial: bool) -> Measurement:
    """A height of 0.001 m or 0.1 in a step."""
    unit, step = ("[in_i]", "0.1") if imperial else ("m", "0.001")
    return Measurement("height", scaled(fields.u16("height"), step), unit)


def user(fields: Fields) -> tuple[int | None, tuple[str, ...]]:
    """The user index, or None and a flag where the device does not know who stands on it."""
    index = fields.u8("user id")
    return (None, ("user-unknown",)) if index == USER_UNKNOWN else (index, ())


def resolution(code: int, names: tuple[str, ...], what: str) -> tuple[str, ...]:
    """The flag of a resolution field of the feature characteristics; 0 is "not specified" and has none."""
    if not code:
        return ()
    return (f"{what}-resolution-{names[code - 1]}" if code <= len(names) else f"{what}-resolution-reserved-{code}",)


MASSES = ("0.5-kg", "0.2-kg", "0.1-kg", "0.05-kg", "0.02-kg", "0.01-kg", "0.005-kg")
HEIGHTS = ("0.01-m", "0.005-m", "0.001-m")
