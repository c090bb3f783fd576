"""Heart rate and the intervals between beats.

Protocol: Heart Rate Service 1.0 (0x180D), Heart Rate Measurement 0x2A37 (notified), Body Sensor Location 0x2A38 (read); GATT
Specification Supplement 3.113 and 3.31. Intervals are counts of 1/1024 s, which is exact in decimal. A rate of 0 is what sensors send
while they find no beat: it is decoded as sent and flagged, and is never an asystole.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import WHOLE, Fields
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from drivers.measurement import Frame, Reading

WIDE, CONTACT, CONTACT_SUPPORTED, ENERGY, INTERVALS = 0x01, 0x02, 0x04, 0x08, 0x10
PER_SECOND = Decimal(1024)
#: the usual intervals in seconds, made once: a heart from 30 beats a minute on
_SECONDS = tuple(count / PER_SECOND for count in range(2049))
_LOCATION = ("other", "chest", "wrist", "finger", "hand", "ear-lobe", "foot")
_CONTACT: dict[int, tuple[str, ...]] = {
    0: (),
    CONTACT: (),
    CONTACT_SUPPORTED: ("no-sensor-contact",),
    CONTACT | CONTACT_SUPPORTED: ("sensor-contact",),
}


class HeartRate(Driver):
    """A chest strap or any sensor that follows the Heart Rate Service. Always live."""

    name = "heart-rate"
    models = ("Polar H10, H9", "Garmin HRM", "Wahoo TICKR")
    link = Gatt(service="180D", notify=("2A37",), read=("2A38",))
    measures = ("heart-rate", "rr-interval", "energy-expended")
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> tuple[Reading]:
        """Decode a live rate (2A37) or where the sensor sits (2A38)."""
        fields = Fields(frame.data)
        if frame.source == "2A38":
            code = fields.u8("body sensor location")
            fields.end("body sensor location")
            where = _LOCATION[code] if code < len(_LOCATION) else f"reserved-{code}"
            return (self.reading(frame, settled=False, flags=(f"sensor-location-{where}",)),)
        flags = fields.u8("flags")
        if flags & 0xE0:
            raise DecodeError(f"unknown flags 0x{flags:02x}: fields may follow that this profile does not have")
        rate = Decimal(fields.u16("heart rate")) if flags & WIDE else WHOLE[fields.u8("heart rate")]
        values = [Measurement("heart-rate", rate, "/min")]
        if flags & ENERGY:
            values.append(Measurement("energy-expended", Decimal(fields.u16("energy expended")), "kJ"))
        if flags & INTERVALS:
            if fields.position == len(frame.data):
                raise DecodeError("truncated: the flags promise intervals between beats and none follows")
            values += [
                Measurement("rr-interval", _SECONDS[count] if count <= 2048 else count / PER_SECOND, "s")
                for count in fields.words("RR-interval")
            ]
        fields.end("measurement")
        contact = _CONTACT[flags & (CONTACT | CONTACT_SUPPORTED)]
        return (self.reading(frame, tuple(values), settled=False, flags=contact if rate else ("no-beat-found", *contact)),)
