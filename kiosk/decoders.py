"""The driver instances of the devices that are connected: one for each device and profile, as long as its connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.driver import load

if TYPE_CHECKING:
    from collections.abc import Collection

    from drivers.device import Device
    from drivers.driver import Driver


class Decoders:
    """Finds the driver of a frame, and makes it at the first one."""

    def __init__(self) -> None:
        self._known = load()
        self._profiles = {source: name for name, driver in self._known.items() if not driver.quirk for source in driver.link.sources}
        self._instances: dict[str, dict[str, Driver]] = {}

    def of(self, device: Device, source: str) -> Driver | None:
        """The driver that reads `source` on this connection: the device's own, else the profile that shares it; None where nobody does."""
        if device.driver not in self._known:
            return None
        own = source in self._known[device.driver].link.sources
        name = device.driver if own else self._profiles.get(source, device.driver)
        drivers = self._instances.setdefault(device.key, {})
        if name not in drivers:
            drivers[name] = self._known[name]()
            drivers[name].about(device)
        return drivers[name]

    def ended(self, key: str) -> Collection[Driver]:
        """The drivers of a connection that is over; the next one has new ones."""
        return self._instances.pop(key, {}).values()

    def measures(self, device: Device) -> tuple[str, ...]:
        """What the device's driver says that it measures."""
        return self._known[device.driver].measures if device.driver in self._known else ()
