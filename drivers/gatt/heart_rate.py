"""Heart rate and the intervals between beats.

Protocol: Heart Rate Service 1.0 (0x180D), Heart Rate Measurement 0x2A37 (notified), Body Sensor Location 0x2A38 (read); GATT
Specification Supplement 3.113 and 3.31. Intervals are counts of 1/1024 s, which is exact in decimal. A rate of 0 is what sensors send
while they find no beat: it is decoded as sent and flagged, and is never an asystole.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import Fields
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

WIDE, CONTACT, CONTACT_SUPPORTED, ENERGY, INTERVALS = 0x01, 0x02, 0x04, 0x08, 0x10
PER_SECOND = Decimal(1024)
_LOCATION = ("other", "chest", "wrist", "finger", "hand", "ear-lobe", "foot")


class HeartRate(Driver):
    """A chest strap or any sensor that follows the Heart Rate Service. Always live."""

    name = "heart-rate"
    models = ("Polar H10, H9", "Garmin HRM", "Wahoo TICKR")
    link = Gatt(service="180D", notify=("2A37",), read=("2A38",))
    measures = ("heart-rate", "rr-interval", "energy-expended")
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a live rate (2A37) or where the sensor sits (2A38)."""
        fields = Fields(frame.data)
        if frame.source == "2A38":
            code = fields.u8("body sensor location")
            fields.end("body sensor location")
            where = _LOCATION[code] if code < len(_LOCATION) else f"reserved-{code}"
            yield self.reading(frame, settled=False, flags=(f"sensor-location-{where}",))
            return
        flags = fields.u8("flags")
        if flags & 0xE0:
            raise DecodeError(f"unknown flags 0x{flags:02x}: fields may follow that this profile does not have")
        rate = fields.u16("heart rate") if flags & WIDE else fields.u8("heart rate")
        values = [Measurement("heart-rate", Decimal(rate), "/min")]
        if flags & ENERGY:
            values.append(Measurement("energy-expended", Decimal(fields.u16("energy expended")), "kJ"))
        if flags & INTERVALS:
            if not fields.left:
                raise DecodeError("truncated: the flags promise intervals between beats and none follows")
            while fields.left:
                values.append(Measurement("rr-interval", fields.u16("RR-interval") / PER_SECOND, "s"))
        fields.end("measurement")
        names: tuple[str, ...] = () if rate else ("no-beat-found",)
        if flags & CONTACT_SUPPORTED:
            names += ("sensor-contact",) if flags & CONTACT else ("no-sensor-contact",)
        yield self.reading(frame, *values, settled=False, flags=names)
