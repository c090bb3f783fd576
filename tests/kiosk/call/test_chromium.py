"""The call process with headless Chromium as the specialist: the offering side, trickling its candidates."""

import asyncio
import json
from pathlib import Path

from playwright.async_api import Page

from kiosk.call import upstream
from kiosk.call.aiortc_engine import AiortcEngine
from protocol.engine import Answer, Offer, Prepare, Prepared, RemoteCandidate, Sources
from simulators import fake_camera, lips
from simulators.call import allow_loopback
from simulators.camera import StampedCamera
from tests.kiosk.call.agent import Agent
from tests.kiosk.call.specialist import LOOPBACK, chromium, until

allow_loopback()


async def call(agent: Agent, page: Page, *, send: bool) -> None:
    """Offer, answer, and candidates as they come; returns when the booth is connected."""
    await agent.send(Prepare((), relay_only=False))
    await agent.expect(Prepared)
    await agent.send(Offer(await page.evaluate("send => offer(send)", send)))
    trickling = asyncio.create_task(trickle(agent, page))
    await page.evaluate("sdp => accept(sdp)", (await agent.expect(Answer)).sdp)
    await agent.state("connected")
    trickling.cancel()


async def trickle(agent: Agent, page: Page) -> None:
    while True:
        for candidate, mid in await page.evaluate("candidates.splice(0)"):
            await agent.send(RemoteCandidate(candidate, mid))
        await asyncio.sleep(0.05)


async def test_pictures_flow_both_ways(tmp_path: Path) -> None:
    """Counted by the stamps in the pictures: 20 different ones in a second, both ways, once the rates have settled."""
    fake_camera.write(tmp_path / "camera.mjpeg", count=90)
    options = ("--camera", "stamped:640x360", "--stamps", str(tmp_path / "stamps"))
    async with (
        Agent(tmp_path, *options) as agent,
        chromium(*LOOPBACK, f"--use-file-for-fake-video-capture={tmp_path}/camera.mjpeg") as page,
    ):
        await agent.send(Sources(camera=True, microphone=True))
        await call(agent, page, send=True)

        def to_booth() -> list[int]:
            return [json.loads(line)["distinct"] for line in (tmp_path / "stamps").read_text().splitlines()]

        await until(lambda: max(to_booth(), default=0) >= 20, seconds=30)
        await page.evaluate("setInterval(() => { perSecond.push(seen.distinct - before); before = seen.distinct; }, 1000)")
        await page.wait_for_function("perSecond.some(count => count >= 20)")
        # beyond what a browser starts with: it hears from the booth what became of each packet
        await page.wait_for_function("async () => await estimate() > 600_000")
        assert await page.evaluate("codecs()") == ["VP8 sent", "H264 received"]
        seen = await page.evaluate("seen")
        assert seen["unreadable"] < seen["distinct"] / 5
        ages = sorted(seen["ages"])
        assert ages[len(ages) // 2] < 2000, "far above what a quiet machine shows: the age is read at all, and is that of this clock"


async def test_a_specialist_who_only_receives(tmp_path: Path) -> None:
    """No camera and no microphone at the specialist: the booth's picture is seen all the same."""
    async with Agent(tmp_path, "--camera", "stamped:320x180") as agent, chromium(*LOOPBACK) as page:
        await agent.send(Sources(camera=True, microphone=True))
        await call(agent, page, send=False)
        await page.wait_for_function("seen.distinct > 10")


async def test_a_browsers_packets_say_when_their_content_was_recorded_as_its_reports_do(tmp_path: Path) -> None:
    """Of both streams, and on the clock of the reports, of which that of the sound comes seconds later."""
    recorded, reported = dict[str, float](), dict[str, float]()
    rates = {"audio": 48_000, "video": 90_000}
    engine = AiortcEngine({"booth": StampedCamera(320, 180)}, None)
    connected = asyncio.Event()
    engine.on_state = lambda state: connected.set() if state.state == "connected" else None
    async with chromium(*LOOPBACK) as page:
        await engine.prepare((), relay_only=False)
        call = engine._call
        assert call
        call._path.on_recorded = lambda kind, ntp, stamp: recorded.setdefault(kind, ntp / 2**32 - stamp / rates[kind])
        for one in call._connection.getTransceivers():
            upstream.hear_sender(
                one.receiver, lambda ntp, stamp, kind=one.kind: reported.setdefault(kind, ntp / 2**32 - stamp / rates[kind])
            )
        await page.evaluate("sdp => accept(sdp)", await engine.accept_offer(await page.evaluate("offer(true)")))
        await page.wait_for_function("candidates.some(one => one[0] === '')")
        for candidate in await page.evaluate("candidates"):
            await engine.add_candidate(*candidate)
        await until(lambda: len(recorded) == 2)
        await until(lambda: len(reported) == 2)
        await engine.stop()
    for kind, at in recorded.items():
        assert abs(at - reported[kind]) < 0.1, kind


async def test_a_browser_can_hold_the_booths_picture_and_sound_together(tmp_path: Path) -> None:
    """It has figures of both only where both have sender reports and no two sounds share a stream. How large they are: `./run bench sync`."""
    async with Agent(tmp_path, "--camera", "stamped:320x180") as agent, chromium(*LOOPBACK) as page:
        await page.add_script_tag(content=lips.PAGE)
        await agent.send(Sources(camera=True, microphone=True))
        await call(agent, page, send=True)
        await page.evaluate("compare(peer)")
        await page.wait_for_function("apart.length > 0")
