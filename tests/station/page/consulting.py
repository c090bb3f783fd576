"""What tests of the page do before they look at it: into the room, a thing in parts, the search for faults that axe makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.secure.parts import parts
from tests.station.booth_peer import situation
from tests.station.browser import Specialist

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.station.booth_peer import BoothPeer
    from tests.station.running import RunningStation

AXE = Path(__file__).parents[3] / "station/page/node_modules/axe-core/axe.min.js"


async def consult(browser: Browser, station: RunningStation, booth: BoothPeer, **options: Any) -> Specialist:
    """A specialist in the room, the sealed stream up, the situation told."""
    specialist = await Specialist.open(browser, station.link(), **options)
    await specialist.enter()
    await opened(booth, specialist)
    return specialist


async def opened(booth: BoothPeer, specialist: Specialist) -> None:
    """The sealed stream is up, the situation told."""
    await specialist.phase("open")
    await booth.until(lambda: booth.agreement)
    await booth.say(situation())


async def deposit(booth: BoothPeer, name: str, kind: str, payload: bytes) -> list[str]:
    """A sound or a photograph as the booth sends it: in parts. The ids of their envelopes."""
    cut = list(parts(name, kind, payload))
    for part_id, part in cut:
        await booth.deposit(part_id, part, "part")
    return [part_id for part_id, _ in cut]


async def faults(specialist: Specialist) -> list[Any]:
    await specialist.page.add_script_tag(path=AXE)
    return list(await specialist.page.evaluate("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"))
