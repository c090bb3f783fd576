"""A double of bluetoothd for tests: real D-Bus, real GATT objects, virtual instruments, and errors on demand.

`python -m simulators.bluez_double` owns org.bluez on the bus of DBUS_SYSTEM_BUS_ADDRESS and obeys lines on its standard input, each answered by "ok":

    play DEVICE SCRIPT        run a script of `simulators.scripts`
    off DEVICE                switch an instrument off
    fail MEMBER ERROR TEXT N  answer the next N calls of MEMBER with that D-Bus error ("-" for no text)
    adapter on|off            plug the adapter in or pull it out
    power on|off              switch its radio
    passkey DEVICE NUMBER     let DEVICE pair with whoever types this number only
    bond DEVICE               let DEVICE's readings be read by a paired booth only

It never takes a real bus by accident: without DBUS_SYSTEM_BUS_ADDRESS it refuses to start.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

from dbus_fast import BusType, Message, MessageType, NameFlag, RequestNameReply, Variant
from dbus_fast.aio import MessageBus

from kiosk.links.link import SystemClock
from kiosk.links.matching import full
from simulators.instruments import MODELS, Instrument
from simulators.scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Properties = dict[str, Variant]

HCI0 = "/org/bluez/hci0"
_ADVERTISE_S = 0.05
_ADAPTER, _DEVICE, _AGENTS = "org.bluez.Adapter1", "org.bluez.Device1", "org.bluez.AgentManager1"
_SERVICE, _CHARACTERISTIC, _DESCRIPTOR = "org.bluez.GattService1", "org.bluez.GattCharacteristic1", "org.bluez.GattDescriptor1"
_OBJECTS, _PROPERTIES = "org.freedesktop.DBus.ObjectManager", "org.freedesktop.DBus.Properties"


class DBusRefusalError(Exception):
    """An error reply: its D-Bus name and text."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(name)
        self.name, self.text = name, text


