"""The stethoscope as QML sees it: where it is put, what disturbs it, its line and its loudness, and the patient's word on keeping a sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from PySide6.QtCore import Property, QObject, Signal, Slot

from protocol import screen as messages
from protocol.sound import SITES
from ui.live import CurveBuffer
from ui.values import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.screen import Curve, FromScreen, View

#: of a curve of 16 bit, what one step of the strip is: silence stays a flat line
STEP: Final = 164
FULL_SCALE: Final = 32_768
#: parts of the curve that make up the last second
SECOND: Final = 400


class Auscultation(QObject):
    """One object for the life of the screen."""

    changed = Signal()
    loud = Signal()

    def __init__(self, send: Callable[[FromScreen], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._send = send
        self._now: messages.Auscultation | None = None
        self._line = CurveBuffer(self)
        self._line.changed.connect(self.loud)

    def see(self, view: View) -> None:
        """Take what the view says of it."""
        if view.auscultation != self._now:
            self._now = view.auscultation
            self.changed.emit()
        if self._line.samples and (self._now is None or self._now.state == "off"):
            self._line.samples.clear()
            self._line.changed.emit()

    def hear(self, curve: Curve, now: float) -> None:
        """Take the next piece of the line."""
        steps = tuple(None if sample is None else round(sample / STEP) for sample in curve.samples)
        self._line.push(msgspec.structs.replace(curve, samples=steps), now)

    def tick(self, now: float) -> None:
        """Age."""
        self._line.tick(now)

    @Property(bool, notify=changed)
    def there(self) -> bool:
        """Whether this booth has a stethoscope."""
        return self._now is not None

    @Property(str, notify=changed)
    def state(self) -> str:
        """As protocol/sound.py has it."""
        return self._now.state if self._now else "off"

    @Property(str, notify=changed)
    def site(self) -> str:
        """Where it is put, "" while nobody said."""
        return self._now.site if self._now else ""

    @Property(str, notify=changed)
    def asked(self) -> str:
        """Where the specialist wants it."""
        return self._now.asked if self._now else ""

    @Property(bool, notify=changed)
    def listening(self) -> bool:
        """Whether the specialist hears it."""
        return bool(self._now and self._now.listening)

    @Property(int, notify=changed)
    def keep(self) -> int:
        """Seconds of sound that the specialist wants to keep; 0: nobody asks."""
        return self._now.keep if self._now else 0

    @Property(list, notify=changed)
    def clips(self) -> list[dict[str, Any]]:
        """What was kept."""
        return [{**msgspec.to_builtins(clip), "seen_at": clock(clip.seen_at)} for clip in self._now.clips] if self._now else []

    @Property(QObject, constant=True)
    def line(self) -> CurveBuffer:
        """The phonocardiogram's last seconds."""
        return self._line

    @Property(float, notify=loud)
    def level(self) -> float:
        """The loudest of the last second, 0 to 1 of full scale."""
        last = [abs(sample) for sample in list(self._line.samples)[-SECOND:] if sample is not None]
        return min(1.0, max(last, default=0) * STEP / FULL_SCALE)

    @Slot(str)
    def place(self, site: str) -> None:
        """Take it, or put it on a site."""
        if site == "" or site in SITES:
            self._send(messages.Auscultate(on=True, site=site))  # type: ignore[arg-type]  # checked on the line above

    @Slot()
    def putAway(self) -> None:  # noqa: N802
        """Nobody needs it any more."""
        self._send(messages.Auscultate(on=False))

    @Slot(bool)
    def permit(self, given: bool) -> None:
        """The patient's word on keeping what was heard."""
        self._send(messages.KeepSound(given))
