"""Photographs at the desk: taken, shown to the patient on the booth's own screen, and only then kept, sent and seen. What is refused is forgotten."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from drivers.device import Device
from kiosk.consultation import session
from kiosk.consultation.session import State
from kiosk_fhir.media import EXAMS, Photograph
from protocol import engine, screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports
    from kiosk.booth.results import Results

#: octets of a photograph; a call process that sends more is not believed
MOST = 24 * 1024 * 1024

How = Literal["", "taking", "asked", "kept", "refused", "failed"]


@dataclass
class _Waiting:
    """A photograph on its way from the call process, or before the patient's eyes."""

    id: str
    camera: str
    taken: datetime
    octets: bytearray
    next: int = 0
    width: int = 0
    height: int = 0

    def wipe(self) -> None:
        """Overwrite what there is."""
        self.octets[:] = bytes(len(self.octets))


@dataclass
class _Kept:
    """A photograph that is sealed."""

    camera: str
    site: str
    taken: datetime
    state: Literal["kept", "sent", "seen"] = "kept"


class Photos:
    """One waits at a time. `tell` is called at each change of `state`."""

    def __init__(self, case: Case, ports: Ports, results: Results, tell: Callable[[], None]) -> None:
        self._case, self._ports, self._results, self._tell = case, ports, results, tell
        self._waiting: _Waiting | None = None
        results.photos = self
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self._forget()
        self.state: How = ""
        self._kept: dict[str, _Kept] = {}
        self._refused = 0

    def _forget(self) -> None:
        if self._waiting is not None:
            self._waiting.wipe()
            self._ports.to_call(engine.DropPhoto())
        self._waiting = None

    @property
    def lines(self) -> tuple[screen.PhotoLine, ...]:
        """The kept ones, for the screen."""
        return tuple(
            screen.PhotoLine(key, kept.camera, kept.site, kept.taken.isoformat(timespec="seconds"), kept.state)
            for key, kept in self._kept.items()
        )

    def outcomes(self) -> dict[str, int]:
        """How many are how far; "rejected" = not agreed to."""
        unanswered = self._waiting is not None and self.state == "asked"
        states = [*(kept.state for kept in self._kept.values()), *["rejected"] * (self._refused + unanswered)]
        return {state: states.count(state) for state in states}

    def take(self, camera: str, *, by: str) -> None:
        """Have one taken. Raises NotAllowedError while another waits, and where the patient wants none."""
        if self._waiting is not None:
            raise session.NotAllowedError("another photograph waits for the patient's answer")
        if not self._case.session.consents.get("photos", False):
            self.state = "refused"
            self._case.notify("photos-refused")
            self._case.write("photo-refused", camera=camera, by=by, reason="consent")
            self._tell()
            return
        self._waiting = _Waiting(f"photo-{uuid.uuid4().hex}", camera, self._case.clock.now().wall, bytearray())
        self.state = "taking"
        self._case.over("photo-failed")
        self._case.write("photo-asked", camera=camera, by=by)
        self._ports.to_call(engine.TakePhoto(self._waiting.id, camera))
        self._tell()

    def part(self, message: engine.PhotoPart) -> None:
        """A piece of it. Pieces of another, or out of order, are not taken."""
        waiting = self._waiting
        if waiting is None or waiting.id != message.id or message.part != waiting.next or self.state != "taking":
            return
        if len(waiting.octets) + len(message.data) > MOST:
            self.failed(engine.PhotoFailed(message.id, "photo-failed"))
            return
        waiting.octets += message.data
        waiting.next, waiting.width, waiting.height = message.part + 1, message.width, message.height
        if waiting.next == message.parts:
            waiting.taken, self.state = self._case.clock.now().wall, "asked"
            self._tell()

    def failed(self, message: engine.PhotoFailed) -> None:
        """There is none."""
        if self._waiting is None or self._waiting.id != message.id:
            return
        self._case.incident("photo-failed", why=message.reason)
        self._case.notify("photo-failed")
        self._forget()
        self.state = "failed"
        self._tell()

    def answer(self, *, given: bool, site: str) -> None:
        """The patient's touch, with the photograph on the screen. Raises NotAllowedError when none is there."""
        waiting = self._waiting
        if waiting is None or self.state != "asked":
            raise session.NotAllowedError("there is no photograph to answer for")
        if not given:
            self._case.write("photo-refused", camera=waiting.camera)
            self._refused += 1
        elif self._case.recipient is None or self._case.session.state is not State.IN_CALL:
            raise session.NotAllowedError("nobody is there to seal it for")
        else:
            self._keep(waiting, site if site in EXAMS[waiting.camera][2] else "")
        self._forget()
        self.state = "kept" if given else "refused"
        self._tell()

    def _keep(self, waiting: _Waiting, site: str) -> None:
        jpeg = bytes(waiting.octets)
        photograph = Photograph(waiting.camera, jpeg, waiting.width, waiting.height, waiting.taken, site)
        device = Device(f"camera:{waiting.camera}", "uvc", name=EXAMS[waiting.camera][0])
        self._results.send_photo(waiting.id, photograph, device)
        self._kept[waiting.id] = _Kept(waiting.camera, site, waiting.taken)
        self._case.write("photo", photo=waiting.id, camera=waiting.camera, site=site, given=True, sha256=hashlib.sha256(jpeg).hexdigest())

    def drop(self) -> None:
        """The camera was put away, or nobody is there: a photograph without an answer is refused."""
        if self._waiting is not None:
            self._case.write("photo-refused", camera=self._waiting.camera, reason="unanswered")
            self._refused += self.state == "asked"
            self._forget()
        self.state = ""

    def sent(self, photo_id: str) -> bool:
        """The station has all of it; whether there is such a photograph."""
        kept = self._kept.get(photo_id)
        if kept is not None and kept.state == "kept":
            kept.state = "sent"
            self._case.dirty = True
        return kept is not None

    def seen(self, photo_id: str, at: int) -> bool:
        """The specialist has signed for all of it."""
        kept = self._kept.get(photo_id)
        if kept is not None:
            kept.state = "seen"
            self._case.write("seen", photo=photo_id, seen_at=at)
            self._case.dirty = True
        return kept is not None
