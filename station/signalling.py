"""The two WebSockets of the station: sign-in, waiting room, and frames passed on unread between one booth and one page."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, web

from protocol import thin_tcp
from protocol.codec import ProtocolError
from protocol.station import (
    VERSION,
    BoothProof,
    Challenge,
    CloseCode,
    CloseRoom,
    CodeMade,
    Deposit,
    Deposited,
    Enrol,
    FromBooth,
    FromPage,
    GuestSignIn,
    Invite,
    Invited,
    Join,
    Joined,
    KeyDirectory,
    Left,
    Mail,
    MakeCode,
    OpenRoom,
    Receipt,
    Refused,
    SignedIn,
    SignIn,
    Wait,
    booth_statement,
    from_booth,
    from_page,
    guest_statement,
    receipt_statement,
    specialist_statement,
    to_booth,
    to_page,
)
from protocol.station import WaitingRoom as WaitingRoomMessage
from station import audit, directory, enrolment, key_directory, mailbox
from station.codes import CodeError, Codes
from station.connection import Booth, Connection, Page, Peer
from station.waiting_room import JoinError, Room, WaitingRoom

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.store import Store
    from station.turn import Turn

#: characters that a guest's name may have
NAME_LIMIT = 80


class Signalling:
    """All connections of one station.

    `now` gives ms since the epoch. `tap`, if given, is called with the direction ("page>station", "station>page", "booth>station",
    "station>booth") and the octets of every message that enters or leaves: the hook of a demonstration that the station sees ciphertext only.
    """

    def __init__(
        self, store: Store, origin: str, now: Callable[[], int], turn: Turn | None, tap: Callable[[str, bytes], None] | None
    ) -> None:
        self._store, self._origin, self._now, self._turn, self._tap = store, origin, now, turn, tap
        self._room: WaitingRoom[Peer] = WaitingRoom()
        self._pages: set[Page] = set()
        self._booths: dict[bytes, Booth] = {}
        self._codes = Codes()
        self._guests: dict[str, tuple[bytes, str, str]] = {}
        self._directory: bytes | None = None
        self._revoked: frozenset[bytes] = frozenset()

    async def booth(self, request: web.Request) -> web.WebSocketResponse:
        """Handler of /booth."""
        booth: Booth = Connection("booth", from_booth, to_booth, self._tap)
        await booth.socket.prepare(request)
        thin_tcp.prepare(request.get_extra_info("socket"))
        try:
            if await self._admit_booth(booth):
                async for message in booth.messages():
                    await self._from_booth(booth, message)
        except ProtocolError as error:
            await self._refuse(booth, "bad-message", str(error))
        finally:
            await self._booth_gone(booth)
        return booth.socket

    async def specialist(self, request: web.Request) -> web.WebSocketResponse:
        """Handler of /specialist."""
        if request.headers.get("Origin") != self._origin:
            raise web.HTTPForbidden(text="This page was not served by this station.")
        page: Page = Connection("page", from_page, to_page, self._tap)
        page.address = request.remote or ""
        await page.socket.prepare(request)
        try:
            if await self._admit_page(page):
                async for message in page.messages():
                    await self._from_page(page, message)
        except ProtocolError as error:
            await self._refuse(page, "bad-message", str(error))
        finally:
            await self._page_gone(page)
        return page.socket

    async def sweep(self) -> None:
        """Gives up places that were kept too long; to be called every few seconds."""
        self._codes.sweep(self._now())
        if self._room.sweep(self._now()):
            await self._push()

    async def publish(self) -> None:
        """Gives everybody the organisation's directory when there is a new one, and ends the connections of keys that it revokes."""
        octets = await self._store.call(key_directory.newest)
        if octets is None or octets == self._directory:
            return
        self._directory, self._revoked = octets, key_directory.revoked(octets)
        peers: list[Peer] = [*self._pages, *self._booths.values()]
        await asyncio.gather(*(peer.send(KeyDirectory(octets)) for peer in peers))
        for peer in peers:
            if peer.key in self._revoked:
                await self._refuse(peer, "key-revoked", "")

    async def stop(self) -> None:
        """Tells both kinds of ends that the station goes away; they come back by themselves."""
        peers: list[Peer] = [*self._pages, *self._booths.values()]
        for peer in peers:
            await peer.close(WSCloseCode.GOING_AWAY)

    # booths

    async def _admit_booth(self, booth: Booth) -> bool:
        challenge = Challenge(VERSION, self._origin, secrets.token_bytes(32), self._now())
        await booth.send(challenge)
        proof = await booth.first()
        if not isinstance(proof, BoothProof):
            raise ProtocolError("the first message must be a proof")
        name = await self._store.call(lambda database: directory.booth_name(database, proof.key))
        statement = booth_statement(self._origin, challenge.nonce, challenge.time, proof.key)
        if proof.key in self._revoked:
            reason = "key-revoked"
        elif name is None:
            reason = "unknown-key"
        else:
            reason = "" if directory.signed(proof.key, proof.signature, statement) else "bad-signature"
        await self._audit("booth-refused" if reason else "booth-signed-in", key=proof.key.hex()[:64], reason=reason)
        if reason or name is None:
            await self._refuse(booth, reason, "")
            return False
        booth.key, booth.name = proof.key, name
        before = self._booths.get(proof.key)
        self._booths[proof.key] = booth
        if before is not None:
            await self._booth_gone(before)
            await before.close(WSCloseCode.OK)
        await booth.send(SignedIn(name, ""))
        if self._directory is not None:
            await booth.send(KeyDirectory(self._directory))
        for receipt in await self._store.call(lambda database: mailbox.receipts(database, booth.key)):
            await booth.send(receipt)
        return True

    async def _from_booth(self, booth: Booth, message: FromBooth | bytes) -> None:
        match message:
            case bytes():
                room = self._room.of_booth(booth)
                if room is not None and room.seat is not None and room.seat.page is not None:
                    await room.seat.page.relay(message)
            case OpenRoom():
                await self._open(booth, message)
            case CloseRoom():
                room = self._room.of_booth(booth)
                if room is not None and room.consultation == message.consultation:
                    del self._room.rooms[room.consultation]
                    await self._closed(room)
                    await self._push()
            case Deposit():
                await self._deposit(booth, message)
            case Invite():
                await self._invite(booth, message)
            case CloseCode():
                self._codes.close(booth.key, message.place)
            case BoothProof():
                raise ProtocolError("signed in already")

    async def _open(self, booth: Booth, message: OpenRoom) -> None:
        known = self._room.rooms.get(message.consultation)
        try:
            if known is not None and known.key == booth.key and known.code == message.code:
                only = known.only  # a booth that comes back: its code has served
            else:
                only = self._codes.doctor(message.code, booth.key.hex(), self._now()) if message.code else b""
            room, closed = self._room.open(message.consultation, booth.key, booth.name, message.ticket, booth, self._now())
        except (JoinError, CodeError) as error:
            await booth.send(Refused(error.args[0], ""))
            return
        room.code, room.only = message.code, only
        for other in closed:
            await self._closed(other)
        await self._audit("room-opened", consultation=room.consultation, booth=booth.name)
        if room.seat is not None and room.seat.page is not None:
            await self._introduce(room)
        await self._push()

    async def _invite(self, booth: Booth, message: Invite) -> None:
        room = self._room.of_booth(booth)
        if room is None or room.consultation != message.consultation:
            await booth.send(Refused("no-such-consultation", ""))
            return
        try:
            place, expires = self._codes.make(booth.key, message.consultation, self._now())
        except CodeError as error:
            await booth.send(Refused(error.args[0], ""))
            return
        await self._audit("guest-invited", consultation=message.consultation, booth=booth.name)
        await booth.send(Invited(message.consultation, place, expires))

    async def _make_code(self, page: Page) -> None:
        if page.invited:
            await page.send(Refused("not-for-guests", ""))
            return
        try:
            place, expires = self._codes.make(page.key, "", self._now())
        except CodeError as error:
            await page.send(Refused(error.args[0], ""))
            return
        await self._audit("code-made", specialist=page.name)
        await page.send(CodeMade(place, expires))

    async def _deposit(self, booth: Booth, message: Deposit) -> None:
        try:
            receipt = await self._store.call(lambda database: mailbox.deposit(database, booth.key, message, self._now()))
        except mailbox.DepositError as error:
            await booth.send(Refused(error.args[0], message.id[:64]))
            return
        await booth.send(Deposited(message.id))
        if receipt is not None:
            await booth.send(receipt)
            return
        for page in [page for page in self._pages if page.key == message.recipient]:
            await page.send(Mail(message.id, booth.key, message.envelope))

    async def _booth_gone(self, booth: Booth) -> None:
        if self._booths.get(booth.key) is booth:
            del self._booths[booth.key]
        room = self._room.of_booth(booth)
        if room is None:
            return
        room.booth, room.lost = None, self._now()
        if room.seat is not None and room.seat.page is not None:
            await room.seat.page.send(Left(room.consultation))
        await self._push()

    # pages

    async def _admit_page(self, page: Page) -> bool:
        message = await page.first()
        if isinstance(message, GuestSignIn):
            return await self._admit_guest(page, message)
        if not isinstance(message, SignIn):
            raise ProtocolError("the first message must be a sign-in")
        if message.session in self._guests:
            return await self._admit_guest_again(page, message)
        statement = specialist_statement(self._origin, message.token, message.session, message.key)
        if not directory.signed(message.key, message.proof, statement):
            await self._refuse(page, "bad-signature", "")
            return False
        if message.key in self._revoked:
            await self._audit("specialist-refused", key=message.key.hex(), reason="key-revoked")
            await self._refuse(page, "key-revoked", "")
            return False
        try:
            if message.token:
                page.name, page.session = await self._store.call(
                    lambda database: directory.use_link(database, message.token, message.key, self._now())
                )
            else:
                page.name = await self._store.call(
                    lambda database: directory.use_session(database, message.session, message.key, self._now())
                )
                page.session = message.session
        except directory.SignInError as error:
            await self._audit("specialist-refused", key=message.key.hex()[:64], reason=error.args[0])
            await self._refuse(page, error.args[0], "")
            return False
        await self._welcome(page, message.key)
        return True

    async def _admit_guest(self, page: Page, message: GuestSignIn) -> bool:
        reason = self._guest_refused(page, message)
        if reason:
            await self._audit("guest-refused", key=message.key.hex()[:64], reason=reason)
            await self._refuse(page, reason, "")
            return False
        page.name, page.session = message.name.strip(), secrets.token_urlsafe(32)
        self._guests[page.session] = (message.key, page.name, page.invited)
        await self._store.call(lambda database: directory.admit_guest(database, message.key, page.name, self._now()))
        await self._welcome(page, message.key)
        return True

    def _guest_refused(self, page: Page, message: GuestSignIn) -> str:
        if not directory.signed(message.key, message.proof, guest_statement(self._origin, message.place, message.name, message.key)):
            return "bad-signature"
        if not message.name.strip() or len(message.name) > NAME_LIMIT:
            return "bad-name"
        try:
            page.invited = self._codes.guest(message.place, page.address, self._now())
        except CodeError as error:
            return str(error.args[0])
        return ""

    async def _admit_guest_again(self, page: Page, message: SignIn) -> bool:
        key, page.name, page.invited = self._guests[message.session]
        statement = specialist_statement(self._origin, message.token, message.session, key)
        if message.token or key != message.key or not directory.signed(key, message.proof, statement):
            await self._refuse(page, "bad-session", "")
            return False
        page.session = message.session
        await self._welcome(page, key)
        return True

    async def _welcome(self, page: Page, key: bytes) -> None:
        page.key = key
        await page.send(SignedIn(page.name, page.session))
        if self._directory is not None:
            await page.send(KeyDirectory(self._directory))
        self._pages.add(page)
        await page.send(WaitingRoomMessage(self._room.entries(page.key, page.invited)))
        for mail in await self._store.call(lambda database: mailbox.waiting(database, page.key)):
            await page.send(mail)

    async def _from_page(self, page: Page, message: FromPage | bytes) -> None:
        match message:
            case bytes():
                room = self._room.of_page(page)
                if room is not None and room.booth is not None:
                    await room.booth.relay(message)
            case Join():
                await self._join(page, message)
            case CloseRoom():
                await self._leave(page)
                await self._push()
            case Receipt():
                await self._receipt(page, message)
            case Enrol():
                await self._enrol(page, message)
            case MakeCode():
                await self._make_code(page)
            case CloseCode():
                self._codes.close(page.key, message.place)
            case SignIn() | GuestSignIn():
                raise ProtocolError("signed in already")

    async def _enrol(self, page: Page, message: Enrol) -> None:
        try:
            await self._store.call(lambda database: enrolment.ask(database, message.request, self._now()))
        except enrolment.EnrolmentError as error:
            await page.send(Refused(error.args[0], ""))

    async def _join(self, page: Page, message: Join) -> None:
        current = self._room.of_page(page)
        if current is not None and current.consultation != message.consultation:
            await self._leave(page)
        try:
            room, before = self._room.join(message.consultation, page.session, page.name, page, page.key, page.invited)
        except JoinError as error:
            await page.send(Refused(error.args[0], message.consultation[:64]))
            return
        self._room.waited(room, self._now())
        if before is not None:
            self._pages.discard(before)
            await self._refuse(before, "taken-over", "")
        await self._audit("joined", consultation=room.consultation, specialist=page.name, booth=room.name)
        await self._introduce(room)
        await self._push()

    async def _introduce(self, room: Room[Peer]) -> None:
        if room.booth is None or room.seat is None or room.seat.page is None:
            return
        servers = (self._turn.credentials(room.consultation, self._now()),) if self._turn else ()
        # the booth first: the page speaks first
        await room.booth.send(Joined(room.consultation, room.seat.name, servers))
        await room.seat.page.send(Joined(room.consultation, room.name, servers))

    async def _leave(self, page: Page) -> None:
        room = self._room.of_page(page)
        if room is None:
            return
        room.seat = None
        await self._audit("left", consultation=room.consultation, specialist=page.name)
        if room.booth is not None:
            await room.booth.send(Left(room.consultation))

    async def _receipt(self, page: Page, message: Receipt) -> None:
        if not 0 <= message.at < 1 << 63 or not directory.signed(page.key, message.signature, receipt_statement(message.id, message.at)):
            await page.send(Refused("bad-receipt", message.id[:64]))
            return
        sender = await self._store.call(lambda database: mailbox.receive(database, page.key, message, self._now()))
        booth = self._booths.get(sender) if sender is not None else None
        if booth is not None:
            await booth.send(message)

    async def _page_gone(self, page: Page) -> None:
        self._pages.discard(page)
        room = self._room.of_page(page)
        if room is None or room.seat is None:
            return
        room.seat.page, room.seat.lost = None, self._now()
        if room.booth is not None:
            await room.booth.send(Left(room.consultation))

    # both

    async def _closed(self, room: Room[Peer]) -> None:
        await self._audit("room-closed", consultation=room.consultation, booth=room.name)
        self._codes.leave(room.consultation)
        self._guests = {session: guest for session, guest in self._guests.items() if guest[2] != room.consultation}
        if room.seat is not None and room.seat.page is not None:
            await room.seat.page.send(Left(room.consultation))

    async def _push(self) -> None:
        await asyncio.gather(*(page.send(WaitingRoomMessage(self._room.entries(page.key, page.invited))) for page in list(self._pages)))
        wait = self._room.wait()
        if wait is not None:
            rooms = [room for room in self._room.waiting() if room.key in self._booths]
            await asyncio.gather(*(self._booths[room.key].send(Wait(room.consultation, *wait)) for room in rooms))

    async def _refuse(self, peer: Peer, reason: str, detail: str) -> None:
        await peer.send(Refused(reason, detail[:200]))
        await peer.close(WSCloseCode.POLICY_VIOLATION)

    async def _audit(self, event: str, **detail: str) -> None:
        now = self._now()
        await self._store.call(lambda database: audit.append(database, now, event, **detail))
