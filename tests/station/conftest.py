from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[RunningStation]:
    async with RunningStation(tmp_path / "station.sqlite") as running:
        yield running
