"""Consultations at the station: opened by a booth, joined and left by pages, and frames passed on unread between them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocol.codec import ProtocolError
from protocol.station import GUEST, Join, Joined, Left, OpenRoom, Refused, Wait
from protocol.station import WaitingRoom as WaitingRoomMessage
from station.codes import CodeError
from station.waiting_room import JoinError, Room

if TYPE_CHECKING:
    from station.connection import Booth, Page, Peer
    from station.present import Present
    from station.turn import Turn

log = logging.getLogger("station")


class Rooms:
    """What booths and pages do with rooms; everybody who may see a change is told."""

    def __init__(self, present: Present, turn: tuple[Turn, ...]) -> None:
        self._present, self._turn = present, turn

    # frames

    async def from_booth(self, booth: Booth, frame: bytes) -> None:
        """To the page that it is for; dropped while that one is away."""
        room = self._present.room.of_booth(booth)
        if room is None or not frame:
            return
        guest = bool(frame[0] & GUEST)
        page = room.page(guest=guest)
        if page is None:
            return
        if guest and page.behind:
            log.warning("a guest's page reads too slowly")
            page.abort()  # a guest does not hold the specialist up
        else:
            await page.relay(bytes((frame[0] & ~GUEST,)) + frame[1:])

    async def from_page(self, page: Page, frame: bytes) -> None:
        """To the booth; dropped while it is away."""
        if frame and frame[0] & GUEST:
            raise ProtocolError("a page does not say whose frame it is")
        room = self._present.room.of_page(page)
        if room is not None and room.booth is not None and frame:
            await room.booth.relay(bytes((frame[0] | GUEST,)) + frame[1:] if room.side(page) else frame)

    # what booths do

    async def open(self, booth: Booth, message: OpenRoom) -> None:
        """A booth waits; by a doctor's code for that doctor only."""
        here = self._present
        known = here.room.rooms.get(message.consultation)
        own = known if known is not None and known.key == booth.key else None
        try:
            if own is not None and not own.hidden and own.code == message.code:
                only = own.only  # a booth that comes back: its code has served
            else:
                only = here.codes.doctor(message.code, booth.key.hex(), here.now()) if message.code else message.only
            room, closed = here.room.open(message.consultation, booth.key, booth.name, message.ticket, booth, here.now())
        except JoinError as error:
            await booth.send(Refused(error.args[0], ""))
            return
        except CodeError as error:
            await booth.send(Refused(error.args[0], ""))
            if own is not None:
                await self._hide(own)
            return
        room.code, room.only, room.hidden = message.code, only, False
        for other in closed:
            await self._closed(other)
        await here.audit("room-opened", consultation=room.consultation, booth=booth.name)
        for guest in room.seats:
            await self._introduce(room, guest=guest)
        await self.push()

    async def _hide(self, room: Room[Peer]) -> None:
        """The code of a booth leads nowhere: nobody is shown a patient whom nobody could enter to. The place in the queue is kept."""
        room.hidden = True
        await self.push()

    async def close(self, booth: Booth, consultation: str) -> None:
        """The booth's consultation is over."""
        room = self._present.room.of_booth(booth)
        if room is not None and room.consultation == consultation:
            del self._present.room.rooms[room.consultation]
            await self._closed(room)
            await self.push()

    async def booth_gone(self, booth: Booth) -> None:
        """The connection has ended: the room is kept for a while."""
        here = self._present
        if here.booths.get(booth.key) is booth:
            del here.booths[booth.key]
        room = here.room.of_booth(booth)
        if room is None:
            return
        room.booth, room.lost = None, here.now()
        await self._pages_alone(room)
        await self.push()

    async def _closed(self, room: Room[Peer]) -> None:
        here = self._present
        await here.audit("room-closed", consultation=room.consultation, booth=room.name)
        here.codes.leave(room.consultation)
        here.guests = {session: guest for session, guest in here.guests.items() if guest.consultation != room.consultation}
        await self._pages_alone(room)

    async def _pages_alone(self, room: Room[Peer]) -> None:
        for guest in list(room.seats):
            page = room.page(guest=guest)
            if page is not None:
                await page.send(Left(room.consultation))

    # what pages do

    async def join(self, page: Page, message: Join) -> None:
        """A specialist, or the guest of this consultation, takes the seat."""
        here = self._present
        current = here.room.of_page(page)
        if current is not None and current.consultation != message.consultation:
            await self.leave(page)
        try:
            room, before = here.room.join(message.consultation, page.session, page.name, page, page.key, page.invited)
        except JoinError as error:
            await page.send(Refused(error.args[0], message.consultation[:64]))
            return
        if not page.invited:
            here.room.waited(room, here.now())
        if before is not None:
            here.pages.discard(before)
            await here.refuse(before, "taken-over", "")
        who = {"guest": page.name} if page.invited else {"specialist": page.name}
        await here.audit("joined", consultation=room.consultation, booth=room.name, **who)
        await self._introduce(room, guest=bool(page.invited))
        await self.push()

    async def take_back(self, page: Page, place: str) -> None:
        """A doctor's code ends. A patient who has come by it, and with whom nobody sits, is told: nobody comes any more."""
        here = self._present
        here.codes.close(page.key, place)
        for room in [room for room in here.room.rooms.values() if room.code == place and room.only == page.key and False not in room.seats]:
            if room.booth is not None:
                await room.booth.send(Refused("code-used", ""))
            await self._hide(room)

    async def leave(self, page: Page) -> None:
        """A page gives up its seat."""
        room = self._present.room.of_page(page)
        if room is None:
            return
        guest = room.side(page)
        del room.seats[guest]
        await self._present.audit("left", consultation=room.consultation, specialist=page.name)
        if room.booth is not None:
            await room.booth.send(Left(room.consultation, guest))

    async def page_gone(self, page: Page) -> None:
        """The connection has ended: the seat is kept for a while."""
        here = self._present
        here.pages.discard(page)
        room = here.room.of_page(page)
        if room is None:
            return
        guest = room.side(page)
        room.seats[guest].page, room.seats[guest].lost = None, here.now()
        if room.booth is not None:
            await room.booth.send(Left(room.consultation, guest))

    async def dismiss(self, booth: Booth, consultation: str) -> None:
        """The guests of a booth's consultation go: whoever sits there, and whoever has signed in for it."""
        here = self._present
        room = here.room.of_booth(booth)
        if room is None or room.consultation != consultation:
            return
        room.seats.pop(True, None)
        here.guests = {session: guest for session, guest in here.guests.items() if guest.consultation != consultation}
        for page in [page for page in here.pages if page.invited == consultation]:
            here.pages.discard(page)
            await here.refuse(page, "dismissed", "")
        await here.audit("guest-dismissed", consultation=consultation, booth=booth.name)

    # both

    async def _introduce(self, room: Room[Peer], *, guest: bool) -> None:
        page = room.page(guest=guest)
        if room.booth is None or page is None:
            return
        # no media for a guest, and no relay either
        servers = () if guest else tuple(turn.credentials(room.consultation, self._present.now()) for turn in self._turn)
        # the booth first: the page speaks first
        await room.booth.send(Joined(room.consultation, room.seats[guest].name, servers, guest))
        await page.send(Joined(room.consultation, room.name, servers))

    async def push(self) -> None:
        """The waiting room as it is now to every page, and how long it may take to every booth that waits."""
        here = self._present
        await asyncio.gather(*(page.send(WaitingRoomMessage(here.room.entries(page.key, page.invited))) for page in list(here.pages)))
        wait = here.room.wait()
        if wait is not None:
            rooms = [room for room in here.room.waiting() if room.key in here.booths]
            await asyncio.gather(*(here.booths[room.key].send(Wait(room.consultation, *wait)) for room in rooms))
