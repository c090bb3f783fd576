"""Cameras and test pictures that libavdevice opens. The wheel of PyAV has no v4l2: UVC cameras are in `uvc`."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, TypeVar

import av

from kiosk.call.sources import SourceError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


class LibavCamera:
    """A camera or test picture that libavdevice opens, e.g. format "lavfi", name "testsrc2=size=1280x720:rate=30"."""

    def __init__(self, name: str, container: str) -> None:
        self._name = name
        self._container = container

    def open(self) -> Generator[av.VideoFrame, None, None]:
        """See `Device`."""
        try:
            with av.open(self._name, format=self._container) as opened:
                pictures = opened.decode(video=0)
                yield from paced(pictures) if self._container == "lavfi" else pictures
        except (av.FFmpegError, IndexError) as error:
            raise SourceError(f"camera {self._container}: {error}") from None

    def still(self) -> av.VideoFrame:
        """See `Camera`: a test picture has one size."""
        with contextlib.closing(self.open()) as frames:
            for frame in frames:
                return frame
        raise SourceError("the camera gave no picture", "camera-lost")


F = TypeVar("F", av.VideoFrame, av.AudioFrame)


def paced(frames: Iterator[F]) -> Iterator[F]:
    """Frames at the pace of their time stamps: what is made or read from a file has none of its own."""
    start: float | None = None
    for frame in frames:
        if frame.time is not None:
            now = time.monotonic()
            if start is None:
                start = now - frame.time
            time.sleep(max(0.0, start + frame.time - now))
        yield frame
