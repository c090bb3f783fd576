"""`telecabine-ui`: the booth's screen as a process of its own."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, QTimer, QUrl
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from protocol.memory import no_core_dumps
from protocol.screen import Ready
from ui import strip_item, video_item, words  # noqa: F401  they register their QML types
from ui.agent_link import AgentLink
from ui.models import Booth
from ui.remote import Remote

QML = Path(__file__).parent / "qml"

#: the first that is installed
FONTS = ["Inter", "Noto Sans", "DejaVu Sans"]


def milliseconds_since_start() -> float:
    """Age of this process, interpreter and imports included (Linux, proc(5): field 22 of stat, in clock ticks since boot)."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started) * 1000


class FirstFrame(QObject):
    """Tells the agent, at each connection, when the first frame was presented."""

    def __init__(self, window: QQuickWindow, link: AgentLink) -> None:
        super().__init__(window)
        self._window = window
        self._link = link
        self._at: float | None = None
        window.frameSwapped.connect(self._presented)
        link.changed.connect(self._tell)

    def _presented(self) -> None:
        if self._at is None:
            self._at = milliseconds_since_start()
            self._tell(True)

    def _tell(self, up: bool) -> None:
        if up and self._at is not None:
            self._link.send(Ready(round(self._at, 1)))


class Quit(QObject):
    """SIGTERM and SIGINT end the loop, also while no Python code runs."""

    def __init__(self, application: QGuiApplication) -> None:
        super().__init__(application)
        self._read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self._notifier = QSocketNotifier(self._read, QSocketNotifier.Type.Read)
        self._notifier.activated.connect(application.quit)


class Touches(QObject):
    """Tells the booth of every press of a finger or a key."""

    def __init__(self, application: QGuiApplication, booth: Booth) -> None:
        super().__init__(application)
        self._booth = booth
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        """Let everything through."""
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.KeyPress):
            self._booth.touched()
        return False


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="telecabine-ui", description="The booth's screen.")
    parser.add_argument("--agent", required=True, metavar="SOCKET", help="the agent's socket for the screen")
    parser.add_argument("--video", metavar="SOCKET", help="the call's socket for the video ring")
    parser.add_argument("--own", metavar="SOCKET", help="the call's socket for the booth's own pictures")
    parser.add_argument("--code-video", metavar="SOCKET", help="where the booth's own camera is shown while it looks for a code")
    parser.add_argument("--remote", metavar="SOCKET", help="let a script tap and read (tests and demo only)")
    parser.add_argument("--fullscreen", action="store_true")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run until the window is closed or SIGTERM; the exit code."""
    no_core_dumps()
    options = _arguments(sys.argv[1:] if argv is None else argv)
    logging.basicConfig(format="telecabine-ui: %(message)s")
    os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")
    application = QGuiApplication(["telecabine-ui"])
    application.setApplicationDisplayName("telecabine")
    font = QFont()
    font.setFamilies(FONTS)
    application.setFont(font)
    quit_on_signal = Quit(application)
    link = AgentLink(options.agent)
    video = video_item.VideoSource(options.video) if options.video else None
    code_video = video_item.VideoSource(options.code_video) if options.code_video else None
    own = video_item.VideoSource(options.own) if options.own else None
    sources = [source for source in (video, code_video, own) if source is not None]
    booth = Booth(link.send, video, code_video=code_video, own=own)
    link.received.connect(booth.hear)
    link.changed.connect(booth.agent)
    engine = QQmlApplicationEngine()
    engine.load(QUrl.fromLocalFile(str(QML / "Main.qml")))
    if not engine.rootObjects():
        return 1
    window = engine.rootObjects()[0]
    assert isinstance(window, QQuickWindow)  # noqa: S101  Main.qml is ours
    if options.fullscreen:
        window.showFullScreen()
    touches = Touches(application, booth)
    first = FirstFrame(window, link)
    remote = Remote(options.remote, window) if options.remote else None
    QTimer.singleShot(0, link.start)
    for source in sources:
        QTimer.singleShot(0, source.start)
    code = application.exec()
    if remote is not None:
        remote.close()
    link.close()
    for source in sources:
        source.close()
    del first, touches, engine, quit_on_signal
    return code


if __name__ == "__main__":
    sys.exit(main())
