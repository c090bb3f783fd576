"""Nonin 9560 and others: data format 8, SpO2 and pulse rate once a second.

Protocol: Nonin 9560 OEM Specification, "Serial Data Format #8": 9600 baud 8N1, 4 bytes a second; bit 7 is set on the first byte only.
Status: 0x20 out of track, 0x10 low and 0x08 marginal perfusion, 0x04 artifact, bits 1-0 are bits 8-7 of the pulse rate (OEM III has 0x40 sensor disconnected).
Then the pulse rate's bits 6-0, SpO2, status 2: 0x20 SmartPoint, 0x08 sensor alarm, 0x01 low battery. The format has the -D values only: "when
the device is removed from the finger the last SpO2 and Pulse Rate reading will be reported for 10 seconds [...] During this 10 second period the
sensor alarm bit (SNSA) is set": with that bit both values are absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Refused
from drivers.wire.framing import FrameStream
from drivers.wire.nonin import ACK, NAK, NO_PULSE, NO_SPO2, pulse, saturation, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LENGTH = 4
SENSOR_ALARM = 0x08
_STATUS = ((0x40, "sensor-disconnected"), (0x20, "out-of-track"), (0x10, "low-perfusion"), (0x08, "marginal-perfusion"), (0x04, "artifact"))
_STATUS2 = ((0x20, "smart-point"), (SENSOR_ALARM, "sensor-alarm"), (0x01, "low-battery"))


class NoninDf8(FrameStream):
    """Data format 8. The buffer holds 4 bytes."""

    name = "nonin-df8"
    models = ("Nonin 9560 in data format 8", "Nonin Xpod in data format 8")
    link = Serial("nonin-df8", baud=9600, opening=(select(8),))
    measures = ("pulse-rate", "spo2")
    starts = bytes((ACK, NAK, *range(0x80, 0x100)))
    proven_by: ClassVar[str] = "simulator"

    def commands(self) -> tuple[bytes, ...]:
        """Select this data format (9560; others have it wired)."""
        return (select(8),)

    def size(self, data: bytearray) -> int | None:
        """Only the first of four bytes has bit 7."""
        if data[0] in (ACK, NAK):
            return 1
        return LENGTH if data[0] & 0x80 and not any(byte & 0x80 for byte in data[1:LENGTH]) else 0

    def frame(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Decode the four bytes of one second."""
        if len(frame.data) == 1:
            if frame.data[0] == NAK:
                yield Refused("the oximeter does not know this data format", frame.data)
            return
        status, low, spo2, status2 = frame.data
        if spo2 > 100 and spo2 != NO_SPO2:
            raise DecodeError("SpO2 above 100")
        rate = (status & 3) << 7 | low
        if status2 & SENSOR_ALARM:
            rate, spo2 = NO_PULSE, NO_SPO2
        yield self.reading(
            frame,
            (pulse("pulse-rate", rate), saturation("spo2", spo2)),
            settled=False,
            flags=(
                *(name for bit, name in _STATUS if status & bit),
                *(name for bit, name in _STATUS2 if status2 & bit),
            ),
        )
