"""The check of picture and sound before the call: begun by the patient's touch, seen on the booth's own screen alone, in plain words.

No face is recognised: the screen draws an outline, and the light inside of it is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk.consultation import session
from kiosk.consultation.session import State
from protocol import engine, screen

if TYPE_CHECKING:
    from kiosk.booth.call import Call
    from kiosk.booth.case import Case

#: mean luma of the face below and above which it is hard to see, from 0 to 1
DARK, BRIGHT = 0.22, 0.9
#: the surroundings outshine the face by this much: against the light
AGAINST: Final = 0.25
#: less spread than this is no face: the lens is covered, or looks at a wall
FLAT: Final = 0.03
#: background from which on speech is hard to follow, in dB below full scale; no microphone here is calibrated
NOISY: Final = -38.0
#: a voice stands out of the background by this much, in dB
VOICE: Final = 12.0
#: what digital silence counts as, in dB below full scale
SILENT: Final = -90.0
_BEFORE: Final = (State.CONSENTED, State.WAITING)


def light(figures: engine.Room) -> screen.Check:
    """How the picture is."""
    if figures.face is None or figures.around is None or figures.spread is None:
        return screen.Check("light", "light-waiting", good=False)
    if figures.around - figures.face > AGAINST and figures.around > 0.45:
        return screen.Check("light", "against-light", good=False)
    if figures.face < DARK:
        return screen.Check("light", "too-dark", good=False)
    if figures.face > BRIGHT:
        return screen.Check("light", "too-bright", good=False)
    if figures.spread < FLAT:
        return screen.Check("light", "picture-flat", good=False)
    return screen.Check("light", "light-good", good=True)


def sound(figures: engine.Room, *, heard: bool) -> screen.Check:
    """Whether the microphone hears; `heard` once a voice stood out."""
    if figures.level is None:
        return screen.Check("sound", "sound-waiting", good=False)
    if heard:
        return screen.Check("sound", "sound-heard", good=True)
    if figures.level <= SILENT:
        return screen.Check("sound", "microphone-muted", good=False)
    return screen.Check("sound", "sound-speak", good=False)


def noise(figures: engine.Room) -> screen.Check | None:
    """How loud the room is; None while that is not known."""
    if figures.noise is None:
        return None
    loud = figures.noise > NOISY
    return screen.Check("noise", "too-noisy" if loud else "noise-good", good=not loud)


class RoomCheck:
    """Runs between the consent and the call."""

    def __init__(self, case: Case, call: Call) -> None:
        self._case, self._call = case, call
        self._on = False
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self.end()
        self._figures = engine.Room(None, None, None, None, None)
        self._heard = False

    @property
    def view(self) -> screen.RoomView:
        """What the screen shows of it."""
        if not self._on:
            return screen.RoomView()
        level = self._figures.level
        shown = None if level is None else max(0.0, min(1.0, 1 + level / 60))
        return screen.RoomView(on=True, level=shown, checks=self._checks())

    def _checks(self) -> tuple[screen.Check, ...]:
        found = (light(self._figures), sound(self._figures, heard=self._heard), noise(self._figures))
        card = screen.Check("card", "sound-elsewhere", good=False) if self._call.elsewhere else None
        return tuple(check for check in (*found, card) if check is not None)

    def begin(self) -> None:
        """The patient's touch. Raises NotAllowedError before the consent and during a call."""
        if self._case.session.state not in _BEFORE:
            raise session.NotAllowedError("picture and sound are checked between the consent and the call")
        self._on = True
        self._figures, self._heard = engine.Room(None, None, None, None, None), False
        self._call.seen = "booth"
        self._call.send_media()

    def end(self) -> None:
        """Camera and microphone are let go; how it stood goes into the record."""
        if not self._on:
            return
        self._case.write("room-checked", **{check.what: check.says for check in self._checks()})
        self._on = False
        self._call.seen = ""
        self._call.send_media()
        self._case.dirty = True

    def take(self, figures: engine.Room) -> None:
        """Light and sound as the call process has them."""
        if self._on:
            self._figures = figures
            if figures.level is not None and figures.noise is not None and figures.level - figures.noise > VOICE:
                self._heard = True
            self._case.dirty = True
