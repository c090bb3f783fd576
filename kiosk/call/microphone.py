"""The booth's microphone: open while its sound is sent or listened to here, and only then; one that records nothing but zeros is named."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from kiosk.call.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from av import AudioFrame

    from kiosk.call.sources import Device, SourceError

#: digital silence for so long is a microphone that is switched off or set to nothing: a quiet room is never all zeros; in seconds
MUTED_AFTER: Final = 3.0


class Microphone:
    """`sent` and `heard` get each 20 ms. `troubled` gets "" when there is sound, else the text key of why not."""

    def __init__(
        self, device: Device[AudioFrame] | None, troubled: Callable[[str], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._device, self._troubled, self._now = device, troubled, now
        self._reader: Reader | None = None
        self._sending = self._listening = False
        self._said: str | None = None
        self._sound = 0.0
        self.sent: Callable[[AudioFrame], None] = lambda _: None
        self.heard: Callable[[AudioFrame], None] = lambda _: None

    def select(self, *, sent: bool, heard: bool) -> None:
        """Send its sound, or listen to it here."""
        wanted, before = sent or heard, self._sending or self._listening
        self._sending, self._listening = sent, heard
        if not wanted and self._reader is not None:
            self._reader.stop()
            self._reader = None
        elif wanted and not before:
            self._said, self._sound = None, self._now()
            if self._device is None:
                self._say("no-microphone")
            else:
                self._reader = Reader(self._device, self._given, self._lost)

    def _say(self, reason: str) -> None:
        if reason != self._said:
            self._said = reason
            self._troubled(reason)

    def _given(self, frame: AudioFrame) -> None:
        now = self._now()
        if any(bytes(frame.planes[0])[: frame.samples * 2]):
            self._sound = now
            self._say("")
        elif now - self._sound > MUTED_AFTER:
            self._say("microphone-muted")
        elif self._said is None:
            self._say("")
        if self._sending:
            self.sent(frame)
        if self._listening:
            self.heard(frame)

    def _lost(self, _: SourceError | None) -> None:
        self._reader = None
        self._say("no-microphone" if self._said is None else "microphone-lost")
