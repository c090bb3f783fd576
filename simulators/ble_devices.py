"""Virtual BLE instruments as bumble peripherals on a SimRadio."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from bumble.att import Opcode
from bumble.core import UUID, AdvertisingData, BaseBumbleError, DataType, ProtocolError
from bumble.data_types import (
    CompleteLocalName,
    Flags,
    IncompleteListOf16BitServiceUUIDs,
    IncompleteListOf128BitServiceUUIDs,
    ServiceData16BitUUID,
    ShortenedLocalName,
)
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.pairing import PairingConfig, PairingDelegate

if TYPE_CHECKING:
    from bumble.device import Connection, Device

    from simulators.instruments import Instrument
    from simulators.radio import SimRadio

_GENERAL_DISCOVERABLE_LE_ONLY = 0x06
_INTERVAL_MS, _ROOM = 20, 8
_DISCOVERY = (Opcode.ATT_READ_BY_GROUP_TYPE_REQUEST, Opcode.ATT_READ_BY_TYPE_REQUEST, Opcode.ATT_FIND_INFORMATION_REQUEST)
_PROPERTIES = {"notify": Characteristic.Properties.NOTIFY, "indicate": Characteristic.Properties.INDICATE}


class _Shown(PairingDelegate):
    """Shows its number, where it has one."""

    def __init__(self, number: int | None) -> None:
        super().__init__(self.NO_OUTPUT_NO_INPUT if number is None else self.DISPLAY_OUTPUT_ONLY)
        self._number = number

    async def generate_passkey(self) -> int:
        return self._number or 0

    async def confirm(self, auto: bool = False) -> bool:
        """Without its number typed, nobody pairs."""
        return self._number is None


class Peripheral:
    """`instrument` on `radio`; a `simulators.instruments.Presence`."""

    def __init__(self, radio: SimRadio, instrument: Instrument) -> None:
        self.instrument = instrument
        self._radio = radio
        self._device: Device | None = None
        self._connection: Connection | None = None
        #: the number that it shows to whoever pairs with it, None where it pairs without one
        self.passkey: int | None = None
        self._sent: dict[str, Characteristic[bytes]] = {}
        self._discovered, self._rested = 0.0, dict.fromkeys(instrument.model.sends, 0.0)
        self._listening: dict[str, asyncio.Event] = {source: asyncio.Event() for source in instrument.model.sends}

    async def appear(self) -> None:
        """See `Presence.appear`."""
        device = self._device or await self._power_on()
        if self._connection is None and not device.is_advertising:
            await device.start_advertising(advertising_interval_min=_INTERVAL_MS, advertising_interval_max=_INTERVAL_MS, auto_restart=True)

    async def subscribed(self, source: str) -> float:
        """See `Presence.subscribed`."""
        await self._listening[source].wait()
        return self._rested[source]

    async def push(self, source: str, data: bytes) -> None:
        """See `Presence.push`."""
        if self._device is None:
            return
        if source == self.instrument.model.advertises:
            self._device.advertising_data = bytes(AdvertisingData([*self._said(), ServiceData16BitUUID(UUID(source), data)]))
            await self._device.stop_advertising()
            await self.appear()
            await asyncio.sleep(3 * _INTERVAL_MS / 1000)  # on the air a few times
            return
        send = self._device.indicate_subscribers if self.instrument.model.sends[source] == "indicate" else self._device.notify_subscribers
        await send(self._sent[source], data)

    async def vanish(self) -> None:
        """See `Presence.vanish`."""
        if self._device is None:
            return
        await self._device.stop_advertising()
        if (connection := self._connection) is not None:
            with contextlib.suppress(BaseBumbleError, ProtocolError):
                await connection.disconnect()

    async def _power_on(self) -> Device:
        model = self.instrument.model
        self._device = device = self._radio.device(model.local_name, model.address)
        for service, sources in self.instrument.services.items():
            device.add_service(Service(UUID(service), [self._characteristic(source) for source in sources]))
        device.advertising_data = bytes(AdvertisingData(self._said()))
        device.pairing_config_factory = lambda _: PairingConfig(delegate=_Shown(self.passkey))
        device.on("connection", self._connected)
        self._note_discovery(device)
        await device.power_on()
        return device

    def _note_discovery(self, device: Device) -> None:
        """Note when the booth last asked what the instrument offers."""
        serve = device.gatt_server.on_gatt_pdu

        def heard(bearer: Any, pdu: Any) -> None:
            if pdu.op_code in _DISCOVERY:
                self._discovered = asyncio.get_running_loop().time()
            serve(bearer, pdu)

        device.gatt_server.on_gatt_pdu = heard  # type: ignore[assignment, method-assign] # bumble has no event for it

    def _said(self) -> list[DataType]:
        model = self.instrument.model
        flags = Flags(AdvertisingData.Flags(_GENERAL_DISCOVERABLE_LE_ONLY))
        if len(model.service) == 4:
            return [flags, CompleteLocalName(model.local_name), IncompleteListOf16BitServiceUUIDs([UUID(model.service)])]
        name = ShortenedLocalName(model.local_name[:_ROOM])  # a long UUID leaves little room beside it
        return [flags, name, IncompleteListOf128BitServiceUUIDs([UUID(model.service)])]

    def _characteristic(self, source: str) -> Characteristic[bytes]:
        how = self.instrument.model.sends.get(source)
        if how is None and source not in self.instrument.model.writes:
            value = CharacteristicValue(
                read=lambda _: self.instrument.read(source), write=lambda _, data: self.instrument.take(source, bytes(data))
            )
            properties, permissions = Characteristic.Properties.READ, Characteristic.Permissions.READABLE
            if source == self.instrument.model.clock:
                properties, permissions = properties | Characteristic.Properties.WRITE, permissions | Characteristic.Permissions.WRITEABLE
            return Characteristic(UUID(source), properties, permissions, value)
        properties, permissions = Characteristic.Properties(0), Characteristic.Permissions.READABLE
        if how is not None:
            properties |= _PROPERTIES[how]
        if source in self.instrument.model.writes:
            properties, permissions = properties | Characteristic.Properties.WRITE, Characteristic.Permissions.WRITEABLE
        taken = CharacteristicValue(read=lambda _: b"", write=lambda _, data: self.instrument.take(source, bytes(data)))
        sent: Characteristic[bytes] = Characteristic(UUID(source), properties, permissions, taken)
        if how is None:
            return sent

        def subscription(*arguments: Any) -> None:
            listening = self._listening[source]
            self._rested[source] = asyncio.get_running_loop().time() - self._discovered
            listening.set() if any(arguments[-2:]) else listening.clear()

        sent.on(Characteristic.EVENT_SUBSCRIPTION, subscription)
        self._sent[source] = sent
        return sent

    def _connected(self, connection: Connection) -> None:
        self._connection = connection
        connection.on("disconnection", self._disconnected)

    def _disconnected(self, _reason: int) -> None:
        self._connection = None
        for listening in self._listening.values():
            listening.clear()
