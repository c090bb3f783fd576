"""A headless specialist at a real station: signs in, joins, shakes hands, hears values, reads the mailbox, signs receipts."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from protocol import specialist, station
from protocol.enrolment import Request
from protocol.station import ECHO, HANDSHAKE, PROBE, SEALED, specialist_statement
from simulators.specialist import SpecialistHandshake, SpecialistKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

T = TypeVar("T")
PATIENCE = 20.0


class HeadlessSpecialist:
    """One specialist. `heard` holds every sealed message of the booth, `mail` every opened envelope (header, payload)."""

    def __init__(self, session: aiohttp.ClientSession, origin: str, page_origin: str, token: str) -> None:
        self._session, self._origin, self._page_origin, self._token = session, origin, page_origin, token
        #: where the station is reached, when something stands before it
        self.reached = origin
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._handshake: SpecialistHandshake | None = None
        self._changed = asyncio.Condition()
        self.keys = SpecialistKeys()
        self.heard: list[specialist.FromBooth] = []
        self.control: list[station.ToPage] = []
        self.mail: list[tuple[str, bytes]] = []
        self.authentication = ""
        self.booth = b""
        self.signs_receipts = True

    async def connect(self) -> None:
        """Sign in."""
        url = self.reached.replace("http", "ws", 1) + "/specialist"
        self._socket = await self._session.ws_connect(url, origin=self._page_origin, compress=0)
        key = self.keys.identity
        proof = self.keys.signing.sign(specialist_statement(self._origin, self._token, "", key)).signature
        await self._tell(station.SignIn(token=self._token, session="", key=key, proof=bytes(proof)))

    def request(self, name: str) -> Request:
        """What this specialist asks of the organisation."""
        return Request("specialist", name, self.keys.identity, bytes(self.keys.sealing.public_key))

    async def join(self, consultation: str) -> None:
        """Enter a consultation and begin the handshake."""
        await self._tell(station.Join(consultation=consultation))
        await self.until(lambda: any(isinstance(message, station.Joined) for message in self.control))
        self._handshake = SpecialistHandshake(self.keys, consultation, prekey=self.keys.prekey(time.time_ns() // 1_000_000))
        await self._frame(HANDSHAKE, self._handshake.hello)

    async def say(self, message: specialist.FromSpecialist, *, final: bool = False) -> None:
        """One sealed message to the booth."""
        if self._handshake is None or self._handshake.sealer is None:
            raise ValueError("no stream is up")
        await self._frame(SEALED, self._handshake.sealer.seal(specialist.from_specialist.encode(message), final=final))

    def hear(self, message: specialist.FromBooth) -> None:
        """One sealed message of the booth."""
        self.heard.append(message)

    async def run(self) -> None:
        """Hear until the socket closes."""
        if self._socket is None:
            raise ValueError("connect first")
        async for message in self._socket:
            if isinstance(message.data, str):
                await self._controlled(station.to_page.decode(message.data))
            else:
                await self._framed(message.data[0], message.data[1:])
            async with self._changed:
                self._changed.notify_all()

    async def until(self, condition: Callable[[], T]) -> T:
        """Wait for something that `run` brings; its truthy value.

        Raises:
            TimeoutError: it did not come in PATIENCE seconds.
        """
        async with asyncio.timeout(PATIENCE), self._changed:
            while not (found := condition()):
                await self._changed.wait()
            return found

    async def leave(self) -> None:
        """Close the socket without a word."""
        if self._socket is not None:
            await self._socket.close()

    async def _controlled(self, message: station.ToPage) -> None:
        self.control.append(message)
        if isinstance(message, station.Mail):
            header, payload = self.keys.open(message.sender, message.envelope)
            self.mail.append((header.kind, payload))
            if self.signs_receipts:
                await self._tell(self.keys.receipt(message.id, 1_700_000_000_000))

    async def _framed(self, kind: int, body: bytes) -> None:
        if self._handshake is None:
            return
        if kind == HANDSHAKE:
            reply = self._handshake.receive(body)
            if reply is not None:
                await self._frame(HANDSHAKE, reply)
            else:
                self.authentication = self._handshake.authentication
                self.booth = self._handshake.booth.identity if self._handshake.booth is not None else b""
                await self.say(specialist.Resume(log="headless", of="", received=0))
        elif kind == PROBE:
            await self._frame(ECHO, body + len(self.heard).to_bytes(8))
        elif self._handshake.opener is not None:
            message = specialist.from_booth.decode(self._handshake.opener.open(body))
            if not isinstance(message, specialist.Resume):
                self.hear(message)

    async def _tell(self, message: station.FromPage) -> None:
        if self._socket is not None:
            await self._socket.send_str(station.from_page.encode(message).decode())

    async def _frame(self, kind: int, body: bytes) -> None:
        if self._socket is not None:
            await self._socket.send_bytes(bytes((kind,)) + body)
