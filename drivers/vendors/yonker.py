"""Yonker cuffs.

Protocol: service cdeacd80, notified on cdeacd81: 15 bytes, 0x81 first, then systolic, diastolic, pulse rate, two unknown, day, month, year - 2000, hour,
minute, four unknown. As in the public application blood-pressure-monitor-fl, which found the clock to be wrong: it is shown and flagged.
The cuff takes a connection only after a measurement.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LENGTH, RESULT = 15, 0x81


class Yonker(Driver):
    """A Yonker cuff."""

    name = "yonker"
    models = ("Yonker YK-IBPA1",)
    link = Gatt(
        service="cdeacd80-5235-4c07-8846-93a37ee6b86d",
        notify=("cdeacd81-5235-4c07-8846-93a37ee6b86d",),
        names=("YK-IBP", "YK-BPW"),
        protocol="yonker",
    )
    measures = ("systolic", "diastolic", "pulse-rate")
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a result."""
        data = frame.data
        if len(data) != LENGTH or data[0] != RESULT:
            raise DecodeError(f"not the {LENGTH} bytes of a result, 81 first")
        day, month, year, hour, minute = data[6:11]
        try:
            when = datetime(2000 + year, month, day, hour, minute)  # noqa: DTZ001 - the device's clock has no zone
        except ValueError:
            when = None
        values = [Measurement(vital, Decimal(data[at]), "mm[Hg]") for at, vital in ((1, "systolic"), (2, "diastolic"))]
        pulse = Measurement("pulse-rate", Decimal(data[3]), "/min")
        yield self.reading(frame, (*values, pulse), device_time=when, flags=("device-clock-unreliable",))
