"""What QML sees of who the patient is: candidates, what was wrong, status, guardian, pseudonym; and the slots for what people say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from PySide6.QtCore import Property, QObject, Signal, Slot

from protocol import screen as messages
from ui import identity_form
from ui.values import day

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.screen import Candidate, FromScreen, Sentences, View


def _said(sentences: Sentences) -> dict[str, str]:
    """By language, as `Words.language` names them."""
    return {"fr": sentences.french, "fr_do": sentences.french_do, "en": sentences.english, "en_do": sentences.english_do}


def _candidate(one: Candidate) -> dict[str, Any]:
    found = msgspec.to_builtins(one)
    return {**found, "birth_date": day(one.birth_date), "warnings": [_said(warning) for warning in one.warnings]}


class Identity(QObject):
    """`Booth.identity` of the screens. Facts change together."""

    changed = Signal()

    def __init__(self, send: Callable[[FromScreen], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._view: View | None = None
        self._again = False

    def see(self, view: View) -> None:
        """Take the agent's view."""
        self._view = view
        self._again = self._again and view.stage == "interrupted"
        self.changed.emit()

    @property
    def again(self) -> bool:
        """Whether the patient of an interrupted session is asked who it is."""
        return self._again

    @Property(bool, notify=changed)
    def asksAgain(self) -> bool:  # noqa: N802
        """The same for QML."""
        return self._again

    @Property(str, notify=changed)
    def card(self) -> str:
        """State of the patient's card reader."""
        return self._view.card if self._view else "none"

    @Property(str, notify=changed)
    def code(self) -> str:
        """State of the camera as a reader of codes."""
        return self._view.code_camera if self._view else "none"

    @Property(bool, notify=changed)
    def codeCamera(self) -> bool:  # noqa: N802
        """Whether the camera is open for a code."""
        return self._view is not None and self._view.code_camera in ("starting", "on")

    @Property(list, notify=changed)
    def candidates(self) -> list[dict[str, Any]]:
        """Who it may be."""
        return [_candidate(one) for one in self._view.candidates] if self._view else []

    @Property(dict, notify=changed)
    def problem(self) -> dict[str, str]:
        """Why nobody was found; empty texts when nothing is wrong."""
        problem = self._view.problem if self._view else None
        return _said(problem or messages.Sentences("", "", "", ""))

    @Property(str, notify=changed)
    def status(self) -> str:
        """How far the identity is checked; "" before."""
        return self._view.identity if self._view else ""

    @Property(str, notify=changed)
    def guardian(self) -> str:
        """Who answers for a minor; "none" for nobody, "" for an adult or while nobody has said."""
        return (self._view.guardian or "") if self._view else ""

    @Property(bool, notify=changed)
    def pseudonym(self) -> bool:
        """Whether a pseudonym stands for the name."""
        return bool(self._view and self._view.pseudonym)

    @Property(str, notify=changed)
    def revealed(self) -> str:
        """The reason for which the specialist asked for the name all the same."""
        return self._view.revealed if self._view else ""

    @Property(bool, notify=changed)
    def leaving(self) -> bool:
        """Whether the screen asks if the patient leaves."""
        return bool(self._view and self._view.leaving)

    @Property(bool, notify=changed)
    def away(self) -> bool:
        """Whether the card is out of a reader that it must stay in."""
        return bool(self._view and self._view.away)

    @Property(bool, notify=changed)
    def alone(self) -> bool:
        """Whether the patient is alone with the specialist."""
        return bool(self._view and self._view.alone)

    @Slot(str)
    def choose(self, candidate: str) -> None:
        """This is the patient."""
        self._send(messages.Choose(candidate))

    @Slot()
    def dismiss(self) -> None:
        """None of them is the patient."""
        self._send(messages.Dismiss())

    @Slot(bool)
    def readCode(self, wanted: bool) -> None:  # noqa: N802
        """Open the camera for a code, or close it."""
        self._send(messages.ReadCode(wanted))

    @Slot(str)
    def document(self, kind: Literal["passport", "identity-card", "residence-permit"]) -> None:
        """The helper has compared with a document."""
        self._send(messages.SeeDocument(kind))

    @Slot(str, str, str, result=str)
    def guard(self, family: str, given: str, relation: Literal["parent", "guardian", "other", "none"]) -> str:
        """Who answers for the minor; the text key of what is wrong, "" when it was sent."""
        if relation == "none":
            return "" if self._send(messages.Guardian("", "", "none")) else "agent-gone"
        if relation not in ("parent", "guardian", "other"):
            return "form-relation-missing"
        try:
            names = identity_form.name(family, "form-family-missing"), identity_form.name(given, "form-given-missing")
        except identity_form.FormError as error:
            return str(error)
        return "" if self._send(messages.Guardian(*names, relation)) else "agent-gone"

    @Slot(bool)
    def wantPseudonym(self, wanted: bool) -> None:  # noqa: N802
        """The patient wants a pseudonym, or no longer."""
        self._send(messages.Pseudonym(wanted))

    @Slot()
    def stays(self) -> None:
        """The card was taken, the patient stays."""
        self._send(messages.Stays())

    @Slot(bool)
    def askAgain(self, asked: bool) -> None:  # noqa: N802
        """Ask the patient of an interrupted session who it is, or go back."""
        self._again = asked
        self.changed.emit()
