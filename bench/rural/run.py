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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Error, Page, Playwright, async_playwright

from bench.rural.beside import line_beside
from bench.rural.booths import ENGINES
from bench.rural.cells import SENDING, TESTED, WRITING
from bench.rural.host import PAGE_PORT
from bench.rural.sights import Sight, from_page
from bench.rural.wire import Wire, entering, stop
from tests.kiosk.call.specialist import FLAGS

#: s between the link's new state and the call: TCP knows the link by then
SETTLED = 2.0
#: s from the start until the largest picture is there: from then on the processor's work counts
LARGE_BY = 10.0
#: s after the end until a booth that writes once a second has written what it saw before
WRITTEN_BY = 1.2
#: octets of the longest line that a module says: what a page saw of a run
LINE = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """One run.

    `steal` is the share of the processors' time that the machine below took away, `busy` the share in which they worked. `sound` is the
    share of played sound that was not made up, at the specialist. `kbps` is of pictures alone, `link_kbps` with their headers (RTP, UDP, IP).
    `late_at_end_ms` is the oldest picture from RECOVERED on.
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
    link_kbps: float | None = None


def processors() -> tuple[int, int, int]:
    """Ticks so far of all processors: all, idle, taken away (proc(5), /proc/stat)."""
    ticks = [int(one) for one in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[3] + ticks[4], ticks[7]


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
        self,
        where: str,
        module: str,
        *arguments: str,
        stdin: int | None = None,
        stdout: int = subprocess.DEVNULL,
        python: str = sys.executable,
    ) -> asyncio.subprocess.Process:
        """A module of the bench inside a namespace; whoever starts it ends it."""
        command = (*self.wire.inside(where), python, "-m", module, *arguments)
        with (self._folder / "errors").open("a") as errors:
            return await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=stdout, stderr=errors, limit=LINE)

    async def browser(self, where: str) -> Browser:
        """A Chromium inside a namespace."""
        wrapper = self._folder / f"chromium-{where}"
        wrapper.write_text(f'#!/bin/sh\nexec {entering(where)} /usr/bin/chromium "$@"\n')
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        return await self._playwright.chromium.launch(executable_path=wrapper, args=[*FLAGS, "--use-fake-device-for-media-stream"])

    async def page(self, browser: Browser, size: tuple[int, int]) -> Page:
        """A page with its camera running, of this size; with none where that is nothing."""
        context = await browser.new_context(permissions=["camera", "microphone"])
        page = await context.new_page()
        await reach(page, f"http://127.0.0.1:{PAGE_PORT}/")
        await page.evaluate("([w, h]) => start(w, h)", size)
        return page

    async def _work(self, pid: int, at: float) -> float:
        """What a process had worked by a time (s since the epoch), in s."""
        await asyncio.sleep(max(0.0, at - time.time()))
        return cpu_seconds(pid)

    async def call(self, engine: str, profile: dict[str, Any], name: str, seconds: float) -> Outcome:
        """One run of an engine of `ENGINES` on a profile, the first five seconds included."""
        async with AsyncExitStack() as stack:
            self.wire.set({})
            folder = self._folder / f"{engine}-{time.time():.0f}"
            folder.mkdir()
            booth = ENGINES[engine]()
            tested = profile if name in TESTED and booth.hears_of_the_line else None
            coming = asyncio.create_task(stack.enter_async_context(line_beside(self, folder, text=name in WRITING, tested=tested)))
            specialist = await self.browser(self.wire.specialist)
            stack.push_async_callback(specialist.close)
            page = await self.page(specialist, (0, 0) if name in SENDING else (640, 360))
            await booth.start(self, folder, stack)
            line = await coming
            booth.thin = line.thin
            self.wire.set(profile)
            await asyncio.sleep(SETTLED)
            await booth.connect(page)
            start = time.time()
            working = asyncio.create_task(self._work(booth.pid, start + LARGE_BY))
            words = [asyncio.create_task(one) for one in (booth.words(line.tell), line.words(page))]
            ticks = processors()
            before = await page.evaluate("figures()")
            for at, changed in profile.get("schedule", []):
                await asyncio.sleep(max(0.0, start + at - time.time()))
                self.wire.set(changed)
            await asyncio.sleep(max(0.0, start + seconds - time.time()))
            end, cpu = time.time(), cpu_seconds(booth.pid) - await working
            for one in words:
                one.cancel()
            await asyncio.gather(*words, return_exceptions=True)
            all_, idle, taken = (now - then for now, then in zip(processors(), ticks, strict=True))
            seen = await page.evaluate("figures()")
            to_specialist = from_page(seen, start, end)
            await asyncio.sleep(WRITTEN_BY)
            to_booth = await booth.sight(start, end)
            told = line.heard(start, end)
        return Outcome(
            engine, name, start, to_specialist, to_booth,
            **told,
            kbps=round((seen["bytes"] - before["bytes"]) * 8 / 1000 / (end - start)),
            link_kbps=round((seen["octets"] - before["octets"]) * 8 / 1000 / (end - start)),
            cpu_percent=round(100 * cpu / (end - start - LARGE_BY), 1), codec=seen["codec"], key_frames=seen["keys"], load=os.getloadavg()[0],
            steal=round(taken / all_, 3), busy=round(1 - idle / all_, 3), sound=sound_share(before, seen),
        )  # fmt: skip


def sound_share(before: dict[str, Any], seen: dict[str, Any]) -> float | None:
    """The share of the played samples that came and were not made up; None when nothing was played."""
    played = seen["played"] - before["played"]
    return round(1 - (seen["concealed"] - before["concealed"]) / played, 3) if played else None


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


def as_line(outcome: Outcome) -> str:
    """One JSON line."""
    return json.dumps(asdict(outcome))
