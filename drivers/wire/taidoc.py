"""TaiDoc glucose meters (TD-4277, TD-4235 and their brands: GlucoRx Nexus, GlucoMen Nexus, GlucoCheck XL): the newest stored result.

Protocol: glucometer-protocols, "TaiDoc TD-42xx": 19200 baud 8N1; frames of 8 bytes: 51, command, four bytes of data, A3 from the host or A5 from
the meter, sum of the first seven. 22 connects (answered by 22, 24 or 54), 23 reads the clock, 2B counts the records, 25 reads the time and 26 the
value of a record, the newest being 0. A date is 16 bits little-endian (year - 2000 in 7 bits, month in 4, day in 5), then minute and hour. A value is 16 bits in mg/dL,
always; its last byte says before (40) or after (80) a meal. The booth asks for the newest record only: older ones are other people's. 52 clears the
memory and 33 sets the clock: neither is ever sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Measurement
from drivers.wire.framing import FrameStream
from drivers.wire.text import moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from drivers.measurement import Frame, Reading

LENGTH, START, HOST, METER = 8, 0x51, 0xA3, 0xA5
CONNECT, CLOCK, COUNT, RECORD_TIME, RECORD_VALUE = 0x22, 0x23, 0x2B, 0x25, 0x26
_CONNECTED = (0x22, 0x24, 0x54)
_MEAL = {0x00: (), 0x40: ("before-meal",), 0x80: ("after-meal",)}


def command(code: int) -> bytes:
    """The host's frame for one command; its data, the record's number among them, is zero."""
    head = bytes((START, code, 0, 0, 0, 0, HOST))
    return head + bytes((sum(head) & 0xFF,))


def date_time(data: bytes) -> datetime | None:
    """The four bytes of a date and time; None for one that does not exist."""
    day = data[0] | data[1] << 8
    return moment(2000 + (day >> 9), day >> 5 & 0x0F, day & 0x1F, data[3], data[2])


class Taidoc(FrameStream):
    """The 8-byte frames. The buffer holds 8 bytes."""

    name = "taidoc"
    models = ("TaiDoc TD-4277 (GlucoRx Nexus)", "TaiDoc TD-4235B")
    link = Serial("taidoc", baud=19200, opening=(command(CONNECT),))
    measures = ("glucose",)
    starts = bytes((START,))
    clock_step_s = 60
    proven_by: ClassVar[str] = "simulator"

    def __init__(self) -> None:
        super().__init__()
        self._taken: datetime | None = None
        self._replies: list[bytes] = []

    def commands(self) -> tuple[bytes, ...]:
        """Connect, read the clock, count, read the newest record."""
        return tuple(command(code) for code in (CONNECT, CLOCK, COUNT, RECORD_TIME, RECORD_VALUE))

    def replies(self) -> tuple[bytes, ...]:
        """The next question: clock, then count, then time and value of the newest record."""
        replies, self._replies = tuple(self._replies), []
        return replies

    def size(self, data: bytearray) -> int | None:
        """Every frame has 8 bytes and begins with 51."""
        return LENGTH if data[0] == START else 0

    def frame(self, frame: Frame) -> Iterator[Reading]:
        """Decode one frame; one without a value is a Reading without measurements."""
        code, data, direction = frame.data[1], frame.data[2:6], frame.data[6]
        if direction not in (HOST, METER):
            raise DecodeError("neither from the host nor from the meter")
        if sum(frame.data[:7]) & 0xFF != frame.data[7]:
            raise DecodeError("wrong checksum")
        if direction == HOST:
            yield self.reading(frame, settled=False, flags=("from-host", f"command-{code:02x}"))
        elif code == RECORD_VALUE:
            yield self._value(frame, data)
        else:
            yield self._other(frame, code, data)

    def _value(self, frame: Frame, data: bytes) -> Reading:
        if data[3] not in _MEAL:
            raise DecodeError(f"unknown meal mark 0x{data[3]:02x}")
        taken, self._taken = self._taken, None
        glucose = Measurement("glucose", Decimal(data[0] | data[1] << 8), "mg/dL")
        return self.reading(frame, (glucose,), device_time=taken, flags=_MEAL[data[3]])

    def _other(self, frame: Frame, code: int, data: bytes) -> Reading:
        if code in _CONNECTED:
            self._replies.append(command(CLOCK))
            return self.reading(frame, settled=False, flags=("connected",))
        if code == CLOCK:
            self._replies.append(command(COUNT))
            return self.reading(frame, settled=False, device_time=date_time(data), flags=("device-clock",))
        if code == COUNT:
            if data[0] | data[1]:
                self._replies.append(command(RECORD_TIME))
            return self.reading(frame, settled=False, flags=("record-count",))
        if code == RECORD_TIME:
            self._taken = date_time(data)
            self._replies.append(command(RECORD_VALUE))
            return self.reading(frame, settled=False, device_time=self._taken, flags=("record-time",))
        return self.reading(frame, settled=False, flags=(f"command-{code:02x}",))
