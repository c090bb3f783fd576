"""The same instruments behind two radios: bumble in this process, and BlueZ's D-Bus objects in another. Tests see `Hardware` only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bleak.exc import BleakDBusError

from kiosk.links.bluez import BlueZRadio, forget_objects
from kiosk.links.link import SystemClock
from simulators.booth import SimulatedBooth

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kiosk.links.radio import Radio

PAUSE_S = 0.02
ROOT = Path(__file__).resolve().parents[3]
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/></policy>
</busconfig>"""


class Hardware(Protocol):
    radio: Radio

    async def play(self, device: str, script: str) -> None: ...
    async def off(self, device: str) -> None: ...
    async def show(self, device: str, passkey: int) -> None: ...
    async def fail(self, member: str, name: str, text: str, count: int) -> None: ...
    async def kill(self) -> None: ...
    async def revive(self) -> None: ...
    async def unplug_adapter(self) -> None: ...
    async def plug_adapter(self) -> None: ...


async def _soon(seconds: float) -> None:
    await asyncio.sleep(min(seconds, PAUSE_S))


MEMBERS = {"Connect": "connect", "StartDiscovery": "start", "ReadValue": "read", "StartNotify": "notify", "Pair": "pair"}


class Simulated:
    def __init__(self, folder: Path) -> None:
        self.booth = SimulatedBooth(SystemClock(), folder, _soon)
        self.radio = self.booth.radio

    async def play(self, device: str, script: str) -> None:
        self.booth.play(device, script)

    async def off(self, device: str) -> None:
        await self.booth.off(device)

    async def show(self, device: str, passkey: int) -> None:
        self.booth.show(device, passkey)

    async def fail(self, member: str, name: str, text: str, count: int) -> None:
        self.radio.fail(MEMBERS[member], BleakDBusError(name, [text]), count)

    async def kill(self) -> None:
        await self.radio.switch("the Bluetooth service stopped")

    async def unplug_adapter(self) -> None:
        await self.radio.switch("the Bluetooth adapter was removed")

    async def revive(self) -> None:
        await self.radio.switch()

    plug_adapter = revive


class BlueZ:
    def __init__(self) -> None:
        self.radio = BlueZRadio()
        self._playing: dict[str, str] = {}

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulators.bluez_double", str(PAUSE_S)),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'fhir'}"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await self._answered()

    async def _answered(self) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(30):  # a new process on a busy machine
            assert await self._process.stdout.readline() == b"ok\n"

    async def _tell(self, *words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(words).encode() + b"\n")
        await self._answered()

    async def play(self, device: str, script: str) -> None:
        self._playing[device] = script
        await self._tell("play", device, script)

    async def off(self, device: str) -> None:
        self._playing.pop(device, None)
        await self._tell("off", device)

    async def show(self, device: str, passkey: int) -> None:
        await self._tell("passkey", device, str(passkey))

    async def fail(self, member: str, name: str, text: str, count: int) -> None:
        assert " " not in text
        await self._tell("fail", member, name, text or "-", str(count))

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def revive(self) -> None:
        """Start bluetoothd anew; instruments are not part of it and go on."""
        await self.start()
        for device, script in self._playing.items():
            await self._tell("play", device, script)

    async def unplug_adapter(self) -> None:
        await self._tell("adapter", "off")

    async def plug_adapter(self) -> None:
        await self._tell("adapter", "on")


@contextlib.asynccontextmanager
async def simulated(folder: Path) -> AsyncIterator[Hardware]:
    hardware = Simulated(folder)
    try:
        yield hardware
    finally:
        await hardware.booth.close()


@contextlib.asynccontextmanager
async def bus_daemon(folder: Path) -> AsyncIterator[str]:
    """A private system bus; yields its address."""
    (folder / "bus.conf").write_text(BUS.format(path=folder / "bus"))
    daemon = await asyncio.create_subprocess_exec(
        *("dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork", "--print-address=1"), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert daemon.stdout is not None
        async with asyncio.timeout(10):
            address = (await daemon.stdout.readline()).decode().strip()
        yield address
    finally:
        await forget_objects()
        daemon.kill()
        await daemon.wait()


@contextlib.asynccontextmanager
async def bluez() -> AsyncIterator[Hardware]:
    """The double on the bus of DBUS_SYSTEM_BUS_ADDRESS."""
    hardware = BlueZ()
    try:
        await hardware.start()
        yield hardware
    finally:
        with contextlib.suppress(ProcessLookupError):
            await hardware.kill()
