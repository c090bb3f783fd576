"""The booth's end of a run, one class an engine."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.rural.encoders import octets
from bench.rural.host import PAGE_PORT
from bench.rural.sights import from_page, from_stamps
from bench.rural.wire import stop
from kiosk.booth.call import THIN, WHOLE
from protocol.engine import Answer, Offer, Prepare, Prepared, RemoteCandidate, Sources, Statistics
from simulators.camera import render
from tests.kiosk.call.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AsyncExitStack

    from playwright.async_api import Page

    from bench.rural.run import Bench
    from bench.rural.sights import Sight

#: s from the offer to the connection
PATIENCE = 25
#: the camera's picture
SIZE = (1280, 720)


class Booth:
    """The booth's end of one run. `thin`: its network test found a line that carries no moving picture."""

    pid = 0
    thin = hears_of_the_line = False

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        """Make it ready, without a call."""
        raise NotImplementedError

    async def connect(self, page: Page) -> None:
        """Connect to the specialist's page; return when connected. Signalling does not cross the link."""
        raise NotImplementedError

    async def sight(self, start: float, end: float) -> Sight:
        """What it saw of the specialist."""
        raise NotImplementedError

    async def words(self, tell: Callable[[str, str, float], None]) -> None:
        """Tell what the call leaves of picture and sound, as it changes, until cancelled: `tell(picture, sound, at)`."""


class TelecabineBooth(Booth):
    """The product's call process with the stamped camera."""

    module = "simulators.call"
    hears_of_the_line = True

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        self._stamps = folder / "stamps"
        prefix = bench.wire.inside(bench.wire.booth)
        camera = f"stamped:{SIZE[0]}x{SIZE[1]}"
        self._agent = await stack.enter_async_context(
            Agent(folder, "--camera", camera, "--stamps", str(self._stamps), module=self.module, prefix=prefix)
        )
        self.pid = self._agent.process.pid
        await self._agent.send(Sources(camera=True, microphone=True))

    async def connect(self, page: Page) -> None:
        agent = self._agent
        await agent.send(Prepare((), relay_only=False, thin=self.thin))
        await agent.expect(Prepared)
        offer = await page.evaluate("offer()")
        if self.thin:
            await page.evaluate("left => giveWay(...left)", THIN)  # kiosk/booth/call.py tells the page so before its answer
        await agent.send(Offer(offer))
        await page.evaluate("sdp => accept(sdp)", (await agent.expect(Answer)).sdp)
        connected = asyncio.create_task(agent.state("connected"))
        while not connected.done():
            for candidate, mid in await page.evaluate("candidates.splice(0)"):
                await agent.send(RemoteCandidate(candidate, mid))
            await asyncio.sleep(0.05)
        await connected

    async def words(self, tell: Callable[[str, str, float], None]) -> None:
        left = THIN if self.thin else WHOLE
        while True:
            figures = await self._agent.expect(Statistics)
            if (now := (figures.picture, figures.sound)) != left:
                left = now
                tell(*now, time.time())

    async def sight(self, start: float, end: float) -> Sight:
        return from_stamps(self._stamps, start, end)


class StockBooth(TelecabineBooth):
    """The same with aiortc's own encoders, buffers and rate control."""

    module = "bench.rural.stock"
    hears_of_the_line = False


class OtherBooth(Booth):
    """An engine that is not ours and answers the specialist's offer."""

    async def answer(self, sdp: str) -> str:
        """The answer to an offer."""
        raise NotImplementedError

    async def add(self, candidate: str, mid: str) -> None:
        """A candidate of the specialist's; "" for the end."""
        raise NotImplementedError

    async def candidates(self) -> list[tuple[str, str]]:
        """Own candidates since the last time, as in `add`."""
        raise NotImplementedError

    async def connect(self, page: Page) -> None:
        async with asyncio.timeout(PATIENCE):
            await page.evaluate("sdp => accept(sdp)", await self.answer(await page.evaluate("offer()")))
            while (await page.evaluate("peer.connectionState")) != "connected":
                for candidate in await page.evaluate("candidates.splice(0)"):
                    await self.add(*candidate)
                for candidate in await self.candidates():
                    await page.evaluate("c => add(...c)", candidate)
                await asyncio.sleep(0.05)


