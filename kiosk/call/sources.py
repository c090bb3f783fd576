"""Camera and microphone as tracks of the call. Both start off, which sends black and silence; the patient switches them on.

A device is opened when it is switched on and freed when it is switched off, so that its light tells the truth.
"""

from __future__ import annotations

import asyncio
import fractions
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK: Final = 90_000
TIME_BASE: Final = fractions.Fraction(1, CLOCK)
AUDIO_RATE: Final = 48_000
AUDIO_PACKET: Final = 960
#: pictures of black in a second: the other side only has to see that the line lives
BLACK_FPS: Final = 5
BLACK_SIZE: Final = (640, 360)
#: a camera that gives nothing for this long is lost, in seconds
LOST_AFTER: Final = 3.0

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class SourceError(Exception):
    """A camera or microphone cannot be used; `str` is for the log."""


class Device(Protocol[T_co]):
    """A camera (`VideoFrame`) or a microphone (`AudioFrame`). Opened, read and closed on one thread of its own."""

    def open(self) -> Iterator[T_co]:
        """Open it and yield what it records, at its own pace; closing the iterator frees it.

        Raises:
            SourceError: it is not there, or was taken away.
        """
        ...


class LibavCamera:
    """A camera or test picture that libavdevice opens, e.g. format "lavfi", name "testsrc2=size=1280x720:rate=30"."""

    def __init__(self, name: str, container: str) -> None:
        self._name = name
        self._container = container

    def open(self) -> Iterator[av.VideoFrame]:
        """See `Device`."""
        try:
            with av.open(self._name, format=self._container) as opened:
                yield from _paced(opened.decode(video=0), live=self._container != "lavfi")
        except (av.FFmpegError, IndexError) as error:
            raise SourceError(f"camera {self._container}: {error}") from None


class LibavMicrophone:
    """A microphone or test tone that libavdevice opens, e.g. format "alsa", name "default"."""

    def __init__(self, name: str, container: str) -> None:
        self._name = name
        self._container = container

    def open(self) -> Iterator[av.AudioFrame]:
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


class Reader:
    """Runs a device on a thread and hands each frame to `give` on the event loop; `lost` once when it ends or cannot be opened."""

    def __init__(self, device: Device[T], give: Callable[[T], None], lost: Callable[[str], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = threading.Event()
        self._device = device
        self._thread = threading.Thread(target=self._run, args=(device, give, lost), name="source", daemon=True)
        self._thread.start()

    def _run(self, device: Device[T], give: Callable[[T], None], lost: Callable[[str], None]) -> None:
        reason = "ended"
        try:
            for frame in device.open():
                if self._stopped.is_set():
                    return
                self._post(give, frame)
        except SourceError as error:
            reason = str(error)
        self._post(lost, reason)

    def _post(self, function: Callable[[T], None], value: T) -> None:
        def run() -> None:
            if not self._stopped.is_set():
                function(value)

        try:
            self._loop.call_soon_threadsafe(run)
        except RuntimeError:  # the loop is closed: the process ends
            self._stopped.set()

    def stop(self) -> None:
        """Stop at the next frame; nothing is given any more. Does not wait."""
        self._stopped.set()


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


def camera(setting: str) -> LibavCamera | None:
    """The camera of a setting: "none", or "FORMAT:NAME" as libavdevice knows it ("lavfi:testsrc2=size=1280x720:rate=30").

    Raises:
        ValueError: neither.
    """
    name = named(setting)
    return LibavCamera(*name) if name else None


def microphone(setting: str) -> LibavMicrophone | None:
    """The microphone of a setting: "none", or "FORMAT:NAME" ("alsa:default", "lavfi:sine=frequency=440").

    Raises:
        ValueError: neither.
    """
    name = named(setting)
    return LibavMicrophone(*name) if name else None


def named(setting: str) -> tuple[str, str] | None:
    """Name and format of a device's setting, None for "none".

    Raises:
        ValueError: neither "none" nor "FORMAT:NAME".
    """
    if setting == "none":
        return None
    container, colon, name = setting.partition(":")
    if not (container and colon and name):
        raise ValueError(f"a device is 'none' or 'FORMAT:NAME', not {setting!r}")
    return name, container
