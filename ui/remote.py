"""The far end of `protocol.remote`: real mouse and key events on the real window, for tests and the scripted demo. Off unless asked for."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest

from protocol.codec import LIMIT, ProtocolError
from protocol.remote import Done, Failed, FromRemote, Grab, Read, Tap, ToRemote, Type, from_remote, to_remote

if TYPE_CHECKING:
    from collections.abc import Iterator

#: a frame that is not presented within this is a failure
FRAME_MS = 5000


class CannotError(Exception):
    """A finger or an eye could not do it; `str` says why."""


def _everything(item: QQuickItem) -> Iterator[QQuickItem]:
    yield item
    for child in item.childItems():
        yield from _everything(child)


def _takes_a_tap(item: QQuickItem, point: QPointF) -> QQuickItem | None:
    """The item that a press at this point of the window would reach, from the top of the pile down."""
    if not item.isVisible() or not item.isEnabled() or item.opacity() == 0:
        return None
    inside = item.contains(item.mapFromScene(point))
    if item.clip() and not inside:
        return None
    for child in reversed(sorted(item.childItems(), key=QQuickItem.z)):
        if (found := _takes_a_tap(child, point)) is not None:
            return found
    return item if inside and item.acceptedMouseButtons() & Qt.MouseButton.LeftButton else None


class Remote(QObject):
    """Listens on `path` and serves one script at a time."""

    def __init__(self, path: str, window: QQuickWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._path = Path(path)
        self._path.unlink(missing_ok=True)
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._server.bind(path)
        self._server.listen(1)
        self._peer: socket.socket | None = None
        self._peer_notifier: QSocketNotifier | None = None
        self._waiting: list[ToRemote] = []
        self._busy = False
        self._late = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._late.timeout.connect(lambda: self._answer(Failed("no frame was presented")))
        self._after: ToRemote | None = None
        window.frameSwapped.connect(self._presented)
        self._notifier = QSocketNotifier(self._server.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._accept)

    def close(self) -> None:
        """Stop listening."""
        self._notifier.setEnabled(False)
        self._server.close()
        self._path.unlink(missing_ok=True)
        self._hang_up()

    def _accept(self) -> None:
        self._hang_up()
        self._peer, _ = self._server.accept()
        self._peer.setblocking(False)
        self._peer_notifier = QSocketNotifier(self._peer.fileno(), QSocketNotifier.Type.Read)
        self._peer_notifier.activated.connect(self._ready)

    def _hang_up(self) -> None:
        self._waiting.clear()
        if self._peer_notifier is not None:
            self._peer_notifier.setEnabled(False)
            self._peer_notifier.deleteLater()
        if self._peer is not None:
            self._peer.close()
        self._peer = self._peer_notifier = None

    def _ready(self) -> None:
        if self._peer is None:
            return
        try:
            data = self._peer.recv(LIMIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return
        try:
            self._waiting.append(to_remote.decode(data))
        except ProtocolError as error:
            self._send(Failed(str(error)))
        self._next()

    def _next(self) -> None:
        if self._busy or not self._waiting:
            return
        self._busy = True
        request = self._waiting.pop(0)
        try:
            self._do(request)
        except CannotError as error:
            self._answer(Failed(str(error)))
            return
        self._after = request
        self._late.start()
        self._window.update()

    def _presented(self) -> None:
        if (request := self._after) is not None:
            self._after = None
            self._answer(self._state(request))

    def _answer(self, answer: FromRemote) -> None:
        self._late.stop()
        self._after, self._busy = None, False
        self._send(answer)
        QTimer.singleShot(0, self._next)

    def _send(self, answer: FromRemote) -> None:
        if self._peer is not None:
            try:
                self._peer.send(from_remote.encode(answer))
            except OSError:
                self._hang_up()

    def _do(self, request: ToRemote) -> None:
        match request:
            case Tap():
                self._tap(request.name)
            case Type():
                self._type(request)
            case Grab():
                if not self._window.grabWindow().save(request.path):
                    raise CannotError(f"the window could not be saved as {request.path}")
            case Read():
                pass

    def _state(self, request: ToRemote) -> FromRemote:
        item = None if isinstance(request, Grab) else self._find(request.name)
        if item is None:
            return Done(text="", visible=isinstance(request, Grab), enabled=False, checked=False)
        return Done(
            text=str(item.property("text") or ""),
            visible=self._on_screen(item),
            enabled=item.isEnabled(),
            checked=bool(item.property("checked")),
        )

    def _find(self, name: str) -> QQuickItem | None:
        """The item of that name; a visible one first."""
        found = [item for item in _everything(self._window.contentItem()) if item.objectName() == name]
        return next((item for item in found if item.isVisible()), found[0] if found else None)

    def _on_screen(self, item: QQuickItem) -> bool:
        return item.isVisible() and self._window.contentItem().contains(self._centre(item))

    @staticmethod
    def _centre(item: QQuickItem) -> QPointF:
        return item.mapToScene(QPointF(item.width() / 2, item.height() / 2))

    def _tap(self, name: str) -> QQuickItem:
        item = self._find(name)
        if item is None:
            raise CannotError(f"there is no {name} on the screen")
        if not item.isVisible():
            raise CannotError(f"{name} is hidden")
        if not item.isEnabled():
            raise CannotError(f"{name} is disabled")
        point = self._centre(item)
        if not self._window.contentItem().contains(point):
            raise CannotError(f"{name} is outside of the window")
        hit = _takes_a_tap(self._window.contentItem(), point)
        if hit is None or (hit is not item and not item.isAncestorOf(hit)):
            cover = (hit.objectName() or hit.metaObject().className()) if hit else "something else"
            raise CannotError(f"{name} is covered by {cover}")
        QTest.mouseClick(self._window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point.toPoint())
        return item

    def _type(self, request: Type) -> None:
        item = self._tap(request.name)
        if not item.hasActiveFocus():
            raise CannotError(f"{request.name} does not take text")
        QTest.keySequence(self._window, QKeySequence(QKeySequence.StandardKey.SelectAll))
        if request.text:
            for character in request.text:
                for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                    QGuiApplication.sendEvent(self._window, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, character))
        else:
            QTest.keyClick(self._window, Qt.Key.Key_Delete)
