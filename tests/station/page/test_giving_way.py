"""What the booth's link leaves of picture and sound, and what the page then sends of its own, in a real call. Needs F004-20."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from kiosk.call.aiortc_engine import AiortcEngine
from protocol import specialist as sp
from simulators.camera import StampedCamera
from tests.kiosk.call.specialist import until
from tests.station.page.consulting import consult

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.station.booth_peer import BoothPeer
    from tests.station.browser import Specialist
    from tests.station.running import RunningStation

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: what Chromium itself says of what it sends: whether each kind is active, and how many bits a second are meant for the voice
SENDS = """async () => {
  const report = [...(await window.peers.at(-1).getStats()).values()].filter((one) => one.type === "outbound-rtp");
  const of = (kind) => report.find((one) => one.kind === kind);
  return [of("video")?.active, of("audio")?.active, of("audio")?.active ? of("audio").targetBitrate : 0];
}"""
#: every connection that the page makes from now on is at hand
WATCH = """const Made = RTCPeerConnection; window.peers = [];
window.RTCPeerConnection = class extends Made { constructor(...given) { super(...given); window.peers.push(this); } };
window.RTCPeerConnection.generateCertificate = (...given) => Made.generateCertificate(...given);"""


async def sends(specialist: Specialist, wanted: list[object]) -> None:
    """Until Chromium sends so."""
    await specialist.page.evaluate(
        f"""async (wanted) => {{
            const sends = {SENDS};
            while (JSON.stringify(await sends()) !== JSON.stringify(wanted)) await new Promise((done) => setTimeout(done, 50));
        }}""",
        wanted,
    )


@pytest.mark.timeout(60)
async def test_the_page_gives_way_as_the_booth_does(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """No picture where the booth has none, a thinner voice, then none; and all of it again when the link is whole."""
    booth.engine = engine = AiortcEngine({"booth": StampedCamera(320, 240, 15)}, None)
    pictures: list[object] = []
    engine.on_picture = pictures.append
    engine.set_sources(camera=True, microphone=True)
    try:
        specialist = await consult(browser, station, booth, script=WATCH)
        await expect(specialist.page.locator(".pictures")).to_have_attribute("data-call", "connected", timeout=12_000)
        await booth.say(sp.Media("moving", "full"))
        await sends(specialist, [True, True, 24_000])
        await until(lambda: bool(pictures))  # a picture is no message: nothing else tells of it
        for left, expected in (
            (sp.Media("none", "thin"), [False, True, 12_000]),
            (sp.Media("none", "none"), [False, False, 0]),
            (sp.Media("stills", "full"), [False, True, 24_000]),
            (sp.Media("moving", "full"), [True, True, 24_000]),
        ):
            await booth.say(left)
            await sends(specialist, list(expected))
    finally:
        await engine.stop()


@pytest.mark.timeout(60)
async def test_on_a_line_that_is_known_to_be_thin_the_page_sends_no_picture_from_the_start(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    """F002-01: the booth says so before its answer; not one picture is coded."""
    booth.engine = engine = AiortcEngine({"booth": StampedCamera(320, 240, 15)}, None)
    booth.before_answers = (sp.Media("stills", "thin"),)
    engine.set_sources(camera=True, microphone=True)
    try:
        specialist = await consult(browser, station, booth, script=WATCH)
        await expect(specialist.page.locator(".pictures")).to_have_attribute("data-call", "connected", timeout=12_000)
        await specialist.until("window.telecabineMeasures.stampedFrames > 5")
        await sends(specialist, [False, True, 12_000])
        coded = await specialist.page.evaluate(
            """async () => [...(await window.peers.at(-1).getStats()).values()]
                .filter((one) => one.type === "outbound-rtp" && one.kind === "video").map((one) => one.framesEncoded)"""
        )
        assert coded == [0]
    finally:
        await engine.stop()


@pytest.mark.timeout(60)
async def test_a_picture_that_stands_says_for_how_long(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """F002-01: on a thin line a still of some seconds ago is not taken for the patient as he is now."""
    booth.engine = engine = AiortcEngine({"booth": StampedCamera(320, 240, 15)}, None)
    engine.set_sources(camera=True, microphone=False)
    try:
        specialist = await consult(browser, station, booth)
        await specialist.until("window.telecabineMeasures.stampedFrames > 5")
        standing = specialist.page.locator(".stage .remote .standing")
        await expect(standing).to_have_count(0)
        await specialist.page.evaluate("document.querySelector('.stage .remote video').pause()")
        await expect(standing).to_have_text("Image figée depuis 3 s", timeout=10_000)
        await specialist.page.evaluate("document.querySelector('.stage .remote video').play()")
        await expect(standing).to_have_count(0)
    finally:
        await engine.stop()
