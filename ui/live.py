"""Live numbers and curves of one device, as long as they are true."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement

from ui.values import STALE, freshness, tiles

if TYPE_CHECKING:
    from protocol.screen import Curve, Live

QML_IMPORT_NAME = "Telecabine"
QML_IMPORT_MAJOR_VERSION = 1

#: what a strip holds, in seconds
SPAN = 6.0


class CurveBuffer(QObject):
    """The newest SPAN seconds of one curve, filled by `push`. It empties when it grows stale."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.samples: deque[int | None] = deque(maxlen=1)
        self.total = 0
        self._at = 0.0

    def push(self, curve: Curve, now: float) -> None:
        """Add the message's samples; a period that is no period is ignored."""
        if not 0.001 <= curve.period <= 1:
            return
        size = round(SPAN / curve.period)
        if size != self.samples.maxlen:
            self.samples = deque(self.samples, maxlen=size)
        self.samples.extend(curve.samples)
        self.total += len(curve.samples)
        self._at = now
        self.changed.emit()

    def tick(self, now: float) -> None:
        """Empty it when nothing came for STALE seconds."""
        if self.samples and now - self._at >= STALE:
            self.samples.clear()
            self.changed.emit()


@QmlElement
class DeviceLive(QObject):
    """What one device says now: grey after STALE seconds without data, then gone."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._live: Live | None = None
        self._received = 0.0
        self._shown: tuple[list[dict[str, Any]], list[str], str] = ([], [], "gone")
        self.curve_buffer = CurveBuffer(self)

    def hear(self, live: Live, now: float) -> None:
        """Take the values of the message, unless it is older than what is shown."""
        if live.received >= self._received:
            self._live, self._received = live, min(live.received, now)
            self.tick(now)

    def lose(self, now: float) -> None:
        """The device is lost: grey at once."""
        self._received = min(self._received, now - STALE)
        self.tick(now)

    def forget(self) -> None:
        """Nothing of the patient before stays."""
        self._live, self._received = None, 0.0
        self.curve_buffer.samples.clear()
        self.tick(0.0)

    def tick(self, now: float) -> None:
        """Age."""
        state = freshness(self._received, now) if self._live else "gone"
        values: list[dict[str, Any]] = [msgspec.to_builtins(tile) for tile in tiles(self._live.values)] if self._live else []
        if state == "gone":
            values = [{**value, "text": "", "absent": value["absent"] or "no-data"} for value in values]
        flags = list(self._live.flags) if self._live and state == "live" else []
        if (values, flags, state) != self._shown:
            self._shown = (values, flags, state)
            self.changed.emit()
        self.curve_buffer.tick(now)

    @Property(list, notify=changed)
    def values(self) -> list[dict[str, Any]]:
        """Tiles as maps; a gone value has an empty text."""
        return self._shown[0]

    @Property(list, notify=changed)
    def flags(self) -> list[str]:
        """The device's flags, only while its values are live."""
        return self._shown[1]

    @Property(str, notify=changed)
    def freshness(self) -> str:
        """Live, stale or gone."""
        return self._shown[2]

    @Property(QObject, constant=True)
    def curve(self) -> CurveBuffer:
        """The pleth of this device, maybe empty."""
        return self.curve_buffer
