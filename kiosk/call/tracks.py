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


#: seconds of one piece of sound, and how much later than that after the one before it may come until there is silence in its place
PIECE: Final = AUDIO_PACKET / AUDIO_RATE
LATE: Final = 0.06
#: of so many pieces, the one that came soonest tells when sound was recorded: what came later had waited for the machine
SOONEST: Final = 100


class Clock:
    """RTP time from a monotonic clock, strictly increasing."""

    def __init__(self, rate: int, start: float) -> None:
        self._rate = rate
        self.start = start  #: the time, in s of that clock, of time stamp 0
        self._last = -1

    def stamp(self, at: float) -> int:
        """This time in units of 1/rate s since the start."""
        self._last = max(self._last + 1, int((at - self.start) * self._rate))
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
        self._now = now
        self._clock = Clock(CLOCK, now())
        self._last: av.VideoFrame | None = None
        self._given = now()
        self._fresh = asyncio.Event()
        self.count = 0  #: pictures handed to the sender

    def give(self, frame: av.VideoFrame | None) -> None:
        """The next picture to send; None: black from now on."""
        self._last, self._given = frame, self._now()
        self._fresh.set()

    async def recv(self) -> av.VideoFrame:
        """The next picture to send.

        Raises:
            MediaStreamError: the track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        at = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1 / BLACK_FPS):
                while True:
                    await self._fresh.wait()
                    self._fresh.clear()
                    if self._last is not None:
                        at = self._given
                        break
        if self.readyState != "live":
            raise MediaStreamError
        frame = self._last or black()
        self.count += 1
        frame.pts = self._clock.stamp(self._now() if at is None else at)
        frame.time_base = TIME_BASE
        return frame

    @property
    def start(self) -> float:
        """When a picture of time stamp 0 was taken."""
        return self._clock.start

    def stop(self) -> None:
        """End the track."""
        super().stop()
        self._last = None
        self._fresh.set()


class MicrophoneTrack(MediaStreamTrack):
    """The sound that the booth sends, in 20 ms pieces: what it is given, as it comes, silence where that is nothing.

    The pace is the microphone's own: a piece waits for nothing, and how unevenly they come is the receiver's to smooth, as with the line's.
    """

    kind = "audio"

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._pieces: deque[tuple[av.AudioFrame, float]] = deque(maxlen=5)  # 100 ms: what waits longer is late for ever
        self._came = asyncio.Event()
        self._recorded: deque[float] = deque(maxlen=SOONEST)
        self._sent = 0
        self._due: float | None = None  # when silence is sent instead

    def give(self, frame: av.AudioFrame) -> None:
        """The next 20 ms."""
        self._pieces.append((frame, self._now()))
        self._came.set()

    def clear(self) -> None:
        """Silence from now on."""
        self._pieces.clear()

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms.

        Raises:
            MediaStreamError: the track was stopped.
        """
        if self._due is None:  # what was recorded before the call would make all the rest late
            self._due = self._now()
            self._pieces.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._due - self._now())):
                while self.readyState == "live" and not self._pieces:
                    self._came.clear()
                    await self._came.wait()
        if self.readyState != "live":
            raise MediaStreamError
        now = self._now()
        if self._pieces:
            frame, came = self._pieces.popleft()
            self._due = now + PIECE + LATE
        else:
            frame, came = silence(), now
            self._due = PIECE + (self._due if now - self._due < LATE else now)
        self._recorded.append(came - (self._sent + 1) * PIECE)
        frame.pts = self._sent * AUDIO_PACKET
        frame.time_base = fractions.Fraction(1, AUDIO_RATE)
        self._sent += 1
        return frame

    @property
    def start(self) -> float | None:
        """When the sound of time stamp 0 was recorded, as it is now: a microphone has a clock of its own. None before the first."""
        return min(self._recorded, default=None)

    def stop(self) -> None:
        """End the track."""
        super().stop()
        self._came.set()


def silence() -> av.AudioFrame:
    """20 ms of it."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=AUDIO_PACKET)
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    frame.sample_rate = AUDIO_RATE
    return frame
