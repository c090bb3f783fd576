"""The links of a real booth: Bluetooth through BlueZ, and the serial lines of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drivers.device import Device
from kiosk.links.ble import BleLink
from kiosk.links.bluez import BlueZRadio
from kiosk.links.serial_line import SerialLink

if TYPE_CHECKING:
    from kiosk.links.link import Clock, Link
    from kiosk.settings import Settings


class BoothLinks:
    """What the settings name."""

    def __init__(self, settings: Settings, known: tuple[Device, ...] = ()) -> None:
        self._settings, self._known = settings, known

    async def start(self, clock: Clock) -> list[Link]:
        """One link for the radio, one a serial line."""
        links: list[Link] = []
        if self._settings.bluetooth and self._known:
            links.append(BleLink(BlueZRadio(self._settings.bluetooth), clock, self._known))
        for port in self._settings.serial:
            path = Path(port.path)
            links.append(SerialLink(Device(f"serial:{path.name}", port.driver, name=path.name), path, clock))
        return links

    async def stop(self) -> None:
        """Nothing to free."""
