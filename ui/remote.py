"""The far end of `protocol.remote`: real mouse and key events on the real window, for tests and the scripted demo. Off unless asked for."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Q_ARG, QEvent, QMetaObject, QObject, QPoint, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtQml import QJSValue
from PySide6.QtTest import QTest

from protocol.codec import LIMIT, ProtocolError
from protocol.remote import Done, Failed, FromRemote, Grab, Read, Tap, ToRemote, Type, from_remote, to_remote

if TYPE_CHECKING:
    from PySide6.QtQuick import QQuickWindow

#: a frame that is not presented within this is a failure
FRAME_MS = 5000


class CannotError(Exception):
    """A finger or an eye could not do it; `str` says why."""


class Remote(QObject):
    """Listens on `path` and serves one script at a time."""

    def __init__(self, path: str, window: QQuickWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        eye = window.findChild(QObject, "eye")
        assert eye is not None  # noqa: S101  Main.qml has one
        self._eye = eye
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
        seen = None if isinstance(request, Grab) else self._look(request.name)
        if seen is None:
            return Done(text="", visible=isinstance(request, Grab), enabled=False, checked=False)
        return Done(text=seen["text"], visible=seen["visible"] and seen["inside"], enabled=seen["enabled"], checked=seen["checked"])

    def _look(self, name: str) -> dict[str, Any] | None:
        """What Eye.qml sees of the item. The search is QML's: Python wrappers of items outlive the items and crash."""
        QMetaObject.invokeMethod(self._eye, "look", Qt.ConnectionType.DirectConnection, Q_ARG("QVariant", name))
        seen: QJSValue | dict[str, Any] | None = self._eye.property("seen")
        found: dict[str, Any] | None = seen.toVariant() if isinstance(seen, QJSValue) else seen
        return found

    def _tap(self, name: str) -> None:
        seen = self._look(name)
        if seen is None:
            raise CannotError(f"there is no {name} on the screen")
        if not seen["visible"]:
            raise CannotError(f"{name} is hidden")
        if not seen["enabled"]:
            raise CannotError(f"{name} is disabled")
        if not seen["inside"]:
            raise CannotError(f"{name} is outside of what can be seen")
        point = QPoint(round(seen["x"]), round(seen["y"]))
        left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(self._window, left, plain, point)
        taker = self._taker(name)
        if taker != name:
            QTest.mouseMove(self._window, QPoint(0, 0))
            QTest.mouseRelease(self._window, left, plain, QPoint(0, 0))
            raise CannotError(f"{name} is covered by {taker}" if taker else f"{name} takes no tap")
        QTest.mouseRelease(self._window, left, plain, point)

    def _taker(self, name: str) -> str:
        """Name of the item that took the press: `name` when it is that item or a part of it."""
        self._eye.setProperty("grabber", self._window.mouseGrabberItem())
        QMetaObject.invokeMethod(self._eye, "takes", Qt.ConnectionType.DirectConnection, Q_ARG("QVariant", name))
        return str(self._eye.property("taker"))

    def _type(self, request: Type) -> None:
        self._tap(request.name)
        seen = self._look(request.name)
        if seen is None or not seen["focused"]:
            raise CannotError(f"{request.name} does not take text")
        QTest.keySequence(self._window, QKeySequence(QKeySequence.StandardKey.SelectAll))
        QTest.keyClick(self._window, Qt.Key.Key_Delete)
        for character in request.text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QGuiApplication.sendEvent(self._window, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, character))
