"""How far picture and sound are apart, at the booth and at the specialist, over the rural bench's link. Run (root): `./run bench sync`.

To the booth: headless Chromium sends a sound whose pitch steps each tenth of a second and a picture that carries the same clock; the call process says when
each picture went to the screen and when each sample is heard (a simulated sound card). Screen and converter come after that and are not in the figures.
To the specialist: what Chromium says of itself (`estimatedPlayoutTimestamp` of both streams), which rests on the booth's sender reports. Positive: the
picture comes after its sound. From five seconds after "connected" on; "at the start" are the seconds before, when there may be no sender report yet. "Load" is the
machine's, of the minute before (proc(5), /proc/loadavg): with more than one a processor, pictures wait for the machine and the figures are its own.
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

from bench.rural.host import PAGE_PORT
from bench.rural.run import Bench, reach
from protocol.engine import Answer, Offer, Prepare, Prepared, RemoteCandidate, Sources
from simulators import lips
from tests.kiosk.call.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Sequence

CELLS: Final[dict[str, dict[str, Any]]] = {
    "clean": {"both": {"delay": 1}},
    "10 % loss, 30 ms, jitter 30 ms": {"both": {"delay": 30, "jitter": 30, "loss": 0.10}},
}
#: seconds: of one run, and of its start
SECONDS, START = 40.0, 5.0
#: ms
LIMIT: Final = 100


async def call(bench: Bench, folder: Path, profile: dict[str, Any]) -> dict[str, list[float]]:
    """One call: offsets in ms, by what they are of."""
    async with AsyncExitStack() as stack:
        bench.wire.set({})
        browser = await bench.browser(bench.wire.specialist)
        stack.push_async_callback(browser.close)
        page = await (await browser.new_context(permissions=["camera", "microphone"])).new_page()
        await reach(page, f"http://127.0.0.1:{PAGE_PORT}/")
        await page.add_script_tag(content=lips.PAGE)
        await page.evaluate("""async () => {
            const both = await lips(640, 360);
            navigator.mediaDevices.getUserMedia = async () => both;
            camera = async () => both.getVideoTracks()[0];
            await start(640, 360);
            peer.addEventListener('track', event => { document.querySelector('video').srcObject = event.streams[0]; });
        }""")
        options = ("--camera", "stamped:640x360", "--stamps", f"{folder}/stamps", "--speaker", f"recorded:{folder}/sound.wav")
        agent = await stack.enter_async_context(Agent(folder, *options, prefix=bench.wire.inside(bench.wire.booth)))
        await agent.send(Sources(camera=True, microphone=True))
        await agent.send(Prepare((), relay_only=False))
        await agent.expect(Prepared)
        bench.wire.set(profile)
        await agent.send(Offer(await page.evaluate("offer()")))
        await page.evaluate("sdp => accept(sdp)", (await agent.expect(Answer)).sdp)
        connected = asyncio.create_task(agent.state("connected"))
        while not connected.done():
            for candidate, mid in await page.evaluate("candidates.splice(0)"):
                await agent.send(RemoteCandidate(candidate, mid))
            await asyncio.sleep(0.05)
        start = time.monotonic()
        await page.evaluate("compare(peer)")
        await asyncio.sleep(START)
        await page.evaluate("apart.length = 0")
        await asyncio.sleep(SECONDS - START)
        apart: list[float] = await page.evaluate("apart")
    seen, heard = lips.shown(folder / "stamps"), lips.steps(folder / "sound.wav")
    parts = {
        "booth, at the start": [one for one in seen if one[0] < start + START],
        "booth": [one for one in seen if one[0] >= start + START],
    }
    return {**{name: [1000 * one for one in lips.offsets(heard, part)] for name, part in parts.items()}, "specialist": apart}


def row(cell: str, where: str, offsets: Sequence[float]) -> str:
    """One row of the table."""
    ordered, size = sorted(offsets), sorted(abs(one) for one in offsets)
    if not ordered:
        return f"| {cell} | {where} | 0 | - | - | - | - |\n"
    within = sum(one <= LIMIT for one in size) / len(size)
    figures = f"{ordered[len(size) // 2]:+.0f} | {size[int(0.95 * len(size))]:.0f} | {100 * within:.0f}"
    return f"| {cell} | {where} | {len(size)} | {figures} | {os.getloadavg()[0]:.0f} |\n"


async def measure(runs: int) -> None:
    """Print the table."""
    sys.stdout.write(
        f"| line | at | measured | offset p50 ms | size p95 ms | within {LIMIT} ms, % | load |\n|---|---|---|---|---|---|---|\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(Path(folder)) as bench:
            for cell, profile in CELLS.items():
                for _ in range(runs):
                    found = await call(bench, Path(tempfile.mkdtemp(dir=folder)), profile)
                    sys.stdout.write("".join(row(cell, where, offsets) for where, offsets in found.items()))
                    sys.stdout.flush()


def main() -> int:
    """Entry point."""
    options = argparse.ArgumentParser(prog="bench sync", description=__doc__)
    options.add_argument("--runs", type=int, default=1)
    asyncio.run(measure(options.parse_args().runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
