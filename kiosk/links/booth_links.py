"""The links of a real booth: Bluetooth through BlueZ, and the serial lines of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drivers.device import Device
from kiosk import known_devices
from kiosk.links.ble import BleLink
from kiosk.links.bluez import BlueZRadio
from kiosk.links.serial_line import SerialLink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.links.link import Clock, Link
    from kiosk.settings import Settings


class BoothLinks:
    """What the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def start(self, clock: Clock, marks: Mapping[str, int]) -> list[Link]:
        """One link for the radio with every paired device, one a serial line.

        Raises:
            KnownDevicesError: the file of the paired devices cannot be used.
        """
        links: list[Link] = []
        known = known_devices.load(Path(self._settings.state_directory))
        if self._settings.bluetooth and known:
            links.append(BleLink(BlueZRadio(self._settings.bluetooth), clock, known, marks=marks))
        for port in self._settings.serial:
            path = Path(port.path)
            links.append(SerialLink(Device(f"serial:{path.name}", port.driver, name=path.name), path, clock))
        return links

    async def stop(self) -> None:
        """Nothing to free."""
