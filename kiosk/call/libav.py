"""Cameras, microphones and test pictures that libavdevice opens. The wheel of PyAV has no v4l2: UVC cameras are in `uvc`."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final, TypeVar

import av

from kiosk.call.sources import SourceError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

AUDIO_RATE: Final = 48_000
AUDIO_PACKET: Final = 960


class LibavCamera:
    """A camera or test picture that libavdevice opens, e.g. format "lavfi", name "testsrc2=size=1280x720:rate=30"."""

    def __init__(self, name: str, container: str) -> None:
        self._name = name
        self._container = container

    def open(self) -> Generator[av.VideoFrame, None, None]:
        """See `Device`."""
        try:
            with av.open(self._name, format=self._container) as opened:
                yield from _paced(opened.decode(video=0), live=self._container != "lavfi")
        except (av.FFmpegError, IndexError) as error:
            raise SourceError(f"camera {self._container}: {error}") from None

    def still(self) -> av.VideoFrame:
        """See `Camera`: a test picture has one size."""
        with contextlib.closing(self.open()) as frames:
            for frame in frames:
                return frame
        raise SourceError("the camera gave no picture", "camera-lost")


class LibavMicrophone:
    """A microphone or test tone that libavdevice opens, e.g. format "alsa", name "default"."""

    def __init__(self, name: str, container: str) -> None:
        self._name = name
        self._container = container

    def open(self) -> Generator[av.AudioFrame, None, None]:
        """See `Device`. Frames are 20 ms, mono, 16 bit, 48 kHz."""
        resampler = av.AudioResampler(format="s16", layout="mono", rate=AUDIO_RATE, frame_size=AUDIO_PACKET)
        try:
            with av.open(self._name, format=self._container) as opened:
                for frame in _paced(opened.decode(audio=0), live=self._container != "lavfi"):
                    yield from resampler.resample(frame)
        except (av.FFmpegError, IndexError) as error:
            raise SourceError(f"microphone {self._container}: {error}") from None


F = TypeVar("F", av.VideoFrame, av.AudioFrame)


def _paced(frames: Iterator[F], *, live: bool) -> Iterator[F]:
    """Frames at the pace of their time stamps; a live device keeps its own."""
    start: float | None = None
    for frame in frames:
        if not live and frame.time is not None:
            now = time.monotonic()
            if start is None:
                start = now - frame.time
            time.sleep(max(0.0, start + frame.time - now))
        yield frame
