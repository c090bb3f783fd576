"""Body temperature.

Protocol: Health Thermometer Service 1.0 (0x1809), Temperature Measurement 0x2A1C (indicated), Intermediate Temperature 0x2A1E (notified),
Temperature Type 0x2A1D (read once where the measurement does not carry it); GATT Specification Supplement 3.216 to 3.218.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import Fields
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

FAHRENHEIT, TIME, TYPE = 0x01, 0x02, 0x04
_SITE = {
    1: "site-armpit",
    2: "site-body",
    3: "site-ear",
    4: "site-finger",
    5: "site-gastro-intestinal-tract",
    6: "site-mouth",
    7: "site-rectum",
    8: "site-toe",
    9: "site-tympanum",
}


def _site(code: int) -> str:
    return _SITE.get(code, f"site-reserved-{code}")


class Thermometer(Driver):
    """A thermometer that follows the Health Thermometer Service."""

    name = "thermometer"
    models = ("A&D UT-201BLE", "Taidoc / Fora IR20b", "Beurer FT95")
    link = Gatt(service="1809", indicate=("2A1C",), notify=("2A1E",), read=("2A1D",))
    measures = ("temperature",)
    proven_by: ClassVar[str] = "specification"

    def __init__(self) -> None:
        self._site: tuple[str, ...] = ()

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a result (2A1C), a live value (2A1E) or the site of all results (2A1D)."""
        fields = Fields(frame.data)
        if frame.source == "2A1D":
            site = (_site(fields.u8("temperature type")),)
            fields.end("temperature type")
            self._site = site
            yield self.reading(frame, settled=False, flags=site)
            return
        flags = fields.u8("flags")
        if flags & ~(FAHRENHEIT | TIME | TYPE):
            raise DecodeError(f"unknown flags 0x{flags:02x}: fields may follow that this profile does not have")
        value = fields.medfloat("temperature")
        device_time = fields.date_time("time stamp") if flags & TIME else None
        names = (_site(fields.u8("temperature type")),) if flags & TYPE else self._site
        fields.end("measurement")
        temperature = Measurement("temperature", value, "[degF]" if flags & FAHRENHEIT else "Cel")
        yield self.reading(frame, (temperature,), settled=frame.source == "2A1C", device_time=device_time, flags=names)
