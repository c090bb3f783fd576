"""Masimo Rad-8 and Radical-7: SpO2, pulse rate and perfusion index, one line of text a second.

Protocol: Masimo Rad-8 Operator's Manual, "Serial interface, ASCII 1": 9600 baud 8N1, `MM/DD/YY HH:MM:SS SpO2=nnn PR=nnn PI=nn.nn
EXC=hex:names`. Exceptions: 1 no sensor, 2 defective sensor, 4 low perfusion, 8 pulse search, 10 interference, 20 sensor off, 40 ambient
light, 80 unrecognized sensor, 400 low signal IQ, 800 SET. 000 and --- mean "no value", with or without an exception (the manual's line of
09:56:18 has zeros and no fault). There is no handshake: a lost line shows as silence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.ieee11073 import bits
from drivers.measurement import Absent, Measurement
from drivers.wire.framing import LineStream
from drivers.wire.text import moment, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

_LINE = re.compile(
    r"(\d\d)/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d) +SpO2=(\d{3}|---)%? +PR=(\d{3}|---) +PI=(\d\d\.\d\d|--\.--|-+) +EXC=([0-9A-F]{3,6})(?::.*)?",
    re.ASCII,
)
_EXCEPTIONS = {
    0: "no-sensor",
    1: "defective-sensor",
    2: "low-perfusion",
    3: "pulse-search",
    4: "interference",
    5: "sensor-off",
    6: "ambient-light",
    7: "unrecognized-sensor",
    10: "low-signal-iq",
    11: "set",
}


def _measured(vital: str, printed: str, unit: str) -> Measurement:
    missing = "-" in printed or not number(printed)
    return Measurement(vital, Absent.NOT_PERFORMED if missing else number(printed), unit)


class MasimoAscii(LineStream):
    """The ASCII 1 line. The buffer holds 128 bytes."""

    name = "masimo-ascii"
    models = ("Masimo Rad-8", "Masimo Radical-7 in ASCII 1")
    link = Serial("masimo-ascii", baud=9600)
    measures = ("spo2", "pulse-rate", "perfusion-index")
    proven_by: ClassVar[str] = "specification"

    def line(self, frame: Frame, text: str) -> Iterator[Reading]:
        """Decode one second."""
        found = _LINE.fullmatch(text.strip())
        if found is None:
            raise DecodeError("not a line of Masimo ASCII")
        month, day, year, hour, minute, second = map(int, found.groups()[:6])
        spo2, rate, index, exceptions = found.groups()[6:]
        if spo2 != "---" and int(spo2) > 100:
            raise DecodeError("SpO2 above 100")
        yield self.reading(
            frame,
            (_measured("spo2", spo2, "%"), _measured("pulse-rate", rate, "/min"), _measured("perfusion-index", index, "%")),
            settled=False,
            device_time=moment(2000 + year, month, day, hour, minute, second),
            flags=bits(int(exceptions, 16), _EXCEPTIONS),
        )
