"""Keeps a part of the booth running: what falls over starts again, a little later each time."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackOff:
    """Seconds to wait before try 1, 2, 3, …: `first`, doubled each time, never above `most`."""

    first: float = 0.1
    most: float = 5.0

    def wait(self, failures: int) -> float:
        """Seconds to wait after `failures` failures in a row; 0 after none."""
        return 0.0 if failures < 1 else min(self.most, self.first * 2.0 ** min(failures - 1, 30))


DEFAULT = BackOff()


async def supervise(name: str, work: Callable[[], Awaitable[None]], back_off: BackOff = DEFAULT, steady_s: float = 60.0) -> None:
    """Run `work` until it returns; when it fails, log the kind of error (never its text, which may hold data) and run it again.

    A run that lasted `steady_s` seconds starts the back-off over.
    """
    loop, failures = asyncio.get_running_loop(), 0
    while True:
        started = loop.time()
        try:
            return await work()
        except Exception as error:  # noqa: BLE001 - a supervisor outlives every error of what it runs
            failures = 1 if loop.time() - started >= steady_s else failures + 1
            if failures == 1:
                _log.error("%s failed (%s), starts again until it holds", name, type(error).__name__)
        await asyncio.sleep(back_off.wait(failures))
