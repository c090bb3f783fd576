"""The words of the interface for QML, in the language that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlSingleton

from ui.i18n import en, fr

if TYPE_CHECKING:
    from ui.i18n.table import Table

QML_IMPORT_NAME = "Telecabine"
QML_IMPORT_MAJOR_VERSION = 1

LANGUAGES: Final[dict[str, Table]] = {"fr": fr, "en": en}


def said(language: str, key: str) -> tuple[str, str]:
    """What a text key of the agent says and what to do next; a key without words is named, so that somebody can ask about it."""
    table = LANGUAGES[language]
    if key.startswith("asked-"):
        vital = key.removeprefix("asked-")
        return f"{table.SCREEN['asked']}{table.SCREEN['colon']}{table.VITALS.get(vital, vital)}", table.SCREEN["asked-do"]
    return table.SAID.get(key) or (f"{table.SCREEN['unknown-message']} ({key})", table.SCREEN["unknown-message-do"])


@QmlElement
@QmlSingleton
class Words(QObject):
    """`language` is "fr" or "en". The slots take it as argument so that a binding that calls them follows it."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._language = "fr"

    def _get(self) -> str:
        return self._language

    def _set(self, language: str) -> None:
        if language in LANGUAGES and language != self._language:
            self._language = language
            self.changed.emit()

    language = Property(str, _get, _set, notify=changed)

    @Slot(str, str, result=str)
    def text(self, language: str, key: str) -> str:
        """Text of the screen's own."""
        return LANGUAGES[language].SCREEN.get(key, key)

    @Slot(str, str, result=str)
    def what(self, language: str, key: str) -> str:
        """What a key of the agent says, in a few words; "" for a key that needs none."""
        return said(language, key)[0]

    @Slot(str, str, result=str)
    def todo(self, language: str, key: str) -> str:
        """What to do next about it; "" when nothing."""
        return said(language, key)[1]

    @Slot(str, str, result=str)
    def flag(self, language: str, key: str) -> str:
        """What a flag of a device says; "" for the many that only keep its books."""
        return LANGUAGES[language].SAID.get(key, ("", ""))[0]

    @Slot(str, str, result=str)
    def vital(self, language: str, key: str) -> str:
        """Name of a vital."""
        return LANGUAGES[language].VITALS.get(key, key)

    @Slot(str, str, result=str)
    def number(self, language: str, text: str) -> str:
        """A decimal text as people write it; "—" for none."""
        return (text.replace(".", ",") if language == "fr" else text) or "—"
