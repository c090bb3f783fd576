"""A whole booth desk at a real station: the booth's own state machine, keys and WebSocket. No screen, no devices, and a call process that is down."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from datetime import UTC
from typing import TYPE_CHECKING, Any, Self

from drivers.measurement import Frame
from kiosk.booth.desk import Booth
from kiosk.booth.ports import Names
from kiosk.consultation.measuring import Measuring
from kiosk.links.link import LinkState, SystemClock
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
        #: frames for the page get lost
        self.losing = False

    def to_screen(self, message: screen.ToScreen) -> None:
        super().to_screen(message)
        self.changed.set()

    def to_station(self, message: station.FromBooth) -> None:
        super().to_station(message)
        self.client.send(message)

    def relay(self, kind: int, body: bytes) -> None:
        super().relay(kind, body)
        if not self.losing:
            self.client.relay(kind, body)


class Ears:
    """Hands what the station brings to the booth; `deaf`: frames of the page get lost on their way."""

    def __init__(self, booth: Booth) -> None:
        self.station_up, self.station_down, self.from_station = booth.station_up, booth.station_down, booth.from_station
        self.unreadable = booth.unreadable
        self._booth = booth
        self.deaf = False

    def relayed(self, kind: int, body: bytes) -> None:
        if not self.deaf:
            self._booth.relayed(kind, body)


class LiveDesk:
    """`async with`: signed in until the end of the block. `booth` may be a copy in which a check is missing."""

    def __init__(self, running: RunningStation, folder: Path, booth: type[Booth] = Booth) -> None:
        folder.mkdir(exist_ok=True)
        self.clock = clock = SystemClock(UTC)
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
        self.booth = booth(self.settings, running.booth_keys, self._storage, clock, self.ports, names, Measuring())
        self.ears = Ears(self.booth)
        self.ports.client = StationClient(
            self.settings.station,
            running.booth_keys,
            "Cabine 1",
            self.ears,
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

    async def cut(self) -> None:
        """The connection to the station breaks; the booth comes back by itself."""
        assert self.ports.client._socket is not None
        await self.ports.client._socket.close()

    def measure(self) -> None:
        """A blood pressure of 124/86 comes in."""
        now = self.clock.now()
        self.booth.from_link(LinkState(booth_rig.CUFF, True, "connected", now))
        self.booth.from_link(Frame("2A35", booth_rig.PRESSURE, now, booth_rig.CUFF.key))

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
