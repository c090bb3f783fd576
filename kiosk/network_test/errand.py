"""The test of the line as the agent has it done: one at a time, dropped at once when somebody comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kiosk.network_test.station import measure

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from kiosk.booth.desk import Booth
    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings


class NetworkErrand:
    """`now` gives ms since the epoch, `clock` seconds of the steady clock. `booth` is set before the first test."""

    booth: Booth

    def __init__(self, settings: Settings, keys: BoothKeys, tls: SSLContext, now: Callable[[], int], clock: Callable[[], float]) -> None:
        self._settings, self._keys, self._tls, self._now, self._clock = settings, keys, tls, now, clock
        self._task: asyncio.Task[None] | None = None

    def run(self, *, on: bool) -> None:
        """Begin, or end at once; what came of it is told to the booth, and nothing after an end."""
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._measure()) if on else None

    async def _measure(self) -> None:
        settings = self._settings
        figures, relays = await measure(settings.station, self._keys, settings.pharmacy, self._tls, self._now(), self._clock)
        self.booth.network_measured(figures, relays)

    async def aclose(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
