"""The stream between a real agent and the page in Chromium, by the station's socket and by the call's data channel. Needs F004-25."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from protocol import screen
from tests.end_to_end.agent import Devices, waiting
from tests.station.browser import LOOPBACK, Specialist, chromium
from tests.station.distance import Distance
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from kiosk.agent import Agent

#: what the page writes down of each line of text: its number, and how late it was
WATCH = """
window.late = [];
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) {
    const found = /line (\\d+) of (\\d+)/.exec(node.textContent ?? "");
    if (found !== null && node.nodeName === "LI") window.late.push([Number(found[1]), Date.now() - Number(found[2])]);
  }
}).observe(document.querySelector("[role=log]"), { childList: true, subtree: true });
"""


class Consultation:
    """A booth that says one line of text after the other, and the page that reads them."""

    def __init__(self, agent: Agent, specialist: Specialist) -> None:
        self.agent, self.specialist = agent, specialist
        self.said = 0

    async def talk(self) -> None:
        while True:
            now = asyncio.get_running_loop().time()
            stamp = await self.specialist.page.evaluate("Date.now()") if self.said == 0 else self._stamp + (now - self._at) * 1000
            if self.said == 0:
                self._stamp, self._at = stamp, now
            self.agent.booth.from_screen(screen.Say(f"line {self.said} of {int(stamp)}"))
            self.said += 1
            await asyncio.sleep(0.05)

    async def carried(self) -> dict[str, int]:
        return dict((await self.specialist.measures())["carried"])

    async def comes_by(self, way: str, count: int = 20, seconds: float = 20) -> None:
        """So many more records come by this way, one after the other."""
        async with asyncio.timeout(seconds):
            while True:
                before = await self.carried()
                await asyncio.sleep(count * 0.05 + 0.2)
                after = await self.carried()
                other = "socket" if way == "channel" else "channel"
                if after[way] - before[way] >= count and after[other] == before[other]:
                    return

    async def late(self) -> list[tuple[int, int]]:
        return [tuple(item) for item in await self.specialist.page.evaluate("window.late")]


@pytest_asyncio.fixture
async def consultation(tmp_path: Path) -> AsyncIterator[Consultation]:
    """Patient and specialist are there, text flows; the station is far away, booth and browser are near each other."""
    async with (
        Distance(0.06) as distance,
        RunningStation(tmp_path / "station.sqlite", behind=distance.origin) as station,
        chromium(LOOPBACK) as browser,
    ):
        distance.port = station.port
        run = tmp_path / "run"
        command = [sys.executable, "-m", "simulators.call", "--agent", str(run / "call.sock"), "--video", str(run / "video.sock")]
        agent = waiting(station, tmp_path, Devices(), [*command, "--camera", "stamped:320x180"])
        running = asyncio.create_task(agent.run())
        specialist = await Specialist.open(browser, station.link(), camera=False)
        async with asyncio.timeout(60):
            while agent._call._connection is None:  # noqa: ASYNC110 -- another program's doing
                await asyncio.sleep(0.05)
        await specialist.enter()
        await specialist.phase("open")
        await expect(specialist.page.locator(".pictures")).to_have_attribute("data-call", "connected", timeout=60_000)
        await specialist.page.evaluate(WATCH)
        there = Consultation(agent, specialist)
        talking = asyncio.create_task(there.talk())
        yield there
        for task in (talking, running):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def whole(consultation: Consultation, said: int) -> None:
    """Every line that was said is there once, in order."""
    await consultation.specialist.sees(f"line {said - 1} of")
    text = await consultation.specialist.page.locator("[role=log]").inner_text()
    assert [int(number) for number in re.findall(r"line (\d+) of", text)][:said] == list(range(said))
    assert await consultation.specialist.page.get_attribute(".room", "data-phase") == "open"
    assert await consultation.specialist.page.locator(".notice.cut, .notice.fault").count() == 0


@pytest.mark.alone
@pytest.mark.timeout(120)
async def test_the_stream_goes_by_the_faster_way_and_back_and_nothing_is_lost(consultation: Consultation) -> None:
    """Socket, channel, a picture that leaves no room, channel, and the call process killed; one stream all the while."""
    agent = consultation.agent
    await consultation.comes_by("socket", 10)
    await consultation.comes_by("channel")
    # the camera's picture is small: it never shows that the link carries more, so the stream keeps out of its way
    agent.booth.from_screen(screen.Media(camera=True, microphone=True))
    await consultation.comes_by("socket", 40)
    agent.booth.from_screen(screen.Media(camera=False, microphone=True))
    await consultation.comes_by("channel")

    pid, killed = agent.call_pid, consultation.said
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await consultation.comes_by("socket")
    around = [late for number, late in await consultation.late() if killed - 5 <= number < killed + 20]
    assert len(around) == 25
    assert max(around) < 1000, "ms from the booth to the page, while the call process died"
    await whole(consultation, consultation.said)
    assert not consultation.specialist.errors
