"""Fewer ways between the event loop and threads: what stands in the place of aiortc's own, by `upstream`.

aiortc hands every 20 ms of sound to a thread pool and back, and every received piece to a thread, which starts a task on the loop for each frame.
Coding 20 ms of Opus takes less time than that.
"""

from __future__ import annotations

import asyncio
import logging
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import av

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from aiortc.codecs.base import Decoder
    from aiortc.jitterbuffer import JitterFrame
    from aiortc.rtcrtpparameters import RTCRtpCodecParameters
    from av.frame import Frame

    Task = tuple[RTCRtpCodecParameters, JitterFrame] | None

log = logging.getLogger("telecabine.call")


class Here:
    """Stands for the event loop where work is handed to a thread: the work is done at once. For work that is shorter than the way there."""

    async def run_in_executor(self, _executor: None, work: Callable[..., Any], *arguments: Any) -> Any:
        """What the work gives."""
        return work(*arguments)


class Decoding:
    """Stands for the queue between a receiver and its decoder's thread: `put` what came (None ends it), `get` on the thread.

    `frames` gives where the decoded frames go; `failed` is set where a piece could not be decoded; `made` makes a codec's decoder.
    """

    def __init__(
        self, frames: Callable[[], asyncio.Queue[Frame | None]], failed: threading.Event, made: Callable[[RTCRtpCodecParameters], Decoder]
    ) -> None:
        self._frames, self._failed, self._made = frames, failed, made
        self._waiting: SimpleQueue[Task] = SimpleQueue()
        self._decoder: Decoder | None = None
        self._name = ""

    @property
    def used(self) -> bool:
        """Whether anything was decoded."""
        return self._decoder is not None

    def _decoded(self, codec: RTCRtpCodecParameters, piece: JitterFrame) -> list[Frame]:
        if self._decoder is None or codec.name != self._name:
            self._decoder, self._name = self._made(codec), codec.name
        try:
            return self._decoder.decode(piece)
        except av.FFmpegError as error:  # the decoder is kept: a new one would show nothing until the next key frame
            log.debug("a piece of %s is not decoded: %s", codec.name, error)
            self._failed.set()
            return []


class AtOnce(Decoding):
    """Decodes on the event loop, while `put` is called; the thread waits for the end. For sound."""

    def put(self, task: Task) -> None:
        """Decode a piece and hand its frames over."""
        if task is None:
            self._waiting.put(None)
            return
        for frame in self._decoded(*task):
            self._frames().put_nowait(frame)

    def get(self) -> None:
        """Wait for the end."""
        self._waiting.get()


class Apart(Decoding):
    """Decodes on the thread that calls `get`, and hands each frame over without a task of its own. For pictures."""

    def __init__(
        self, frames: Callable[[], asyncio.Queue[Frame | None]], failed: threading.Event, made: Callable[[RTCRtpCodecParameters], Decoder]
    ) -> None:
        super().__init__(frames, failed, made)
        self._loop = asyncio.get_running_loop()

    def put(self, task: Task) -> None:
        """Let the thread decode a piece."""
        self._waiting.put(task)

    def get(self) -> None:
        """Decode until the end."""
        while (task := self._waiting.get()) is not None:
            for frame in self._decoded(*task):
                self._loop.call_soon_threadsafe(self._frames().put_nowait, frame)
