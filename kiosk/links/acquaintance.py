"""Who a connected device is: the pinned instrument or another one, what it says of itself, and what its clock says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drivers.gatt import clock, device_information

if TYPE_CHECKING:
    from drivers.device import ClockReading, Device
    from kiosk.links.attributes import Attributes
    from kiosk.links.link import Clock


class WrongDeviceError(Exception):
    """Another instrument answers at the address of a known one."""


async def check_identity(offered: Attributes, device: Device) -> None:
    """Refuse an instrument whose system id or serial number is not the pinned one: an address can be copied.

    Raises:
        WrongDeviceError: it is another one.
    """
    for source, known in ((device_information.SYSTEM_ID, device.system_id), (device_information.SERIAL, device.serial)):
        if not known:
            continue
        told = device_information.learn(replace(device, system_id="", serial=""), {source: await offered.read(source) or b""})
        if known not in (told.system_id, told.serial):
            raise WrongDeviceError("another instrument answers under this address; pair it anew if it was exchanged")


async def described(offered: Attributes, device: Device) -> Device | None:
    """The device with what it says of itself, None where it says nothing."""
    said = {source: data for source in device_information.SOURCES if (data := await offered.read(source)) is not None}
    return device_information.learn(device, said) if said else None


async def clock_reading(offered: Attributes, device: Device, booth: Clock) -> ClockReading | None:
    """What its clock says at this moment, None where it has none."""
    for source in clock.SOURCES:
        data = await offered.read(source)
        if data is not None:
            return clock.reading(device.key, source, data, booth.now(), writable=offered.writable(source))
    return None
