"""The booth's cameras together: which is open, whose picture is sent, which is seen on the booth's own screen, and photographs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from kiosk.call.sources import Reader, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from av import VideoFrame

    from kiosk.call.sources import Camera

#: the camera that shows the people in the booth; every other one is an exam camera
BOOTH: Final = "booth"
#: a camera that does not let go by then is given up, in seconds
LETTING_GO: Final = 5.0


class Cameras:
    """A camera is open while its picture is sent or seen, and only then, so that its light tells the truth.

    `sent` gets each picture of the camera that is sent, None when another one is, or none; `seen` of the one that is seen, with its name.
    `troubled(camera, reason)` gets "" when a camera gives pictures, else the text key of why not.
    """

    def __init__(self, devices: Mapping[str, Camera | None], troubled: Callable[[str, str], None]) -> None:
        self._devices = devices
        self._troubled = troubled
        self._readers: dict[str, Reader] = {}
        self._giving: set[str] = set()
        self._selected = ("", "")
        self._photographing = ""
        self.sent: Callable[[VideoFrame | None], None] = lambda _: None
        self.seen: Callable[[str, VideoFrame], None] = lambda _camera, _frame: None

    def select(self, *, sent: str, seen: str) -> None:
        """Send the picture of one camera and show one on the booth's own screen; "" for none."""
        if sent != self._selected[0]:
            self.sent(None)
        before, self._selected = set(self._selected), (sent, seen)
        for name in before - {sent, seen, ""}:
            self._close(name)
        for name in {sent, seen} - {""}:
            if name not in self._readers and name != self._photographing:
                self._open(name, again=name in before)

    def _open(self, name: str, *, again: bool) -> None:
        device = self._devices.get(name)
        if device is not None:
            self._readers[name] = Reader(device, lambda frame: self._given(name, frame), lambda error: self._lost(name, error))
        elif not again:
            self._troubled(name, "no-camera")

    def _close(self, name: str) -> Reader | None:
        self._giving.discard(name)
        reader = self._readers.pop(name, None)
        if reader is not None:
            reader.stop()
        return reader

    def _given(self, name: str, frame: VideoFrame) -> None:
        if name not in self._giving:
            self._giving.add(name)
            self._troubled(name, "")
        if name == self._selected[0]:
            self.sent(frame)
        if name == self._selected[1]:
            self.seen(name, frame)

    def _lost(self, name: str, error: SourceError | None) -> None:
        reason = "camera-lost" if name in self._giving else "no-camera"
        self._close(name)
        if name == self._selected[0]:
            self.sent(None)
        self._troubled(name, (error.reason if error is not None else "") or reason)

    async def still(self, name: str) -> VideoFrame:
        """A photograph by a camera. It is opened anew for it, so its moving picture stands still for about a second.

        Raises:
            SourceError: there is no such camera, it gives nothing, or it is taking one already.
        """
        device = self._devices.get(name)
        if device is None:
            raise SourceError(f"there is no camera {name}", "no-camera")
        if self._photographing:
            raise SourceError("a photograph is being taken", "camera-busy")
        self._photographing = name
        reader = self._close(name)
        loop = asyncio.get_running_loop()
        try:
            if reader is not None and not await loop.run_in_executor(None, reader.wait, LETTING_GO):
                raise SourceError("the camera does not let go", "camera-lost")
            return await loop.run_in_executor(None, device.still)
        finally:
            self._photographing = ""
            if name in self._selected:
                self._open(name, again=True)

    def stop(self) -> None:
        """Let every camera go."""
        self.select(sent="", seen="")
