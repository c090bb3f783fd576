"""`telecabine devices`: the technician's view of the instruments: look around, pair, forget, try out."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from drivers.device import ClockReading, Device
from drivers.driver import DecodeError, Serial, load
from drivers.measurement import Absent, Frame, Reading, Refused
from kiosk import known_devices
from kiosk.commands.trial import Trial
from kiosk.known_devices import KnownDevicesError
from kiosk.links.ble import BleLink
from kiosk.links.bluez import BlueZError, BlueZRadio
from kiosk.links.link import ClockSet, LinkState, RecordTransfer, SystemClock
from kiosk.links.scan import PairingError, Sighting, look_around, pair
from kiosk.links.serial_line import SerialLink

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from kiosk.links.link import Event, Link
    from kiosk.links.radio import Radio

STATE = Path("/var/lib/telecabine")
BY_ID = Path("/dev/serial/by-id")


class UsageError(Exception):
    """What was typed makes no sense; one line says why."""


def _say(output: TextIO, line: str) -> None:
    output.write(line + "\n")
    output.flush()


def serial_lines(folder: Path) -> list[Path]:
    """The serial lines that are plugged in, by their stable names."""
    return sorted(folder.glob("*"))


async def scan(radio: Radio, seconds: float, output: TextIO, serial: Path = BY_ID) -> None:
    """Say every serial line and every BLE device around, with the driver that fits."""
    for line in serial_lines(serial):
        _say(output, f"serial  {line}")

    def seen(sighting: Sighting) -> None:
        _say(output, f"ble     {sighting.address}  {sighting.strength:4d} dBm  {sighting.driver or '-':20}  {sighting.name}")

    await look_around(radio, seconds, seen)


async def typed_passkey(output: TextIO, terminal: TextIO) -> int:
    """The number that a technician types when the device asks for one."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), terminal)
    try:
        while not reader.at_eof():
            _say(output, "Type the number that the device shows, or has printed on it:")
            digits = b"".join((await reader.readline()).split())
            if digits.isdigit() and len(digits) <= 6:
                return int(digits)
    finally:
        transport.close()
    raise PairingError("no number was typed")


async def pair_device(
    radio: Radio, address: str, driver: str, state: Path, seconds: float, output: TextIO, terminal: TextIO | None = None
) -> None:
    """Pair and remember one device; a number that it wants is typed at `terminal`."""
    if driver and driver not in load():
        raise UsageError(f"unknown driver {driver!r}")
    device = await pair(radio, address, driver, seconds, None if terminal is None else lambda: typed_passkey(output, terminal))
    known_devices.remember(state, device)
    _say(output, f"paired {device.key} ({device.manufacturer} {device.model} {device.serial}, driver {device.driver})")


async def forget_device(radio: Radio, key: str, state: Path, output: TextIO) -> None:
    """Drop a device from the booth, and its bond from the radio."""
    device = find(state, key)
    known_devices.forget(state, device.key)
    if device.address:
        await radio.forget(device.address)
    _say(output, f"forgot {device.key}")


def find(state: Path, key: str) -> Device:
    """The known device of `key`, which may be written without its kind ("F0:…" for "ble:F0:…").

    Raises:
        UsageError: there is none; KnownDevicesError: see `known_devices.load`.
    """
    for device in known_devices.load(state):
        if key.casefold() in (device.key.casefold(), device.key.partition(":")[2].casefold()):
            return device
    raise UsageError(f"{key} is not a device of this booth; `telecabine devices scan` and `pair` come first")


def link_to(radio: Radio, device: str, driver: str, state: Path) -> tuple[Device, Link]:
    """The link to a known BLE device, or to a serial line (a path, with its driver's name)."""
    if not device.startswith("/"):
        known = find(state, device)
        return known, BleLink(radio, SystemClock(), [known])
    serial = load().get(driver)
    if serial is None or not isinstance(serial.link, Serial):
        raise UsageError(f"{device} needs --driver with the name of a driver of a serial line, not {driver!r}")
    path = Path(device)
    line = Device(f"serial:{path.name}", driver, name=path.name)
    return line, SerialLink(line, path, SystemClock())


async def watch(link: Link, seconds: float, tell: Callable[[Event], None]) -> None:
    """Run a link for so long."""
    running = asyncio.create_task(link.run(tell))
    try:
        await asyncio.wait({running}, timeout=seconds)
    finally:
        running.cancel()
        await asyncio.wait({running})


