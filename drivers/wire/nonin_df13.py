"""Nonin 9560: data format 13, one SpO2 and pulse rate per spot check, with the device's clock and its memory.

Protocol: Nonin 9560 OEM Specification, "Data Format 13" and "Retrieving Time": 00, STX, type 000D, length (16 bits, at least 14), century, year,
month, day, hour, minute, second, fraction (all BCD), status (16 bits), pulse rate (16 bits), reserved, SpO2, what later models add, the sum of the
data (8 bits), ETX. Status: 0x0200 SmartPoint reached, 0x0100 no measurement, 0x0010 from memory, 0x0001 low battery. The host answers ACK, or
NAK to a wrong checksum; the oximeter sends its stored measurements before the new one and then forgets them. Time: the host asks 02 72 00 03 and gets
02 F2 06 YY MM DD hh mm ss 03 (binary). The clock is lost with the batteries.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Refused
from drivers.wire.framing import FrameStream
from drivers.wire.nonin import ACK, NAK, NO_PULSE, NO_SPO2, pulse, saturation, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

HEADER, CLOCK = b"\x00\x02\x00\x0d", b"\x02\xf2\x06"
SHORTEST, LONGEST = 14, 64
GET_TIME = b"\x02\x72\x00\x03"
NO_MEASUREMENT = 0x0100
_STATUS = ((0x0200, "smart-point"), (NO_MEASUREMENT, "no-measurement"), (0x0010, "data-from-measurement-storage"), (0x0001, "low-battery"))


def _bcd(byte: int) -> int:
    if byte >> 4 > 9 or byte & 0x0F > 9:
        raise ValueError
    return (byte >> 4) * 10 + (byte & 0x0F)


def _stamp(data: bytes) -> datetime | None:
    try:
        century, year, month, day, hour, minute, second = map(_bcd, data[:7])
        return datetime(century * 100 + year, month, day, hour, minute, second)  # noqa: DTZ001 - the device's clock has no zone
    except ValueError:
        return None


class NoninDf13(FrameStream):
    """Data format 13. The buffer holds one packet, 72 bytes at most."""

    name = "nonin-df13"
    models = ("Nonin 9560 in data format 13 (its default)",)
    link = Serial("nonin-df13", baud=9600, opening=(GET_TIME, select(13)))
    measures = ("pulse-rate", "spo2")
    starts = bytes((HEADER[0], CLOCK[0], ACK, NAK))
    proven_by: ClassVar[str] = "simulator"

    def __init__(self) -> None:
        super().__init__()
        self._replies: list[bytes] = []

    def commands(self) -> tuple[bytes, ...]:
        """Ask the time, select this data format, acknowledge."""
        return GET_TIME, select(13), bytes((ACK,)), bytes((NAK,))

    def replies(self) -> tuple[bytes, ...]:
        """ACK for each measurement, NAK for each with a wrong checksum."""
        replies, self._replies = tuple(self._replies), []
        return replies

    def size(self, data: bytearray) -> int | None:
        """A measurement says its length; the clock's answer has 10 bytes; ACK and NAK stand alone."""
        if data[0] in (ACK, NAK):
            return 1
        if CLOCK.startswith(data[:3]):
            return 10 if len(data) >= 3 else None
        if not HEADER.startswith(data[:4]):
            return 0
        if len(data) < 6:
            return None
        length = data[4] << 8 | data[5]
        return 6 + length + 2 if SHORTEST <= length <= LONGEST else 0

    def frame(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Decode a measurement or the clock."""
        if len(frame.data) == 1:
            if frame.data[0] == NAK:
                yield Refused("the oximeter does not know this command", frame.data)
        elif frame.data[:3] == CLOCK:
            yield self._clock(frame)
        else:
            yield self._measurement(frame)

    def _clock(self, frame: Frame) -> Reading:
        if frame.data[9] != 0x03:
            raise DecodeError("the time does not end in ETX")
        year, month, day, hour, minute, second = frame.data[3:9]
        try:
            now = datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - the device's clock has no zone
        except ValueError:
            now = None
        return self.reading(frame, settled=False, device_time=now, flags=("device-clock",))

    def _measurement(self, frame: Frame) -> Reading:
        data = frame.data[6:-2]
        if frame.data[-1] != 0x03:
            raise DecodeError("the measurement does not end in ETX")
        if sum(data) & 0xFF != frame.data[-2]:
            self._replies.append(bytes((NAK,)))
            raise DecodeError("wrong checksum")
        self._replies.append(bytes((ACK,)))
        status, rate, spo2 = data[8] << 8 | data[9], (data[10] & 1) << 8 | data[11], data[13] & 0x7F
        if status & NO_MEASUREMENT:
            rate, spo2 = NO_PULSE, NO_SPO2
        flags = tuple(name for bit, name in _STATUS if status & bit)
        return self.reading(frame, (pulse("pulse-rate", rate), saturation("spo2", spo2)), device_time=_stamp(data), flags=flags)
