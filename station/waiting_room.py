"""Which booths wait and who sits with whom: state only, no I/O, the time is an argument (ms since the epoch)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Generic, TypeVar

from protocol.station import Entry

#: how long a place is kept for a page that reloads and for a booth that lost its link, in ms
KEPT = 60_000
#: waits that the estimate is made of: so many at most, and so many at least
RECENT, ENOUGH = 20, 5

Peer = TypeVar("Peer")


class JoinError(Exception):
    """A specialist cannot enter; `args[0]` is the reason of the `refused` message."""


@dataclass(slots=True)
class Seat(Generic[Peer]):
    """The specialist of a consultation, or its guest: a session, whose page may be away for a moment."""

    session: str
    name: str
    page: Peer | None
    lost: int = 0


@dataclass(slots=True)
class Room(Generic[Peer]):
    """One consultation; its booth may be away for a moment."""

    consultation: str
    key: bytes
    name: str
    ticket: str
    since: int
    booth: Peer | None
    lost: int = 0
    #: the specialist's seat, and the guest's
    seats: dict[bool, Seat[Peer]] = field(default_factory=dict)
    served: bool = False
    #: while the code that the booth named leads nowhere: nobody could enter, so nobody sees the room
    hidden: bool = False
    code: str = ""
    #: the key of the only doctor who sees this room; empty: every one does
    only: bytes = b""

    def page(self, *, guest: bool) -> Peer | None:
        """The page in this seat, while it is there."""
        seat = self.seats.get(guest)
        return seat.page if seat is not None else None

    def side(self, page: Peer) -> bool:
        """Whether this page sits in the guest's seat."""
        return any(seat.page is page for guest, seat in self.seats.items() if guest)


@dataclass(slots=True)
class WaitingRoom(Generic[Peer]):
    """All open consultations."""

    rooms: dict[str, Room[Peer]] = field(default_factory=dict)
    waits: deque[int] = field(default_factory=lambda: deque(maxlen=RECENT))

    def entries(self, key: bytes = b"", invited: str = "") -> tuple[Entry, ...]:
        """What the specialist with this key sees, or the guest who is invited to one consultation: booths there, the longest wait first."""
        present = (room for room in self.rooms.values() if room.booth is not None and _visible(room, key, invited))
        waiting = sorted(present, key=lambda room: (room.since, room.consultation))
        guest = bool(invited)
        return tuple(Entry(room.consultation, room.name, room.ticket, room.since, guest in room.seats, room.code) for room in waiting)

    def waited(self, room: Room[Peer], now: int) -> None:
        """A specialist has come to a room that nobody had come to."""
        if not room.served:
            room.served = True
            self.waits.append(now - room.since)

    def wait(self) -> tuple[int, int] | None:
        """How long the middle half of the last consultations waited, in ms; None while too few are known."""
        if len(self.waits) < ENOUGH:
            return None
        first, _, third = quantiles(self.waits, n=4, method="inclusive")
        return round(first), round(third)

    def waiting(self) -> tuple[Room[Peer], ...]:
        """The rooms whose booth waits for a specialist."""
        return tuple(room for room in self.rooms.values() if room.booth is not None and False not in room.seats)

    def open(self, consultation: str, key: bytes, name: str, ticket: str, booth: Peer, now: int) -> tuple[Room[Peer], list[Room[Peer]]]:
        """The booth's room, new or found again, and its other rooms, which are closed by this.

        Raises:
            JoinError: "bad-consultation", or "consultation-taken" by another booth.
        """
        if not 0 < len(consultation) <= 64 or len(ticket) > 64:
            raise JoinError("bad-consultation")
        room = self.rooms.get(consultation)
        if room is not None and room.key != key:
            raise JoinError("consultation-taken")
        closed = [other for other in self.rooms.values() if other.key == key and other.consultation != consultation]
        for other in closed:
            del self.rooms[other.consultation]
        if room is None:
            room = self.rooms[consultation] = Room(consultation, key, name, ticket, now, booth)
        room.booth, room.ticket = booth, ticket
        return room, closed

    def join(
        self, consultation: str, session: str, name: str, page: Peer, key: bytes = b"", invited: str = ""
    ) -> tuple[Room[Peer], Peer | None]:
        """Takes the specialist's seat, or the guest's who is `invited`; also returns the page that this session had there before, to be told.

        Raises:
            JoinError: "no-such-consultation", or "already-joined" by another session.
        """
        room = self.rooms.get(consultation)
        if room is None or room.booth is None or not _visible(room, key, invited):
            raise JoinError("no-such-consultation")
        seat = room.seats.get(bool(invited))
        if seat is not None and seat.session != session:
            raise JoinError("already-joined")
        before = seat.page if seat is not None else None
        room.seats[bool(invited)] = Seat(session, name, page)
        return room, before if before is not page else None

    def of_page(self, page: Peer) -> Room[Peer] | None:
        """The room where this page sits."""
        return next((room for room in self.rooms.values() if any(seat.page is page for seat in room.seats.values())), None)

    def of_booth(self, booth: Peer) -> Room[Peer] | None:
        """The room of this booth."""
        return next((room for room in self.rooms.values() if room.booth is booth), None)

    def sweep(self, now: int) -> bool:
        """Gives up places kept too long; whether anything changed."""
        changed = False
        for room in list(self.rooms.values()):
            if room.booth is None and now - room.lost > KEPT:
                del self.rooms[room.consultation]
                changed = True
                continue
            for guest in [guest for guest, seat in room.seats.items() if seat.page is None and now - seat.lost > KEPT]:
                del room.seats[guest]
                changed = True
        return changed


def _visible(room: Room[Peer], key: bytes, invited: str) -> bool:
    """Whether this specialist may know of the room: a doctor's patient is that doctor's, a guest sees what he is invited to."""
    return room.consultation == invited if invited else not room.hidden and room.only in (b"", key)
