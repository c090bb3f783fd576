"""How far picture and sound are apart, at the booth and at the specialist, over the rural bench's link. Run (root): `./run bench sync`.

To the booth: headless Chromium sends a sound whose pitch steps each tenth of a second and a picture that carries the same clock; the call process says when
each picture went to the screen and when each sample is heard (a simulated sound card). Screen and converter come after that and are not in the figures.
To the specialist: what Chromium says of itself (`estimatedPlayoutTimestamp` of both streams), which rests on the booth's sender reports (what these leave
to it, `LENIENCE`, is taken off); beside it, in the
same run of the bench, a second Chromium in the booth's place, with the same page. Positive: the picture comes after its sound. From five seconds after
"connected" on; "at the start" are the seconds before, of which those do not count in which the browser had no sender reports yet and said nothing ("measured":
ten times a second at the specialist). "Load" is the machine's, of the minute before (proc(5), /proc/loadavg): with more than one a processor, pictures wait
for the machine and the figures are its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.rural.booths import ChromiumBooth, TelecabineBooth
from bench.rural.host import PAGE_PORT
from bench.rural.run import Bench, reach
from kiosk.call.sync import LENIENCE
from protocol.engine import Sources
from simulators import lips
from tests.kiosk.call.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.async_api import Page

CELLS: Final[dict[str, dict[str, Any]]] = {
    "clean": {"both": {"delay": 1}},
    "10 % loss, 30 ms, jitter 30 ms": {"both": {"delay": 30, "jitter": 30, "loss": 0.10}},
}
#: seconds: of one run, and of its start
SECONDS, START = 40.0, 5.0
WIDTH, HEIGHT = 640, 360
#: ms
LIMIT: Final = 100


class Booth(TelecabineBooth):
    """The product's call process, which keeps what it shows and plays."""

    told_later = LENIENCE  #: how much later than it was this end says that its sound was recorded, s

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        self._folder = folder
        options = ("--camera", f"stamped:{WIDTH}x{HEIGHT}", "--stamps", f"{folder}/stamps", "--speaker", f"recorded:{folder}/sound.wav")
        self._agent = await stack.enter_async_context(Agent(folder, *options, prefix=bench.wire.inside(bench.wire.booth)))
        await self._agent.send(Sources(camera=True, microphone=True))

    def offsets(self, start: float) -> dict[str, list[float]]:
        """Of all pictures shown, by when, in ms; once it has ended."""
        seen, heard = lips.shown(self._folder / "stamps"), lips.steps(self._folder / "sound.wav")
        parts = {"at the start": [one for one in seen if one[0] < start + START], "": [one for one in seen if one[0] >= start + START]}
        return {when: [1000 * one for one in lips.offsets(heard, part)] for when, part in parts.items()}


class Pair(ChromiumBooth):
    """A second Chromium with the specialist's page."""

    told_later = 0.0

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        self.page = await page(bench, bench.wire.booth, stack)

    def offsets(self, start: float) -> dict[str, list[float]]:
        """Nothing: of this end no figures are taken."""
        return {}


async def page(bench: Bench, where: str, stack: AsyncExitStack) -> Page:
    """The bench's page in a browser of its own, with the picture and the sound that belong together."""
    browser = await bench.browser(where)
    stack.push_async_callback(browser.close)
    made = await (await browser.new_context(permissions=["camera", "microphone"])).new_page()
    await reach(made, f"http://127.0.0.1:{PAGE_PORT}/")
    await made.add_script_tag(content=lips.PAGE)
    await made.evaluate(
        """async ([width, height]) => {
            const both = await lips(width, height);
            navigator.mediaDevices.getUserMedia = async () => both;
            camera = async () => both.getVideoTracks()[0];
            await start(width, height);
            peer.addEventListener('track', event => { document.querySelector('video').srcObject = event.streams[0]; });
        }""",
        [WIDTH, HEIGHT],
    )
    return made


async def call(bench: Bench, folder: Path, profile: dict[str, Any], booth: Booth | Pair) -> dict[str, list[float]]:
    """One call: offsets in ms, by where and when."""
    async with AsyncExitStack() as stack:
        bench.wire.set({})
        specialist = await page(bench, bench.wire.specialist, stack)
        await booth.start(bench, folder, stack)
        bench.wire.set(profile)
        await booth.connect(specialist)
        start = time.monotonic()
        await specialist.evaluate("compare(peer)")
        found = {}
        for when, seconds in (("at the start", START), ("", SECONDS - START)):
            await asyncio.sleep(seconds)
            told = await specialist.evaluate("apart.splice(0)")
            found[named("specialist", when)] = [one - 1000 * booth.told_later for one in told]
    return {named("booth", when): offsets for when, offsets in booth.offsets(start).items()} | found


#: by the names that the table has
ENGINES: Final[dict[str, Callable[[], Booth | Pair]]] = {"telecabine": Booth, "Chromium pair": Pair}


def named(where: str, when: str) -> str:
    """Where and when, as the table says it."""
    return ", ".join(filter(None, (where, when)))


def row(engine: str, cell: str, where: str, offsets: Sequence[float]) -> str:
    """One row of the table."""
    ordered, size = sorted(offsets), sorted(abs(one) for one in offsets)
    if not ordered:
        return f"| {engine} | {cell} | {where} | 0 | - | - | - | - |\n"
    within = sum(one <= LIMIT for one in size) / len(size)
    figures = f"{ordered[len(size) // 2]:+.0f} | {size[int(0.95 * len(size))]:.0f} | {100 * within:.0f}"
    return f"| {engine} | {cell} | {where} | {len(size)} | {figures} | {os.getloadavg()[0]:.0f} |\n"


async def measure(runs: int, lines: Sequence[str]) -> None:
    """Print the table."""
    sys.stdout.write(
        f"| engine | line | at | measured | offset p50 ms | size p95 ms | within {LIMIT} ms, % | load |\n|---|---|---|---|---|---|---|---|\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(Path(folder)) as bench:
            for cell in lines:
                for _ in range(runs):
                    for engine, booth in ENGINES.items():
                        found = await call(bench, Path(tempfile.mkdtemp(dir=folder)), CELLS[cell], booth())
                        sys.stdout.write("".join(row(engine, cell, where, offsets) for where, offsets in found.items()))
                        sys.stdout.flush()


def main() -> int:
    """Entry point."""
    options = argparse.ArgumentParser(prog="bench sync", description=__doc__)
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("--line", choices=CELLS, action="append", help="only this one")
    given = options.parse_args()
    asyncio.run(measure(given.runs, given.line or list(CELLS)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
