"""The specialist's voice in the booth: received sound to a loudspeaker, on a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

from kiosk.call.cushion import Block, Cushion
from kiosk.call.samplerate import Stretcher, StretchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from av import AudioFrame

log = logging.getLogger("telecabine.call")

#: seconds without sound after which the loudspeaker is freed
IDLE: Final = 5.0
#: seconds after which a loudspeaker that failed is tried again
AGAIN: Final = 2.0


class SpeakerError(Exception):
    """A loudspeaker cannot be opened, or was taken away."""


class Card(Protocol):
    """An open loudspeaker: mono, 16 bit, 48 kHz. It plays what it has at the pace of its own clock."""

    def fill(self) -> tuple[float, float]:
        """Seconds of sound that wait in it, and seconds until the next sample that is written is heard (more, by what lies behind its buffer).

        Raises:
            SpeakerError: it was taken away.
        """
        ...

    def write(self, samples: bytes) -> None:
        """Give it samples; blocks until it has taken them all. Raises SpeakerError."""
        ...

    def close(self) -> None:
        """Free it, without playing what waits."""
        ...


def play(
    take: Callable[[float], Block | float],
    card: Card,
    wait: Callable[[float], bool],
    clock: Callable[[], float],
    heard: Callable[[int, float], None],
) -> None:
    """Play what a cushion gives (`Cushion.take`) until nothing has come for `IDLE` seconds, or `wait` says so.

    `wait(seconds)` returns when sound has come or the time is over; False to end. `heard` gets the time stamp of each piece and when its first
    sample is heard, by `clock`.

    Raises:
        SpeakerError: the loudspeaker was taken away.
        StretchError: libsamplerate is not there.
    """
    stretcher, idle = Stretcher(), 0.0
    while idle < IDLE:
        waiting, delay = card.fill()
        next_ = take(waiting)
        if isinstance(next_, Block):
            if next_.timestamp is not None:
                heard(next_.timestamp, clock() + delay)
            card.write(stretcher.convert(next_.samples, next_.speed))
            idle = idle + next_.seconds if next_.timestamp is None else 0.0
        elif not wait(next_):
            return


class Speaker:
    """Plays frames at a loudspeaker that the first one opens. `troubled` gets "no-speaker" while it cannot, "" when it works again.

    `heard(pts, at)` is called on the loudspeaker's thread: when a frame is heard, by `time.monotonic`; it gives by how many seconds the sound had
    better be later.
    """

    def __init__(self, opened: Callable[[], Card], troubled: Callable[[str], None]) -> None:
        self._opened, self._troubled = opened, troubled
        self.heard: Callable[[int, float], float] = lambda _pts, _at: 0.0
        self.cushion = Cushion()
        self._thread: threading.Thread | None = None
        self._came = threading.Condition()
        self._new = self._closed = self._silent = False

    def play(self, frame: AudioFrame) -> None:
        """Play one received frame, mono, 16 bit, 48 kHz, with its time stamp; called on the event loop, never blocks."""
        if self._thread is None:
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._run, args=(loop,), name="speaker", daemon=True)
            self._thread.start()
        with self._came:
            self.cushion.add(bytes(frame.planes[0])[: 2 * frame.samples], frame.pts or 0)
            self._new = True
            self._came.notify()

    def _wait(self, seconds: float | None) -> bool:
        with self._came:
            self._came.wait_for(lambda: self._new or self._closed, seconds)
            self._new = False
            return not self._closed

    def _take(self, waiting: float) -> Block | float:
        with self._came:
            return self.cushion.take(waiting)

    def _heard(self, pts: int, at: float) -> None:
        self.cushion.lay_back(self.heard(pts, at))

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._wait(None):
            try:
                with contextlib.closing(self._opened()) as card:
                    self._say(loop, silent=False)
                    play(self._take, card, self._wait, time.monotonic, self._heard)
            except (SpeakerError, StretchError) as error:
                if not self._silent:
                    log.warning("%s", error)
                self._say(loop, silent=True)
                with self._came:
                    self._came.wait_for(lambda: self._closed, AGAIN)

    def _say(self, loop: asyncio.AbstractEventLoop, *, silent: bool) -> None:
        if silent != self._silent:
            self._silent = silent
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
                loop.call_soon_threadsafe(self._troubled, "no-speaker" if silent else "")

    def close(self) -> None:
        """Stop and free the loudspeaker."""
        with self._came:
            self._closed = True
            self._came.notify()
        if self._thread:
            self._thread.join(1)
