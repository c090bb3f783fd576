"""How soon values and picture come back: `./run bench reconnect [--runs N]` (root: two network namespaces and the forwarder of bench.rural).

A whole consultation: station and page on one side, the booth's agent with its call process on the other, Chromium on the page, an oximeter that
goes on measuring. Then either nothing passes for ten seconds, or the booth's address is another one. Counted is from the end of that until a new
value, and a new picture, is on the page. Wanted: 5 s at most.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bench.rural.cells import both
from bench.rural.wire import BOOTH, SPECIALIST, Wire, entering, shell
from protocol import screen
from simulators import fake_camera
from simulators.doctor import CHROMIUM, Doctor
from simulators.processes import House
from tests.end_to_end.rig import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

Fault = Literal["outage", "address"]
#: what a rural line is before and after
LINE = both(rate=1_000_000)
PORT, OTHER = 8443, "10.77.0.9"
#: s without anything, s that are wanted at most, and s that are waited for
OUTAGE, WANTED, PATIENCE = 10.0, 5.0, 60.0


class Scene:
    """A booth and a page with a consultation between them. `begin`, then faults one after the other."""

    def __init__(self, folder: Path, wire: Wire, stack: AsyncExitStack) -> None:
        self._folder, self._wire, self._stack = folder, wire, stack
        self._address = BOOTH
        program = folder / "browser"
        program.write_text(f'#!/bin/sh\nexec {entering(wire.specialist)} {CHROMIUM} "$@"\n')
        program.chmod(0o700)
        self.doctor = Doctor(folder / "camera.mjpeg", program=str(program))
        (folder / "house").mkdir(mode=0o700)
        self.house = House(folder / "house", host=SPECIALIST, inside=self._inside)

    def _inside(self, name: str) -> Sequence[str]:
        return self._wire.inside(self._wire.booth if name == "agent" else self._wire.specialist)

    async def begin(self) -> None:
        """Patient and specialist see each other, and an oximeter runs."""
        self._wire.set(LINE)
        await asyncio.to_thread(fake_camera.write, self._folder / "camera.mjpeg", 480, 270)
        self._stack.push_async_callback(self.house.stop)
        await self.house.start_station(PORT)
        await self.house.start_agent()
        self._stack.push_async_callback(self.doctor.close)
        await self.doctor.start(await asyncio.to_thread(self.house.browser_home))
        await self.doctor.open(await self.house.admin("link", "Dr Essai"))
        while not await self.house.admit():  # noqa: ASYNC110 -- the page asks when it has signed in, and tells nobody else
            await asyncio.sleep(0.1)
        helper = Screen(self.house.run / "agent.sock")
        self._stack.callback(helper.close)
        await helper.to_waiting()
        await self.doctor.page.get_by_role("button", name="Entrer").click()
        await helper.stage("in-call")
        helper.tap(screen.Media(camera=True, microphone=True))
        await self.house.control.ask(play="serial-oximeter", script="normal")
        await self.count(values=20, pictures=60)

    async def count(self, *, values: int, pictures: int) -> tuple[float, float]:
        """When (s, monotonic) the page had shown so many more values, and so many more pictures."""
        before = await self.doctor.measures()
        times: dict[str, float] = {}
        async with asyncio.timeout(PATIENCE):
            while len(times) < 2:
                now = await self.doctor.measures()
                for name, wanted in (("painted", values), ("pictureFrames", pictures)):
                    if name not in times and now[name] - before[name] >= wanted:
                        times[name] = time.monotonic()
                await asyncio.sleep(0.02)
        return times["painted"], times["pictureFrames"]

    async def fault(self, kind: Fault) -> tuple[float, float]:
        """Seconds from the end of a fault to the next value, and to the third picture, on the page."""
        if kind == "outage":
            self._wire.set(both(loss=1))
            await asyncio.sleep(OUTAGE)
            self._wire.set(LINE)
        else:
            old, self._address = self._address, OTHER if self._address == BOOTH else BOOTH
            at = entering(self._wire.booth)
            shell(f"""
                {at} ip addr del {old}/24 dev e0; {at} ip addr add {self._address}/24 dev e0
                {at} ip route replace default via {SPECIALIST}
            """)
        end = time.monotonic()
        value, picture = await self.count(values=1, pictures=3)
        return value - end, picture - end


async def measure(runs: int) -> bool:
    """Print the seconds of each fault; whether all were soon enough."""
    met = True
    with tempfile.TemporaryDirectory() as name:
        async with AsyncExitStack() as stack:
            wire = await stack.enter_async_context(Wire(Path(name)))
            scene = Scene(Path(name), wire, stack)
            await scene.begin()
            sys.stdout.write("| fault | next value after s | next picture after s | wanted |\n|---|---|---|---|\n")
            for _ in range(runs):
                for kind in ("outage", "address"):
                    value, picture = await scene.fault(kind)
                    met &= value <= WANTED and picture <= WANTED
                    sys.stdout.write(f"| {kind} | {value:.2f} | {picture:.2f} | {WANTED:g} |\n")
                    sys.stdout.flush()
                    await scene.count(values=20, pictures=100)
    return met


def main() -> int:
    """Exit status 0 when all were soon enough."""
    options = argparse.ArgumentParser(prog="bench reconnect", description=__doc__)
    options.add_argument("--runs", type=int, default=3)
    return 0 if asyncio.run(measure(options.parse_args().runs)) else 1


if __name__ == "__main__":
    sys.exit(main())
