"""Takes the answers that drivers owe their devices to the links, in order and without waiting."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from kiosk.links.link import NotAllowedError, NotConnectedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.links.link import Link

_log = logging.getLogger(__name__)


class Answers:
    """The way back to the devices. `links` is set once they run."""

    def __init__(self) -> None:
        self.links: Sequence[Link] = ()
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, device: str, source: str, data: bytes) -> None:
        """Write `data` through the link that has `device`. An answer that a link refuses, or whose device is gone, is logged and dropped."""
        task = asyncio.create_task(self._send(device, source, data))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, device: str, source: str, data: bytes) -> None:
        why: Exception | None = None
        for link in self.links:
            try:
                await link.write(device, source, data)
            except (NotAllowedError, NotConnectedError) as error:
                why = error
            else:
                return
        _log.warning("%s got no answer on %s: %s", device, source, why or "no link has it")
