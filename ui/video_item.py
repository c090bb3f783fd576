"""The specialist's picture: a read-only view of the call process's ring of BGRA pictures, painted where the item is."""

from __future__ import annotations

import logging
import mmap
import os
import time

from PySide6.QtCore import Property, QObject, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem, QQuickPaintedItem

from protocol.codec import ProtocolError
from protocol.engine import Painted, Ring, to_video
from ui.packets import PacketSocket

QML_IMPORT_NAME = "Telecabine"
QML_IMPORT_MAJOR_VERSION = 1

#: seconds without a new picture after which it is said to be frozen
FROZEN = 2.0
#: no picture is larger
LARGEST = 4096

_log = logging.getLogger(__name__)
_BACKDROP = QColor("#10212a")


class VideoSource(QObject):
    """Keeps the newest picture of the ring. `picture` is None until one came over the present connection."""

    changed = Signal()

    def __init__(self, path: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.picture: QImage | None = None
        self.painted_at = 0.0
        self.refused = 0
        self._ring: Ring | None = None
        self._memory: mmap.mmap | None = None
        self._packets = PacketSocket(path, self._packet, self._line, self)

    def start(self) -> None:
        """Connect now, or keep trying."""
        self._packets.start()

    def close(self) -> None:
        """Stop for good."""
        self._packets.close()
        self._line(False)

    def _line(self, up: bool) -> None:
        if not up:
            self.picture = self._ring = self._memory = None  # the map goes when nothing points into it
            self.changed.emit()

    def _packet(self, data: bytes, descriptors: list[int]) -> None:
        try:
            message = to_video.decode(data)
            if isinstance(message, Ring):
                self._map(message, descriptors)
            else:
                self._show(message)
        except (ProtocolError, ValueError, OSError):
            self.refused += 1
            _log.warning("a packet of %d bytes from the call is not usable", len(data))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _map(self, ring: Ring, descriptors: list[int]) -> None:
        self.picture = self._ring = self._memory = None
        size = ring.width * ring.height * 4 * ring.slots
        if len(descriptors) != 1 or not (0 < ring.width <= LARGEST and 0 < ring.height <= LARGEST and 0 < ring.slots <= 64):
            raise ProtocolError("a ring without its memory")
        if os.fstat(descriptors[0]).st_size < size:
            raise ProtocolError("a ring larger than its memory")
        self._memory = mmap.mmap(descriptors[0], size, prot=mmap.PROT_READ)
        self._ring = ring

    def _show(self, painted: Painted) -> None:
        ring, memory = self._ring, self._memory
        if ring is None or memory is None or not 0 <= painted.slot < ring.slots:
            raise ProtocolError("a picture outside of the ring")
        size = ring.width * ring.height * 4
        at = painted.slot * size
        self.picture = QImage(memoryview(memory)[at : at + size], ring.width, ring.height, ring.width * 4, QImage.Format.Format_RGB32)
        self.painted_at = time.monotonic()
        self.changed.emit()


@QmlElement
class VideoItem(QQuickPaintedItem):
    """Paints the newest picture of `source`, whole, on a dark ground. `picture` is "none", "live" or "frozen"."""

    pictureChanged = Signal()  # noqa: N815
    sourceChanged = Signal()  # noqa: N815
    aspectChanged = Signal()  # noqa: N815

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._source: VideoSource | None = None
        self._picture = "none"
        self._aspect = 16 / 9
        self.setOpaquePainting(True)

    def _get_source(self) -> VideoSource | None:
        return self._source

    def _set_source(self, source: VideoSource | None) -> None:
        if source is self._source or source is None:
            return
        self._source = source
        source.changed.connect(self._refresh)
        timer = QTimer(self)  # not in __init__: connections made there to an item that QML creates never fire
        timer.timeout.connect(self._judge)
        timer.start(500)
        self.sourceChanged.emit()
        self._refresh()

    source = Property(QObject, _get_source, _set_source, notify=sourceChanged)

    @Property(str, notify=pictureChanged)
    def picture(self) -> str:
        """Whether there is a picture and whether it moves."""
        return self._picture

    @Property(float, notify=aspectChanged)
    def aspect(self) -> float:
        """Width by height of the newest picture."""
        return self._aspect

    @Slot()
    def _refresh(self) -> None:
        self._judge()
        picture = self._source.picture if self._source else None
        if picture is not None and picture.width() / picture.height() != self._aspect:
            self._aspect = picture.width() / picture.height()
            self.aspectChanged.emit()
        self.update()

    @Slot()
    def _judge(self) -> None:
        state = "none"
        if self._source is not None and self._source.picture is not None:
            state = "live" if time.monotonic() - self._source.painted_at < FROZEN else "frozen"
        if state != self._picture:
            self._picture = state
            self.pictureChanged.emit()

    def paint(self, painter: QPainter) -> None:
        """Qt."""
        whole = QRectF(0, 0, self.width(), self.height())
        painter.fillRect(whole, _BACKDROP)
        picture = self._source.picture if self._source else None
        if picture is None or self._picture == "none":
            return
        scale = min(whole.width() / picture.width(), whole.height() / picture.height())
        width, height = picture.width() * scale, picture.height() * scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF((whole.width() - width) / 2, (whole.height() - height) / 2, width, height), picture)
