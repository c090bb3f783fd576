"""The specialist's voice in the booth: received sound to a loudspeaker, on a thread of its own."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from typing import TYPE_CHECKING, Final

import av

from kiosk.call.cushion import Cushion

if TYPE_CHECKING:
    from collections.abc import Callable

RATE: Final = 48_000
#: pieces of 20 ms that may wait for the loudspeaker; older ones are dropped, so that the voice is never late for good
WAITING: Final = 10


class Speaker:
    """Plays frames at a libavdevice output, e.g. format "alsa", name "default". Opened by the first frame; `troubled` gets "no-speaker" if it cannot."""

    def __init__(self, name: str, container: str, troubled: Callable[[str], None]) -> None:
        self._name, self._container, self._troubled = name, container, troubled
        self._pieces: queue.Queue[av.AudioFrame | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._cushion = Cushion()

    def play(self, frame: av.AudioFrame) -> None:
        """Play one received frame; called on the event loop, never blocks."""
        if self._thread is None:
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._run, args=(loop,), name="speaker", daemon=True)
            self._thread.start()
        for piece in self._cushion.add(frame, time.monotonic()):
            self._put(piece)

    def _put(self, piece: av.AudioFrame | None) -> None:
        while True:
            try:
                self._pieces.put_nowait(piece)
            except queue.Full:
                self._pieces.get_nowait()
            else:
                return

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            with av.open(self._name, "w", format=self._container) as out:
                stream = out.add_stream("pcm_s16le", rate=RATE, layout="stereo")
                resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
                while (piece := self._pieces.get()) is not None:
                    for frame in resampler.resample(piece):
                        frame.pts = None
                        out.mux(stream.encode(frame))
        except av.FFmpegError:
            loop.call_soon_threadsafe(self._troubled, "no-speaker")

    def close(self) -> None:
        """Stop and free the loudspeaker."""
        self._put(None)
        if self._thread:
            self._thread.join(1)
