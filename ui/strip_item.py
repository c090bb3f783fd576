"""A pleth strip: the newest seconds of one curve as a line, with gaps where samples are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Property, QObject, QPointF, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem, QQuickPaintedItem

if TYPE_CHECKING:
    from ui.live import CurveBuffer

QML_IMPORT_NAME = "Telecabine"
QML_IMPORT_MAJOR_VERSION = 1

#: pixels kept free at the edges, and the least span of values that fills the height
MARGIN, LEAST_SPAN = 3.0, 20


def segments(samples: list[int | None], capacity: int, width: float, height: float) -> list[list[QPointF]]:
    """Polylines of the samples, newest at the right edge; None breaks the line."""
    present = [sample for sample in samples if sample is not None]
    if not present or capacity < 2:
        return []
    low, high = min(present), max(present)
    middle, span = (low + high) / 2, max(high - low, LEAST_SPAN)
    step = width / (capacity - 1)
    offset = capacity - len(samples)
    lines: list[list[QPointF]] = [[]]
    for at, sample in enumerate(samples):
        if sample is None:
            lines.append([])
        else:
            y = height / 2 - (sample - middle) / span * (height - 2 * MARGIN)
            lines[-1].append(QPointF((offset + at) * step, y))
    return [line for line in lines if len(line) > 1]


@QmlElement
class StripItem(QQuickPaintedItem):
    """Draws `buffer` (a CurveBuffer) in `ink`."""

    bufferChanged = Signal()  # noqa: N815
    inkChanged = Signal()  # noqa: N815
    filledChanged = Signal()  # noqa: N815

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._buffer: CurveBuffer | None = None
        self._ink = QColor("black")
        self._filled = False
        self.setAntialiasing(True)

    def _get_buffer(self) -> CurveBuffer | None:
        return self._buffer

    def _set_buffer(self, buffer: CurveBuffer | None) -> None:
        if buffer is self._buffer:
            return
        if self._buffer is not None:
            self._buffer.changed.disconnect(self._refresh)
        self._buffer = buffer
        if buffer is not None:
            buffer.changed.connect(self._refresh)
        self.bufferChanged.emit()
        self._refresh()

    buffer = Property(QObject, _get_buffer, _set_buffer, notify=bufferChanged)

    def _get_ink(self) -> QColor:
        return self._ink

    def _set_ink(self, ink: QColor) -> None:
        self._ink = ink
        self.inkChanged.emit()
        self.update()

    ink = Property(QColor, _get_ink, _set_ink, notify=inkChanged)

    @Property(bool, notify=filledChanged)
    def filled(self) -> bool:
        """Whether there is a curve to see."""
        return self._filled

    @Slot()
    def _refresh(self) -> None:
        filled = self._buffer is not None and len(self._buffer.samples) > 1
        if filled != self._filled:
            self._filled = filled
            self.filledChanged.emit()
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Qt."""
        if self._buffer is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._ink, 2.0))
        samples = self._buffer.samples
        for line in segments(list(samples), samples.maxlen or 0, self.width(), self.height()):
            painter.drawPolyline(line)
