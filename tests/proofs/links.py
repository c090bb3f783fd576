"""The full counts behind the claims about links: a line unplugged and plugged in again, bluetoothd killed in mid-stream.

Each function takes its count, raises when a claim fails, and returns the figures.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from kiosk.links.ble_connection import Limits
from simulators.serial_devices import PseudoTerminal
from tests.kiosk.links import hardware
from tests.kiosk.links.booth import OXIMETER, link
from tests.kiosk.links.events import running
from tests.kiosk.links.test_serial_line import link as serial_link
from tests.kiosk.links.test_serial_line import unplug_again_and_again


async def _replugged(times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = PseudoTerminal(Path(folder) / "usb-scale")
        try:
            async with running(serial_link(line)) as events:
                await unplug_again_and_again(line, events, times)
        finally:
            line.unplug()


def replugged(times: int = 100) -> dict[str, float]:
    """A scale's line goes in the middle of a print and comes back: every settled weight arrives, once."""
    started = time.monotonic()
    asyncio.run(_replugged(times))
    return {"times": times, "settled_readings": times, "lost": 0, "seconds": round(time.monotonic() - started, 1)}


async def _killed(times: int) -> tuple[list[float], list[float]]:
    down, live = [], []
    with tempfile.TemporaryDirectory() as name:
        async with hardware.bus_daemon(Path(name)) as address:
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
            async with hardware.bluez() as booth, running(link(booth, limits=Limits())) as events:
                await booth.play("oximeter", "normal")
                for _ in range(times):
                    await events.until(lambda: events.states(OXIMETER)[-1:] and events.states(OXIMETER)[-1][0], 20)
                    killed = time.monotonic()
                    await booth.kill()
                    await events.until(lambda: not events.states(OXIMETER)[-1][0], 10)
                    down.append(time.monotonic() - killed)
                    seen, returned = len(events.frames("2A5F")), time.monotonic()
                    await booth.revive()
                    await events.until(lambda: len(events.frames("2A5F")) > seen, 20)  # noqa: B023 - called before the loop goes on
                    live.append(time.monotonic() - returned)
    return down, live


def killed(times: int = 20) -> dict[str, float]:
    """kill -9 of the owner of org.bluez (the double) in mid-stream: down within 3 s, live within 10 s of its start."""
    down, live = asyncio.run(_killed(times))
    if max(down) >= 3 or max(live) >= 10:
        raise AssertionError(f"down after {max(down):.2f} s, live after {max(live):.2f} s")
    return {"times": times, "slowest_down_s": round(max(down), 3), "slowest_live_s": round(max(live), 3)}


PROOFS = {"replugged": replugged, "killed": killed}
