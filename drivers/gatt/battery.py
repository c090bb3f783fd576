"""How full a device's battery is.

Protocol: Battery Service 1.1 (0x180F), Battery Level 0x2A19 (read, notified): percent from 0 to 100; GATT Specification Supplement 3.28.
The values above 100 are reserved and seen on devices that do not know: they are no level.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import Driver, Gatt
from drivers.ieee11073 import Fields
from drivers.measurement import Absent, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

FULL = 100


class Battery(Driver):
    """The battery of any device."""

    name = "battery"
    models = ("any device with the Battery Service",)
    link = Gatt(service="", notify=("2A19",))
    measures = ("battery",)
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a battery level."""
        fields = Fields(frame.data)
        level = fields.u8("battery level")
        fields.end("battery level")
        value = Decimal(level) if level <= FULL else Absent.UNKNOWN
        yield self.reading(frame, (Measurement("battery", value, "%"),), settled=False)
