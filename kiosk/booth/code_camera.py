"""The booth's camera while it looks for an identity code: closed until somebody touches, and never open longer than the screen asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports
    from kiosk.settings import Settings

#: seconds after which a camera that found nothing is closed
LOOK_S = 90.0


class CodeCamera:
    """Opens and closes it. Who looks at the pictures is `kiosk.links.code_camera`."""

    def __init__(self, case: Case, settings: Settings, ports: Ports) -> None:
        self._case, self._ports = case, ports
        self._there = settings.code_camera != "none"
        self._state: Literal["off", "starting", "on"] = "off"
        self._since = 0.0

    @property
    def view(self) -> Literal["none", "off", "starting", "on"]:
        """What the screen says of it."""
        return self._state if self._there else "none"

    def open(self) -> None:
        """Somebody has touched, to show a code."""
        if self._there:
            self._since = self._case.clock.now().monotonic
            self._become("starting")

    def close(self) -> None:
        """Free it."""
        if self._state != "off":
            self._become("off")

    def up(self, *, up: bool) -> None:
        """It gives pictures, or has ended by itself."""
        if not up:
            self._state = "off"
        elif self._state == "starting":
            self._state = "on"

    def over(self, now: float) -> bool:
        """Whether it has looked for its time."""
        return self._state != "off" and now - self._since > LOOK_S

    def _become(self, state: Literal["off", "starting"]) -> None:
        if (state == "off") is not (self._state == "off"):
            self._case.write("code-camera", camera=state != "off")
            self._ports.code_camera(on=state != "off")
        self._state = state
        self._case.dirty = True
