"""The call at the desk: its state, the switches of camera and microphone, and its figures as incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.consultation.session import State
from protocol import engine, screen, specialist

if TYPE_CHECKING:
    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports

FREEZE_MS = 2000.0
LOSS = 0.05


class Call:
    """What the desk knows of the call."""

    def __init__(self, case: Case, ports: Ports) -> None:
        self._case, self._ports = case, ports
        self._up = False
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self._state: str = "off"
        self._reason = ""
        self._media = (False, False)
        self.verified: bool | None = None

    @property
    def view(self) -> screen.CallView:
        """What the screen shows of it."""
        line = self._case.line
        agreement = line.agreement if line is not None else None
        return screen.CallView(
            state=self._state,  # type: ignore[arg-type]
            specialist=self._case.specialist if line is not None else "",
            authentication=agreement.authentication if agreement is not None else None,
            verified=self.verified,
            camera=self._media[0],
            microphone=self._media[1],
            message=self._reason,
        )

    def prepare(self, servers: tuple[engine.IceServer, ...]) -> None:
        """A specialist comes: make a new connection."""
        self.verified, self._state, self._reason = None, "connecting", ""
        self._ports.to_call(engine.Prepare(ice_servers=servers, relay_only=False))

    def hang_up(self) -> None:
        """The specialist is gone."""
        self._state = "off"
        self._ports.to_call(engine.Hangup())

    def switch(self, *, camera: bool, microphone: bool) -> None:
        """The patient's own switches."""
        self._media = (camera, microphone)
        self.send_media()
        self._case.write("media", camera=camera, microphone=microphone)

    def send_media(self, *, paused: bool = False) -> None:
        """Tell the call process what it may send: nothing while paused."""
        self._ports.to_call(engine.Sources(camera=not paused and self._media[0], microphone=not paused and self._media[1]))

    def up(self) -> None:
        """The call process is there."""
        self._up = True

    def down(self) -> None:
        """The call process is gone; the agent starts it again."""
        if self._up and self._case.session.state is State.IN_CALL:
            self._case.incident("call-process-lost")
            self._failed("call-restarted")
        self._up = False

    def take(self, message: engine.FromCall) -> None:
        """One message of the call process."""
        match message:
            case engine.Prepared():
                if self._case.line is not None:
                    self._case.line.prepared(message.fingerprints)
            case engine.Answer():
                self._case.send(specialist.Answer(sdp=message.sdp))
            case engine.State():
                self._changed(message)
            case engine.Statistics():
                self._quality(message)
            case _:
                pass

    def _changed(self, message: engine.State) -> None:
        if message.state == "connected" and self._state != "connected":
            self._case.write("call-connected")
        if message.state == "failed":
            self._failed(message.reason)
        elif self._case.line is not None and message.state in ("connecting", "connected"):
            self._state = message.state
        self._case.dirty = True

    def _failed(self, reason: str) -> None:
        self._state, self._reason = "failed", reason
        self._case.incident("call-failed", why=reason)
        self._case.send(specialist.CallFailed(reason=reason))
        self._case.dirty = True

    def _quality(self, message: engine.Statistics) -> None:
        for reason, bad in (("freeze", message.freeze_ms > FREEZE_MS), ("loss", message.loss > LOSS)):
            if not bad:
                self._case.ends(reason)
            elif self._case.begins(reason):
                self._case.incident(reason, freeze_ms=round(message.freeze_ms), loss_percent=round(message.loss * 100))
