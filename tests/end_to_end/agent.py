"""A real agent in the test's own process, at a station of the test: a patient has come and waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.agent import Agent
from kiosk.settings import Settings
from protocol import screen
from station import directory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kiosk.links.link import Clock, Link
    from tests.station.running import RunningStation

TO_WAITING: tuple[screen.FromScreen, ...] = (
    screen.OpenSession(),
    screen.TypedIdentity("Vauquelin", "Jeanne", "1950-04-02", "female"),
    screen.StopList(emergency=False),
    screen.Informed("1"),
    screen.Consent("photos", given=False),
    screen.Consent("sharing", given=True),
    screen.Consent("act", given=True),
    screen.Wait(),
)


class Devices:
    """None."""

    async def start(self, clock: Clock, marks: object) -> Sequence[Link]:
        return ()

    async def stop(self) -> None:
        pass


def waiting(station: RunningStation, folder: Path, devices: Devices, call: list[str]) -> Agent:
    """Enrolled, not running yet; `call` is the command of its call process."""
    address = f"{station.origin.replace('http', 'ws')}/booth"
    settings = Settings("Pharmacie du Pont", address, str(folder / "state"), str(folder / "run"), helper="Zoë", chime=())
    agent = Agent(settings, devices, call)  # type: ignore[arg-type]
    station.work(lambda database: directory.enrol_booth(database, agent.keys.public, "Pharmacie du Pont", station.now()))
    for touch in TO_WAITING:
        agent.booth.from_screen(touch)
    return agent
