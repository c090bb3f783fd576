"""The stethoscope at the desk: who may open it, where it is put, who listens, and what is kept of it with the patient's yes.

What it hears goes to the specialist as samples over the sealed stream. They give way to values, text and voice: they leave only while the
station's socket has room and the voice is whole, wait for WAITING pieces at most, and what is too old is left out, which the page shows as a hole.
A clip is cut from what the booth has heard, so no link can harm it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from kiosk.consultation import session
from kiosk.consultation.heart_sound import Clip, Recent, envelope
from kiosk.consultation.session import State
from protocol import engine, screen, sound, specialist

if TYPE_CHECKING:
    from kiosk.booth.call import Call
    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports
    from kiosk.booth.results import Results
    from kiosk.settings import Settings

DEVICE: Final = "stethoscope"
#: what is drawn of it on the booth's screen
CURVE, DRAWN_S = "phonocardiogram", 0.0025
#: pieces (of 125 ms) that wait for room on the link
WAITING: Final = 16
#: pieces that must leave at once, one after the other, before the link is said to have room again
EASY: Final = 8
#: while somebody may auscultate
_ROOM = (State.CONSENTED, State.WAITING, State.IN_CALL)


@dataclass
class _Kept:
    """A clip on its way."""

    site: sound.Site
    state: Literal["kept", "sent", "seen"] = "kept"
    seen_at: int | None = None


class Auscultation:
    """One booth's stethoscope. Without one in the settings it does nothing and is not shown."""

    def __init__(self, case: Case, settings: Settings, ports: Ports, results: Results, call: Call) -> None:
        self._case, self._ports, self._results, self._call = case, ports, results, call
        self._mapping = results.mapping
        self._there = settings.stethoscope != "none"
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self._on = self._listening = self._held = False
        self._trouble: Literal["", "absent", "lost"] = ""
        self._site: sound.Site | Literal[""] = ""
        self._asked: sound.Site | Literal[""] = ""
        self._keep: Literal["", "asked", "refused", "too-short", "kept"] = ""
        self._clip: tuple[Clip, sound.Site] | None = None
        self._kept: dict[str, _Kept] = {}
        self._refused = 0
        self._sequence = 0
        self._start_again()
        self._told: specialist.Auscultation | None = None

    def _start_again(self) -> None:
        self._recent, self._heard, self._easy = Recent(), False, EASY
        self._waiting: deque[sound.Sound] = deque(maxlen=WAITING)

    # --- the booth ------------------------------------------------------------------------------------------------------------------

    def place(self, message: screen.Auscultate) -> None:
        """The helper takes it, puts it somewhere, or puts it away. Raises NotAllowedError."""
        if not self._there or (message.on and self._case.session.state not in _ROOM):
            raise session.NotAllowedError("no stethoscope, or not now")
        if message.on and (not self._on or self._trouble):
            self._start_again()
        if message.site != self._site:
            self._recent.restart()
            self._site = message.site
        if message.site and message.site == self._asked:
            self._asked = ""
        if message.on:
            self._case.over("stethoscope-asked")
        if message.on != self._on or message.site:
            self._case.write("auscultation", on=message.on, site=message.site)
        self._on, self._trouble = message.on, ""
        self._listening = self._listening and message.on
        self._order()

    def permit(self, *, given: bool) -> None:
        """The patient's word on keeping what was heard. Raises NotAllowedError."""
        if self._clip is None:
            raise session.NotAllowedError("nobody has asked to keep a sound")
        (clip, site), self._clip = self._clip, None
        recipient = self._case.recipient
        self._case.write("sound-consent", given=given, site=site, seconds=round(clip.seconds, 1))
        self._keep = "kept" if given and recipient is not None else "refused"
        if given and recipient is not None:
            now = self._case.clock.now()
            ended = now.wall - timedelta(seconds=now.monotonic - clip.ended)
            name = f"sound-{hashlib.sha256(clip.samples + ended.isoformat().encode()).hexdigest()[:24]}"
            payload = self._mapping.sound(self._case.session, clip.samples, site, ended)
            self._results.post.send_in_parts(recipient, name, "sound", self._case.session.id, payload, now.wall)
            self._kept[name] = _Kept(site)
            self._case.write("sound-kept", sound=name, site=site, bundle=hashlib.sha256(payload).hexdigest())
        else:
            self._refused += 1
        self._changed()

    def stop(self) -> None:
        """Put it away: a pause, or the end. What waits for the patient's word is forgotten."""
        if self._on:
            self.place(screen.Auscultate(on=False))
        self._forget_clip()

    def _forget_clip(self) -> None:
        self._refused += self._clip is not None
        self._clip = None

    # --- the specialist -------------------------------------------------------------------------------------------------------------

    def said(self, message: specialist.Listen | specialist.AskSite | specialist.KeepSound) -> None:
        """What the specialist wants of it."""
        match message:
            case specialist.Listen(on=on):
                self._listening = on and self._on
                self._case.write("listening", on=on)
                if on and not self._on:
                    self._case.notify("stethoscope-asked")
                self._order()
            case specialist.AskSite(site=site):
                self._asked = "" if self._on and site == self._site else site
                self._case.write("site-asked", site=site)
                if self._asked:
                    self._case.notify("stethoscope-asked")
            case specialist.KeepSound():
                self._ask_to_keep()
        self._changed()

    def _ask_to_keep(self) -> None:
        clip = self._recent.clip() if self._on and self._site else None
        if clip is None or not self._site:
            self._keep = "too-short"
            return
        self._clip, self._keep = (clip, self._site), "asked"
        self._case.write("sound-asked", site=self._site, seconds=round(clip.seconds, 1))

    def agreed(self) -> None:
        """A specialist has come: tells how things stand."""
        self._told = None
        self._changed()

    def gone(self) -> None:
        """The specialist is gone: nobody listens, and nobody is asked for."""
        self._forget_clip()
        self._keep, self._asked = "", ""
        if self._listening:
            self._listening = False
            self._order()

    # --- the device -----------------------------------------------------------------------------------------------------------------

    def call_up(self) -> None:
        """The call process is there, maybe again."""
        if self._on:
            self._order()

    def device(self, message: engine.Device) -> None:
        """The device cannot be opened, is gone, or is there."""
        self._trouble = {"no-stethoscope": "absent", "stethoscope-lost": "lost"}.get(message.reason, "")  # type: ignore[assignment]
        if self._trouble and self._on:
            self._case.incident(message.reason, device=DEVICE)
        self._changed()

    def heard(self, message: engine.Heard) -> None:
        """The next piece of sound."""
        if not self._on or len(message.samples) != 2 * sound.PIECE:
            return
        now = self._case.clock.now()
        wall = (now.wall.timestamp() - (now.monotonic - message.at)) * 1000
        piece = sound.Sound(message.sequence, wall, message.samples)
        before = self._state
        self._heard, self._trouble = True, ""
        self._recent.add(piece, message.at)
        if not self._case.away:
            self._ports.to_screen(screen.Curve(DEVICE, CURVE, envelope(piece.samples), DRAWN_S))
            self._waiting.append(piece)
            self.send()
        if self._state != before:
            self._changed()

    def send(self) -> None:
        """Let go what the link has room for; called at each piece and at each tick."""
        while self._waiting and self._ports.spare() and self._call.whole_sound:
            if not self._case.send_sound(self._waiting[0]):
                self._waiting.clear()
                return
            self._waiting.popleft()
            self._easy = min(EASY, self._easy + 1)
        if len(self._waiting) == WAITING:
            self._easy = 0
        held = self._easy < EASY and self._case.line is not None
        if held != self._held:
            self._held = held
            self._changed()

    # --- what is said of it ---------------------------------------------------------------------------------------------------------

    def _order(self) -> None:
        self._ports.to_call(engine.Auscultate(on=self._on, listening=self._listening))
        self._changed()

    @property
    def _state(self) -> sound.State:
        if not self._on:
            return "off"
        return self._trouble or (self._recent.condition if self._heard else "starting")

    def _changed(self) -> None:
        """Tell both screens."""
        self._case.dirty = True
        if not self._there:
            return
        message = specialist.Auscultation(state=self._state, site=self._site, listening=self._listening, held=self._held, keep=self._keep)
        if message != self._told and self._case.send(message):
            self._told = message

    @property
    def view(self) -> screen.Auscultation | None:
        """What the booth's screen shows of it."""
        if not self._there:
            return None
        clips = (
            screen.Clip(name, one.site, one.state, None if one.seen_at is None else _local(one.seen_at)) for name, one in self._kept.items()
        )
        keep = 0 if self._clip is None else round(self._clip[0].seconds)
        hears = self._listening and self._call.whole_sound
        return screen.Auscultation(self._state, self._site, self._asked, hears, keep, tuple(clips))

    # --- how far a clip is ----------------------------------------------------------------------------------------------------------

    def outcomes(self) -> dict[str, int]:
        """How many sounds are how far; "rejected" = not agreed to."""
        states = [*(one.state for one in self._kept.values()), *["rejected"] * self._refused]
        return {state: states.count(state) for state in states}

    def sent(self, envelope_id: str) -> None:
        """The station has an envelope."""
        one = self._kept.get(envelope_id)
        if one is not None and one.state == "kept":
            one.state, self._case.dirty = "sent", True

    def seen(self, envelope_id: str, at: int) -> None:
        """The specialist has signed for an envelope."""
        one = self._kept.get(envelope_id)
        if one is not None:
            self._kept[envelope_id] = replace(one, state="seen", seen_at=at)
            self._case.write("seen", sound=envelope_id, seen_at=at)
            self._case.dirty = True

    def forged(self, envelope_id: str) -> None:
        """A receipt without the specialist's signature: `Results` says it."""


def _local(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().isoformat()
