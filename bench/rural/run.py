"""One call over the link, measured from the first moment both ends are connected."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import Browser, Error, Page, Playwright, async_playwright

from bench.rural.beside import line_beside, percentile
from bench.rural.cells import RECOVERED, WRITING
from bench.rural.host import PAGE_PORT
from bench.rural.wire import Wire, stop
from protocol.engine import Answer, Offer, Prepare, Prepared, RemoteCandidate, Sources, Statistics
from tests.kiosk.call.agent import Agent
from tests.kiosk.call.specialist import FLAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: s between the link's new state and the call: TCP knows the link by then
SETTLED = 2.0


@dataclass(frozen=True)
class Sight:
    """What one end saw: per second, per picture. Latency in ms is stamp to picture; a gap still open at the end counts."""

    fps: float
    longest_gap_ms: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    height: int
    unreadable: int
    late_at_end_ms: float | None = None
    first_720_s: float | None = None


@dataclass(frozen=True)
class Outcome:
    """One run.

    `steal` is the share of the processors' time that the machine below took away, `busy` the share in which they worked. `sound` is the
    share of played sound that was not made up, at the specialist. `late_at_end_ms` is the oldest picture from RECOVERED on.
    """

    engine: str
    profile: str
    at: float
    to_specialist: Sight
    to_booth: Sight
    kbps: float
    cpu_percent: float
    codec: str
    key_frames: int
    load: float
    steal: float = 0.0
    busy: float = 0.0
    sound: float | None = None
    values_p50_ms: float | None = None
    values_p95_ms: float | None = None
    values_p99_ms: float | None = None
    values_max_ms: float | None = None
    curves_missing: float | None = None
    text_p95_ms: float | None = None
    text_back_p95_ms: float | None = None
    text_left_ms: float | None = None
    sound_off_s: float | None = None


def processors() -> tuple[int, int, int]:
    """Ticks so far of all processors: all, idle, taken away (proc(5), /proc/stat)."""
    ticks = [int(one) for one in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[3] + ticks[4], ticks[7]


def sight(times: Sequence[float], ages: Sequence[float], heights: Sequence[int], unreadable: int, start: float, end: float) -> Sight:
    """Times and bounds in ms of one clock."""
    inside = [at for at in times if start <= at <= end]
    marks = [start, *inside, end]
    ordered = sorted(ages)
    return Sight(
        fps=round(len(inside) * 1000 / (end - start), 1),
        longest_gap_ms=round(max(later - earlier for earlier, later in pairwise(marks))),
        latency_p50_ms=percentile(ordered, 0.5),
        latency_p95_ms=percentile(ordered, 0.95),
        height=sorted(heights)[len(heights) // 2] if heights else 0,
        unreadable=unreadable,
    )


def cpu_seconds(root: int) -> float:
    """User and system time of a process and its descendants, living now."""
    ticks, todo, total = os.sysconf("SC_CLK_TCK"), [root], 0
    children: dict[int, list[int]] = {}
    spent: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
            spent[int(entry.name)] = int(fields[11]) + int(fields[12])
    while todo:
        one = todo.pop()
        total += spent.get(one, 0)
        todo += children.get(one, [])
    return total / ticks


class Bench:
    """The namespaces and the browsers, kept from run to run; each run is a new call on new pages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Bench:
        try:
            self.wire = await self._stack.enter_async_context(Wire(self._folder))
            self._level = asyncio.create_task(self.wire.keep_level())
            await self._page(self.wire.booth, "1280x720")
            await self._page(self.wire.specialist, "640x360")
            self._playwright: Playwright = await self._stack.enter_async_context(async_playwright())
        except BaseException:  # interrupted half-way: leave no namespace behind
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        self._level.cancel()
        await self._stack.aclose()

    async def _page(self, where: str, size: str) -> None:
        self._stack.push_async_callback(stop, await self.service(where, "bench.rural.host", size))

    async def service(
        self, where: str, module: str, *arguments: str, stdin: int | None = None, stdout: int = subprocess.DEVNULL
    ) -> asyncio.subprocess.Process:
        """A module of the bench inside a namespace; whoever starts it ends it."""
        command = (*self.wire.inside(where), sys.executable, "-m", module, *arguments)
        with (self._folder / "errors").open("a") as errors:
            return await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=stdout, stderr=errors)

    async def browser(self, where: str) -> Browser:
        """A Chromium inside a namespace."""
        wrapper = self._folder / f"chromium-{where}"
        wrapper.write_text(f'#!/bin/sh\nexec ip netns exec {where} /usr/bin/chromium "$@"\n')
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        return await self._playwright.chromium.launch(executable_path=wrapper, args=[*FLAGS, "--use-fake-device-for-media-stream"])

    async def page(self, browser: Browser, size: tuple[int, int]) -> Page:
        """A page with its camera running."""
        context = await browser.new_context(permissions=["camera", "microphone"])
        page = await context.new_page()
        await reach(page, f"http://127.0.0.1:{PAGE_PORT}/")
        await page.evaluate("([w, h]) => start(w, h)", size)
        return page

    async def call(self, engine: str, profile: dict[str, Any], name: str, seconds: float) -> Outcome:
        """One run of `engine` ("telecabine", "telecabine-stock" or "chromium") on a profile, the first five seconds included."""
        async with AsyncExitStack() as stack:
            self.wire.set({})
            folder = self._folder / f"{engine}-{time.time():.0f}"
            folder.mkdir()
            coming = asyncio.create_task(stack.enter_async_context(line_beside(self, folder, text=name in WRITING)))
            specialist = await self.browser(self.wire.specialist)
            stack.push_async_callback(specialist.close)
            page = await self.page(specialist, (640, 360))
            booth: Booth = ChromiumBooth() if engine == "chromium" else TelecabineBooth(engine)
            await booth.start(self, folder, stack)
            line = await coming
            self.wire.set(profile)
            await asyncio.sleep(SETTLED)
            await booth.connect(page)
            start, cpu = time.time(), cpu_seconds(booth.pid)
            words = [asyncio.create_task(one) for one in (booth.words(line.tell), line.words(page))]
            ticks = processors()
            before = await page.evaluate("figures()")
            for at, changed in profile.get("schedule", []):
                await asyncio.sleep(max(0.0, start + at - time.time()))
                self.wire.set(changed)
            await asyncio.sleep(max(0.0, start + seconds - time.time()))
            end, cpu = time.time(), cpu_seconds(booth.pid) - cpu
            for one in words:
                one.cancel()
            await asyncio.gather(*words, return_exceptions=True)
            all_, idle, taken = (now - then for now, then in zip(processors(), ticks, strict=True))
            seen = await page.evaluate("figures()")
            to_specialist = from_page(seen, start, end)
            to_booth = await booth.sight(start, end)
            told = line.heard(start, end)
        return Outcome(
            engine, name, start, to_specialist, to_booth,
            **told,
            kbps=round((seen["bytes"] - before["bytes"]) * 8 / 1000 / (end - start)),
            cpu_percent=round(100 * cpu / (end - start)), codec=seen["codec"], key_frames=seen["keys"], load=os.getloadavg()[0],
            steal=round(taken / all_, 3), busy=round(1 - idle / all_, 3), sound=sound_share(before, seen),
        )  # fmt: skip


