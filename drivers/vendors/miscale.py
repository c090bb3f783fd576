"""Xiaomi scales: weight, and on the second model impedance, in advertisements.

Protocol: service data of 0x181D, 10 bytes (first model): flags, weight, date and time; of 0x181B, 13 bytes (second model): unit, flags, date and time,
impedance in ohm, weight. Weight in 0.005 kg, 0.01 lb or 0.01 jin (half a kilogram). Flag bit 5 = stabilised, bit 7 = stepped off. As in the
public package xiaomi-ble and its captures. A weight is a result only while it is stabilised and the person stands on the scale.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import Advertisement, DecodeError, Driver
from drivers.ieee11073 import Fields, scaled
from drivers.measurement import Absent, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

POUND, JIN, IMPEDANCE, STABILISED, REMOVED = 0x01, 0x10, 0x02, 0x20, 0x80
FIRST_MODEL, SECOND_MODEL = 10, 13
#: the second model sends 0 or a number near 65535 where it measured none
LARGEST_IMPEDANCE = 3000


class MiScale(Driver):
    """A Xiaomi scale of the first or second model."""

    name = "miscale"
    models = ("Xiaomi Mi Smart Scale", "Xiaomi Mi Body Composition Scale 2")
    link = Advertisement(service="181D", protocol="miscale", names=("MI SCALE2", "MIBCS", "MIBFS"), also=("181B",))
    measures = ("weight", "impedance")
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode the service data of one advertisement."""
        fields = Fields(frame.data)
        if len(frame.data) not in (FIRST_MODEL, SECOND_MODEL):
            raise DecodeError(f"{len(frame.data)} bytes of service data: these scales send {FIRST_MODEL} or {SECOND_MODEL}")
        values: tuple[Measurement, ...] = ()
        if len(frame.data) == SECOND_MODEL:
            unit, flags = fields.u8("unit"), fields.u8("flags")
            when = fields.date_time("date and time")
            raw = fields.u16("impedance")
            if flags & IMPEDANCE:
                known = 0 < raw < LARGEST_IMPEDANCE
                values = (Measurement("impedance", Decimal(raw) if known else Absent.NOT_PERFORMED, "Ohm"),)
            weight = fields.u16("weight")
        else:
            unit = flags = fields.u8("flags")
            weight = fields.u16("weight")
            when = fields.date_time("date and time")
        names = tuple(name for bit, name in ((STABILISED, "stabilized"), (REMOVED, "removed")) if flags & bit)
        names += ("unit-jin",) if unit & JIN else ()
        mass = (
            Measurement("weight", scaled(weight, "0.01"), "[lb_av]")
            if unit & POUND
            else Measurement("weight", scaled(weight, "0.005"), "kg")
        )
        settled = bool(flags & STABILISED) and not flags & REMOVED
        yield self.reading(frame, (mass, *values), settled=settled, device_time=when, flags=names)
