"""What a link costs on top of the bytes: frames a second through the whole BLE link (virtual air) and through a serial line.

The peers of the same run: a bare bleak client on the same air, and a bare `os.read` on the same kind of line. Run: `python -m bench.links`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.device import Device
from drivers.measurement import Frame
from kiosk.links.ble import BleLink
from kiosk.links.link import LinkState, SystemClock
from kiosk.links.matching import full
from kiosk.links.serial_line import SerialLink
from simulators.ble_devices import Peripheral
from simulators.instruments import MODELS, Instrument
from simulators.radio import SimRadio
from simulators.serial_devices import FINGER_OUT, PseudoTerminal
from simulators.shipped_frames import frames

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice

    from kiosk.links.link import Event

NOTIFICATIONS, PIECES = 2000, 20000


async def _push(peripheral: Peripheral, count: int) -> None:
    await peripheral.appear()
    await peripheral.subscribed("2A5F")
    for _ in range(count):
        await peripheral.push("2A5F", frames()["V088"])


async def ble_link(count: int) -> float:
    """Notifications a second from peripheral to `emit`."""
    radio, clock = SimRadio(), SystemClock()
    peripheral = Peripheral(radio, Instrument(MODELS[1], clock))
    all_here, times = asyncio.Event(), list[float]()

    def emit(event: Event) -> None:
        if isinstance(event, Frame) and event.source == "2A5F":
            times.append(time.perf_counter())
            if len(times) == count:
                all_here.set()

    serving = asyncio.create_task(BleLink(radio, clock, [peripheral.instrument.known]).run(emit))
    await _push(peripheral, count)
    await all_here.wait()
    serving.cancel()
    await asyncio.wait({serving})
    return (count - 1) / (times[-1] - times[0])


async def bare_bleak(count: int) -> float:
    """The same over a bare bleak client."""
    radio = SimRadio()
    peripheral = Peripheral(radio, Instrument(MODELS[1], SystemClock()))
    heard: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()
    all_here, times = asyncio.Event(), list[float]()

    def received(_: object, __: bytearray) -> None:
        times.append(time.perf_counter())
        if len(times) == count:
            all_here.set()

    pushing = asyncio.create_task(_push(peripheral, count))
    scanner = radio.scanner(lambda peer, _: None if heard.done() else heard.set_result(peer))
    await scanner.start()
    async with radio.client(await heard, lambda: None) as client:
        await client.start_notify(full("2A5F"), received)
        await pushing
        await all_here.wait()
    await scanner.stop()
    return (count - 1) / (times[-1] - times[0])


async def serial_link(count: int, folder: Path) -> float:
    """Frames of five bytes a second from a pseudo-terminal to `emit`, sent one by one and taken as they come."""
    line = PseudoTerminal(folder / "line")
    line.plug()
    up, done, taken = asyncio.Event(), asyncio.Event(), [0]

    def emit(event: Event) -> None:
        if isinstance(event, LinkState):
            up.set()
        elif isinstance(event, Frame):
            taken[0] += len(event.data)
            if taken[0] >= count * len(FINGER_OUT):
                done.set()

    serving = asyncio.create_task(SerialLink(Device("serial:line", "contec-cms50"), line.path, SystemClock()).run(emit))
    while not up.is_set():
        line.send(FINGER_OUT)
        await asyncio.sleep(0)
    taken[0], started = 0, time.perf_counter()
    for _ in range(count):
        line.send(FINGER_OUT)
        await asyncio.sleep(0)
    await asyncio.wait_for(done.wait(), 30)
    seconds = time.perf_counter() - started
    serving.cancel()
    await asyncio.wait({serving})
    line.unplug()
    return count / seconds


def bare_read(count: int, folder: Path) -> float:
    """The same with `os.read` in a loop."""
    line = PseudoTerminal(folder / "bare")
    line.plug()
    end = os.open(line.path, os.O_RDONLY | os.O_NOCTTY)
    started = time.perf_counter()
    for _ in range(count):
        line.send(FINGER_OUT)
        os.read(end, 4096)
    seconds = time.perf_counter() - started
    os.close(end)
    line.unplug()
    return count / seconds


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        figures = {
            "ble_link_notifications_per_s": round(asyncio.run(ble_link(NOTIFICATIONS))),
            "bare_bleak_notifications_per_s": round(asyncio.run(bare_bleak(NOTIFICATIONS))),
            "serial_link_frames_per_s": round(asyncio.run(serial_link(PIECES, Path(name)))),
            "bare_read_frames_per_s": round(bare_read(PIECES, Path(name))),
        }
    json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