class BrowserBooth(OtherBooth):
    """A browser with the same page as the specialist's, and the booth's pictures on a canvas."""

    page: Page | Program

    async def answer(self, sdp: str) -> str:
        return str(await self.page.evaluate("sdp => answer(sdp)", sdp))

    async def add(self, candidate: str, mid: str) -> None:
        await self.page.evaluate("c => add(...c)", [candidate, mid])

    async def candidates(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = await self.page.evaluate("candidates.splice(0)")
        return found

    async def sight(self, start: float, end: float) -> Sight:
        return from_page(await self.page.evaluate("figures()"), start, end)


class ChromiumBooth(BrowserBooth):
    """A second Chromium."""

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        browser = await bench.browser(bench.wire.booth)
        stack.push_async_callback(browser.close)
        self.page = await bench.page(browser, SIZE)
        self.pid = main_process(bench.wire.booth)


class QtWebEngineBooth(BrowserBooth):
    """Qt's Chromium, without a screen."""

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        self.page = await program(bench, stack, "bench.rural.webengine", f"http://127.0.0.1:{PAGE_PORT}/")
        self.pid = self.page.pid
        await self.page.evaluate("([w, h]) => start(w, h)", SIZE)


class WebrtcbinBooth(OtherBooth):
    """GStreamer's webrtcbin under Debian's Python, which has its bindings."""

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        pictures, self._stamps = folder / "pictures.i420", folder / "stamps"
        pictures.write_bytes(b"".join(octets(frame) for frame in render(*SIZE)))
        arguments = (f"{SIZE[0]}x{SIZE[1]}", str(pictures), str(self._stamps))
        self._program = await program(bench, stack, "bench.rural.webrtcbin", *arguments, python="/usr/bin/python3")
        self.pid = self._program.pid

    async def answer(self, sdp: str) -> str:
        return str(await self._program.ask("answer", sdp))

    async def add(self, candidate: str, mid: str) -> None:
        await self._program.ask("add", candidate, mid)

    async def candidates(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = await self._program.ask("candidates")
        return found

    async def sight(self, start: float, end: float) -> Sight:
        return from_stamps(self._stamps, start, end)


class Program:
    """An engine in a process of its own: it answers each line of JSON with one, {"value": …} or {"error": …}."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def ask(self, *said: object) -> Any:
        """The value.

        Raises:
            ConnectionError: what the engine said went wrong, or that it has ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(said).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        answer = json.loads(line) if line else {"error": "it has ended"}
        if "error" in answer:
            raise ConnectionError(answer["error"])
        return answer["value"]

    async def evaluate(self, expression: str, argument: object = None) -> Any:
        """As Playwright's `Page.evaluate`."""
        return await self.ask(expression, argument)


async def program(bench: Bench, stack: AsyncExitStack, module: str, *arguments: str, **options: str) -> Program:
    """An engine in the booth's namespace, ended with the run."""
    process = await bench.service(bench.wire.booth, module, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
    stack.push_async_callback(stop, process)
    return Program(process)


def main_process(namespace: str) -> int:
    """The oldest Chromium process in a namespace."""
    listed = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, check=True).stdout.split()
    return min(int(one) for one in listed if "chrom" in (Path("/proc") / one / "comm").read_text())


#: by the names that the results have
ENGINES: dict[str, Callable[[], Booth]] = {
    "telecabine": TelecabineBooth,
    "telecabine-stock": StockBooth,
    "chromium": ChromiumBooth,
    "qtwebengine": QtWebEngineBooth,
    "webrtcbin": WebrtcbinBooth,
}
