"""What is run inside a network namespace of its own, from which no packet can leave. See test_namespace.py.

`python -m tests.kiosk.call.namespace NAME FOLDER` runs one of the scenes and exits 0 when it went as it says.
"""

import asyncio
import sys
from pathlib import Path

from protocol.engine import Offer, Prepare, Prepared, Sources, State
from simulators.call import allow_loopback
from tests.kiosk.call.agent import Agent
from tests.kiosk.call.specialist import AiortcSpecialist, chromium
from tests.kiosk.call.test_chromium import call as call_chromium
from tests.kiosk.call.test_process import call

CAMERA = ("--camera", "lavfi:testsrc2=size=320x180:rate=30", "--microphone", "none")


async def receive_only(folder: Path) -> None:
    """The product's own process, and a browser that was not asked for camera or microphone: it hides its address behind an mDNS name."""
    async with Agent(folder, *CAMERA, module="kiosk.call") as agent, chromium(permissions=()) as page:
        await agent.send(Sources(camera=True, microphone=False))
        await call_chromium(agent, page, send=False)
        await page.wait_for_function("seen.frames > 20")


async def no_interface(folder: Path) -> None:
    """Without any address but 127.0.0.1 the product says so at once."""
    async with Agent(folder, *CAMERA, module="kiosk.call") as agent:
        specialist = AiortcSpecialist(sends=False)
        await agent.send(Prepare((), relay_only=False))
        await agent.expect(Prepared)
        await agent.send(Offer(await specialist.offer()))
        assert await agent.receive() == State("failed", "no-candidate")
        await specialist.close()


async def loopback(folder: Path) -> None:
    """The simulated process falls back to 127.0.0.1 there, and the call works."""
    allow_loopback()
    async with Agent(folder, "--camera", "stamped:320x180") as agent:
        specialist = AiortcSpecialist(sends=False)
        await call(agent, specialist)
        await specialist.close()


if __name__ == "__main__":
    scene = {one.__name__: one for one in (receive_only, no_interface, loopback)}[sys.argv[1]]
    asyncio.run(asyncio.wait_for(scene(Path(sys.argv[2])), 50))
