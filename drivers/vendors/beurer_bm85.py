"""Beurer cuffs that mix byte orders.

Protocol: Blood Pressure Measurement 0x2A35 with a layout of its own: flags 0x56; three pressures as SFLOAT in the normal order; time stamp; pulse
rate as an SFLOAT with the **high** byte first; a user index although its flag is clear; the status word with the high byte first. As seen
in captures of a BM85 and described by the public application blood-pressure-monitor-fl. The cuff stays silent unless 100 ms pass between
discovery and subscription.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.gatt.blood_pressure import KPA, PULSE, STATUS, TIME, results, status_flags
from drivers.ieee11073 import Fields, sfloat
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LENGTH = 19
PRESENT = TIME | PULSE | STATUS


class BeurerBm85(Driver):
    """Beurer BM48, BM59, BM85 and Elite 900."""

    name = "beurer-bm85"
    models = ("Beurer BM48, BM59, BM85", "Elite 900")
    link = Gatt(service="1810", indicate=("2A35",), names=("BM48", "BM59", "BM85", "ELITE900"), settle_ms=100)
    measures = ("systolic", "diastolic", "mean-arterial-pressure", "pulse-rate")
    quirk = True
    proven_by: ClassVar[str] = "capture"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a result."""
        fields = Fields(frame.data)
        flags = fields.u8("flags")
        if flags & PRESENT != PRESENT or len(frame.data) != LENGTH:
            raise DecodeError(
                f"flags 0x{flags:02x} and {len(frame.data)} bytes, where these cuffs send {LENGTH} with time, pulse and status"
            )
        pressures = [fields.sfloat(what) for what in ("systolic", "diastolic", "mean arterial pressure")]
        when = fields.date_time("time stamp")
        pulse = sfloat(int.from_bytes(fields.take(2, "pulse rate"), "big"))
        user = fields.u8("user id")
        status = int.from_bytes(fields.take(2, "measurement status"), "big")
        values = results(pressures[0], pressures[1], pressures[2], "kPa" if flags & KPA else "mm[Hg]")
        names = status_flags(status)
        yield self.reading(frame, (*values, Measurement("pulse-rate", pulse, "/min")), device_time=when, user=user, flags=names)
