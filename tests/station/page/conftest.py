"""One station and one booth in its room for each test, in the event loop of the module's browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from simulators.call import allow_loopback
from tests.station.booth_peer import BoothPeer
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

allow_loopback()


@pytest_asyncio.fixture(loop_scope="module")
async def station(tmp_path: Path) -> AsyncIterator[RunningStation]:
    async with RunningStation(tmp_path / "station.sqlite") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def booth(station: RunningStation) -> AsyncIterator[BoothPeer]:
    async with BoothPeer(station.origin, station.booth_keys) as peer:
        await peer.open_room()
        yield peer
