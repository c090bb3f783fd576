"""What gives the call its pictures and its sound, and the thread that reads it.

A device is opened when it is switched on and freed when it is switched off, so that its light tells the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from av import VideoFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

log = logging.getLogger("telecabine.call")

#: samples a second of a microphone, and of each piece that it gives
AUDIO_RATE: Final = 48_000
AUDIO_PACKET: Final = 960

T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)


class SourceError(Exception):
    """A camera or microphone cannot be used; `str` is for the log, `reason` the text key where it is known better than "missing" or "lost"."""

    def __init__(self, detail: str, reason: str = "") -> None:
        super().__init__(detail)
        self.reason = reason


class Device(Protocol[T_co]):
    """A camera (`VideoFrame`) or a microphone (`AudioFrame`). Opened, read and closed on one thread of its own."""

    def open(self) -> Generator[T_co, None, None]:
        """Open it and yield what it records, at its own pace; closing the iterator frees it.

        Raises:
            SourceError: it is not there, or was taken away.
        """
        ...


class Camera(Device[VideoFrame], Protocol):
    """A source of pictures that can take a photograph too."""

    def still(self) -> VideoFrame:
        """One picture in the camera's full resolution; blocks for about a second. No iterator of `open` may be left: a camera has one user.

        Raises:
            SourceError: as `open`.
        """
        ...


class Reader:
    """Runs a device on a thread and hands each frame to `give` on the event loop; `lost` once when it ends (None) or cannot be used."""

    def __init__(self, device: Device[T], give: Callable[[T], None], lost: Callable[[SourceError | None], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(device, give, lost), name="source", daemon=True)
        self._thread.start()

    def _run(self, device: Device[T], give: Callable[[T], None], lost: Callable[[SourceError | None], None]) -> None:
        ended: SourceError | None = None
        try:
            with contextlib.closing(device.open()) as frames:
                for frame in frames:
                    if self._stopped.is_set():
                        return
                    self._post(give, frame)
        except SourceError as error:
            log.warning("%s", error)
            ended = error
        self._post(lost, ended)

    def _post(self, function: Callable[[U], None], value: U) -> None:
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

    def wait(self, seconds: float) -> bool:
        """Wait until the device is freed; whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()
