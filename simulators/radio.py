"""One virtual air for BLE: bumble peripherals and the booth's own virtual adapter, which bleak uses through its public `backend=`.

ATT, GATT, SMP and L2CAP are real; only the radio waves are missing (no loss, constant signal strength).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakSet

from bleak import BleakClient, BleakScanner
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bumble.att import ATT_Error
from bumble.controller import Controller
from bumble.core import AdvertisingData, BaseBumbleError, ProtocolError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink
from bumble.pairing import PairingConfig, PairingDelegate

from kiosk.links.matching import full

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection

    from bleak.args import SizedBuffer
    from bleak.backends.client import NotifyCallback
    from bleak.backends.device import BLEDevice
    from bumble.core import UUID

    from kiosk.links.pairing import Passkey
    from kiosk.links.radio import Found

T = TypeVar("T")
_REFUSED = BleakDBusError("org.bluez.Error.AuthenticationFailed", ["Authentication Failed"])
BOOTH = "F6:F7:F8:F9:FA:FB"
_Type = AdvertisingData.Type
_SERVICE_LISTS = (
    _Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    _Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    _Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    _Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


def uuid128(uuid: UUID) -> str:
    """A bumble UUID as bleak writes it."""
    return uuid.to_hex_str("-").lower() if len(uuid.uuid_bytes) == 16 else full(uuid.to_hex_str())


class SimRadio:
    """The air, and a `kiosk.links.radio.Radio` on it."""

    def __init__(self) -> None:
        self._air = LocalLink()  # type: ignore[no-untyped-call] # bumble leaves it untyped
        self._central: Device | None = None
        self._scanner, self._client = _backends(self)
        self._failures: dict[str, list[Exception]] = {}
        self._changed = asyncio.Event()
        self.clients: WeakSet[_Client] = WeakSet()
        self.down = ""
        self.may_pair = ""

    def device(self, name: str, address: str) -> Device:
        """A bumble device on this air, not powered yet."""
        host = Host()
        host.controller = Controller(name, link=self._air)
        return Device(name=name, address=Address(address), host=host)

    async def central(self) -> Device:
        """The booth's adapter, powered on first use."""
        if self._central is None:
            self._central = self.device("booth", BOOTH)
            await self._central.power_on()
        return self._central

    def scanner(self, found: Found) -> BleakScanner:
        """See `Radio.scanner`."""
        return BleakScanner(found, scanning_mode="active", backend=self._scanner)

    def client(self, peer: BLEDevice, lost: Callable[[], None]) -> BleakClient:
        """See `Radio.client`."""
        return BleakClient(peer, lambda _: lost(), backend=self._client)

    async def watch(self, lost: Callable[[str], None], back: Callable[[], None]) -> None:
        """See `Radio.watch`."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self.down:
                lost(self.down)
            else:
                back()

    async def clean(self, addresses: Collection[str]) -> None:
        """See `Radio.clean`."""
        central = await self.central()
        for connection in list(central.connections.values()):
            if connection.peer_address.to_string(False) in addresses:
                await connection.disconnect()

    async def reset(self) -> None:
        """See `Radio.reset`: the virtual adapter has nothing to reset."""

    @contextlib.asynccontextmanager
    async def pairing(self, address: str, passkey: Passkey | None = None) -> AsyncIterator[None]:
        """See `Radio.pairing`."""
        self.may_pair, central = address.upper(), await self.central()
        central.pairing_config_factory = lambda _: PairingConfig(delegate=_Typist(passkey))
        try:
            yield
        finally:
            self.may_pair = ""

    async def forget(self, address: str) -> None:
        """See `Radio.forget`."""
        if (bonds := (await self.central()).keystore) is not None:
            await bonds.delete(address)

    def fail(self, member: str, error: Exception, count: int = 1) -> None:
        """Let the next `count` calls of `member` ("connect", "start", "pair", "read", "notify") raise `error`."""
        self._failures.setdefault(member, []).extend([error] * count)

    def raise_planned(self, member: str) -> None:
        """Raise what is planned for `member`, or what being switched off means for it."""
        if planned := self._failures.get(member):
            raise planned.pop(0)
        if self.down:
            raise BleakBluetoothNotAvailableError(self.down, BleakBluetoothNotAvailableReason.POWERED_OFF)

    async def switch(self, reason: str = "") -> None:
        """Take the radio away for `reason`, or give it back: every connection ends without a goodbye to the application."""
        self.down = reason
        if reason:
            central = await self.central()
            for client in self.clients:
                client.cut_off()
            for connection in list(central.connections.values()):
                await connection.disconnect()
        self._changed.set()


class _Typist(PairingDelegate):
    """Types the number that a device shows, where there is somebody to type."""

    def __init__(self, passkey: Passkey | None) -> None:
        super().__init__(self.NO_OUTPUT_NO_INPUT if passkey is None else self.KEYBOARD_INPUT_ONLY)
        self._passkey = passkey

    async def get_number(self) -> int | None:
        return None if self._passkey is None else await self._passkey()


async def _att(call: Awaitable[T]) -> T:
    """Await a bumble call; its errors become bleak's."""
    try:
        return await call
    except asyncio.CancelledError as cancelled:  # bumble cancels what a disconnection cuts short
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        raise BleakError("Not connected: the device disconnected") from cancelled
    except ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except (ProtocolError, BaseBumbleError) as error:
        raise BleakError(str(error)) from error


