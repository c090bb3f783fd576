"""Run by a test in a network namespace: a browser without permission for camera and microphone receives the booth's picture."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import expect

from kiosk.call.aiortc_engine import AiortcEngine
from simulators.camera import StampedCamera
from tests.station.booth_peer import BoothPeer
from tests.station.browser import Specialist, chromium
from tests.station.running import RunningStation


async def main() -> None:
    engine = AiortcEngine({"booth": StampedCamera(320, 240, 15)}, None)
    engine.set_sources(camera=True, microphone=False)
    pictures: list[object] = []
    engine.on_picture = pictures.append
    with tempfile.TemporaryDirectory() as folder:
        async with (
            RunningStation(Path(folder) / "station.sqlite") as station,
            chromium() as browser,
            BoothPeer(station.origin, station.booth_keys, engine=engine) as booth,
        ):
            await booth.open_room()
            specialist = await Specialist.open(browser, station.link(), camera=False)
            await specialist.enter()
            await specialist.sees("Caméra et micro refusés")
            await expect(specialist.page.locator(".pictures")).to_have_attribute("data-call", "connected", timeout=15_000)
            await specialist.until("window.telecabineMeasures.stampedFrames > 5")
            await engine.stop()
    sys.stdout.write("sees the booth, is not seen\n" if not pictures else "is seen\n")


if __name__ == "__main__":
    asyncio.run(main())
