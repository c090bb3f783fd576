"""Exam cameras at the desk: asked for, agreed to by the patient, shown, put away. Nothing of one leaves before the patient has touched "show"."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal

from kiosk.booth.photos import Photos
from kiosk.consultation import session
from kiosk.consultation.session import State
from kiosk_fhir.media import EXAMS
from protocol import screen, specialist

if TYPE_CHECKING:
    from kiosk.booth.call import Call
    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports
    from kiosk.booth.results import Results
    from kiosk.settings import Settings
    from protocol import engine

Who = Literal["specialist", "booth"]


class Exam:
    """One exam camera at a time."""

    def __init__(self, case: Case, settings: Settings, ports: Ports, results: Results, call: Call) -> None:
        self._case, self._call, self._cameras = case, call, tuple(settings.exam_cameras)
        self.photos = Photos(case, ports, results, self._tell)
        self._missing: dict[str, str] = {}
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self._camera = ""
        self._state: Literal["", "asked", "shown"] = ""
        self._by: Literal["", "specialist", "booth"] = ""
        self._refused = ""
        self.photos.clear()

    @property
    def view(self) -> screen.ExamView:
        """What the screen shows of it."""
        return screen.ExamView(
            cameras=self._cameras,
            camera=self._camera,
            state=self._state,
            by=self._by,
            photo=self.photos.state if self.photos.state in ("taking", "asked") else "",
            sites=EXAMS[self._camera][2] if self._camera else (),
            photos=self.photos.lines,
            missing=dict(self._missing),
        )

    def greet(self) -> None:
        """A specialist is there: tell what there is."""
        if self._cameras:
            self._tell()

    def _tell(self) -> None:
        self._case.send(
            specialist.ExamCameras(
                cameras=self._cameras,
                camera=self._camera,
                state=self._state,
                refused=self._refused,
                photo=self.photos.state,
                missing=tuple(self._missing),
            )
        )
        self._case.dirty = True

    def said(self, message: specialist.ShowCamera | specialist.AskPhoto) -> None:
        """The specialist asks. At the wrong moment it changes nothing: the page is told how things stand at each change."""
        with contextlib.suppress(session.NotAllowedError):
            if isinstance(message, specialist.ShowCamera):
                self.ask(message.camera, by="specialist")
            else:
                self.photograph(by="specialist")

    def ask(self, camera: str, *, by: Who) -> None:
        """Take an exam camera in hand, for the patient to agree to; "" puts it away.

        Raises:
            NotAllowedError: no call, or no such camera at this booth.
        """
        if not camera:
            self.put_away(by=by)
            return
        if self._case.session.state is not State.IN_CALL or camera not in self._cameras:
            raise session.NotAllowedError("there is no such camera to show now")
        if (camera, self._state) == (self._camera, "shown"):
            return
        self.photos.drop()
        self._camera, self._state, self._by, self._refused = camera, "asked", by, ""
        self._case.write("exam-camera-asked", camera=camera, by=self._name(by))
        self._show()

    def answer(self, *, given: bool) -> None:
        """The patient's touch. Raises NotAllowedError when nothing is asked."""
        if self._state != "asked":
            raise session.NotAllowedError("no exam camera is asked for")
        self._case.write("exam-camera", camera=self._camera, given=given)
        if given:
            self._state = "shown"
        else:
            self._camera, self._state, self._refused = "", "", self._camera
        self._show()

    def put_away(self, *, by: Who) -> None:
        """Nothing of it is sent any more; the booth's own camera is what it was before."""
        if not self._camera:
            return
        if self._state == "shown":
            self._case.write("exam-camera-away", camera=self._camera, by=self._name(by))
        self.photos.drop()
        self._camera, self._state, self._by, self._refused = "", "", "", ""
        self._show()

    def hide(self) -> None:
        """The consultation pauses, or the specialist is gone: what the patient has agreed to is over, without a word in the record."""
        if self._camera or self.photos.state:
            self.photos.drop()
            self._camera, self._state, self._by = "", "", ""
            self._show()

    def photograph(self, *, by: Who) -> None:
        """Take a photograph by the camera that is shown.

        Raises:
            NotAllowedError: none is shown, or one is being taken.
        """
        if self._state != "shown":
            raise session.NotAllowedError("no exam camera is shown")
        self.photos.take(self._camera, by=self._name(by))

    def device(self, message: engine.Device) -> None:
        """One of these cameras is missing, or works again."""
        if message.kind not in self._cameras:
            return
        before = self._missing.pop(message.kind, "")
        if message.reason:
            self._missing[message.kind] = message.reason
        if message.reason == before:
            return
        if message.reason and self._case.session.running:
            self._case.incident(message.reason, device=message.kind)
        self._tell()

    def lost(self) -> None:
        """The call process is gone, and with it every picture."""
        self._missing.clear()
        self.hide()

    def _show(self) -> None:
        self._call.exam = self._camera if self._state == "shown" else ""
        self._call.seen = self._camera
        self._call.send_media()
        self._tell()

    def _name(self, by: Who) -> str:
        return self._case.specialist if by == "specialist" else "booth"
