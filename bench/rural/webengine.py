"""QtWebEngine with one page and no screen: `python -m bench.rural.webengine ADDRESS`.

Each line on stdin is [expression, argument] in JSON, as for Playwright's `Page.evaluate`; stdout has one for each when its promise is kept:
{"value": …} or {"error": …}.
"""

from __future__ import annotations

import json
import os
import sys

from PySide6.QtCore import QSocketNotifier, QTimer, QUrl
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEnginePermission
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication

from tests.kiosk.call.specialist import FLAGS

#: FLAGS lets root do without a sandbox, as with Chromium
ENVIRONMENT = {
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_CHROMIUM_FLAGS": " ".join((*FLAGS, "--use-fake-device-for-media-stream")),
}

#: what marks an answer among the page's own words on its console
MARK = "answer:"
#: ms between two tries to open a page whose server may still be starting
AGAIN = 500
ASK = """Promise.resolve(EXPRESSION).then(one => typeof one === 'function' ? one(ARGUMENT) : one).then(
  value => console.log('MARK' + JSON.stringify({value: value === undefined ? null : value})),
  error => console.log('MARK' + JSON.stringify({error: String(error)})))"""


class Page(QWebEnginePage):
    """Answers on stdout, and what is said to it comes from stdin once the page is there."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = QUrl(address)
        self.permissionRequested.connect(QWebEnginePermission.grant)
        self.loadFinished.connect(self._loaded)
        self.load(self._address)

    def _loaded(self, well: bool) -> None:
        if well:
            self._asked = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
            self._asked.activated.connect(self._ask)
        else:
            QTimer.singleShot(AGAIN, lambda: self.load(self._address))

    def _ask(self) -> None:
        """One line; the next comes after its answer."""
        if not (line := sys.stdin.readline()):
            QApplication.exit()
            return
        expression, argument = json.loads(line)
        self.runJavaScript(ASK.replace("EXPRESSION", expression).replace("ARGUMENT", json.dumps(argument)).replace("MARK", MARK))

    def javaScriptConsoleMessage(self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str) -> None:  # noqa: N802
        """See QWebEnginePage."""
        if message.startswith(MARK):
            sys.stdout.write(message.removeprefix(MARK) + "\n")
            sys.stdout.flush()
        else:
            sys.stderr.write(f"{source}:{line}: {message}\n")


def main() -> int:
    """Until stdin ends."""
    os.environ |= ENVIRONMENT
    application = QApplication(sys.argv[:1])
    page = Page(sys.argv[1])
    view = QWebEngineView()
    view.setPage(page)
    view.resize(1280, 720)
    view.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
