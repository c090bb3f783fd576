"""The Bluetooth radio behind a Protocol: bleak's BlueZ backend in the booth, a virtual one in the simulator. Both speak bleak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

Found = Callable[[BLEDevice, AdvertisementData], None]


class Radio(Protocol):
    """Makes bleak's scanner and clients on one radio."""

    def scanner(self, found: Found) -> BleakScanner:
        """A scanner, not started, that calls `found` for every advertisement heard."""

    def client(self, peer: BLEDevice, lost: Callable[[], None]) -> BleakClient:
        """A client of `peer`, not connected; `lost` is called when an established connection ends."""


class BlueZRadio:
    """The adapter of this machine through BlueZ; `adapter` names one ("hci0") where there are several."""

    def __init__(self, adapter: str = "") -> None:
        self._adapter = adapter

    def scanner(self, found: Found) -> BleakScanner:
        """An active scanner: many cuffs send their name in the scan response only."""
        return BleakScanner(found, scanning_mode="active", bluez=BlueZScannerArgs(adapter=self._adapter) if self._adapter else {})

    def client(self, peer: BLEDevice, lost: Callable[[], None]) -> BleakClient:
        """A client by the scanner's own BLEDevice: its D-Bus path is valid as long as the scanner runs."""
        return BleakClient(peer, lambda _: lost(), bluez=BlueZClientArgs(adapter=self._adapter) if self._adapter else {})
