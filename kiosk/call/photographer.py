"""Photographs on order of the agent: taken, shown on the booth's own screen from the very octets, handed to the agent in pieces, forgotten."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from kiosk.call.engine import CallError
from kiosk.call.photo import decoded
from protocol.engine import PhotoFailed, PhotoPart

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.call.engine import CallEngine
    from kiosk.call.photo import Photo
    from kiosk.call.ring import VideoServer
    from protocol.engine import FromCall

log = logging.getLogger("telecabine.call")

#: octets of a photograph in one message
PIECE: Final = 64 * 1024


class Photographer:
    """One photograph at a time. `shown` while the booth's own screen shows it."""

    def __init__(self, engine: CallEngine, screen: VideoServer | None, say: Callable[[FromCall], None]) -> None:
        self._engine, self._screen, self._say = engine, screen, say
        self._wanted = ""
        self.shown = False

    async def take(self, photo_id: str, camera: str) -> None:
        """Take one and say it; what was dropped meanwhile is not said."""
        self.drop()
        self._wanted = photo_id
        try:
            photo = await self._engine.photograph(camera)
        except CallError as error:
            log.warning("no photograph: %s", error)
            if self._wanted == photo_id:
                self._wanted = ""
                self._say(PhotoFailed(photo_id, error.reason))
            return
        if self._wanted == photo_id:
            self._show(photo_id, photo)

    def _show(self, photo_id: str, photo: Photo) -> None:
        self.shown = True
        if self._screen is not None:
            self._screen.show(decoded(photo.jpeg))
        pieces = [photo.jpeg[at : at + PIECE] for at in range(0, len(photo.jpeg), PIECE)]
        for number, piece in enumerate(pieces):
            self._say(PhotoPart(photo_id, number, len(pieces), photo.width, photo.height, piece))

    def drop(self) -> None:
        """Forget it, and what is shown of it."""
        self._wanted = ""
        if self.shown and self._screen is not None:
            self._screen.wipe()
        self.shown = False
