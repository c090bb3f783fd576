"""The station's part of codes: places. State only, no I/O, the time is an argument (ms since the epoch).

A place says where a code leads; what proves that somebody knows the code is made and checked by the two ends, and never comes here. Places are
lost when the station restarts: they live for minutes.
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: how long a code and an invitation can be used, in ms
CODE_LASTS = 15 * 60 * 1000
INVITATION_LASTS = 30 * 60 * 1000
#: places that one key may hold, and all keys together
PER_OWNER, ALL = 5, 5_000
#: guests that may sign in by one invitation: one, and the same one again after a fault
GUESTS = 5
#: wrong places of one address or key in WINDOW ms
WRONG, WINDOW = 10, 60_000
DIGITS = 5


class CodeError(Exception):
    """A code that is not made or does not lead anywhere; `args[0]` is the reason of the `refused` message."""


@dataclass(slots=True)
class Place:
    """Where one code leads: to a doctor's key (`consultation` empty), or into a booth's consultation."""

    owner: bytes
    consultation: str
    expires: int
    guests: int = 0
    #: taken back, or used: it leads nowhere any more
    closed: bool = False

    def live(self, now: int) -> bool:
        """Whether it still leads somewhere."""
        return not self.closed and now < self.expires


def _draw() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


@dataclass(slots=True)
class Codes:
    """All live places, and who has named wrong ones."""

    draw: Callable[[], str] = _draw
    _places: dict[str, Place] = field(default_factory=dict)
    _wrong: dict[str, deque[int]] = field(default_factory=dict)

    def make(self, owner: bytes, consultation: str, now: int) -> tuple[str, int]:
        """A new place of this key, and when it ends.

        Raises:
            CodeError: "code-too-many".
        """
        self.sweep(now)
        if len(self._places) >= ALL or sum(place.owner == owner and place.live(now) for place in self._places.values()) >= PER_OWNER:
            raise CodeError("code-too-many")
        while (name := self.draw()) in self._places:
            pass
        expires = now + (INVITATION_LASTS if consultation else CODE_LASTS)
        self._places[name] = Place(owner, consultation, expires)
        return name, expires

    def doctor(self, name: str, who: str, now: int) -> bytes:
        """The key of the doctor whose code `who` has named.

        Raises:
            CodeError: "code-rate", "code-unknown", "code-expired", or "code-used" when it was used or taken back.
        """
        return self._find(name, who, now, invitation=False).owner

    def guest(self, name: str, who: str, now: int) -> str:
        """The consultation to which `who` is invited.

        Raises:
            CodeError: "code-rate", "code-unknown", "code-expired", or "code-used" when it was used, taken back, or named by too many guests.
        """
        place = self._find(name, who, now, invitation=True)
        if place.guests >= GUESTS:
            raise CodeError("code-used")
        place.guests += 1
        return place.consultation

    def close(self, owner: bytes, name: str) -> None:
        """Take a place back; nothing happens when it is somebody else's."""
        place = self._places.get(name)
        if place is not None and place.owner == owner:
            place.closed = True

    def leave(self, consultation: str) -> None:
        """The consultation is over: nobody is invited to it any more."""
        for place in self._places.values():
            place.closed = place.closed or place.consultation == consultation != ""

    def sweep(self, now: int) -> None:
        """Forget what ended long ago."""
        self._places = {name: place for name, place in self._places.items() if now < place.expires + CODE_LASTS}
        self._wrong = {who: times for who, times in self._wrong.items() if times and now - times[-1] < WINDOW}

    def _find(self, name: str, who: str, now: int, *, invitation: bool) -> Place:
        times = self._wrong.setdefault(who, deque(maxlen=WRONG))
        if len(times) == WRONG and now - times[0] < WINDOW:
            raise CodeError("code-rate")
        place = self._places.get(name)
        if place is None or bool(place.consultation) is not invitation:
            times.append(now)
            raise CodeError("code-unknown")
        if place.closed:
            raise CodeError("code-used")
        if now >= place.expires:
            raise CodeError("code-expired")
        return place
