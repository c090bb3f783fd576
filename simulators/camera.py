"""A synthetic camera with the cost of a real one: texture, a moving patch, sensor noise; each picture carries a stamp."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from simulators import stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

#: pictures rendered in advance; they go round
RENDERED = 30


def scene(width: int, height: int, rate: int = 30) -> str:
    """A libavfilter source: a room-like textured background, a patch of blocks on a loop of one second, noise of about 3 levels."""
    size = f"{width}x{height}"
    patch = f"{width * 3 // 8 // 2 * 2}x{height // 2 // 2 * 2}"
    return (
        f"gradients=s={size}:r={rate}:speed=0.00001:n=4:seed=7:c0=0x8a7f70:c1=0x5c6b73:c2=0xb8ada0:c3=0x40464c,format=yuv420p,noise=alls=14[room];"
        f"color=gray:s=40x30:r={rate},format=yuv420p,noise=alls=80,scale={patch}:flags=neighbor[patch];"
        f"[room][patch]overlay=x='W*0.3+W*0.2*sin(6.2832*t)':y='H*0.25+H*0.05*cos(6.2832*t)',noise=alls=4:allf=t"
    )


def render(width: int, height: int, count: int = RENDERED) -> list[av.VideoFrame]:
    """`count` pictures of the scene, yuv420p, without stamps."""
    frames: list[av.VideoFrame] = []
    with av.open(scene(width, height), format="lavfi") as graph:
        for frame in graph.decode(video=0):
            frames.append(frame)
            if len(frames) == count:
                break
    return frames


class StampedCamera:
    """A camera for the call process: `rate` pictures a second, each stamped by `stamp()` just before it is handed over."""

    def __init__(self, width: int = 1280, height: int = 720, rate: int = 30, stamp: Callable[[], int] = stamps.milliseconds) -> None:
        self._size = (width, height)
        self._rate = rate
        self._stamp = stamp

    def open(self) -> Generator[av.VideoFrame, None, None]:
        """See `kiosk.call.sources.Device`."""
        frames = render(*self._size)
        start, number = time.monotonic(), 0
        while True:
            behind = int((time.monotonic() - start) * self._rate) - number
            number += max(1, behind)  # a live camera does not wait for who is late
            time.sleep(max(0.0, start + number / self._rate - time.monotonic()))
            frame = frames[number % len(frames)]
            stamps.write(frame, self._stamp())
            frame.pts, frame.time_base = number, Fraction(1, self._rate)
            yield frame

    def still(self) -> av.VideoFrame:
        """See `kiosk.call.sources.Camera`."""
        frame = render(*self._size, count=1)[0]
        stamps.write(frame, self._stamp())
        return frame
