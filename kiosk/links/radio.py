"""The Bluetooth radio behind a Protocol: BlueZ in the booth, a virtual one in the simulator. Both speak bleak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractAsyncContextManager

    from bleak import BleakClient, BleakScanner
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from kiosk.links.pairing import Passkey

    Found = Callable[[BLEDevice, AdvertisementData], None]


class Radio(Protocol):
    """Makes bleak's scanner and clients on one radio, and tells when the radio as a whole goes and comes back."""

    def scanner(self, found: Found) -> BleakScanner:
        """A scanner, not started, that calls `found` for every advertisement heard."""

    def client(self, peer: BLEDevice, lost: Callable[[], None]) -> BleakClient:
        """A client of `peer`, not connected; `lost` is called when an established connection ends."""

    async def watch(self, lost: Callable[[str], None], back: Callable[[], None]) -> None:
        """Until cancelled: call `lost` with the reason when no connection can live any more, `back` when the radio can be used again."""

    async def clean(self, addresses: Collection[str]) -> None:
        """End connections to `addresses` that an earlier process left behind: such a device does not advertise and cannot be found."""

    async def reset(self) -> None:
        """Switch the adapter off and on."""

    def pairing(self, address: str, passkey: Passkey | None = None) -> AbstractAsyncContextManager[None]:
        """While entered, `address` and nobody else may pair; a device that wants a number typed is refused where `passkey` is None."""

    async def forget(self, address: str) -> None:
        """Remove the bond with `address`."""
