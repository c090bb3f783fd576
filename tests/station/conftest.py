from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.station.browser import LOOPBACK, chromium
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[RunningStation]:
    async with RunningStation(tmp_path / "station.sqlite") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running_chromium() -> AsyncIterator[Browser]:
    """One browser a module: its tests run in the module's event loop."""
    async with chromium(LOOPBACK) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def browser(running_chromium: Browser) -> AsyncIterator[Browser]:
    """The module's browser; what a test has opened is closed after it."""
    yield running_chromium
    for context in running_chromium.contexts:
        await context.close()
