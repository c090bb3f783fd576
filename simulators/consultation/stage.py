"""What every phase of the scripted consultation works with: the house, both sides' hands and eyes, and how to wait for what another party sees."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import TYPE_CHECKING, Any

from simulators.consultation.step import NotObservedError
from simulators.doctor import Doctor
from simulators.hand import Hand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from simulators.processes import House


class Stage:
    """One run, whose files are left in `out`. `patience` is how long an observation may take, s."""

    def __init__(self, house: House, out: Path, patience: float) -> None:
        self.house, self.out = house, out
        self._patience = patience
        self.camera = house.folder / "camera.mjpeg"
        self.doctor = Doctor(self.camera, int(patience * 1000))
        self.hand = Hand(house.run / "remote.sock", patience)

    def hurry(self, patience: float) -> None:
        """Wait no longer than this from now on."""
        self._patience = patience
        self.hand.hurry(patience)
        self.doctor.hurry(int(patience * 1000))

    async def close(self) -> None:
        """End browser, hand and house."""
        self.hand.close()
        await self.doctor.close()
        await self.house.stop()

    async def play(self, device: str, script: str) -> None:
        """Have a simulated instrument play a script."""
        await self.house.control.ask(play=device, script=script)

    async def status(self) -> dict[str, Any]:
        """What the agent says of itself."""
        return await self.house.control.ask(status=True)

    async def until(self, what: str, ask: Callable[[], Awaitable[str | None]]) -> str:
        """The answer of `ask`, once there is one; `what` says what did not happen."""
        deadline = time.monotonic() + self._patience
        while True:
            if found := await ask():
                return found
            if time.monotonic() > deadline:
                raise NotObservedError(what)
            await asyncio.sleep(0.05)

    async def agent(self, field: str, *, value: object) -> str:
        """The agent's status has come to say so."""

        async def ask() -> str | None:
            return f"the agent says {field} = {value}" if (await self.status())[field] == value else None

        return await self.until(f"the agent's {field} did not become {value}", ask)

    def database(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the station's database."""
        connection = sqlite3.connect(f"file:{self.house.database}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()
