"""A camera by the kernel's own interface (Video4Linux2, as USB Video Class cameras have it): modes, streaming, and what is wrong in plain words.

Pictures come as the camera sends them, "MJPG" or "YUYV"; nothing is decoded here. Calls block: use a thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import select
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.links import v4l2

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

#: where udev names each camera by the port that it is plugged in: two cameras of one model differ here
BY_PATH: Final = Path("/dev/v4l/by-path")
#: what can be decoded, the better first where all else is equal: uncompressed costs no decoding
FORMATS: Final = ("YUYV", "MJPG")
#: a camera that gives nothing for this long is lost, in seconds
LOST_AFTER: Final = 3.0
BUFFERS: Final = 4
#: modes of one format that are looked at; a driver that lists more is not believed
MOST: Final = 64

_OPENING: Final = {
    errno.ENOENT: ("no-camera", "there is no camera at this place"),
    errno.ENODEV: ("no-camera", "there is no camera at this place"),
    errno.ENXIO: ("no-camera", "there is no camera at this place"),
    errno.EACCES: ("camera-forbidden", "this user may not open the camera: it must be in the group video"),
    errno.EPERM: ("camera-forbidden", "this user may not open the camera: it must be in the group video"),
    errno.EBUSY: ("camera-busy", "another program uses the camera"),
}


class CameraError(Exception):
    """A camera cannot be used. `reason` is the text key: "no-camera", "camera-busy", "camera-forbidden", "camera-unfit", "camera-lost"."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Mode:
    """What a camera can give; `interval` is the shortest time from picture to picture, in seconds."""

    format: str
    width: int
    height: int
    interval: Fraction

    @property
    def area(self) -> int:
        """Pixels."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as it came; `stride` is the octets from row to row (0 where it is compressed)."""

    format: str
    width: int
    height: int
    stride: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A camera that is plugged in: its path names the port, `name` the model, `bus` the port as its driver says it."""

    path: Path
    name: str
    bus: str


def found(directory: Path = BY_PATH) -> list[Found]:
    """The cameras that are there, by port. What is no camera, or cannot be asked, is left out."""
    seen = []
    for path in sorted(directory.iterdir()) if directory.is_dir() else ():
        with contextlib.suppress(CameraError), Capture(path) as capture:
            seen.append(Found(path, capture.name, capture.bus))
    return seen


def video_mode(modes: list[Mode], width: int = 1280, height: int = 720, rate: int = 25) -> Mode:
    """The largest within width x height that has `rate` pictures a second; without one, the fastest. Raises CameraError for none."""
    fitting = [mode for mode in modes if mode.width <= width and mode.height <= height] or modes
    fast = [mode for mode in fitting if mode.interval <= Fraction(1, rate)]
    if not fitting:
        raise CameraError("camera-unfit", "the camera offers neither MJPG nor YUYV")
    if fast:
        return max(fast, key=lambda mode: (mode.area, -FORMATS.index(mode.format)))
    return max(fitting, key=lambda mode: (-mode.interval, mode.area, -FORMATS.index(mode.format)))


def still_mode(modes: list[Mode]) -> Mode:
    """The largest of all. Raises CameraError for none."""
    if not modes:
        raise CameraError("camera-unfit", "the camera offers neither MJPG nor YUYV")
    return max(modes, key=lambda mode: (mode.area, -FORMATS.index(mode.format), -mode.interval))


class Capture:
    """One opened camera; close it, or use it as a context."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            CameraError: it is not there, is not for this user, or is no camera.
        """
        try:
            self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _explained(error) from None
        self._maps: list[mmap.mmap] = []
        try:
            capability = v4l2.Capability()
            self._ask(v4l2.QUERYCAP, capability)
        except (OSError, CameraError):
            os.close(self._file)
            raise CameraError("camera-unfit", "this is no video device") from None
        wanted = v4l2.CAP_VIDEO_CAPTURE | v4l2.CAP_STREAMING
        able = capability.device_caps if capability.capabilities & v4l2.CAP_DEVICE_CAPS else capability.capabilities
        if able & wanted != wanted:
            os.close(self._file)
            raise CameraError("camera-unfit", "this video device does not capture")
        self.name = capability.card.decode("utf-8", "replace")
        self.bus = capability.bus_info.decode("utf-8", "replace")

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the camera go."""
        if self._file >= 0:
            for memory in self._maps:
                memory.close()
            os.close(self._file)
            self._file = -1

    def _ask(self, request: int, argument: ctypes.Structure) -> None:
        try:
            fcntl.ioctl(self._file, request, argument, True)
        except OSError as error:
            raise _explained(error) from None

    def modes(self) -> list[Mode]:
        """What can be decoded of what the camera offers."""
        return [mode for name in self._formats() for size in self._sizes(name) for mode in self._intervals(name, *size)]

    def _formats(self) -> list[str]:
        named = []
        description = v4l2.FormatDescription(type=v4l2.CAPTURE)
        while description.index < MOST and self._enumerated(v4l2.ENUM_FMT, description):
            named.append(v4l2.letters(description.pixelformat))
            description.index += 1
        return [name for name in FORMATS if name in named]

    def _sizes(self, name: str) -> list[tuple[int, int]]:
        sizes = []
        entry = v4l2.FrameSize(pixel_format=v4l2.fourcc(name))
        while entry.index < MOST and self._enumerated(v4l2.ENUM_FRAMESIZES, entry):
            discrete = entry.type == v4l2.DISCRETE
            sizes.append((entry.size[0], entry.size[1]) if discrete else (entry.size[1], entry.size[4]))
            if not discrete:  # one entry speaks for all: the largest
                break
            entry.index += 1
        return sizes

    def _intervals(self, name: str, width: int, height: int) -> list[Mode]:
        shortest: Fraction | None = None
        entry = v4l2.FrameInterval(pixel_format=v4l2.fourcc(name), width=width, height=height)
        while entry.index < MOST and self._enumerated(v4l2.ENUM_FRAMEINTERVALS, entry):
            if entry.interval[1]:
                interval = Fraction(entry.interval[0], entry.interval[1])
                shortest = interval if shortest is None else min(shortest, interval)
            if entry.type != v4l2.DISCRETE:
                break
            entry.index += 1
        return [Mode(name, width, height, Fraction(1, 30) if shortest is None else shortest)]

    def _enumerated(self, request: int, entry: ctypes.Structure) -> bool:
        try:
            fcntl.ioctl(self._file, request, entry, True)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOTTY):  # the end of the list, or a driver without it
                return False
            raise _explained(error) from None
        return True

    def pictures(self, mode: Mode) -> Generator[Picture, None, None]:
        """Stream in this mode until the generator is closed; the driver may give another size.

        Raises:
            CameraError: another program streams, or the camera was taken away, or gives nothing any more.
        """
        pixels = self._set(mode)
        self._map()
        try:
            self._switch(v4l2.STREAMON)
            while True:
                yield from self._next(pixels)
        finally:
            with contextlib.suppress(CameraError):
                self._switch(v4l2.STREAMOFF)
            for memory in self._maps:
                memory.close()
            self._maps.clear()
            with contextlib.suppress(CameraError):
                self._ask(v4l2.REQBUFS, v4l2.RequestBuffers(count=0, type=v4l2.CAPTURE, memory=v4l2.MMAP))

    def _set(self, mode: Mode) -> v4l2.PixelFormat:
        wanted = v4l2.Format(type=v4l2.CAPTURE)
        wanted.fmt.pix.width, wanted.fmt.pix.height = mode.width, mode.height
        wanted.fmt.pix.pixelformat, wanted.fmt.pix.field = v4l2.fourcc(mode.format), v4l2.FIELD_NONE
        self._ask(v4l2.S_FMT, wanted)
        given: v4l2.PixelFormat = wanted.fmt.pix
        if v4l2.letters(given.pixelformat) not in FORMATS or not 0 < given.width <= 1 << 14 or not 0 < given.height <= 1 << 14:
            raise CameraError("camera-unfit", f"the camera gives {v4l2.letters(given.pixelformat)} of {given.width}x{given.height}")
        pace = v4l2.StreamParameters(type=v4l2.CAPTURE)
        pace.parm.capture.timeperframe[0], pace.parm.capture.timeperframe[1] = mode.interval.numerator, mode.interval.denominator
        with contextlib.suppress(CameraError):  # a camera without a choice of rates keeps its own
            self._ask(v4l2.S_PARM, pace)
        return given

    def _map(self) -> None:
        request = v4l2.RequestBuffers(count=BUFFERS, type=v4l2.CAPTURE, memory=v4l2.MMAP)
        self._ask(v4l2.REQBUFS, request)
        if request.count == 0:
            raise CameraError("camera-unfit", "the camera's driver has no memory for pictures")
        for index in range(request.count):
            buffer = v4l2.Buffer(index=index, type=v4l2.CAPTURE, memory=v4l2.MMAP)
            self._ask(v4l2.QUERYBUF, buffer)
            self._maps.append(mmap.mmap(self._file, buffer.length, mmap.MAP_SHARED, offset=buffer.m.offset))
            self._ask(v4l2.QBUF, buffer)

    def _switch(self, request: int) -> None:
        try:
            fcntl.ioctl(self._file, request, ctypes.c_int(v4l2.CAPTURE))
        except OSError as error:
            raise _explained(error) from None

    def _next(self, pixels: v4l2.PixelFormat) -> Iterator[Picture]:
        ready, _, _ = select.select([self._file], [], [], LOST_AFTER)
        if not ready:
            raise CameraError("camera-lost", f"the camera has given nothing for {LOST_AFTER:.0f} s")
        buffer = v4l2.Buffer(type=v4l2.CAPTURE, memory=v4l2.MMAP)
        try:
            fcntl.ioctl(self._file, v4l2.DQBUF, buffer, True)
        except BlockingIOError:
            return
        except OSError as error:
            raise CameraError("camera-lost", f"the camera was taken away ({error.strerror})") from None
        memory = self._maps[buffer.index]
        data = memory[: min(buffer.bytesused, len(memory))]
        whole = not buffer.flags & v4l2.BUF_ERROR and bool(data)
        self._ask(v4l2.QBUF, buffer)
        if whole:
            name = v4l2.letters(pixels.pixelformat)
            yield Picture(name, pixels.width, pixels.height, 0 if name == "MJPG" else pixels.bytesperline or pixels.width * 2, data)


def _explained(error: OSError) -> CameraError:
    reason, words = _OPENING.get(error.errno or 0, ("camera-lost", "the camera does not answer"))
    return CameraError(reason, f"{words} ({error.strerror})")