def sound_share(before: dict[str, Any], seen: dict[str, Any]) -> float | None:
    """The share of the played samples that came and were not made up; None when nothing was played."""
    played = seen["played"] - before["played"]
    return round(1 - (seen["concealed"] - before["concealed"]) / played, 3) if played else None


def from_page(seen: dict[str, Any], start: float, end: float) -> Sight:
    """What a page saw between two times (s since the epoch)."""
    inside = [age for at, age in seen["ages"] if start * 1000 <= at <= end * 1000]
    heights = seen["sizes"][-150:]
    last = [age for at, age in seen["ages"] if (start + RECOVERED) * 1000 <= at <= end * 1000]
    large = [at for at, height in zip(seen["times"], seen["sizes"], strict=True) if height >= 720]
    found = sight(seen["times"], inside, heights, seen["unreadable"], start * 1000, end * 1000)
    return replace(found, late_at_end_ms=max(last, default=None), first_720_s=round(large[0] / 1000 - start, 1) if large else None)


async def reach(page: Page, address: str) -> None:
    """Open a page whose server may still be starting."""
    async with asyncio.timeout(40):
        while True:
            try:
                await page.goto(address)
            except Error:
                await asyncio.sleep(0.5)
            else:
                return


class Booth:
    """The booth's end of one run."""

    pid = 0

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

    def __init__(self, engine: str) -> None:
        self._module = "simulators.call" if engine == "telecabine" else "bench.rural.stock"

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        self._stamps = folder / "stamps"
        prefix = bench.wire.inside(bench.wire.booth)
        self._agent = await stack.enter_async_context(
            Agent(folder, "--camera", "stamped:1280x720", "--stamps", str(self._stamps), module=self._module, prefix=prefix)
        )
        self.pid = self._agent.process.pid
        await self._agent.send(Sources(camera=True, microphone=True))

    async def connect(self, page: Page) -> None:
        agent = self._agent
        await agent.send(Prepare((), relay_only=False))
        await agent.expect(Prepared)
        await agent.send(Offer(await page.evaluate("offer()")))
        await page.evaluate("sdp => accept(sdp)", (await agent.expect(Answer)).sdp)
        connected = asyncio.create_task(agent.state("connected"))
        while not connected.done():
            for candidate, mid in await page.evaluate("candidates.splice(0)"):
                await agent.send(RemoteCandidate(candidate, mid))
            await asyncio.sleep(0.05)
        await connected

    async def words(self, tell: Callable[[str, str, float], None]) -> None:
        left = ("moving", "full")
        while True:
            figures = await self._agent.expect(Statistics)
            if (now := (figures.picture, figures.sound)) != left:
                left = now
                tell(*now, time.time())

    async def sight(self, start: float, end: float) -> Sight:
        lines = [json.loads(line) for line in self._stamps.read_text().splitlines()]
        inside = [line for line in lines if start * 1000 <= line["at"] <= end * 1000]
        found = sight(
            [at for line in inside for at in line["times"]],
            [age for line in inside for age in line["latency_ms"]],
            [line["height"] for line in inside[-5:]],
            sum(line["unreadable"] for line in inside),
            start * 1000,
            end * 1000,
        )
        last = [age for line in inside if line["at"] >= (start + RECOVERED) * 1000 for age in line["latency_ms"]]
        return replace(found, late_at_end_ms=max(last, default=None))


