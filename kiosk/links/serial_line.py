"""A serial line: read, keep alive, tell when it falls silent, open it again when it comes back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import termios
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import serial

from drivers.driver import Serial, load
from drivers.measurement import Frame
from kiosk.links.link import NotAllowedError, NotConnectedError, States
from kiosk.links.supervisor import BackOff

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.device import Device
    from kiosk.links.link import Clock, Emit

_log = logging.getLogger(__name__)
_PIECE = 4096
_HANG_UP_ON_CLOSE = termios.HUPCL
_CFLAG = 2


@dataclass(frozen=True, slots=True)
class SerialLimits:
    """Seconds: a line is stale ("no signal") after `stale_s` without a byte; `reopen` paces the tries to open it again."""

    stale_s: float = 3.0
    reopen: BackOff = field(default_factory=lambda: BackOff(0.1, 1.0))


DEFAULTS = SerialLimits()


class SerialLink:
    """The link of one device on one line. `path` is a stable name, as in /dev/serial/by-id; the line is locked while it is open."""

    def __init__(self, device: Device, path: Path, clock: Clock, limits: SerialLimits = DEFAULTS) -> None:
        driver = load().get(device.driver)
        if driver is None or not isinstance(driver.link, Serial):
            raise ValueError(f"{device.key} is to be served by {device.driver!r}, which is not a driver of a serial line")
        self._device, self._path, self._clock, self._limits = device, path, clock, limits
        self._settings: Serial = driver.link
        self._allows = driver().allows
        self._line: serial.Serial | None = None

    async def run(self, emit: Emit) -> None:
        """Serve the line until cancelled; see `Link.run`."""
        states, failures = States(emit, self._clock), 0
        while True:
            try:
                line = self._open()
            except (OSError, ValueError) as error:
                failures += 1
                states.down(self._device, _why_not_open(error))
            else:
                failures = 1
                states.down(self._device, await self._serve(line, emit, states))
            await asyncio.sleep(self._limits.reopen.wait(failures))

    async def write(self, device: str, source: str, data: bytes) -> None:
        """See `Link.write`."""
        if device != self._device.key or source != self._settings.protocol or not self._allows(data):
            raise NotAllowedError(f"the driver {self._device.driver} never sends this to {device}")
        if self._line is None:
            raise NotConnectedError(f"{device} is not connected")
        self._send(self._line, data)

    def _open(self) -> serial.Serial:
        declared = self._settings
        line = serial.Serial(
            str(self._path),
            baudrate=declared.baud,
            bytesize=declared.data_bits,
            parity=declared.parity,
            stopbits=declared.stop_bits,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
        _do_not_reset_on_close(line.fileno())
        return line

    async def _serve(self, line: serial.Serial, emit: Emit, states: States) -> str:
        """Read until the line fails; returns why."""
        loop = asyncio.get_running_loop()
        failed: asyncio.Future[str] = loop.create_future()
        heard = asyncio.Event()

        def readable() -> None:
            try:
                data = os.read(line.fileno(), _PIECE)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                loop.remove_reader(line.fileno())
                _end(failed, "the line was unplugged")
                return
            heard.set()
            states.up(self._device, "live")
            emit(Frame(self._settings.protocol, data, self._clock.now(), self._device.key))

        self._line = line
        loop.add_reader(line.fileno(), readable)
        helpers = [asyncio.create_task(self._watch(heard, states)), asyncio.create_task(self._keep_alive(line, failed))]
        try:
            return await failed
        finally:
            self._line = None
            for helper in helpers:
                helper.cancel()
            loop.remove_reader(line.fileno())
            with contextlib.suppress(OSError, termios.error):
                line.close()

    async def _watch(self, heard: asyncio.Event, states: States) -> None:
        while True:
            try:
                async with asyncio.timeout(self._limits.stale_s):
                    await heard.wait()
            except TimeoutError:
                states.down(self._device, "no signal")
                await heard.wait()
            heard.clear()

    async def _keep_alive(self, line: serial.Serial, failed: asyncio.Future[str]) -> None:
        try:
            for data in self._settings.opening:
                self._send(line, data)
            while self._settings.keep_alive:
                await asyncio.sleep(self._settings.keep_alive_s)
                self._send(line, self._settings.keep_alive)
        except NotConnectedError as error:
            _end(failed, str(error))

    def _send(self, line: serial.Serial, data: bytes) -> None:
        """Commands are a few bytes: either the line's buffer takes them at once, or nobody reads them at the other end."""
        try:
            sent = os.write(line.fileno(), data)
        except OSError as error:
            raise NotConnectedError("the line does not take a command") from error
        if sent != len(data):
            raise NotConnectedError("the line took only a part of a command")


def _end(failed: asyncio.Future[str], reason: str) -> None:
    if not failed.done():
        failed.set_result(reason)


def _why_not_open(error: Exception) -> str:
    text = str(error).lower()
    if isinstance(error, FileNotFoundError) or "no such file" in text:
        return "not plugged in"
    if "permission" in text:
        return "the booth may not open the line"
    if "lock" in text or "busy" in text:
        return "another program uses the line"
    return "the line cannot be opened"


def _do_not_reset_on_close(descriptor: int) -> None:
    """Leave DTR as it is when the line is closed: some instruments take its fall for a reset."""
    with contextlib.suppress(termios.error):
        attributes = termios.tcgetattr(descriptor)
        attributes[_CFLAG] &= ~_HANG_UP_ON_CLOSE
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
