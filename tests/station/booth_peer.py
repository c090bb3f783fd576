"""A scripted booth for the station's and the page's tests: docs/crypto.md with PyNaCl, and only what a test asks for."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import TYPE_CHECKING, Any, Self

import msgspec
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from nacl import bindings
from nacl.public import PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from protocol import handshake as hs
from protocol import specialist as sp
from protocol import station as st

if TYPE_CHECKING:
    from collections.abc import Sequence


def lp(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def blake(data: bytes, size: int = 32, key: bytes = b"") -> bytes:
    return hashlib.blake2b(data, digest_size=size, key=key).digest()


class Stream:
    """What a handshake gives the booth."""

    def __init__(self, transcript: bytes, receive: bytes, send: bytes, hello: hs.HelloSpecialist) -> None:
        self.transcript, self.hello = transcript, hello
        self.digits = f"{int.from_bytes(blake(lp(b'telecabine-sas-v1', transcript), 8), 'big') % 1_000_000:06d}"
        self._push = bindings.crypto_secretstream_xchacha20poly1305_state()
        self.header = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._push, send)
        self._pull = bindings.crypto_secretstream_xchacha20poly1305_state()
        self._receive = receive
        self.finished = False

    def begin(self, header: bytes) -> None:
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(self._pull, header, self._receive)

    def seal(self, plain: bytes, *, final: bool = False) -> bytes:
        tag = (
            bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
            if final
            else bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
        )
        return bindings.crypto_secretstream_xchacha20poly1305_push(self._push, plain, self.transcript, tag)

    def open(self, body: bytes) -> bytes:
        plain, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(self._pull, body, self.transcript)
        self.finished = tag == bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
        return plain


class BoothPeer:
    """One booth: sign in, open a room, agree, send and receive."""

    def __init__(self, origin: str, signing: SigningKey, name: str = "Cabine 1") -> None:
        self.origin, self.signing, self.name = origin, signing, name
        self.key = bytes(signing.verify_key)
        self.messages: list[Any] = []
        self.opened: list[Any] = []
        self.stream: Stream | None = None
        self.fingerprints: tuple[str, ...] = ()
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._session = ClientSession()
        self.socket: ClientWebSocketResponse = await self._session.ws_connect(self.origin + "/booth", compress=0)
        return self

    async def __aexit__(self, *_: object) -> None:
        reader = getattr(self, "_reader", None)
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        await self.socket.close()
        await self._session.close()

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
        statement = st.booth_statement(challenge.origin, challenge.nonce, challenge.time, self.key)
        await self.send(st.BoothProof(self.key, self.name, self.signing.sign(statement).signature))
        return await self.next()

    async def wait_for_specialist(self, consultation: str, ticket: str = "A 12") -> None:
        await self.send(st.OpenRoom(consultation, ticket))
        await self.read_until(lambda: any(isinstance(message, st.Joined) for message in self.messages))

    def run(self) -> None:
        """Reads in the background from now on: answers handshakes honestly, keeps what comes."""
        self._reader = asyncio.create_task(self._read())

    async def until(self, condition: Any, seconds: float = 15) -> None:
        """Waits for what the background reader brings."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(condition)

    async def _read(self) -> None:
        async for frame in self.socket:
            await self._take(st.to_booth.decode(frame.data) if frame.type is WSMsgType.TEXT else frame.data)
            async with self._changed:
                self._changed.notify_all()

    async def read_until(self, condition: Any) -> None:
        async with asyncio.timeout(15):
            while not condition():
                await self._take(await self.next())

    async def _take(self, message: Any) -> None:
        if not isinstance(message, bytes):
            self.messages.append(message)
            if isinstance(message, st.Joined):
                self.stream = None
        elif message[0] == st.HANDSHAKE:
            await self.answer_handshake(message[1:])
        elif self.stream is not None:
            self.opened.append(sp.from_specialist.decode(self.stream.open(message[1:])))

    # the handshake, in two steps; tests override them to misbehave

    async def answer_handshake(self, body: bytes) -> None:
        message = hs.handshake.decode(body)
        if isinstance(message, hs.HelloSpecialist):
            await self.hello(message, body)
        elif isinstance(message, hs.Reveal):
            await self.agree(message)

    async def hello(self, theirs: hs.HelloSpecialist, body: bytes) -> None:
        public, secret = bindings.crypto_kx_keypair()
        own = hs.HelloBooth(1, theirs.consultation, self.key, public, bytes(32), self.fingerprints, self.name)
        self._hello = (theirs, body, hs.handshake.encode(own), public, secret)
        await self.frame(st.HANDSHAKE, self._hello[2])

    async def agree(self, reveal: hs.Reveal) -> None:
        theirs, body, own, public, secret = self._hello
        assert blake(lp(b"telecabine-commit-v1", reveal.nonce)) == theirs.commitment
        transcript = blake(lp(b"telecabine-handshake-v1", body, own, reveal.nonce))
        VerifyKey(theirs.identity).verify(lp(b"telecabine-sign-v1", b"specialist", transcript), reveal.signature)
        receive, send = bindings.crypto_kx_server_session_keys(public, secret, theirs.ephemeral)
        bind = lp(b"telecabine-stream-v1", transcript)
        self.stream = Stream(transcript, blake(bind, key=receive), blake(bind, key=send), theirs)
        self.stream.begin(reveal.header)
        await self.frame(st.HANDSHAKE, hs.handshake.encode(hs.Agreed(self.sign_transcript(transcript), self.stream.header)))

    def sign_transcript(self, transcript: bytes) -> bytes:
        return self.signing.sign(lp(b"telecabine-sign-v1", b"booth", transcript)).signature

    # the sealed stream

    async def frame(self, kind: int, body: bytes) -> None:
        await self.socket.send_bytes(bytes([kind]) + body)

    async def say(self, message: sp.FromBooth) -> None:
        assert self.stream is not None
        await self.frame(st.SEALED, self.stream.seal(sp.from_booth.encode(message), final=isinstance(message, sp.Ended)))

    def envelope(self, identifier: str, consultation: str, payload: bytes, kind: str = "observation", **changed: str) -> bytes:
        """An envelope for the specialist of the stream; `changed` replaces fields of its header."""
        assert self.stream is not None
        hello = self.stream.hello
        fields = {
            "id": identifier, "kind": kind, "consultation": consultation, "sequence": 1,
            "recipient": msgspec.to_builtins(hello.identity), "created": "2026-03-04T10:00:00+01:00", **changed,
        }  # fmt: skip
        header = msgspec.json.encode(fields)
        signature = self.signing.sign(lp(b"telecabine-envelope-v1", header, payload)).signature
        return b"\x01\x01" + SealedBox(PublicKey(hello.sealing)).encrypt(lp(signature, header, payload))


def situation(consultation: str, **changed: Any) -> sp.Situation:
    instruments = (sp.Instrument("bp", "Omron HEM-7361T", "ready"), sp.Instrument("ox", "Contec CMS50D+", "measuring"))
    given = {"stage": "measuring", "present": ("patient", "pharmacist"), "instruments": instruments, "training": False, **changed}
    return sp.Situation(consultation, "Cabine 1", "Jeanne MARTIN", "1951-04-12", "female", **given)


def values(device: str, name: str, *numbers: tuple[str, str | None, str], settled: bool = False, received: float | None = None,
           reading: str = "r1", absent: str | None = None, flags: Sequence[str] = ()) -> sp.Values:  # fmt: skip
    at = time.time() * 1000 if received is None else received
    measured = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at / 1000))
    shown = tuple(sp.Number(vital, value, absent if value is None else None, unit) for vital, value, unit in numbers)
    return sp.Values(reading, device, name, shown, settled, at, measured, tuple(flags), ())
