"""Live values of a real agent through a real station to a page that reads slowly: fewer of them, never old ones. Needs F004-25."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from drivers.device import Device
from kiosk.links.serial_line import DEFAULTS, SerialLink
from protocol import specialist
from simulators.headless import HeadlessSpecialist
from simulators.serial_devices import ContecOximeter, PseudoTerminal
from tests.end_to_end.agent import Devices, waiting
from tests.station.distance import Distance
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kiosk.links.link import Clock, Link


class Oximeter(Devices):
    """One serial oximeter: 60 samples of its curve a second, and its numbers."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def start(self, clock: Clock, marks: object) -> Sequence[Link]:
        return [SerialLink(Device("serial:oximeter", "contec-cms50", name="CMS50D+"), self._path, clock, DEFAULTS)]


class Reader(HeadlessSpecialist):
    """Writes down how old each live message was, by its kind."""

    def __init__(self, session: ClientSession, origin: str, page_origin: str, token: str) -> None:
        super().__init__(session, origin, page_origin, token)
        self.ages: list[tuple[float, str, float]] = []

    async def _framed(self, kind: int, body: bytes) -> None:
        before = len(self.heard)
        await super()._framed(kind, body)
        for message in self.heard[before:]:
            if isinstance(message, specialist.Curve | specialist.Values):
                now = time.time()
                self.ages.append((now, type(message).__name__, now - message.received / 1000))

    def since(self, at: float, kind: str = "") -> list[float]:
        return [age for came, name, age in self.ages if came > at and kind in ("", name)]


@pytest.mark.alone
async def test_a_page_that_reads_slowly_gets_fewer_values_and_no_old_ones(tmp_path: Path) -> None:
    async with (
        Distance() as thin,
        RunningStation(tmp_path / "station.sqlite") as station,
        ClientSession() as session,
    ):
        thin.port = station.port
        line = ContecOximeter(PseudoTerminal(tmp_path / "line"))
        agent = waiting(station, tmp_path, Oximeter(tmp_path / "line"), ["sleep", "1000"])
        tasks = [asyncio.create_task(line.play("normal")), asyncio.create_task(agent.run())]
        reader = Reader(session, station.origin, station.origin, station.token())
        reader.reached = thin.origin
        await reader.connect()
        tasks.append(asyncio.create_task(reader.run()))
        rooms = await reader.until(lambda: [e for m in reader.control if hasattr(m, "entries") for e in m.entries])
        await reader.join(rooms[0].consultation)
        await reader.until(lambda: len(reader.ages) > 60)

        begun = time.time()
        thin.rate = 24_000  # about a third of what the booth would say
        await asyncio.sleep(10)
        ended = time.time()
        # without a word from the reader, the station's buffers make it 4.6 s by now, and more each second
        assert max(reader.since(begun)) < 3
        assert len(reader.since(begun, "Values")) >= 8
        thin.rate = None
        await reader.until(lambda: reader.since(ended + 1.5, "Curve")[20:])
        assert max(reader.since(ended + 1.5)) < 0.5
        await reader.leave()
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