class ChromiumBooth(Booth):
    """A second Chromium in the booth's namespace, with the same pictures on a canvas."""

    async def start(self, bench: Bench, folder: Path, stack: AsyncExitStack) -> None:
        browser = await bench.browser(bench.wire.booth)
        stack.push_async_callback(browser.close)
        self._page = await bench.page(browser, (1280, 720))
        self.pid = main_process(bench.wire.booth)

    async def connect(self, page: Page) -> None:
        await page.evaluate("sdp => accept(sdp)", await self._page.evaluate("sdp => answer(sdp)", await page.evaluate("offer()")))
        while (await page.evaluate("peer.connectionState")) != "connected":
            for one, other in ((page, self._page), (self._page, page)):
                for candidate in await one.evaluate("candidates.splice(0)"):
                    await other.evaluate("c => add(...c)", candidate)
            await asyncio.sleep(0.05)

    async def sight(self, start: float, end: float) -> Sight:
        return from_page(await self._page.evaluate("figures()"), start, end)


def main_process(namespace: str) -> int:
    """The oldest Chromium process in a namespace."""
    listed = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, check=True).stdout.split()
    return min(int(one) for one in listed if "chrom" in (Path("/proc") / one / "comm").read_text())


def as_line(outcome: Outcome) -> str:
    """One JSON line."""
    return json.dumps(asdict(outcome))
