"""Prints, as JSON, what a screen reader finds on each screen: {screen: [[role, name, height], ...]}. Run as a program: Qt stays out of pytest."""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAccessible, QAccessibleInterface, QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine

from protocol.screen import Visit
from tests.ui.booth import CALL, IDLE, PENDING, SEEN, change, old_reading
from tests.ui.test_identity import CHILD, MOTHER
from ui import strip_item, video_item, words  # noqa: F401  they register their QML types
from ui.app import QML
from ui.models import Booth

RESULTS = {"kept": (SEEN, PENDING), "unattributed": (old_reading(),)}
VIEWS = [
    {},
    {"opened": True},
    {"stage": "identified"},
    {"stage": "identified", "emergency": True},
    {"opened": True, "card": "absent"},
    {"opened": True, "card": "present", "candidates": (MOTHER, CHILD)},
    {"stage": "identified", "minor": True, "emergency": False},
    {"stage": "identified", "emergency": False},
    {"stage": "informed"},
    {"stage": "informed", "consents": {"act": False}},
    {"stage": "consented", **RESULTS},
    {"stage": "waiting", **RESULTS},
    {"stage": "waiting", "code": "refused", "notices": ("code-wrong",)},
    {"stage": "in-call", "call": CALL, **RESULTS},
    {"stage": "in-call", "call": CALL, "visit": Visit("asked")},
    {"stage": "in-call", "call": CALL, "visit": Visit("here", "Dr Anne ROY")},
    {"stage": "paused"},
    {"stage": "interrupted"},
    {"stage": "erased"},
]


def walk(interface: QAccessibleInterface) -> list[tuple[str, str, int]]:
    state = interface.state()
    if state.invisible:
        return []
    name = interface.text(QAccessible.Text.Name)
    found = [(interface.role().name, name, interface.rect().height())]
    for at in range(interface.childCount()):
        child = interface.child(at)
        if child is not None and child.isValid():
            found += walk(child)
    return found


def main() -> None:
    application = QGuiApplication([])
    booth = Booth(lambda message: True)
    engine = QQmlApplicationEngine()
    engine.load(QUrl.fromLocalFile(str(QML / "Main.qml")))
    window = engine.rootObjects()[0]
    QAccessible.setActive(True)
    booth.agent(True)
    found = {}
    for fields in VIEWS:
        booth.hear(change(IDLE, **fields))
        application.processEvents()
        name = booth.screen if booth.screen not in found else f"{booth.screen} of {len(found)}"
        found[name] = walk(QAccessible.queryAccessibleInterface(window))
    json.dump(found, sys.stdout)
    sys.stdout.flush()
    del engine


if __name__ == "__main__":
    main()
