"""Body composition: fat, muscle, water, impedance.

Protocol: Body Composition Service 1.0 (0x181B), Body Composition Measurement 0x2A9C (indicated), Body Composition Feature 0x2A9B (read);
GATT Specification Supplement 3.33 and 3.32. A scale with more fields than fit sends two packets, both with the multiple-packet flag: the
first is shown as live, both together are the one settled result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from drivers.driver import DecodeError, Driver, Gatt
from drivers.gatt.body import HEIGHTS, MASSES, UNSUCCESSFUL, height, mass, resolution, user
from drivers.ieee11073 import Fields, bits, scaled
from drivers.measurement import Absent, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

IMPERIAL, TIME, USER, METABOLISM, MUSCLE, IMPEDANCE, WEIGHT, HEIGHT, MULTIPLE = (1 << bit for bit in (0, 1, 2, 3, 4, 9, 10, 11, 12))
_MASSES = ((5, "muscle-mass"), (6, "fat-free-mass"), (7, "soft-lean-mass"), (8, "body-water-mass"))
_FEATURE = {
    0: "time-stamp",
    1: "multiple-users",
    2: "basal-metabolism",
    3: "muscle-percentage",
    4: "muscle-mass",
    5: "fat-free-mass",
    6: "soft-lean-mass",
    7: "body-water-mass",
    8: "impedance",
    9: "weight",
    10: "height",
}


class BodyComposition(Driver):
    """A scale that follows the Body Composition Service."""

    name = "body-composition"
    models = ("Beurer BF105, BF720", "Omron BCM-500", "SilverCrest SBF series")
    link = Gatt(service="181B", indicate=("2A9C",), read=("2A9B",))
    measures = (
        "body-fat",
        "basal-metabolism",
        "muscle-percentage",
        "muscle-mass",
        "fat-free-mass",
        "soft-lean-mass",
        "body-water-mass",
        "impedance",
        "weight",
        "height",
    )
    proven_by: ClassVar[str] = "specification"

    def __init__(self) -> None:
        self._first: Reading | None = None

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a result or one of its two packets (2A9C), or the features (2A9B)."""
        fields = Fields(frame.data)
        if frame.source == "2A9B":
            yield self._features(frame, fields)
            return
        flags = fields.u16("flags")
        if flags & 0xE000:
            raise DecodeError(f"unknown flags 0x{flags:04x}: fields may follow that this profile does not have")
        reading = self._measurement(frame, fields, flags)
        if not flags & MULTIPLE:
            self._first = None
            yield reading
            return
        first, self._first = self._first, None
        if first is not None and _continues(first, reading):
            yield _joined(first, reading)
        else:
            self._first = reading
            yield replace(reading, settled=False, flags=(*reading.flags, "first-packet"))

    def _measurement(self, frame: Frame, fields: Fields, flags: int) -> Reading:
        imperial = bool(flags & IMPERIAL)
        fat = fields.u16("body fat percentage")
        values = [Measurement("body-fat", Absent.ERROR if fat == UNSUCCESSFUL else scaled(fat, "0.1"), "%")]
        device_time = fields.date_time("time stamp") if flags & TIME else None
        index, names = user(fields) if flags & USER else (None, ())
        if flags & METABOLISM:
            values.append(Measurement("basal-metabolism", scaled(fields.u16("basal metabolism"), "1"), "kJ"))
        if flags & MUSCLE:
            values.append(Measurement("muscle-percentage", scaled(fields.u16("muscle percentage"), "0.1"), "%"))
        values += [mass(fields, vital, imperial=imperial) for bit, vital in _MASSES if flags >> bit & 1]
        if flags & IMPEDANCE:
            values.append(Measurement("impedance", scaled(fields.u16("impedance"), "0.1"), "Ohm"))
        if flags & WEIGHT:
            values.append(mass(fields, "weight", imperial=imperial))
        if flags & HEIGHT:
            values.append(height(fields, imperial=imperial))
        fields.end("measurement")
        if flags & MULTIPLE:
            names += ("multiple-packet",)
        return self.reading(frame, tuple(values), device_time=device_time, user=index, flags=names)

    def _features(self, frame: Frame, fields: Fields) -> Reading:
        word = fields.u32("feature")
        fields.end("feature")
        names = (*bits(word & 0x07FF, _FEATURE), *resolution(word >> 11 & 0x0F, MASSES, "mass"))
        names += resolution(word >> 15 & 0x07, HEIGHTS, "height") + bits(word >> 18 << 18, {})
        return self.reading(frame, settled=False, flags=names)


def _vitals(reading: Reading) -> set[str]:
    return {measurement.vital for measurement in reading.measurements} - {"body-fat"}


def _continues(first: Reading, second: Reading) -> bool:
    """Whether `second` is the rest of `first`: it repeats no value, and no other user, time or body fat stands in it."""
    same = first.measurements[0] == second.measurements[0] and second.user in (None, first.user)
    return same and second.device_time in (None, first.device_time) and not _vitals(first) & _vitals(second)


def _joined(first: Reading, second: Reading) -> Reading:
    return replace(
        second,
        measurements=first.measurements + second.measurements[1:],
        device_time=first.device_time or second.device_time,
        user=first.user,
        flags=tuple(dict.fromkeys(first.flags + second.flags)),
    )