class Double:
    """The objects of bluetoothd on `bus`."""

    def __init__(self, bus: MessageBus, instruments: list[Instrument]) -> None:
        self._bus = bus
        self.objects: dict[str, dict[str, Properties]] = {}
        self.remotes = {instrument.model.name: Remote(self, instrument) for instrument in instruments}
        self._failures: dict[str, list[tuple[str, str]]] = {}
        self.discovering = False
        self.agent: tuple[str, str] | None = None
        bus.add_message_handler(self._called)

    def fail(self, member: str, name: str, text: str, count: int) -> None:
        """Answer the next `count` calls of `member` with an error."""
        self._failures.setdefault(member, []).extend([(name, text)] * count)

    def adapter(self, *, there: bool) -> None:
        """Plug the adapter in, or pull it out with everything that hangs on it."""
        if there:
            said = {"Address": Variant("s", "00:00:00:00:00:01"), "Name": Variant("s", "booth"), "Alias": Variant("s", "booth")}
            self.add(
                HCI0,
                {
                    _ADAPTER: {
                        **said,
                        "Powered": Variant("b", True),
                        "Discovering": Variant("b", False),
                        "Roles": Variant("as", ["central"]),
                    }
                },
            )
            return
        for remote in self.remotes.values():
            remote.drop()
        for path in sorted(self.objects, reverse=True):
            self.remove(path)
        self.discovering = False

    def power(self, *, on: bool) -> None:
        """Switch the adapter's radio."""
        if not on:
            self.discovering = False
            for remote in self.remotes.values():
                remote.drop()
        self.change(HCI0, _ADAPTER, {"Powered": Variant("b", on)})

    @property
    def powered(self) -> bool:
        """Whether there is an adapter and its radio is on."""
        return HCI0 in self.objects and bool(self.objects[HCI0][_ADAPTER]["Powered"].value)

    def add(self, path: str, interfaces: dict[str, Properties]) -> None:
        """A new object, told by InterfacesAdded."""
        self.objects[path] = interfaces
        self._signal("/", _OBJECTS, "InterfacesAdded", "oa{sa{sv}}", path, interfaces)

    def remove(self, path: str) -> None:
        """An object goes, told by InterfacesRemoved."""
        interfaces = self.objects.pop(path)
        self._signal("/", _OBJECTS, "InterfacesRemoved", "oas", path, list(interfaces))

    def change(self, path: str, interface: str, changed: Properties) -> None:
        """Properties change, told by PropertiesChanged."""
        if path in self.objects:
            self.objects[path][interface].update(changed)
            self._signal(path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", interface, changed, [])

    def _signal(self, path: str, interface: str, member: str, signature: str, *body: Any) -> None:
        if self._bus.connected:
            self._bus.send(
                Message(
                    message_type=MessageType.SIGNAL, path=path, interface=interface, member=member, signature=signature, body=list(body)
                )
            )

    def _called(self, message: Message) -> bool:
        if message.message_type is not MessageType.METHOD_CALL or message.interface in (
            "org.freedesktop.DBus.Peer",
            "org.freedesktop.DBus.Introspectable",
        ):
            return False
        task = asyncio.create_task(self._answer(message))
        _running.add(task)
        task.add_done_callback(_running.discard)
        return True

    async def _answer(self, message: Message) -> None:
        try:
            signature, body = await self._handle(message)
            reply = Message.new_method_return(message, signature, body)
        except DBusRefusalError as refusal:
            reply = Message.new_error(message, refusal.name, refusal.text)
        if self._bus.connected:
            await self._bus.send(reply)

    async def _handle(self, message: Message) -> tuple[str, list[Any]]:
        member, path = str(message.member), str(message.path)
        if waiting := self._failures.get(member):
            await self._fail(path, member, *waiting.pop(0))
        if member == "GetManagedObjects":
            return "a{oa{sa{sv}}}", [self.objects]
        if message.interface == _AGENTS:
            self.agent = (str(message.sender), str(message.body[0])) if member != "UnregisterAgent" else None
            return "", []
        interfaces = self.objects.get(path)
        if interfaces is None:
            raise DBusRefusalError("org.freedesktop.DBus.Error.UnknownObject", f"Method {member!r} does not exist at {path}")
        if message.interface == _PROPERTIES:
            return self._property(path, interfaces, member, message.body)
        if message.interface == _ADAPTER:
            return self._adapter_call(member, message.body)
        remote = next(remote for remote in self.remotes.values() if path.startswith(remote.path))
        return await remote.called(str(message.interface), path, member, message)

    async def _fail(self, path: str, member: str, name: str, text: str) -> None:
        """Refuse; the abort of a connection comes, as in BlueZ, after the link was up for a moment."""
        if member == "Connect" and text == "le-connection-abort-by-local":
            for connected in (True, False):
                self.change(path, _DEVICE, {"Connected": Variant("b", connected)})
        raise DBusRefusalError(name, text)

    def _property(self, path: str, interfaces: dict[str, Properties], member: str, body: list[Any]) -> tuple[str, list[Any]]:
        if member == "GetAll":
            return "a{sv}", [interfaces.get(body[0], {})]
        if member == "Get":
            return "v", [interfaces[body[0]][body[1]]]
        if (body[0], body[1]) == (_ADAPTER, "Powered"):
            self.power(on=bool(body[2].value))
        else:
            self.change(path, body[0], {body[1]: body[2]})
        return "", []

    async def ask(self, device: str, passkey: int | None) -> bool:
        """Whether the registered agent accepts to pair with `device`, and knows its `passkey` where it has one."""
        if self.agent is None:
            return False
        sender, path = self.agent
        member = "RequestAuthorization" if passkey is None else "RequestPasskey"
        question = Message(destination=sender, path=path, interface="org.bluez.Agent1", member=member, signature="o", body=[device])
        reply = await self._bus.call(question)
        agreed = reply is not None and reply.message_type is MessageType.METHOD_RETURN
        return agreed and (passkey is None or reply.body == [passkey])

    def _adapter_call(self, member: str, body: list[Any]) -> tuple[str, list[Any]]:
        if member == "StartDiscovery":
            if not self.powered:
                raise DBusRefusalError("org.bluez.Error.NotReady", "Resource Not Ready")
            if self.discovering:
                raise DBusRefusalError("org.bluez.Error.InProgress", "Operation already in progress")
            self.discovering = True
        elif member == "StopDiscovery":
            if not self.discovering:
                raise DBusRefusalError("org.bluez.Error.Failed", "No discovery started")
            self.discovering = False
            for remote in self.remotes.values():
                remote.forget_unconnected()
        elif member == "RemoveDevice":
            for remote in self.remotes.values():
                if remote.path == body[0]:
                    remote.drop()
                    remote.paired = False
                    remote.forget_unconnected()
        return "", []


class Remote:
    """One instrument as bluetoothd sees it; a `simulators.instruments.Presence`."""

    def __init__(self, double: Double, instrument: Instrument) -> None:
        self._double, self.instrument = double, instrument
        self.path = f"{HCI0}/dev_{instrument.model.address.replace(':', '_')}"
        self._advertising: asyncio.Task[None] | None = None
        self._connected = False
        self._listening = {source: asyncio.Event() for source in instrument.model.sends}
        self._resolved, self._rested = 0.0, dict.fromkeys(instrument.model.sends, 0.0)
        self._paths: dict[str, str] = {}
        self.bonded_only, self.paired = False, False
        self.passkey: int | None = None
        self._data: Properties = {}
        self._sent = asyncio.Event()

    async def appear(self) -> None:
        """See `Presence.appear`."""
        if self._advertising is None and not self._connected:
            self._advertising = asyncio.create_task(self._advertise())

    async def subscribed(self, source: str) -> float:
        """See `Presence.subscribed`."""
        await self._listening[source].wait()
        return self._rested[source]

    async def push(self, source: str, data: bytes) -> None:
        """See `Presence.push`; BlueZ confirms indications by itself."""
        if source == self.instrument.model.advertises:
            self._data = {full(source): Variant("ay", data)}
            self._sent.clear()
            await self._sent.wait()
            return
        if self._listening[source].is_set():
            self._double.change(self._paths[source], _CHARACTERISTIC, {"Value": Variant("ay", data)})

    async def vanish(self) -> None:
        """See `Presence.vanish`."""
        if self._advertising is not None:
            self._advertising.cancel()
            self._advertising = None
        self.drop()

    async def _advertise(self) -> None:
        """While the booth scans, be seen again and again: the object appears, then its signal strength changes."""
        strength = -60
        while True:
            if self._double.discovering and not self._connected:
                strength = -60 if strength == -61 else -61
                if self.path in self._double.objects:
                    heard = {"ServiceData": Variant("a{sv}", self._data)} if self._data else {}
                    self._double.change(self.path, _DEVICE, {"RSSI": Variant("n", strength), **heard})
                else:
                    self._double.add(self.path, {_DEVICE: self._description(strength)})
                self._sent.set()
            await asyncio.sleep(_ADVERTISE_S)

    def _description(self, strength: int) -> Properties:
        model = self.instrument.model
        texts = {"Address": model.address, "AddressType": "random", "Name": model.local_name, "Alias": model.local_name}
        states = {"Paired": self.paired, "Trusted": False, "Connected": False, "ServicesResolved": False, "Blocked": False}
        return {
            **{name: Variant("s", text) for name, text in texts.items()},
            **{name: Variant("b", state) for name, state in states.items()},
            "Adapter": Variant("o", HCI0),
            "UUIDs": Variant("as", [full(model.service)]),
            "RSSI": Variant("n", strength),
            "ServiceData": Variant("a{sv}", self._data),
        }

    def forget_unconnected(self) -> None:
        """Bluetoothd forgets a device that nobody paired once the scan is over."""
        if self.path in self._double.objects and not self._connected and not self.paired:
            self._double.remove(self.path)

    def drop(self) -> None:
        """The connection ends."""
        if not self._connected:
            return
        self._connected = False
        for listening in self._listening.values():
            listening.clear()
        self._double.change(self.path, _DEVICE, {"ServicesResolved": Variant("b", False), "Connected": Variant("b", False)})
        for path in sorted((path for path in self._double.objects if path.startswith(f"{self.path}/")), reverse=True):
            self._double.remove(path)

    async def called(self, interface: str, path: str, member: str, message: Message) -> tuple[str, list[Any]]:
        """A method of the device or of its GATT objects."""
        if interface == _DEVICE:
            await self._device_call(member)
            return "", []
        if not self._connected:
            raise DBusRefusalError("org.bluez.Error.Failed", "Not connected")
        source = next(source for source, known in self._paths.items() if known == path)
        if self.bonded_only and not self.paired and source in (*self.instrument.model.sends, *self.instrument.model.reads):
            raise DBusRefusalError("org.bluez.Error.NotPermitted", "Operation failed with ATT error: 0x05")
        if member == "ReadValue":
            return "ay", [self.instrument.read(source)]
        if member == "WriteValue" and source in (*self.instrument.model.writes, self.instrument.model.clock):
            self.instrument.take(source, bytes(message.body[0]))
            return "", []
        if member in ("StartNotify", "StopNotify"):
            listening = self._listening[source]
            self._rested[source] = asyncio.get_running_loop().time() - self._resolved
            listening.set() if member == "StartNotify" else listening.clear()
            self._double.change(path, _CHARACTERISTIC, {"Notifying": Variant("b", listening.is_set())})
            return "", []
        raise DBusRefusalError("org.bluez.Error.NotSupported", f"{interface} of {message.path}")

    async def _device_call(self, member: str) -> None:
        if member == "Connect":
            self._connect()
        elif member == "Disconnect":
            self.drop()
        elif member == "Pair":
            await self._pair()
        else:
            raise DBusRefusalError("org.bluez.Error.NotSupported", member)

    def _connect(self) -> None:
        if self._connected:
            raise DBusRefusalError("org.bluez.Error.AlreadyConnected", "Already Connected")
        if self._advertising is None:
            raise DBusRefusalError("org.bluez.Error.Failed", "le-connection-abort-by-local")
        self._connected = True
        self._double.change(self.path, _DEVICE, {"Connected": Variant("b", True)})
        self._add_services()
        self._resolved = asyncio.get_running_loop().time()
        self._double.change(self.path, _DEVICE, {"ServicesResolved": Variant("b", True)})

    def _add_services(self) -> None:
        handle = 1
        for service, sources in self.instrument.services.items():
            service_path = f"{self.path}/service{handle:04x}"
            said = {"UUID": Variant("s", full(service)), "Device": Variant("o", self.path), "Primary": Variant("b", True)}
            self._double.add(service_path, {_SERVICE: said})
            for source in sources:
                handle += 3
                self._add_characteristic(service_path, source, handle)
            handle += 1

    def _add_characteristic(self, service_path: str, source: str, handle: int) -> None:
        path = self._paths[source] = f"{service_path}/char{handle:04x}"
        flags = [self.instrument.model.sends[source]] if source in self._listening else []
        flags += ["write"] if source in self.instrument.model.writes else []
        flags += ["read", "write"] if source == self.instrument.model.clock else []
        said = {"UUID": Variant("s", full(source)), "Service": Variant("o", service_path), "Value": Variant("ay", b"")}
        more = {"Notifying": Variant("b", False), "Flags": Variant("as", flags or ["read"]), "MTU": Variant("q", 247)}
        self._double.add(path, {_CHARACTERISTIC: {**said, **more}})
        if source in self._listening:
            configuration = {"UUID": Variant("s", full("2902")), "Characteristic": Variant("o", path), "Value": Variant("ay", b"\0\0")}
            self._double.add(f"{path}/desc{handle + 1:04x}", {_DESCRIPTOR: configuration})

    async def _pair(self) -> None:
        """Ask the agent, as bluetoothd does; without one nobody pairs."""
        agreed = await self._double.ask(self.path, self.passkey)
        if not agreed:
            raise DBusRefusalError("org.bluez.Error.AuthenticationFailed", "Authentication Failed")
        self.paired = True
        self._double.change(self.path, _DEVICE, {"Paired": Variant("b", True)})


_running: set[asyncio.Task[None]] = set()


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _pause(longest_s: float) -> Callable[[float], Awaitable[None]]:
    async def pause(seconds: float) -> None:
        await asyncio.sleep(min(seconds, longest_s))

    return pause


class Control:
    """Obeys the lines."""

    def __init__(self, double: Double, pause: Callable[[float], Awaitable[None]]) -> None:
        self._double, self._pause = double, pause
        self._playing: dict[str, asyncio.Future[None]] = {}

    async def obey(self, words: list[str]) -> None:
        """Carry out one line."""
        match words:
            case ["play", device, script]:
                await self._stop(device)
                remote = self._double.remotes[device]
                self._playing[device] = asyncio.ensure_future(SCRIPTS[device][script](remote.instrument, remote, self._pause))
            case ["off", device]:
                await self._stop(device)
                await self._double.remotes[device].vanish()
            case ["fail", member, name, text, count]:
                self._double.fail(member, name, "" if text == "-" else text, int(count))
            case ["adapter", state]:
                self._double.adapter(there=state == "on")
            case ["power", state]:
                self._double.power(on=state == "on")
            case ["passkey", device, number]:
                self._double.remotes[device].passkey = int(number)
            case ["bond", device]:
                self._double.remotes[device].bonded_only = True
            case _:
                raise ValueError(f"not a line of this double: {' '.join(words)}")

    async def _stop(self, device: str) -> None:
        if (task := self._playing.pop(device, None)) is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def main(longest_pause_s: float) -> None:
    """Own org.bluez until the standard input ends."""
    if "DBUS_SYSTEM_BUS_ADDRESS" not in os.environ:
        raise SystemExit("bluez_double: DBUS_SYSTEM_BUS_ADDRESS must name a private bus")
    clock = SystemClock()
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    double = Double(bus, [Instrument(model, clock) for model in MODELS])
    if await bus.request_name("org.bluez", NameFlag.DO_NOT_QUEUE) is not RequestNameReply.PRIMARY_OWNER:
        raise SystemExit("bluez_double: org.bluez is taken on this bus")
    double.adapter(there=True)
    control, lines = Control(double, _pause(longest_pause_s)), await _lines()
    sys.stdout.write("ok\n")
    sys.stdout.flush()
    while line := (await lines.readline()).decode().split():
        await control.obey(line)
        sys.stdout.write("ok\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
