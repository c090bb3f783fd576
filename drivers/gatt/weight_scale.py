"""Body weight, with body mass index and height where the scale knows them.

Protocol: Weight Scale Service 1.0 (0x181D), Weight Measurement 0x2A9D (indicated), Weight Scale Feature 0x2A9E (read); GATT Specification
Supplement 3.246 and 3.247.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.gatt.body import HEIGHTS, MASSES, height, mass, resolution, user
from drivers.ieee11073 import Fields, bits, scaled
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

IMPERIAL, TIME, USER, BMI = 0x01, 0x02, 0x04, 0x08
_FEATURE = {0: "time-stamp", 1: "multiple-users", 2: "body-mass-index"}


class WeightScale(Driver):
    """A scale that follows the Weight Scale Service."""

    name = "weight-scale"
    models = ("A&D UC-352BLE", "Omron BCM-500, SC-150", "Beurer BF series")
    link = Gatt(service="181D", indicate=("2A9D",), read=("2A9E",))
    measures = ("weight", "bmi", "height")
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a weight (2A9D) or the features (2A9E)."""
        fields = Fields(frame.data)
        if frame.source == "2A9E":
            word = fields.u32("feature")
            fields.end("feature")
            names = (*bits(word & 0x07, _FEATURE), *resolution(word >> 3 & 0x0F, MASSES, "mass"))
            names += resolution(word >> 7 & 0x07, HEIGHTS, "height") + bits(word >> 10 << 10, {})
            yield self.reading(frame, settled=False, flags=names)
            return
        flags = fields.u8("flags")
        if flags & 0xF0:
            raise DecodeError(f"unknown flags 0x{flags:02x}: fields may follow that this profile does not have")
        imperial = bool(flags & IMPERIAL)
        values = [mass(fields, "weight", imperial=imperial)]
        device_time = fields.date_time("time stamp") if flags & TIME else None
        index, names = user(fields) if flags & USER else (None, ())
        if flags & BMI:
            values.append(Measurement("bmi", scaled(fields.u16("BMI"), "0.1"), "kg/m2"))
            values.append(height(fields, imperial=imperial))
        fields.end("measurement")
        yield self.reading(frame, tuple(values), device_time=device_time, user=index, flags=names)
