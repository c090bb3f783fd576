"""The booth's WebSocket to its station: signs in by challenge, reconnects with back-off, never blocks who sends."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import socket as sockets
import sys
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

import aiohttp

from kiosk import network_way
from kiosk.secure.tls import explained
from protocol import station, thin_tcp
from protocol.codec import LIMIT, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from kiosk.secure.keys import BoothKeys

_log = logging.getLogger(__name__)

BACK_OFF = (0.25, 0.5, 1.0, 2.0, 4.0)
#: seconds that a connection may take: after that the next attempt is faster than TCP's own, whose pauses double
REACHED: Final = 8.0
#: octets in the socket's buffer above which what gives way to values waits: a third of a second of 64 kbit/s
SPARE = 3 * 1024
SIOCOUTQ = 0x5411
#: what the clocks of booth and station may differ, in ms
SKEW: Final = 5 * 60 * 1000
#: text keys of what a station may refuse at the sign-in; "refused" for everything else
REFUSALS: Final = {
    "key-revoked": "booth-revoked",
    "test-busy": "test-busy",
    "test-too-often": "test-too-often",
    "in-consultation": "in-consultation",
}


class Listener(Protocol):
    """Who hears from the station."""

    def station_up(self) -> None:
        """Signed in."""

    def station_down(self, reason: str) -> None:
        """Not reached ("connecting"), reached and refused ("refused"), or not to be trusted (the text key of why)."""

    def from_station(self, message: station.ToBooth) -> None:
        """One message."""

    def relayed(self, kind: int, body: bytes) -> None:
        """One relayed frame."""

    def unreadable(self) -> None:
        """A message of the station that is none; nothing is done with it."""


class RefusedError(Exception):
    """The station does not take this booth (not enrolled, another version), or the booth does not take the station; `reason` is a text key."""

    def __init__(self, message: str, reason: str = "refused") -> None:
        super().__init__(message)
        self.reason = reason


async def text(socket: aiohttp.ClientWebSocketResponse) -> str:
    """The next message, which must be a text. Raises ConnectionError where the other end has closed, or sends something else; TimeoutError."""
    frame = await socket.receive(timeout=10)
    if frame.type is not aiohttp.WSMsgType.TEXT:
        raise ConnectionError("the station ended the connection in the middle of the sign-in")
    return str(frame.data)


async def sign_in(socket: aiohttp.ClientWebSocketResponse, url: str, keys: BoothKeys, name: str, now: int) -> None:
    """Sign the challenge of the station at `url`; `now` in ms since the epoch.

    Raises:
        RefusedError: one of the two does not take the other; ProtocolError: the other end is no station.
    """
    challenge = station.to_booth.decode(await text(socket))
    if not isinstance(challenge, station.Challenge):
        raise ProtocolError("the station did not begin with a challenge")
    if challenge.version != station.VERSION:
        raise RefusedError(f"the station speaks version {challenge.version}, this booth {station.VERSION}: update the older one")
    _check(challenge, url, now)
    statement = station.booth_statement(challenge.origin, challenge.nonce, challenge.time, keys.public)
    proof = station.BoothProof(key=keys.public, name=name, signature=keys.sign(statement))
    await socket.send_str(station.from_booth.encode(proof).decode())
    answer = station.to_booth.decode(await text(socket))
    if isinstance(answer, station.Refused):
        raise RefusedError(answer.detail or answer.reason, REFUSALS.get(answer.reason, "refused"))
    if not isinstance(answer, station.SignedIn):
        raise ProtocolError("the station did not answer the sign-in")


def _check(challenge: station.Challenge, url: str, now: int) -> None:
    """Sign for no other station than the one of the settings, lest this one signs in there with it, and not at another time."""
    address = urlsplit(url)
    origin = f"{'https' if address.scheme == 'wss' else 'http'}://{address.netloc}"
    if challenge.origin != origin:
        raise RefusedError(f"the station at {origin} calls itself {challenge.origin[:100]}: nothing was signed", "wrong-origin")
    apart = abs(challenge.time - now)
    if apart > SKEW:
        raise RefusedError(f"the clocks of booth and station are {apart // 60_000} minutes apart: set the booth's clock", "clock-differs")


class StationClient:
    """One booth's connection. `run` until cancelled. `now` gives ms since the epoch, `tls` is for a wss address."""

    def __init__(self, url: str, keys: BoothKeys, name: str, listener: Listener, now: Callable[[], int], tls: SSLContext) -> None:
        self._url, self._keys, self._name, self._listener, self._now, self._tls = url, keys, name, listener, now, tls
        self._queue: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    def send(self, message: station.FromBooth) -> None:
        """Queue a control message; dropped while not signed in (who sends it sends it again at `station_up`)."""
        if self._socket is not None:
            self._queue.put_nowait(station.from_booth.encode(message).decode())

    def relay(self, kind: int, body: bytes) -> None:
        """Queue a frame for the specialist."""
        if self._socket is not None:
            self._queue.put_nowait(bytes((kind,)) + body)

    def congested(self) -> bool:
        """Whether what was sent has not left yet, so that what is sent now would come late."""
        sock = self._socket.get_extra_info("socket") if self._socket is not None else None
        return sock is None or not self._queue.empty() or thin_tcp.full(sock)

    def spare(self) -> bool:
        """Whether what was sent has all but left: there is room for what gives way to values."""
        sock = self._socket.get_extra_info("socket") if self._socket is not None else None
        if sock is None or self._queue.qsize() > 1:
            return False
        unsent = bytearray(4)
        fcntl.ioctl(sock.fileno(), SIOCOUTQ, unsent)  # octets not sent or not acknowledged (tcp(7))
        return int.from_bytes(unsent, sys.byteorder) <= SPARE

    async def run(self) -> None:
        """Stay connected until cancelled."""
        attempt = 0
        async with aiohttp.ClientSession() as session:
            while True:
                reason = "connecting"
                try:
                    await self._serve(session)
                    attempt = 0
                except RefusedError as error:
                    reason = error.reason
                    _log.warning("not signed in at the station: %s", error)
                except (aiohttp.ClientError, OSError, ProtocolError, TimeoutError) as error:
                    failure = explained(error)
                    reason = failure.reason if failure is not None else "connecting"
                    _log.log(logging.WARNING if failure else logging.INFO, "station not reached: %s", failure or error)
                self._listener.station_down(reason)
                await asyncio.sleep(BACK_OFF[min(attempt, len(BACK_OFF) - 1)])
                attempt += 1

    async def _serve(self, session: aiohttp.ClientSession) -> None:
        async with asyncio.timeout(REACHED):
            connected = await session.ws_connect(self._url, heartbeat=20, compress=0, max_msg_size=LIMIT * 2, ssl=self._tls)
        async with connected as socket:
            thin_tcp.prepare(socket.get_extra_info("socket"))
            await sign_in(socket, self._url, self._keys, self._name, self._now())
            self._queue = asyncio.Queue()
            self._socket = socket
            tasks = [asyncio.create_task(self._pump(socket)), asyncio.create_task(self._leave_an_old_way(socket))]
            try:
                self._listener.station_up()
                async for message in socket:
                    self._received(message)
            finally:
                self._socket = None
                for task in tasks:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError, OSError, aiohttp.ClientError):
                        await task

    async def _leave_an_old_way(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Give the connection up once this machine's way to the station is another one: a new one is made at once."""
        sock = socket.get_extra_info("socket")
        await network_way.another(sock)
        _log.info("the way to the station has changed: connecting anew")
        sock.shutdown(sockets.SHUT_RDWR)

    async def _pump(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            item = await self._queue.get()
            await (socket.send_str(item) if isinstance(item, str) else socket.send_bytes(item))

    def _received(self, message: aiohttp.WSMessage) -> None:
        if message.type is aiohttp.WSMsgType.TEXT:
            try:
                self._listener.from_station(station.to_booth.decode(message.data))
            except ProtocolError as error:
                _log.warning("a message of the station was refused: %s", error)
                self._listener.unreadable()
        elif message.type is aiohttp.WSMsgType.BINARY and message.data:
            self._listener.relayed(message.data[0], message.data[1:])