def _backends(radio: SimRadio) -> tuple[type[BaseBleakScanner], type[BaseBleakClient]]:
    """Bleak takes backends as classes: two that close over `radio`."""

    class Scanner(_Scanner):
        air = radio

    class Client(_Client):
        air = radio

    return Scanner, Client


class _Scanner(BaseBleakScanner):
    air: SimRadio

    def __init__(self, detection_callback: Any, service_uuids: list[str] | None, scanning_mode: str, **_: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        self.air.raise_planned("start")
        self.seen_devices = {}
        self._device = await self.air.central()
        self._device.on("advertisement", self._heard)
        await self._device.start_scanning(active=self._active)

    async def stop(self) -> None:
        self._device.remove_listener("advertisement", self._heard)
        await self._device.stop_scanning()

    def _heard(self, advertisement: Advertisement) -> None:
        said, address = advertisement.data, advertisement.address.to_string(False)
        services = [uuid128(uuid) for kind in _SERVICE_LISTS for uuid in cast("list[UUID]", said.get(kind) or [])]
        if not self.is_allowed_uuid(services):
            return
        name = said.get(_Type.COMPLETE_LOCAL_NAME) or said.get(_Type.SHORTENED_LOCAL_NAME)
        maker = said.get(_Type.MANUFACTURER_SPECIFIC_DATA)
        of_service = said.get(_Type.SERVICE_DATA_16_BIT_UUID)
        data = AdvertisementData(
            local_name=name,
            manufacturer_data=dict([maker]) if maker else {},
            service_data={uuid128(of_service[0]): of_service[1]} if of_service else {},
            service_uuids=services,
            tx_power=said.get(_Type.TX_POWER_LEVEL),
            rssi=advertisement.rssi,
            platform_data=(advertisement,),
        )
        self.call_detection_callbacks(self.create_or_update_device(address, address, name, advertisement.address, data), data)


class _Client(BaseBleakClient):
    air: SimRadio
    _connection: Connection | None = None

    async def connect(self, pair: bool, **options: Any) -> None:
        self.air.raise_planned("connect")
        central = await self.air.central()
        try:
            self._connection = await central.connect(Address(self.address), timeout=options.get("timeout", self._timeout))
        except (BaseBumbleError, ProtocolError, TimeoutError) as error:
            raise BleakDeviceNotFoundError(self.address, str(error)) from error
        self._connection.on("disconnection", self._lost)
        self.air.clients.add(self)
        try:
            if pair:
                await self.pair()
            peer = Peer(self._connection)
            await _att(peer.request_mtu(247))
            self.services = await _att(self._discover(peer))
        except BaseException:  # a half-open connection is never left behind
            await self.disconnect()
            raise

    def cut_off(self) -> None:
        """Lose the connection without a word, as when bluetoothd dies."""
        if self._connection is not None:
            self._connection.remove_listener("disconnection", self._lost)
            self._connection = None

    def _lost(self, _reason: int) -> None:
        self._connection = None
        if self._disconnected_callback:
            self._disconnected_callback()

    async def _discover(self, peer: Peer) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        for theirs in await peer.discover_services():
            service = BleakGATTService(theirs, theirs.handle, uuid128(theirs.uuid))
            found.add_service(service)
            for one in await theirs.discover_characteristics():
                properties = list(gatt_char_props_to_strs(int(one.properties)))
                characteristic = BleakGATTCharacteristic(one, one.handle, uuid128(one.uuid), properties, lambda: self.mtu_size - 3, service)
                found.add_characteristic(characteristic)
                descriptors = await one.discover_descriptors()
                one.descriptors_discovered = True  # bumble asks for them again at the subscription where this is not said
                for descriptor in descriptors:
                    found.add_descriptor(BleakGATTDescriptor(descriptor, descriptor.handle, uuid128(descriptor.type), characteristic))
        return found

    @property
    def name(self) -> str:
        return self.address

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else 23

    def _here(self) -> Connection:
        if self._connection is None:
            raise BleakError("Not connected: the device disconnected")
        return self._connection

    async def disconnect(self) -> None:
        if self._connection:
            await _att(self._connection.disconnect())

    async def pair(self, *_: Any, **__: Any) -> None:
        self.air.raise_planned("pair")
        if self.air.may_pair != self.address:
            raise _REFUSED
        try:
            await self._here().pair()
        except (ProtocolError, BaseBumbleError) as error:
            raise _REFUSED from error

    async def unpair(self) -> None:
        if (bonds := (await self.air.central()).keystore) is not None:
            await bonds.delete(self.address)

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any) -> bytearray:
        self._here()
        return bytearray(await _att(characteristic.obj.read_value()))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        self._here()
        await _att(characteristic.obj.write_value(bytes(data), with_response=response))

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any) -> bytearray:
        self._here()
        return bytearray(await _att(descriptor.obj.read_value()))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        self._here()
        await _att(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any) -> None:
        self._here()
        await _att(characteristic.obj.subscribe(lambda value: callback(bytearray(value)), prefer_notify=True))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self._here()
        await _att(characteristic.obj.unsubscribe(force=True))