class _Teller:
    """Says what comes from one device, decoded: a technician's own finger and arm, never a patient's."""

    def __init__(self, trial: Trial, output: TextIO) -> None:
        self._trial, self._output = trial, output
        self._last = ""

    def tell(self, event: Event) -> None:
        """One line for each new thing."""
        if isinstance(event, Frame):
            self._said(self._trial.take(event))
        elif isinstance(event, LinkState):
            if not event.up:
                self._said(self._trial.ended())
            self._line(f"{'up' if event.up else 'down'}: {event.reason}")
        elif isinstance(event, ClockReading):
            self._line(f"clock: {event.device_time.isoformat() if event.device_time else 'not set'}")
        elif isinstance(event, ClockSet):
            self._line("clock: set to the booth's time")
        elif isinstance(event, RecordTransfer):
            self._line(f"stored records: {event.result or 'asked for'}")
        else:
            self._line(f"device: {event.manufacturer} {event.model} {event.serial}, battery {event.battery or '-'} %")

    def _said(self, items: Iterable[Reading | Refused | DecodeError]) -> None:
        for item in items:
            refused = item.reason if isinstance(item, Refused) else str(item)
            self._line(_values(item) if isinstance(item, Reading) else f"refused: {refused}")

    def _line(self, line: str) -> None:
        if line and line != self._last:
            self._last = line
            _say(self._output, line)


def _values(reading: Reading) -> str:
    said = [f"{m.vital} {m.value if isinstance(m.value, Absent) else format(m.value, 'f') + ' ' + m.unit}" for m in reading.measurements]
    return ", ".join((*said, *reading.flags))


async def test(radio: Radio, device: str, driver: str, state: Path, seconds: float, output: TextIO) -> int:
    """Show live what one device sends; 0 when frames came."""
    known, link = link_to(radio, device, driver, state)
    trial = Trial(known, link)
    await watch(link, seconds, _Teller(trial, output).tell)
    _say(output, f"{trial.frames} frames in {seconds:.0f} s")
    return 0 if trial.frames else 1


async def _carry_out(arguments: argparse.Namespace, radio: Radio, output: TextIO) -> int:
    match arguments.action:
        case "scan":
            await scan(radio, arguments.seconds, output)
        case "pair":
            await pair_device(radio, arguments.device, arguments.driver, arguments.state, arguments.seconds, output, sys.stdin)
        case "forget":
            await forget_device(radio, arguments.device, arguments.state, output)
        case "list":
            for device in known_devices.load(arguments.state):
                _say(output, f"{device.key}  {device.driver}  {device.manufacturer} {device.model} {device.serial}")
        case _:
            return await test(radio, arguments.device, arguments.driver, arguments.state, arguments.seconds, output)
    return 0


def run(arguments: argparse.Namespace, output: TextIO = sys.stdout) -> int:
    """Carry out the command. Exit 0: done; 1: the device or the radio would not; 2: a usage error."""
    try:
        return asyncio.run(_carry_out(arguments, BlueZRadio(arguments.adapter), output))
    except (PairingError, BlueZError) as error:
        sys.stderr.write(f"telecabine devices: {error}\n")
        return 1
    except (UsageError, KnownDevicesError) as error:
        sys.stderr.write(f"telecabine devices: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def common(parser: argparse.ArgumentParser, seconds: float) -> None:
    """The options that every command on devices has."""
    parser.add_argument("--adapter", default="", help="a Bluetooth adapter (hci0), where there are several")
    parser.add_argument("--state", type=Path, default=STATE, help=f"the booth's state directory (default: {STATE})")
    parser.add_argument("--seconds", type=float, default=seconds, help=f"how long (default: {seconds:.0f})")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("devices", help="the instruments of this booth: scan, pair, forget, list, test")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text, seconds in (
        ("scan", "say which devices are around, and their drivers", 15.0),
        ("pair", "pair with one device, and remember it", 60.0),
        ("forget", "forget one device, and its bond", 0.0),
        ("list", "say which devices the booth knows", 0.0),
        ("test", "show live what one device sends", 30.0),
    ):
        action = actions.add_parser(name, help=text)
        if name in ("pair", "forget", "test"):
            action.add_argument("device", help="a Bluetooth address, a device's key, or (test) a serial line's path")
        if name in ("pair", "test"):
            action.add_argument("--driver", default="", help="a driver by name, where a model needs its own")
        common(action, seconds)
        action.set_defaults(run=run)
