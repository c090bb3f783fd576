"""The morning: station, agent and screen start, the specialist signs in."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import TYPE_CHECKING

from kiosk.commands import page as page_command
from simulators import fake_camera
from simulators.consultation.step import NotObservedError

if TYPE_CHECKING:
    from simulators.consultation.stage import Stage

DOCTOR = "Dr Claire Morel"


class Opening:
    """Starts everything; the database, the page's server and the agent tell what came of it."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._house = stage, stage.house
        self.agent_ready_ms = 0.0

    async def start_station(self) -> None:
        """Station and page."""
        await self._house.start_station()

    async def page_has_its_own_origin(self) -> str:
        """The page comes from elsewhere than the station, is the signed one, and may speak to the station alone."""
        station, origin = self._house.origin, self._house.page_origin
        if not station:
            raise NotObservedError("there is no station to ask")
        async with self._house.session() as session:
            async with session.get(f"{origin}/") as response:
                policy = response.headers.get("Content-Security-Policy", "")
            if f"connect-src {station.replace('http', 'ws', 1)};" not in policy:
                raise NotObservedError(f"the page's answer is {response.status} with policy {policy!r}")
            async with session.get(f"{station}/") as response:
                if response.status != 404:
                    raise NotObservedError(f"the station serves something at /: {response.status}")
            published = await page_command.served(session, origin, base64.b64decode(self._house.publisher))
        return f"the page {published[:12]}… is the one that was signed, and speaks to the station only"

    async def start_agent(self) -> None:
        """The agent, with its call process and simulated instruments."""
        started = time.monotonic()
        await self._house.start_agent()
        self.agent_ready_ms = (time.monotonic() - started) * 1000

    async def station_knows_the_booth(self) -> str:
        """The station's audit has its sign-in."""

        async def ask() -> str | None:
            rows = self._stage.database("select count(*) from audit where event = 'booth-signed-in'")
            return "the station's audit has the booth's sign-in" if rows[0][0] else None

        return await self._stage.until("the booth did not sign in at the station", ask)

    async def start_screen(self) -> None:
        """The booth's screen, without a window."""
        await self._house.start_screen(offscreen=True)

    async def agent_has_a_screen(self) -> str:
        """The agent heard of its first frame."""

        async def ask() -> str | None:
            status = await self._stage.status()
            return f"first frame after {status['screen_ms']:.0f} ms" if status["screen_ms"] else None

        found = await self._stage.until("the agent heard of no first frame", ask)
        await self._stage.hand.connect()
        return found

    async def sign_in(self) -> None:
        """The specialist follows the link; the administrator lets the browser in."""
        await asyncio.to_thread(fake_camera.write, self._stage.camera, 480, 270)
        await self._stage.doctor.start(await asyncio.to_thread(self._house.browser_home))
        await self._stage.doctor.open(await self._house.admin("link", DOCTOR))
        await self._stage.until("the page has not asked to be enrolled", self._admitted)

    async def _admitted(self) -> str | None:
        return "admitted" if await self._house.admit() else None

    async def station_has_a_session(self) -> str:
        """The station's database has it, and the booth knows who that is."""

        async def ask() -> str | None:
            return "the station has one session" if self._stage.database("select count(*) from sessions")[0][0] else None

        found = await self._stage.until("no specialist signed in", ask)
        await self._stage.doctor.see(".waiting")
        listed = self._house.organisation.directory.number if self._house.organisation is not None else 0
        await self._stage.agent("directory", value=listed)
        return f"{found}, booth and specialist are in directory {listed} of their organisation"
