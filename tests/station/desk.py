"""A whole booth desk at a real station: the booth's own state machine, keys and WebSocket. No screen, no devices, and a call process that is down."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from datetime import UTC
from typing import TYPE_CHECKING, Any, Self

from kiosk.booth.desk import Booth
from kiosk.booth.ports import Names
from kiosk.consultation.measuring import Measuring
from kiosk.links.link import SystemClock
from kiosk.secure.tls import context
from kiosk.settings import Settings
from kiosk.station_client import StationClient
from kiosk.storage import open_storage
from protocol import engine, screen, station
from tests.kiosk import booth_rig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.station.running import RunningStation

TICK = 0.01
PATIENCE = 15


class Ports(booth_rig.Ports):
    """The booth's ports on its station."""

    client: StationClient

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    def to_screen(self, message: screen.ToScreen) -> None:
        super().to_screen(message)
        self.changed.set()

    def to_station(self, message: station.FromBooth) -> None:
        super().to_station(message)
        self.client.send(message)

    def relay(self, kind: int, body: bytes) -> None:
        super().relay(kind, body)
        self.client.relay(kind, body)


class LiveDesk:
    """`async with`: signed in until the end of the block. `line` may be a copy of `SpecialistLine` in which a check is missing."""

    def __init__(self, running: RunningStation, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._running, clock = running, SystemClock(UTC)
        self.settings = Settings(
            pharmacy="Cabine 1",
            station=running.origin.replace("http", "ws") + "/booth",
            state_directory=str(folder),
            run_directory="",
            helper="Zoë",
        )
        self.ports = Ports()
        self._storage = open_storage(folder, running.booth_keys, self.settings)
        names = lambda: Names(str(uuid.uuid4()), "K47")  # noqa: E731
        self.booth = Booth(self.settings, running.booth_keys, self._storage, clock, self.ports, names, Measuring())
        self.ports.client = StationClient(
            self.settings.station,
            running.booth_keys,
            "Cabine 1",
            self.booth,
            lambda: int(clock.now().wall.timestamp() * 1000),
            context(None),
        )

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self.ports.client.run()), asyncio.create_task(self._tick())]
        await self.until(lambda view: view.station == "connected")
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._storage.close()

    async def _tick(self) -> None:
        prepared = 0
        while True:
            wanted = sum(isinstance(message, engine.Prepare) for message in self.ports.called)
            if wanted > prepared:
                prepared = wanted
                self.booth.from_call(engine.Prepared(()))
            self.booth.tick()
            await asyncio.sleep(TICK)

    @property
    def view(self) -> screen.View:
        return next(message for message in reversed(self.ports.shown) if isinstance(message, screen.View))

    @property
    def record(self) -> list[dict[str, Any]]:
        """What the act record holds so far."""
        return [dict(entry) for entry in self.booth._case.record.entries]

    def tap(self, *messages: screen.FromScreen) -> None:
        for message in messages:
            self.booth.from_screen(message)

    def to_consented(self) -> None:
        """A patient has agreed to the consultation and to sharing."""
        self.tap(
            screen.OpenSession(),
            booth_rig.JEANNE,
            screen.StopList(emergency=False),
            screen.Informed("1"),
            screen.Consent("photos", given=False),
            screen.Consent("sharing", given=True),
            screen.Consent("act", given=True),
        )

    async def until(self, condition: Callable[[screen.View], object]) -> screen.View:
        """The first view that fits."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not (self.ports.shown and condition(self.view)):
                    self.ports.changed.clear()
                    await self.ports.changed.wait()
                return self.view
        raise AssertionError(f"did not happen; the screen shows {self.view}")
