"""What is known of one instrument, and what its clock said: needed by attribution and by the FHIR mapping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from drivers.measurement import Instant


@dataclass(frozen=True, slots=True)
class Device:
    """One instrument. `key` is the booth's stable key ("ble:F0:00:00:00:00:01", "serial:usb-Contec-...").

    `address` is a Bluetooth address ("00:1C:05:FF:E8:74"), `system_id` an EUI-64 in 16 hex capitals; empty texts are unknown.
    `user` is the user index that the technician configured on a device with several users. `battery` is its charge in percent.
    """

    key: str
    driver: str
    name: str = ""
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    hardware: str = ""
    software: str = ""
    address: str = ""
    system_id: str = ""
    udi: str = ""
    user: int | None = None
    battery: int | None = None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the device's clock said (local, or UTC with `utc`; None when unusable) at `received` by the booth's clocks: the coincident time stamp.

    `settable` is the characteristic that takes a new time, "" where none does; `form` the flags octet of an elapsed time, which a new one repeats.
    """

    device: str
    device_time: datetime | None
    received: Instant
    settable: str = ""
    form: int = 0
    utc: bool = False

    def error(self) -> timedelta | None:
        """How much has to be added to the device's clock to make it right; None when it is unusable."""
        if self.device_time is None:
            return None
        wall = self.received.wall.astimezone(UTC) if self.utc else self.received.wall
        return wall.replace(tzinfo=None) - self.device_time

    def offset(self) -> timedelta | None:
        """Booth's local wall time minus device time: add it to a device time to get the booth's."""
        if self.device_time is None:
            return None
        return self.received.wall.replace(tzinfo=None) - self.device_time
