"""Camera and microphone as tracks of the call. Both start off, which sends black and silence; the patient switches them on."""

from __future__ import annotations

import asyncio
import fractions
import time
from typing import TYPE_CHECKING, Final

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from kiosk.call.libav import AUDIO_PACKET, AUDIO_RATE
from kiosk.call.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.call.sources import Device

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
    """The picture that the booth sends: the newest of the camera while it is on, black at a low rate otherwise.

    A picture that nobody fetched in time is dropped, never queued. `troubled` gets "" when the camera gives pictures, "no-camera" or
    "camera-lost" when it does not.
    """

    kind = "video"

    def __init__(
        self, device: Device[av.VideoFrame] | None, troubled: Callable[[str], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._device = device
        self._troubled = troubled
        self._clock = Clock(CLOCK, now)
        self._reader: Reader | None = None
        self._newest: av.VideoFrame | None = None
        self._wake = asyncio.Event()
        self._seen = False
        self.count = 0  #: pictures handed to the sender

    def switch(self, *, on: bool) -> None:
        """Open or free the camera."""
        if on == (self._reader is not None):
            return
        self._newest = None
        if self._reader:
            self._reader.stop()
            self._reader = None
        elif self._device is None:
            self._troubled("no-camera")
        else:
            self._seen = False
            self._reader = Reader(self._device, self._give, self._lost)
        self._wake.set()

    def _give(self, frame: av.VideoFrame) -> None:
        if not self._seen:
            self._seen = True
            self._troubled("")
        self._newest = frame
        self._wake.set()

    def _lost(self, _: str) -> None:
        self._reader = None
        self._newest = None
        self._troubled("camera-lost" if self._seen else "no-camera")
        self._wake.set()

    async def recv(self) -> av.VideoFrame:
        """The next picture to send.

        Raises:
            MediaStreamError: the track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        self._wake.clear()
        if self._newest is None:
            try:
                async with asyncio.timeout(1 / BLACK_FPS):
                    while self._newest is None:
                        await self._wake.wait()
                        self._wake.clear()
            except TimeoutError:
                pass
        if self.readyState != "live":
            raise MediaStreamError
        frame = self._newest or black()
        self._newest = None
        self.count += 1
        frame.pts = self._clock.stamp()
        frame.time_base = TIME_BASE
        return frame

    def stop(self) -> None:
        """Free the camera and end the track."""
        self.switch(on=False)
        super().stop()
        self._wake.set()


class MicrophoneTrack(MediaStreamTrack):
    """The sound that the booth sends, in 20 ms pieces: the microphone while it is on, silence otherwise. `troubled` as for the camera."""

    kind = "audio"

    def __init__(
        self, device: Device[av.AudioFrame] | None, troubled: Callable[[str], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._device = device
        self._troubled = troubled
        self._now = now
        self._reader: Reader | None = None
        self._pieces: asyncio.Queue[av.AudioFrame] = asyncio.Queue()
        self._seen = False
        self._sent = 0
        self._start: float | None = None

    def switch(self, *, on: bool) -> None:
        """Open or free the microphone."""
        if on == (self._reader is not None):
            return
        self._pieces = asyncio.Queue()
        if self._reader:
            self._reader.stop()
            self._reader = None
        elif self._device is None:
            self._troubled("no-microphone")
        else:
            self._seen = False
            self._reader = Reader(self._device, self._give, self._lost)

    def _give(self, frame: av.AudioFrame) -> None:
        if not self._seen:
            self._seen = True
            self._troubled("")
        self._pieces.put_nowait(frame)
        while self._pieces.qsize() > 5:  # 100 ms: what waits longer is late for ever
            self._pieces.get_nowait()

    def _lost(self, _: str) -> None:
        self._reader = None
        self._troubled("microphone-lost" if self._seen else "no-microphone")

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
        frame = self._silence() if self._pieces.empty() else self._pieces.get_nowait()
        frame.pts = self._sent * AUDIO_PACKET
        frame.time_base = fractions.Fraction(1, AUDIO_RATE)
        self._sent += 1
        return frame

    @staticmethod
    def _silence() -> av.AudioFrame:
        frame = av.AudioFrame(format="s16", layout="mono", samples=AUDIO_PACKET)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate = AUDIO_RATE
        return frame

    def stop(self) -> None:
        """Free the microphone and end the track."""
        self.switch(on=False)
        super().stop()
