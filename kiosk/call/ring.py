"""Received pictures for the screen: a ring of BGRA pictures in a sealed memfd, and the socket that tells of it."""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
from typing import TYPE_CHECKING, Final

from av.video.reformatter import VideoReformatter

from kiosk.packets import Listener, Packets
from protocol.engine import Painted, Ring, to_video

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from av import VideoFrame

log = logging.getLogger("telecabine.call")

SLOTS: Final = 4
#: the screen shows no more than this; a larger picture is made smaller, so that a peer cannot ask for gigabytes
LARGEST: Final = (1280, 720)

# linux/fcntl.h
_F_ADD_SEALS: Final = 1033
_F_SEAL_SEAL: Final = 0x1
_F_SEAL_SHRINK: Final = 0x2
_F_SEAL_GROW: Final = 0x4


def fitted(width: int, height: int) -> tuple[int, int]:
    """The size at which a picture is shown: its own, or the largest of its shape within LARGEST; at least 2 x 2."""
    scale = min(1.0, LARGEST[0] / width, LARGEST[1] / height)
    return max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)


class Memory:
    """`SLOTS` pictures of `width` x `height` x 4 bytes. The reader's descriptor is read-only and the size is sealed."""

    def __init__(self, width: int, height: int) -> None:
        self.shape = Ring(width, height, SLOTS)
        self._stride = width * 4
        self._size = self._stride * height
        descriptor = os.memfd_create("telecabine-video", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(descriptor, SLOTS * self._size)
            fcntl.fcntl(descriptor, _F_ADD_SEALS, _F_SEAL_SHRINK | _F_SEAL_GROW | _F_SEAL_SEAL)
            self._map = mmap.mmap(descriptor, SLOTS * self._size)
            self.reader = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            os.close(descriptor)

    def write(self, slot: int, frame: VideoFrame) -> None:
        """Copy a BGRA frame of this shape into a slot."""
        plane = frame.planes[0]
        source, start = memoryview(plane), slot * self._size
        if plane.line_size == self._stride:
            self._map[start : start + self._size] = source[: self._size]
            return
        for row in range(self.shape.height):
            at = start + row * self._stride
            self._map[at : at + self._stride] = source[row * plane.line_size : row * plane.line_size + self._stride]

    def wipe(self) -> None:
        """Overwrite all of it."""
        self._map[:] = bytes(len(self._map))

    def close(self) -> None:
        """Overwrite and unmap; readers keep their own mapping."""
        self.wipe()
        self._map.close()
        os.close(self.reader)


class VideoServer:
    """Serves the pictures to every screen that connects at `path`. A screen that is behind misses pictures; one that talks is cut off."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._screens: set[Packets] = set()
        self._memory: Memory | None = None
        self._reformatter = VideoReformatter()
        self._sequence = 0
        self._listener = Listener(path, self._accepted)

    def _accepted(self, connected: socket.socket) -> None:
        def receive(_: bytes | None) -> None:
            log.warning("a screen sent something on the video socket: disconnected")
            screen.close()
            self._screens.discard(screen)

        screen = Packets(connected, receive, lambda: self._screens.discard(screen))
        self._screens.add(screen)
        if self._memory:
            screen.send(to_video.encode(self._memory.shape), (self._memory.reader,))

    def show(self, frame: VideoFrame) -> None:
        """Put a received picture (any pixel format) before the screens."""
        if not self._screens:
            return
        width, height = fitted(frame.width, frame.height)
        memory = self._memory
        if memory is None or (memory.shape.width, memory.shape.height) != (width, height):
            memory = self._resize(width, height)
        self._sequence += 1
        slot = self._sequence % SLOTS
        memory.write(slot, self._reformatter.reformat(frame, width, height, format="bgra"))
        painted = to_video.encode(Painted(slot, self._sequence, self._clock()))
        for screen in tuple(self._screens):
            screen.send(painted, droppable=True)

    def wipe(self) -> None:
        """Overwrite every picture with black, and show that."""
        if self._memory:
            self._memory.wipe()
            self._sequence += 1
            for screen in tuple(self._screens):
                screen.send(to_video.encode(Painted(self._sequence % SLOTS, self._sequence, self._clock())), droppable=True)

    def _resize(self, width: int, height: int) -> Memory:
        if self._memory:
            self._memory.close()
        self._memory = Memory(width, height)
        shape = to_video.encode(self._memory.shape)
        for screen in tuple(self._screens):
            screen.send(shape, (self._memory.reader,))
        return self._memory

    def close(self) -> None:
        """Disconnect the screens and free the memory."""
        self._listener.close()
        for screen in self._screens:
            screen.close()
        self._screens.clear()
        if self._memory:
            self._memory.close()
            self._memory = None
