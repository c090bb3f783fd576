"""BlueZ as the booth needs it beside bleak: its death noticed, leftovers cleaned, an agent for the technician's pairing window.

Interfaces: org.bluez.Adapter1, Device1, Agent1, AgentManager1 (BlueZ D-Bus API), org.freedesktop.DBus.NameOwnerChanged.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs
from bleak.backends.bluezdbus import manager as bleak_manager
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

from kiosk.links.pairing import AGENT_PATH, Agent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from bleak.backends.device import BLEDevice

    from kiosk.links.pairing import Passkey
    from kiosk.links.radio import Found

_log = logging.getLogger(__name__)
SERVICE, ADAPTER, DEVICE, PROPERTIES = "org.bluez", "org.bluez.Adapter1", "org.bluez.Device1", "org.freedesktop.DBus.Properties"
OBJECTS = "org.freedesktop.DBus.ObjectManager"
_WATCHED = (
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'",
    "type='signal',interface='org.freedesktop.DBus.ObjectManager',arg0path='/org/bluez/'",
    "type='signal',interface='org.freedesktop.DBus.Properties',arg0='org.bluez.Adapter1'",
)
_CALL_S = 5.0


class BlueZError(OSError):
    """BlueZ or the system bus refused or does not answer; the text is theirs."""


@contextlib.asynccontextmanager
async def system_bus() -> AsyncIterator[MessageBus]:
    """A connection of one's own to the system bus.

    Raises:
        BlueZError: there is no bus.
    """
    bus = MessageBus(bus_type=BusType.SYSTEM)
    try:
        try:
            await bus.connect()
        except (OSError, EOFError, DBusError) as error:
            raise BlueZError(f"no system bus: {error}") from error
        yield bus
    finally:
        bus.disconnect()
        await _end_of(bus)  # its socket is closed then


async def call(bus: MessageBus, path: str, interface: str, member: str, signature: str = "", *body: Any, to: str = SERVICE) -> list[Any]:
    """Call a method and return its results.

    Raises:
        BlueZError: an error came back, or nothing within five seconds.
    """
    message = Message(destination=to, path=path, interface=interface, member=member, signature=signature, body=list(body))
    try:
        async with asyncio.timeout(_CALL_S):
            reply = await bus.call(message)
    except (TimeoutError, EOFError) as error:
        raise BlueZError(f"NoReply: {member}") from error
    if reply is None or reply.message_type is MessageType.ERROR:
        raise BlueZError("NoReply" if reply is None else f"{reply.error_name}: {' '.join(map(str, reply.body))}")
    return list(reply.body)


async def objects(bus: MessageBus) -> dict[str, dict[str, dict[str, Variant]]]:
    """All objects of BlueZ: path, interface, properties."""
    (found,) = await call(bus, "/", OBJECTS, "GetManagedObjects")
    return dict(found)


async def forget_objects() -> None:
    """Make bleak drop what it knows of BlueZ and read it anew at the next use.

    Bleak does this itself when the bus is lost, but not when bluetoothd alone dies: its devices then stay "connected" for ever.
    There is no public way; the kill test of the contract suite fails when this one stops to work.
    """
    with contextlib.suppress(AttributeError, KeyError):
        manager = bleak_manager._global_instances[asyncio.get_running_loop()]  # noqa: SLF001 - see above
        bus, watcher = manager._bus, manager._bus_watcher_task  # noqa: SLF001 - see above
        if bus is not None:
            bus.disconnect()
        if watcher is not None:
            await asyncio.wait({watcher}, timeout=_CALL_S)


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

    async def watch(self, lost: Callable[[str], None], back: Callable[[], None]) -> None:
        """See `Radio.watch`. bleak does not watch bluetoothd: a killed one gives no disconnect callback."""
        news: asyncio.Queue[str] = asyncio.Queue()

        def heard(message: Message) -> None:
            if message.message_type is MessageType.SIGNAL and (what := _meaning(message)) is not None:
                news.put_nowait(what)

        async with system_bus() as bus:
            for rule in _WATCHED:
                await call(bus, "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", "s", rule, to="org.freedesktop.DBus")
            bus.add_message_handler(heard)
            ended = asyncio.ensure_future(_end_of(bus))  # never cancelled: dbus-fast itself waits on the same future
            while not ended.done():
                coming = asyncio.ensure_future(news.get())
                try:
                    await asyncio.wait({coming, ended}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    coming.cancel()
                if coming.done() and not coming.cancelled():
                    await self._tell(coming.result(), lost, back)
        raise BlueZError("the system bus is gone")

    @staticmethod
    async def _tell(what: str, lost: Callable[[str], None], back: Callable[[], None]) -> None:
        if not what:
            back()
            return
        lost(what)
        await forget_objects()

    async def clean(self, addresses: Collection[str]) -> None:
        """See `Radio.clean`."""
        wanted = {address.upper() for address in addresses}
        async with system_bus() as bus:
            for path, interfaces in (await objects(bus)).items():
                said = interfaces.get(DEVICE, {})
                if "Connected" in said and said["Connected"].value and said["Address"].value.upper() in wanted:
                    _log.info("ends the connection that was left at %s", path.rpartition("/")[2])
                    await call(bus, path, DEVICE, "Disconnect")

    async def reset(self) -> None:
        """See `Radio.reset`."""
        async with system_bus() as bus:
            path = await self._adapter_path(bus)
            for powered in (False, True):
                await call(bus, path, PROPERTIES, "Set", "ssv", ADAPTER, "Powered", Variant("b", powered))

    @contextlib.asynccontextmanager
    async def pairing(self, address: str, passkey: Passkey | None = None) -> AsyncIterator[None]:
        """See `Radio.pairing`: the booth's own agent, for this time and this address."""
        async with system_bus() as bus:
            agent = Agent(address, passkey)
            bus.export(AGENT_PATH, agent)
            await call(bus, "/org/bluez", "org.bluez.AgentManager1", "RegisterAgent", "os", AGENT_PATH, agent.capability)
            try:
                await call(bus, "/org/bluez", "org.bluez.AgentManager1", "RequestDefaultAgent", "o", AGENT_PATH)
                yield
            finally:
                with contextlib.suppress(BlueZError):
                    await call(bus, "/org/bluez", "org.bluez.AgentManager1", "UnregisterAgent", "o", AGENT_PATH)

    async def forget(self, address: str) -> None:
        """See `Radio.forget`."""
        async with system_bus() as bus:
            for path, interfaces in (await objects(bus)).items():
                said = interfaces.get(DEVICE, {})
                if said and said["Address"].value.upper() == address.upper():
                    await call(bus, said["Adapter"].value, ADAPTER, "RemoveDevice", "o", path)

    async def _adapter_path(self, bus: MessageBus) -> str:
        if self._adapter:
            return f"/org/bluez/{self._adapter}"
        found = sorted(path for path, interfaces in (await objects(bus)).items() if ADAPTER in interfaces)
        if not found:
            raise BlueZError("No Bluetooth adapters found")
        return found[0]


async def _end_of(bus: MessageBus) -> None:
    """Return when the bus has ended, whatever ended it."""
    with contextlib.suppress(Exception):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call] # dbus-fast leaves it untyped


def _meaning(message: Message) -> str | None:
    """Why the radio is lost, "" for "it is back", None for a signal that says neither."""
    body = message.body
    if message.member == "NameOwnerChanged" and body[0] == SERVICE:
        return "" if body[2] else "the Bluetooth service stopped"
    if message.member == "InterfacesRemoved" and ADAPTER in body[1]:
        return "the Bluetooth adapter was removed"
    if message.member == "InterfacesAdded" and ADAPTER in body[1]:
        return ""
    if message.member == "PropertiesChanged" and body[0] == ADAPTER and "Powered" in body[1]:
        return "" if body[1]["Powered"].value else "Bluetooth is switched off"
    return None
