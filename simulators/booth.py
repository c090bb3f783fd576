"""The hardware of one booth, simulated: the BLE instruments of `simulators.instruments` on a virtual air, one serial oximeter on a pseudo-terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from drivers.device import Device
from kiosk.links.ble import BleLink
from kiosk.links.ble_connection import DEFAULTS, Limits
from kiosk.links.serial_line import DEFAULTS as SERIAL_DEFAULTS
from kiosk.links.serial_line import SerialLimits, SerialLink
from simulators.ble_devices import Peripheral
from simulators.instruments import MODELS, Instrument, Pause
from simulators.radio import SimRadio
from simulators.scripts import SCRIPTS
from simulators.serial_devices import ContecOximeter, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from kiosk.links.link import Clock, Link

SERIAL = "serial-oximeter"
SERIAL_NAME = "usb-Simulated_CMS50D-if00-port0"


class SimulatedBooth:
    """Virtual devices by name, as `scripts` lists them; `folder` holds the serial line's name.

    Nothing is switched on until a script is played.
    """

    def __init__(self, clock: Clock, folder: Path, pause: Pause = asyncio.sleep) -> None:
        self._clock, self._pause = clock, pause
        self.radio = SimRadio()
        self.instruments = {model.name: Instrument(model, clock) for model in MODELS}
        self.serial_device = Device(f"serial:{SERIAL_NAME}", "contec-cms50", name="CMS50D+ (simulé)")
        self.serial_path = folder / SERIAL_NAME
        self._peripherals = {name: Peripheral(self.radio, instrument) for name, instrument in self.instruments.items()}
        self._contec = ContecOximeter(PseudoTerminal(self.serial_path))
        self._playing: dict[str, asyncio.Task[None]] = {}

    @property
    def known(self) -> tuple[Device, ...]:
        """The BLE instruments as the technician pinned them."""
        return tuple(instrument.known for instrument in self.instruments.values())

    @property
    def scripts(self) -> dict[str, tuple[str, ...]]:
        """What can be played, by device."""
        return {**{name: tuple(scripts) for name, scripts in SCRIPTS.items()}, SERIAL: ContecOximeter.scripts}

    def links(
        self, limits: Limits = DEFAULTS, serial: SerialLimits = SERIAL_DEFAULTS, marks: Mapping[str, int] | None = None
    ) -> tuple[Link, ...]:
        """The booth's real links to these devices; `marks` as in `BleLink`."""
        return (
            BleLink(self.radio, self._clock, self.known, limits, marks),
            SerialLink(self.serial_device, self.serial_path, self._clock, serial),
        )

    def play(self, device: str, script: str) -> asyncio.Task[None]:
        """Start a script; the task ends with it. A script still running on the same device is stopped first.

        Raises:
            ValueError: there is no such device or script.
        """
        if script not in self.scripts.get(device, ()):
            raise ValueError(f"no script {script!r} for {device!r}; there are {self.scripts}")
        if device == SERIAL:
            return self._start(device, lambda: self._contec.play(script))
        play = SCRIPTS[device][script]
        return self._start(device, lambda: play(self.instruments[device], self._peripherals[device], self._pause))

    def show(self, device: str, passkey: int) -> None:
        """Let a BLE instrument pair with whoever types this number only."""
        self._peripherals[device].passkey = passkey

    async def off(self, device: str) -> None:
        """Switch a device off."""
        if device == SERIAL:
            await self._start(device, lambda: self._contec.play("unplugged"))
        else:
            await self._start(device, self._peripherals[device].vanish)

    async def close(self) -> None:
        """Switch everything off."""
        for device in self.scripts:
            await self.off(device)

    def _start(self, device: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        before = self._playing.get(device)

        async def run() -> None:
            if before is not None:
                while not before.done():  # asyncio.wait_for of Python 3.11, which bumble uses, may swallow a cancellation
                    before.cancel()
                    await asyncio.wait({before}, timeout=0.2)
            await work()

        self._playing[device] = task = asyncio.create_task(run(), name=f"{device} plays")
        return task
