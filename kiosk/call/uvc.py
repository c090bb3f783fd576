"""USB Video Class cameras for the call: pictures of `kiosk.links.camera`, decoded."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import av

from kiosk.call.sources import SourceError
from kiosk.links.camera import CameraError, Capture, Mode, Picture, still_mode, video_mode

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

#: what a camera needs to find exposure and white balance after it was opened, in seconds
SETTLES: Final = 0.8
#: damaged pictures one after the other that end a stream
DAMAGED: Final = 60


class UvcCamera:
    """The camera at a path: /dev/v4l/by-path/… names the port, so that two of one model are told apart. See `sources.Camera`."""

    def __init__(self, path: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now = path, now

    def open(self) -> Generator[av.VideoFrame, None, None]:
        """See `Device`: at most 1280x720."""
        yield from self._decoded(video_mode)

    def still(self) -> av.VideoFrame:
        """See `Camera`: the largest picture that the camera has, once its exposure has settled."""
        settled: float | None = None
        for frame in self._decoded(still_mode):
            settled = self._now() + SETTLES if settled is None else settled
            if self._now() >= settled:
                return frame
        raise SourceError("the camera gave no picture", "camera-lost")

    def _decoded(self, choose: Callable[[list[Mode]], Mode]) -> Generator[av.VideoFrame, None, None]:
        try:
            with Capture(self._path) as capture:
                decode, damaged = Decoder(), 0
                pictures = capture.pictures(choose(capture.modes()))
                try:
                    for picture in pictures:
                        frame = decode(picture)
                        damaged = 0 if frame is not None else damaged + 1
                        if frame is not None:
                            yield frame
                        elif damaged > DAMAGED:
                            raise SourceError("the camera sends damaged pictures only", "camera-lost")
                finally:
                    pictures.close()
        except CameraError as error:
            raise SourceError(str(error), error.reason) from None


class Decoder:
    """Makes frames of pictures as they came."""

    def __init__(self) -> None:
        self._jpeg = av.CodecContext.create("mjpeg", "r")

    def __call__(self, picture: Picture) -> av.VideoFrame | None:
        """The frame of one picture; None when it is damaged."""
        if picture.format == "YUYV":
            return _unpacked(picture)
        try:
            frames = self._jpeg.decode(av.Packet(picture.data))
        except av.FFmpegError:
            return None
        whole = [frame for frame in frames if isinstance(frame, av.VideoFrame) and not frame.is_corrupt]
        return whole[-1] if whole else None


def _unpacked(picture: Picture) -> av.VideoFrame | None:
    if len(picture.data) < picture.stride * picture.height or picture.stride < picture.width * 2:
        return None
    frame = av.VideoFrame(picture.width, picture.height, "yuyv422")
    plane = frame.planes[0]
    if plane.line_size == picture.stride:
        plane.update(picture.data[: plane.buffer_size].ljust(plane.buffer_size, b"\0"))
        return frame
    row, rest = picture.width * 2, bytes(plane.line_size - picture.width * 2)
    rows = (picture.data[at * picture.stride : at * picture.stride + row] + rest for at in range(picture.height))
    plane.update(b"".join(rows).ljust(plane.buffer_size, b"\0"))
    return frame
