"""EMAY SleepO2 and Contec CMS50D-BT: oximeters with one private protocol.

Protocol: service FF12, commands on FF01, values notified on FF02: 8 bytes `EB 01 state pulse spo2 7F 00 check`, check = sum of the seven before it
modulo 128. `9B 01 1C` starts, `9A 1A` keeps alive, `9B 7F 1A` stops. A pulse or a saturation of 0 or 255 is "no finger"; a pulse outside 30 to
220 or a saturation above 100 is a damaged frame. As in the public package emay-sleepo2 and a capture of a CMS50D-BT. The name "SleepO2" is
also that of a Viatom ring with another protocol: the service decides.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.measurement import Absent, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LENGTH = 8
START, KEEP_ALIVE, STOP = bytes.fromhex("9b011c"), bytes.fromhex("9a1a"), bytes.fromhex("9b7f1a")
NO_FINGER = (0x00, 0xFF)


def _number(raw: int, low: int, high: int, what: str) -> Decimal | Absent:
    if raw in NO_FINGER:
        return Absent.NOT_PERFORMED
    if not low <= raw <= high:
        raise DecodeError(f"{what} of {raw}, outside {low} to {high}: a damaged frame")
    return Decimal(raw)


class Emay(Driver):
    """An oximeter of the EMAY protocol. Always live."""

    name = "emay"
    models = ("EMAY SleepO2", "Contec CMS50D-BT")
    link = Gatt(
        service="FF12",
        notify=("FF02",),
        protocol="emay",
        write="FF01",
        opening=(START,),
        keep_alive=KEEP_ALIVE,
        keep_alive_s=1.5,
        closing=(STOP,),
    )
    measures = ("spo2", "pulse-rate")
    proven_by: ClassVar[str] = "capture"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a notification: one value."""
        data = frame.data
        if len(data) != LENGTH or data[:2] != b"\xeb\x01":
            raise DecodeError("not the 8 bytes of a value, EB 01 first")
        if sum(data[:7]) & 0x7F != data[7]:
            raise DecodeError("the checksum does not fit")
        pulse, spo2 = _number(data[3], 30, 220, "pulse rate"), _number(data[4], 1, 100, "saturation")
        names = ("no-finger",) if isinstance(pulse, Absent) and isinstance(spo2, Absent) else ()
        values = Measurement("spo2", spo2, "%"), Measurement("pulse-rate", pulse, "/min")
        yield self.reading(frame, tuple(values), settled=False, flags=(f"finger-state-{data[2]}", *names))

    def commands(self) -> tuple[bytes, ...]:
        """Start, keep alive, stop."""
        return (START, KEEP_ALIVE, STOP)
