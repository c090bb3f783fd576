"""A hand on the booth's real screen for asynchronous scripts: `ui.remote_client` off the event loop, patient with what has not appeared yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ui.remote_client import RemoteScreen, ScreenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from protocol.remote import Done


class Hand:
    """One connection to `telecabine-ui --remote`. Every method raises ScreenError when the screen does not let it happen in `patience` s."""

    def __init__(self, path: Path, patience: float) -> None:
        self._path, self._patience = path, patience
        self._remote: RemoteScreen | None = None

    async def connect(self) -> None:
        """Wait until the screen is there."""
        self._remote = await asyncio.to_thread(RemoteScreen, self._path, self._patience)

    @property
    def _screen(self) -> RemoteScreen:
        if self._remote is None:
            raise ScreenError("there is no screen")
        return self._remote

    async def tap(self, name: str) -> None:
        """Tap an item, once it can be tapped: what covers it may be sliding away."""
        deadline = asyncio.get_running_loop().time() + self._patience
        while True:
            await self.until(name, lambda item: item.visible and item.enabled, "an item to tap")
            try:
                await asyncio.to_thread(self._screen.tap, name)
            except ScreenError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
            else:
                return

    async def type(self, name: str, text: str) -> None:
        """Replace the text of a field, once it is there."""
        await self.until(name, lambda item: item.visible, "a field to type in")
        await asyncio.to_thread(self._screen.type, name, text)

    async def read(self, name: str) -> Done:
        """What an item shows now."""
        return await asyncio.to_thread(self._screen.read, name)

    async def grab(self, path: Path) -> None:
        """Save a picture of the window."""
        await asyncio.to_thread(self._screen.grab, path)

    async def until(self, name: str, wanted: Callable[[Done], bool], what: str) -> Done:
        """Read an item until it is as wanted."""
        return await asyncio.to_thread(self._screen.until, name, wanted, what)

    def hurry(self, patience: float) -> None:
        """Wait no longer than this from now on."""
        self._patience = patience
        if self._remote is not None:
            self._remote.patience = patience

    def close(self) -> None:
        """Let go."""
        if self._remote is not None:
            self._remote.close()
            self._remote = None
