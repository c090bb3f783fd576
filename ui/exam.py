"""What QML sees of exam cameras, photographs and the check of picture, sound and network before the call; and the slots for what people say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import Property, QObject, Signal, Slot

from protocol import screen as messages
from ui.values import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.screen import FromScreen, PhotoLine, View


def _photo(line: PhotoLine) -> dict[str, Any]:
    return {**msgspec.to_builtins(line), "taken": clock(line.taken)}


class Exam(QObject):
    """`Booth.exam` of the screens. Facts change together."""

    changed = Signal()

    def __init__(self, send: Callable[[FromScreen], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._exam, self._room, self._network = messages.ExamView(), messages.RoomView(), messages.NetworkView()

    def see(self, view: View) -> None:
        """Take the agent's view."""
        if (self._exam, self._room, self._network) != (view.exam, view.room, view.network):
            self._exam, self._room, self._network = view.exam, view.room, view.network
            self.changed.emit()

    @Property(list, notify=changed)
    def cameras(self) -> list[str]:
        """Names of the exam cameras of this booth."""
        return list(self._exam.cameras)

    @Property(str, notify=changed)
    def camera(self) -> str:
        """The one in hand."""
        return self._exam.camera

    @Property(str, notify=changed)
    def state(self) -> str:
        """Whether the patient is asked, or its picture is shown to the specialist."""
        return self._exam.state

    @Property(str, notify=changed)
    def by(self) -> str:
        """Who has asked for it."""
        return self._exam.by

    @Property(str, notify=changed)
    def photo(self) -> str:
        """Whether a photograph is being taken, or waits for the patient's answer."""
        return self._exam.photo

    @Property(list, notify=changed)
    def sites(self) -> list[str]:
        """Where on the body the camera may have looked."""
        return list(self._exam.sites)

    @Property(list, notify=changed)
    def photos(self) -> list[dict[str, Any]]:
        """Photographs that the patient has let go."""
        return [_photo(line) for line in self._exam.photos]

    @Property(list, notify=changed)
    def missing(self) -> list[dict[str, str]]:
        """Exam cameras that do not work, and why."""
        return [{"camera": name, "reason": reason} for name, reason in self._exam.missing.items()]

    @Property(bool, notify=changed)
    def checking(self) -> bool:
        """Whether picture and sound are checked before the call."""
        return self._room.on

    @Property(float, notify=changed)
    def level(self) -> float:
        """Loudness at this moment, 0 to 1; -1 while it is not known."""
        return -1.0 if self._room.level is None else self._room.level

    @Property(list, notify=changed)
    def checks(self) -> list[dict[str, Any]]:
        """What is judged so far."""
        return [msgspec.to_builtins(check) for check in self._room.checks]

    @Property(dict, notify=changed)
    def network(self) -> dict[str, Any]:
        """How the line was measured before the call; the fields of `NetworkView`."""
        return {**msgspec.to_builtins(self._network), "relays": [msgspec.to_builtins(relay) for relay in self._network.relays]}

    @Slot(str)
    def take(self, camera: str) -> None:
        """Take an exam camera in hand; "" puts it away."""
        self._send(messages.ExamCamera(camera))

    @Slot(bool)
    def show(self, given: bool) -> None:
        """The patient lets its picture be seen, or not."""
        self._send(messages.ShowExam(given))

    @Slot()
    def photograph(self) -> None:
        """Take a photograph."""
        self._send(messages.Photograph())

    @Slot(bool, str)
    def sendPhoto(self, given: bool, site: str) -> None:  # noqa: N802
        """The patient lets the photograph go, or not."""
        self._send(messages.SendPhoto(given, site))

    @Slot(bool)
    def check(self, on: bool) -> None:
        """Begin or end the check of picture and sound."""
        self._send(messages.CheckRoom(on))

    @Slot()
    def testNetwork(self) -> None:  # noqa: N802
        """Measure the line once more."""
        self._send(messages.TestNetwork())
