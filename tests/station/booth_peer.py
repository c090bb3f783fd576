"""A scripted booth for the station's and the page's tests: the booth's own sealing, and only what a test asks for."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from kiosk.secure.envelope import Header, Recipient, seal
from kiosk.secure.handshake import Agreement, BoothHandshake
from protocol import specialist as sp
from protocol import station as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kiosk.call.engine import CallEngine
    from kiosk.secure.codes import CodeGate
    from kiosk.secure.keys import BoothKeys

#: of a call process that never answers: well formed, nobody's
SILENT_CALL = ("sha-256 " + ":".join(["AB"] * 32),)


class BoothPeer:
    """One booth: sign in, open a room, agree, send and receive.

    `engine`, if set, answers offers; without it the call process is there but silent. `mend` changes the octets of each handshake reply.
    """

    def __init__(self, origin: str, keys: BoothKeys, name: str = "Cabine 1", engine: CallEngine | None = None) -> None:
        self.origin, self.keys, self.name, self.engine = origin, keys, name, engine
        self.before_answers: tuple[sp.FromBooth, ...] = ()  #: what is said before each answer to an offer
        self.fingerprints = SILENT_CALL
        self.mend: Callable[[bytes], bytes | None] = bytes
        self.messages: list[Any] = []
        self.opened: list[Any] = []
        self.agreement: Agreement | None = None
        self.agreements: list[Agreement] = []
        #: False: the first sealed message does not leave, as when a station holds it back
        self.resumes = True
        #: who may enter by a code, and how the handshake is done (a copy of it may lack a check)
        self.gate: CodeGate | None = None
        self.shake: Callable[..., BoothHandshake] = BoothHandshake
        self._seat = 0
        self._reader: asyncio.Task[None] | None = None
        self._handshake: BoothHandshake | None = None
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._session = ClientSession()
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        await self.socket.close()
        await self._session.close()

    async def connect(self) -> None:
        self.socket: ClientWebSocketResponse = await self._session.ws_connect(self.origin + "/booth", compress=0)

    async def send(self, message: st.FromBooth) -> None:
        await self.socket.send_str(st.from_booth.encode(message).decode())

    async def next(self) -> Any:
        frame = await self.socket.receive(10)
        assert frame.type in {WSMsgType.TEXT, WSMsgType.BINARY}, frame
        return st.to_booth.decode(frame.data) if frame.type is WSMsgType.TEXT else frame.data

    async def sign_in(self) -> Any:
        """Answers the challenge; the station's answer."""
        challenge = await self.next()
        assert challenge.origin == self.origin
        statement = st.booth_statement(challenge.origin, challenge.nonce, challenge.time, self.keys.public)
        await self.send(st.BoothProof(self.keys.public, self.name, self.keys.sign(statement)))
        return await self.next()

    async def open_room(self, consultation: str = "c1", ticket: str = "A 12", code: str = "") -> None:
        """Signs in, opens the room, and reads in the background from now on."""
        assert isinstance(await self.sign_in(), st.SignedIn)
        await self.send(st.OpenRoom(consultation, ticket, code))
        self._reader = asyncio.create_task(self._read())

    async def until(self, condition: Callable[[], object], seconds: float = 15) -> None:
        """Waits for what the background reader brings."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(condition)

    async def until_said(self, kind: type[Any]) -> Any:
        """The first sealed message of this type from the page."""
        await self.until(lambda: any(isinstance(message, kind) for message in self.opened))
        return next(message for message in self.opened if isinstance(message, kind))

    async def until_told(self, kind: type[Any], count: int = 1) -> Any:
        """The message of the station of this type that makes `count` of them."""
        found = [message for message in self.messages if isinstance(message, kind)]
        await self.until(lambda: sum(isinstance(message, kind) for message in self.messages) >= count)
        found = [message for message in self.messages if isinstance(message, kind)]
        return found[count - 1]

    async def _read(self) -> None:
        async for frame in self.socket:
            await self._take(st.to_booth.decode(frame.data) if frame.type is WSMsgType.TEXT else frame.data)
            async with self._changed:
                self._changed.notify_all()

    async def _take(self, message: Any) -> None:
        if isinstance(message, st.Joined):
            if self.engine is not None:
                self.fingerprints = await self.engine.prepare((), relay_only=False)
            self._handshake = self.shake(self.keys, message.consultation, self.name, self.fingerprints, gate=self.gate)
            self.agreement, self._seat = None, st.GUEST if message.guest else 0
        if not isinstance(message, bytes):
            self.messages.append(message)
        elif message[0] & ~st.GUEST == st.HANDSHAKE and self._handshake is not None:
            reply = self.mend(self._handshake.receive(message[1:]))
            if reply is not None:
                await self.frame(st.HANDSHAKE, reply)
            if self._handshake.agreement is not None:
                self.agreement = self._handshake.agreement
                self.agreements.append(self.agreement)
                if self.agreement.version > 1 and self.resumes:
                    await self.say(sp.Resume("peer", "", 0))
        elif message[0] & ~st.GUEST == st.SEALED and self.agreement is not None:
            await self._hear(sp.from_specialist.decode(self.agreement.opener.open(message[1:])))

    async def _hear(self, message: sp.FromSpecialist) -> None:
        if isinstance(message, sp.Resume):
            return
        self.opened.append(message)
        if self.engine is None:
            return
        if isinstance(message, sp.Offer):
            for first in self.before_answers:
                await self.say(first)
            await self.say(sp.Answer(await self.engine.accept_offer(message.sdp)))
        elif isinstance(message, sp.Candidate):
            await self.engine.add_candidate(message.candidate, message.mid)

    async def frame(self, kind: int, body: bytes) -> None:
        await self.socket.send_bytes(bytes([kind | self._seat]) + body)

    async def say(self, message: sp.FromBooth, *, final: bool | None = None) -> None:
        """Seals and sends; `Ended` is the final message unless `final` says otherwise."""
        assert self.agreement is not None
        last = isinstance(message, sp.Ended) if final is None else final
        await self.frame(st.SEALED, self.agreement.sealer.seal(sp.from_booth.encode(message), final=last))

    async def deposit(self, identifier: str, payload: bytes, kind: str = "observation", *, recipient: bytes | None = None) -> None:
        """An envelope for the specialist of the stream; `recipient` puts another key into its header."""
        assert self.agreement is not None
        to = Recipient(self.agreement.identity, self.agreement.sealing)
        named = to if recipient is None else Recipient(recipient, b"")
        header = Header(identifier, kind, "c1", 1, named.text, "2026-03-04T10:00:00.000+01:00")
        await self.send(st.Deposit(identifier, to.identity, seal(self.keys, to, header, payload)))


def situation(**changed: Any) -> sp.Situation:
    instruments = (sp.Instrument("bp", "Omron HEM-7361T", "ready"), sp.Instrument("ox", "Contec CMS50D+", "measuring"))
    who = {"patient": "Jeanne MARTIN", "birth_date": "1951-04-12", "sex": "female"}
    given = {"stage": "in-call", "present": ("patient", "helper"), "instruments": instruments, "training": False}
    return sp.Situation(consultation="c1", booth="Cabine 1", **{**who, **given, **changed})


def values(device: str, name: str, *numbers: tuple[str, str | None, str], settled: bool = False, received: float | None = None,
           reading: str = "r1", absent: str | None = None, flags: Sequence[str] = (), remarks: Sequence[str] = ()) -> sp.Values:  # fmt: skip
    at = time.time() * 1000 if received is None else received
    measured = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at / 1000))
    shown = tuple(sp.Number(vital, value, absent if value is None else None, unit) for vital, value, unit in numbers)
    return sp.Values(reading, device, name, shown, settled, at, measured, tuple(flags), tuple(remarks))
