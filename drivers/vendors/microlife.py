"""Microlife cuffs with a private protocol.

Protocol: service FFF0, commands on FFF2, replies notified on FFF1 in pieces: `4D 3A` (the booth sends `4D FF`), a big-endian length of payload and check,
payload, check = sum of all bytes before it modulo 256. The reply to "get measurements" holds records from byte 38 on, 10 bytes each: systolic,
diastolic, pulse rate, year - 2000, month, day, hour, minute, two unused; a slot of zeros is empty. As in the public applications
joergmlpts/blood-pressure-monitor and blood-pressure-monitor-fl.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.checksums import sum8
from drivers.driver import Driver, Gatt
from drivers.measurement import Measurement, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

HEAD, TO_DEVICE = b"\x4d\x3a", b"\x4d\xff"
RECORDS, STRIDE, USED = 38, 10, 8
#: the largest reply there is room for; the memory of the largest model holds 250 records
LONGEST = 4096
SET_TIME = 0x0D


def _command(payload: bytes) -> bytes:
    frame = TO_DEVICE + (len(payload) + 1).to_bytes(2, "big") + payload
    return frame + bytes((sum8(frame),))


GET_MEASUREMENTS = _command(bytes(7) + b"\xfd")
HANG_UP = _command(b"\x04")


def set_time(when: datetime) -> bytes:
    """The command that sets the cuff's clock to `when`, a local time."""
    return _command(bytes((SET_TIME, when.year - 2000, when.month, when.day, when.hour, when.minute, when.second)))


class Microlife(Driver):
    """A Microlife cuff: what its memory holds."""

    name = "microlife"
    models = ("Microlife BP3GY1-2N",)
    link = Gatt(
        service="FFF0",
        notify=("FFF1",),
        names=("BP3GY1",),
        protocol="microlife",
        write="FFF2",
        opening=(GET_MEASUREMENTS,),
        closing=(HANG_UP,),
    )
    measures = ("systolic", "diastolic", "pulse-rate")
    stream = True
    proven_by: ClassVar[str] = "specification"

    def __init__(self) -> None:
        self._buffer = bytearray()

    def receive(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Take a piece of the stream; each whole reply gives its records, in the order of the memory."""
        self._buffer += frame.data
        while self._buffer:
            reason, length = self._look()
            if reason:
                yield Refused(reason, self._taken(1))
            elif len(self._buffer) < length:
                return
            else:
                yield from self._reply(frame, self._taken(length)[4:-1])

    def finish(self) -> Iterator[Refused]:
        """Refuse an incomplete reply."""
        if self._buffer:
            yield Refused("an incomplete reply", self._taken(len(self._buffer)))

    def commands(self) -> tuple[bytes, ...]:
        """Get the measurements, hang up."""
        return (GET_MEASUREMENTS, HANG_UP)

    def allows(self, command: bytes) -> bool:
        """Also set the clock."""
        head = _command(bytes((SET_TIME, 0, 0, 0, 0, 0, 0)))[:5]
        return command in self.commands() or (len(command) == 12 and command[:5] == head and sum8(command[:-1]) == command[-1])

    def _taken(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _look(self) -> tuple[str, int]:
        """Why the buffer does not begin with a reply, or "" and how long that reply is."""
        data = self._buffer
        if not HEAD.startswith(data[:2]):
            return "a byte outside any reply", 0
        if len(data) < 4:
            return "", 4
        length = data[2] << 8 | data[3]
        if not 2 <= length <= LONGEST:
            return f"a length of {length}", 0
        whole = 4 + length
        if len(data) >= whole and sum8(data[: whole - 1]) != data[whole - 1]:
            return "the checksum does not fit", 0
        return "", whole

    def _reply(self, frame: Frame, payload: bytes) -> Iterator[Reading]:
        slots = [payload[at : at + USED] for at in range(RECORDS, len(payload) - USED + 1, STRIDE)]
        if not slots:
            yield self.reading(frame, settled=False, flags=(f"reply-{payload[0]:02x}",))
        for slot in slots:
            if any(slot[:3]):
                yield self._record(frame, slot)

    def _record(self, frame: Frame, slot: bytes) -> Reading:
        year, month, day, hour, minute = slot[3:]
        try:
            when = datetime(2000 + year, month, day, hour, minute)  # noqa: DTZ001 - the device's clock has no zone
        except ValueError:
            when = None
        values = [Measurement(vital, Decimal(slot[at]), "mm[Hg]") for at, vital in ((0, "systolic"), (1, "diastolic"))]
        return self.reading(frame, (*values, Measurement("pulse-rate", Decimal(slot[2]), "/min")), device_time=when)
