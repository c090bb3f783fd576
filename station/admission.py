"""The station's door: a booth by its key, a specialist by a link or session, a guest by an invitation."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from protocol.codec import ProtocolError
from protocol.station import (
    VERSION,
    BoothProof,
    Challenge,
    GuestSignIn,
    KeyDirectory,
    SignedIn,
    SignIn,
    booth_statement,
    guest_statement,
    specialist_statement,
)
from protocol.station import WaitingRoom as WaitingRoomMessage
from station import directory, mailbox
from station.codes import CodeError
from station.present import Guest

if TYPE_CHECKING:
    from station.connection import Booth, Page
    from station.present import Present

#: characters that a guest's name may have
NAME_LIMIT = 80


class Admission:
    """Each method lets one end in and greets it, or refuses it and is False. A first message that is none raises ProtocolError."""

    def __init__(self, present: Present) -> None:
        self._present = present

    async def booth(self, booth: Booth) -> bool:
        """A booth signs the challenge."""
        here = self._present
        challenge = Challenge(VERSION, here.origin, secrets.token_bytes(32), here.now())
        await booth.send(challenge)
        proof = await booth.first()
        if not isinstance(proof, BoothProof):
            raise ProtocolError("the first message must be a proof")
        name = await here.store.call(lambda database: directory.booth_name(database, proof.key))
        statement = booth_statement(here.origin, challenge.nonce, challenge.time, proof.key)
        if proof.key in here.revoked:
            reason = "key-revoked"
        elif name is None:
            reason = "unknown-key"
        else:
            reason = "" if directory.signed(proof.key, proof.signature, statement) else "bad-signature"
        await here.audit("booth-refused" if reason else "booth-signed-in", key=proof.key.hex()[:64], reason=reason)
        if reason or name is None:
            await here.refuse(booth, reason, "")
            return False
        booth.key, booth.name = proof.key, name
        return True

    async def greet_booth(self, booth: Booth) -> None:
        """What a booth is told first: its name, the directory, and the receipts that it has missed."""
        here = self._present
        await booth.send(SignedIn(booth.name, ""))
        if here.directory is not None:
            await booth.send(KeyDirectory(here.directory))
        for receipt in await here.store.call(lambda database: mailbox.receipts(database, booth.key)):
            await booth.send(receipt)

    async def page(self, page: Page) -> bool:
        """A specialist, or a guest."""
        message = await page.first()
        if isinstance(message, GuestSignIn):
            admitted = await self._guest(page, message)
        elif not isinstance(message, SignIn):
            raise ProtocolError("the first message must be a sign-in")
        elif message.session in self._present.guests:
            admitted = await self._guest_again(page, message)
        else:
            admitted = await self._specialist(page, message)
        if admitted:
            await self._welcome(page)
        return admitted

    async def _specialist(self, page: Page, message: SignIn) -> bool:
        here = self._present
        statement = specialist_statement(here.origin, message.token, message.session, message.key)
        if not directory.signed(message.key, message.proof, statement):
            await here.refuse(page, "bad-signature", "")
            return False
        try:
            if message.key in here.revoked:
                raise directory.SignInError("key-revoked")  # noqa: TRY301  # refused as the others are
            if message.token:
                page.name, page.session = await here.store.call(
                    lambda database: directory.use_link(database, message.token, message.key, here.now())
                )
            else:
                page.name = await here.store.call(
                    lambda database: directory.use_session(database, message.session, message.key, here.now())
                )
                page.session = message.session
        except directory.SignInError as error:
            await here.audit("specialist-refused", key=message.key.hex()[:64], reason=error.args[0])
            await here.refuse(page, error.args[0], "")
            return False
        page.key = message.key
        return True

    async def _guest(self, page: Page, message: GuestSignIn) -> bool:
        here = self._present
        reason = self._guest_refused(page, message)
        if reason:
            await here.audit("guest-refused", key=message.key.hex()[:64], reason=reason)
            await here.refuse(page, reason, "")
            return False
        page.key, page.name, page.session = message.key, message.name.strip(), secrets.token_urlsafe(32)
        here.guests[page.session] = Guest(page.key, page.name, page.invited)
        await here.store.call(lambda database: directory.admit_guest(database, message.key, page.name, here.now()))
        return True

    def _guest_refused(self, page: Page, message: GuestSignIn) -> str:
        here = self._present
        if not directory.signed(message.key, message.proof, guest_statement(here.origin, message.place, message.name, message.key)):
            return "bad-signature"
        if not message.name.strip() or len(message.name) > NAME_LIMIT:
            return "bad-name"
        try:
            page.invited = here.codes.guest(message.place, page.address, here.now())
        except CodeError as error:
            return str(error.args[0])
        return ""

    async def _guest_again(self, page: Page, message: SignIn) -> bool:
        here = self._present
        guest = here.guests[message.session]
        statement = specialist_statement(here.origin, message.token, message.session, guest.key)
        if message.token or guest.key != message.key or not directory.signed(guest.key, message.proof, statement):
            await here.refuse(page, "bad-session", "")
            return False
        page.key, page.name, page.invited, page.session = guest.key, guest.name, guest.consultation, message.session
        return True

    async def _welcome(self, page: Page) -> None:
        here = self._present
        await page.send(SignedIn(page.name, page.session))
        if here.directory is not None:
            await page.send(KeyDirectory(here.directory))
        here.pages.add(page)
        await page.send(WaitingRoomMessage(here.room.entries(page.key, page.invited)))
        for mail in await here.store.call(lambda database: mailbox.waiting(database, page.key)):
            await page.send(mail)
