"""An outage and a new address, once each: the whole consultation comes back by itself. The seconds are the bench's."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bench.reconnect import Scene
from bench.rural.wire import Wire
from protocol.thin_tcp import GIVEN_UP


@pytest.mark.alone
@pytest.mark.timeout(240)
async def test_values_and_picture_come_back_after_an_outage_and_with_a_new_address(tmp_path: Path) -> None:
    """F002-01, F002-12, on a real stack in two network namespaces; nobody touches anything."""
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(Wire(tmp_path))
        scene = Scene(tmp_path, wire, stack)
        await scene.begin()
        await scene.fault("outage")
        assert max(await scene.fault("address")) < GIVEN_UP / 1000, "TCP alone would have noticed by then"
