"""What a technician does with BLE devices that the booth does not know yet: look around, pair one."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drivers.device import Device
from drivers.driver import Advertisement, Gatt, load
from drivers.gatt import device_information
from kiosk.links.attributes import FAILURES, Attributes
from kiosk.links.ble import key_of
from kiosk.links.ble_connection import DEFAULTS
from kiosk.links.matching import driver_for
from kiosk.links.retry import advice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bleak import BleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from drivers.driver import Unlock
    from kiosk.links.pairing import Passkey
    from kiosk.links.radio import Radio


class PairingError(Exception):
    """The device could not be found or paired; the message says why, in words for a technician."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A device that was heard: `driver` is "" when nothing here reads it, `strength` is in dBm."""

    address: str
    name: str
    driver: str
    strength: int


@contextlib.asynccontextmanager
async def _scanning(radio: Radio, found: Callable[[BLEDevice, AdvertisementData], None]) -> AsyncIterator[None]:
    scanner = radio.scanner(found)
    try:
        await scanner.start()
    except FAILURES as error:
        raise PairingError(advice(error).reason) from error
    try:
        yield
    finally:
        with contextlib.suppress(*FAILURES):
            await scanner.stop()


def _sighting(peer: BLEDevice, said: AdvertisementData) -> Sighting:
    name = said.local_name or peer.name or ""
    driver = driver_for(name, said.service_uuids, load().values(), said.service_data)
    return Sighting(peer.address.upper(), name, driver.name if driver else "", said.rssi)


async def look_around(radio: Radio, seconds: float, seen: Callable[[Sighting], None]) -> None:
    """Call `seen` for every device the first time it is heard, and again when it is first recognised, for `seconds`.

    Raises:
        PairingError: the radio cannot scan.
    """
    told: dict[str, str | None] = {}

    def found(peer: BLEDevice, said: AdvertisementData) -> None:
        sighting = _sighting(peer, said)
        if told.get(sighting.address) != sighting.driver:
            told[sighting.address] = sighting.driver
            seen(sighting)

    async with _scanning(radio, found):
        await asyncio.sleep(seconds)


async def pair(radio: Radio, address: str, driver: str, seconds: float, passkey: Passkey | None = None) -> Device:
    """Find the device at `address`, pair with it while the window is open for it alone, and read who it is.

    `driver` is a driver's name, or "" for the one that fits what it advertises. A device that wants no pairing is taken as it is; one that
    wants the number typed that it shows or has printed on it is paired if `passkey` gives it.

    Raises:
        PairingError: not heard within `seconds`, served by no driver, or refused.
    """
    heard: asyncio.Future[tuple[BLEDevice, Sighting]] = asyncio.get_running_loop().create_future()

    def found(peer: BLEDevice, said: AdvertisementData) -> None:
        sighting = _sighting(peer, said)
        if sighting.address == address.upper() and (driver or sighting.driver) and not heard.done():
            heard.set_result((peer, sighting))

    async with _scanning(radio, found):
        try:
            async with asyncio.timeout(seconds):
                peer, sighting = await heard
        except TimeoutError:
            raise PairingError(
                f"{address} was not heard in {seconds:.0f} s, or no driver fits it: switch it on, or name a driver"
            ) from None
        device = Device(key_of(address), driver or sighting.driver, name=sighting.name, address=sighting.address)
        if isinstance(load()[device.driver].link, Advertisement):
            return device  # it takes no connection: to know its address is all there is to pair
        try:
            async with radio.pairing(address, passkey), asyncio.timeout(seconds):
                return await _bond(radio.client(peer, lambda: None), device, driver)
        except FAILURES as error:
            raise PairingError(f"{address}: {advice(error).reason}") from error


async def _bond(client: BleakClient, device: Device, driver: str) -> Device:
    """Pair, read who it is, and with it the driver that its model needs, unless `driver` was named; make the booth known to it."""
    await client.connect()
    try:
        await client.pair()
        offered = Attributes(client, device.key, asyncio.Event(), DEFAULTS.call_s)
        said = {source: data for source in device_information.SOURCES if (data := await offered.read(source)) is not None}
        device = device_information.learn(device, said)
        device = replace(device, driver=driver or load()[device.driver].for_model(device.model))
        link = load()[device.driver].link
        if isinstance(link, Gatt) and link.unlock is not None:
            await _enrol(offered, link.unlock)
        return device
    finally:
        with contextlib.suppress(*FAILURES):
            await client.disconnect()


async def _enrol(offered: Attributes, unlock: Unlock) -> None:
    for command, accepted in unlock.enrol:
        answer = await offered.ask(unlock.characteristic, command)
        if not answer.startswith(accepted):
            raise PairingError("the device does not take the booth's key: switch it on in its pairing mode, then pair it again")
