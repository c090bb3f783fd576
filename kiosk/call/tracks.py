"""Camera and microphone as tracks of the call: black and silence until they are given something."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import time
from collections import deque
from typing import TYPE_CHECKING, Final

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from kiosk.call.sources import AUDIO_PACKET, AUDIO_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

CLOCK: Final = 90_000
TIME_BASE: Final = fractions.Fraction(1, CLOCK)
#: pictures of black in a second: the other side only has to see that the line lives
BLACK_FPS: Final = 5
BLACK_SIZE: Final = (640, 360)


class Clock:
    """RTP time from a monotonic clock, strictly increasing."""

    def __init__(self, rate: int, now: Callable[[], float]) -> None:
        self._rate = rate
        self._now = now
        self._origin = now()
        self._last = -1

    def stamp(self) -> int:
        """The time since the start in units of 1/rate s."""
        self._last = max(self._last + 1, int((self._now() - self._origin) * self._rate))
        return self._last


def black(width: int = BLACK_SIZE[0], height: int = BLACK_SIZE[1]) -> av.VideoFrame:
    """A black picture (BT.601 luma 16, chroma 128)."""
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, level in zip(frame.planes, (16, 128, 128), strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    return frame


class CameraTrack(MediaStreamTrack):
    """The picture that the booth sends: what it is given, black at a low rate while that is nothing.

    A picture that nobody fetched in time is dropped, never queued; a camera slower than the rate of black has its last one sent again.
    """

    kind = "video"

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = Clock(CLOCK, now)
        self._last: av.VideoFrame | None = None
        self._fresh = asyncio.Event()
        self.count = 0  #: pictures handed to the sender

    def give(self, frame: av.VideoFrame | None) -> None:
        """The next picture to send; None: black from now on."""
        self._last = frame
        self._fresh.set()

    async def recv(self) -> av.VideoFrame:
        """The next picture to send.

        Raises:
            MediaStreamError: the track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1 / BLACK_FPS):
                while True:
                    await self._fresh.wait()
                    self._fresh.clear()
                    if self._last is not None:
                        break
        if self.readyState != "live":
            raise MediaStreamError
        frame = self._last or black()
        self.count += 1
        frame.pts = self._clock.stamp()
        frame.time_base = TIME_BASE
        return frame

    def stop(self) -> None:
        """End the track."""
        super().stop()
        self._last = None
        self._fresh.set()


class MicrophoneTrack(MediaStreamTrack):
    """The sound that the booth sends, in 20 ms pieces: what it is given, silence where that is nothing."""

    kind = "audio"

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._pieces: deque[av.AudioFrame] = deque(maxlen=5)  # 100 ms: what waits longer is late for ever
        self._sent = 0
        self._start: float | None = None

    def give(self, frame: av.AudioFrame) -> None:
        """The next 20 ms."""
        self._pieces.append(frame)

    def clear(self) -> None:
        """Silence from now on."""
        self._pieces.clear()

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, at their time.

        Raises:
            MediaStreamError: the track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        now = self._now()
        if self._start is None or now > self._start + (self._sent + 25) * AUDIO_PACKET / AUDIO_RATE:
            self._start = now - self._sent * AUDIO_PACKET / AUDIO_RATE  # start, or half a second late: go on from now
        await asyncio.sleep(max(0.0, self._start + self._sent * AUDIO_PACKET / AUDIO_RATE - now))
        if self.readyState != "live":
            raise MediaStreamError
        frame = self._pieces.popleft() if self._pieces else silence()
        frame.pts = self._sent * AUDIO_PACKET
        frame.time_base = fractions.Fraction(1, AUDIO_RATE)
        self._sent += 1
        return frame


def silence() -> av.AudioFrame:
    """20 ms of it."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=AUDIO_PACKET)
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    frame.sample_rate = AUDIO_RATE
    return frame
