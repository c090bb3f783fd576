"""The two WebSockets of the station: who may come in, and what each message is for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, web

from protocol import thin_tcp
from protocol.codec import ProtocolError
from protocol.station import (
    BoothProof,
    CloseCode,
    CloseRoom,
    Deposit,
    DismissGuest,
    Enrol,
    FromBooth,
    FromPage,
    GuestSignIn,
    Invite,
    Join,
    KeyDirectory,
    MakeCode,
    OpenRoom,
    Receipt,
    Refused,
    SignIn,
    from_booth,
    from_page,
    to_booth,
    to_page,
)
from station import enrolment, key_directory, places, post
from station.admission import Admission
from station.connection import Booth, Connection, Page
from station.network_test import NetworkTests
from station.present import Present
from station.rooms import Rooms

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.store import Store
    from station.turn import Turn


class Signalling:
    """All connections of one station.

    `now` gives ms since the epoch. `page_origin`: where pages come from, none from elsewhere is let in. `tap`, if given, is called with the direction ("page>station", "station>page", "booth>station",
    "station>booth") and the octets of every message that enters or leaves: the hook of a demonstration that the station sees ciphertext only.
    """

    def __init__(
        self,
        store: Store,
        origin: str,
        now: Callable[[], int],
        turn: tuple[Turn, ...],
        tap: Callable[[str, bytes], None] | None,
        page_origin: str,
    ) -> None:
        self._present = Present(store, origin, now)
        self._admission, self._rooms, self._tap = Admission(self._present), Rooms(self._present, turn), tap
        self._tests = NetworkTests(self._present, turn)
        self._page_origin = page_origin

    async def booth(self, request: web.Request) -> web.WebSocketResponse:
        """Handler of /booth."""
        booth: Booth = Connection("booth", from_booth, to_booth, self._tap)
        await booth.socket.prepare(request)
        booth.transport = request.transport
        thin_tcp.prepare(request.get_extra_info("socket"))
        try:
            if await self._admission.booth(booth):
                await self._replace(booth)
                await self._admission.greet_booth(booth)
                async for message in booth.messages():
                    await self._from_booth(booth, message)
        except ProtocolError as error:
            await self._present.refuse(booth, "bad-message", str(error))
        finally:
            await self._rooms.booth_gone(booth)
        return booth.socket

    async def network_test(self, request: web.Request) -> web.WebSocketResponse:
        """Handler of /network-test."""
        booth: Booth = Connection("booth", from_booth, to_booth, self._tap)
        await booth.socket.prepare(request)
        thin_tcp.prepare(request.get_extra_info("socket"))
        try:
            if await self._admission.booth(booth):
                await self._tests.run(booth)
        except ProtocolError as error:
            await self._present.refuse(booth, "bad-message", str(error))
        return booth.socket

    async def specialist(self, request: web.Request) -> web.WebSocketResponse:
        """Handler of /specialist."""
        if request.headers.get("Origin") != self._page_origin:
            raise web.HTTPForbidden(text=f"This station's page is at {self._page_origin}/: no other page is let in.")
        page: Page = Connection("page", from_page, to_page, self._tap)
        page.address, page.transport = request.remote or "", request.transport
        await page.socket.prepare(request)
        try:
            if await self._admission.page(page):
                async for message in page.messages():
                    await self._from_page(page, message)
        except ProtocolError as error:
            await self._present.refuse(page, "bad-message", str(error))
        finally:
            await self._rooms.page_gone(page)
        return page.socket

    async def sweep(self) -> None:
        """Gives up places that were kept too long; to be called every few seconds."""
        now = self._present.now()
        self._present.codes.sweep(now)
        if self._present.room.sweep(now):
            await self._rooms.push()

    async def publish(self) -> None:
        """Gives everybody the organisation's directory when there is a new one, and ends the connections of keys that it revokes."""
        here = self._present
        octets = await here.store.call(key_directory.newest)
        if octets is None or octets == here.directory:
            return
        here.directory, here.revoked = octets, key_directory.revoked(octets)
        peers = here.peers
        await asyncio.gather(*(peer.send(KeyDirectory(octets)) for peer in peers))
        for peer in peers:
            if peer.key in here.revoked:
                await here.refuse(peer, "key-revoked", "")

    async def stop(self) -> None:
        """Tells both kinds of ends that the station goes away; they come back by themselves."""
        for peer in self._present.peers:
            await peer.close(WSCloseCode.GOING_AWAY)

    async def _replace(self, booth: Booth) -> None:
        """One connection a booth: the one before ends, without a farewell, since its way is most often a dead one."""
        before = self._present.booths.get(booth.key)
        self._present.booths[booth.key] = booth
        if before is not None:
            await self._rooms.booth_gone(before)
            before.abort()

    async def _from_booth(self, booth: Booth, message: FromBooth | bytes) -> None:
        match message:
            case bytes():
                await self._rooms.from_booth(booth, message)
            case OpenRoom():
                await self._rooms.open(booth, message)
            case CloseRoom():
                await self._rooms.close(booth, message.consultation)
            case Deposit():
                await post.deposit(self._present, booth, message)
            case Invite():
                await places.invite(self._present, booth, message)
            case CloseCode():
                self._present.codes.close(booth.key, message.place)
            case DismissGuest():
                await self._rooms.dismiss(booth, message.consultation)
            case BoothProof():
                raise ProtocolError("signed in already")

    async def _from_page(self, page: Page, message: FromPage | bytes) -> None:
        match message:
            case bytes():
                await self._rooms.from_page(page, message)
            case Join():
                await self._rooms.join(page, message)
            case CloseRoom():
                await self._rooms.leave(page)
                await self._rooms.push()
            case Receipt():
                await post.receipt(self._present, page, message)
            case Enrol():
                await self._enrol(page, message)
            case MakeCode():
                await places.make_code(self._present, page)
            case CloseCode():
                await self._rooms.take_back(page, message.place)
            case SignIn() | GuestSignIn():
                raise ProtocolError("signed in already")

    async def _enrol(self, page: Page, message: Enrol) -> None:
        if page.invited:
            await page.send(Refused("not-for-guests", ""))
            return
        try:
            await self._present.store.call(lambda database: enrolment.ask(database, message.request, self._present.now()))
        except enrolment.EnrolmentError as error:
            await page.send(Refused(error.args[0], ""))
