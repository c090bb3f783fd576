"""The line to the station, measured on a WebSocket of its own: what waits in it never stands before a value, and is gone when it is closed."""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from statistics import median
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from kiosk.network_test.figures import Figures
from kiosk.network_test.ramp import Ramp
from kiosk.station_client import RefusedError, sign_in, text
from protocol import network_test, station, thin_tcp
from protocol.codec import LIMIT, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from kiosk.network_test.ramp import Rate
    from kiosk.secure.keys import BoothKeys

#: seconds for all of it
DEADLINE: Final = 18.0
#: seconds that reaching the station and signing in may take
REACHED: Final = 8.0
#: round trips that are looked at: so many, or as many as fit into so many seconds, and at least so many
TRIPS, TRIPS_S, FEWEST = 8, 1.5, 3
#: what a refusal of the station means for the verdict
_FAILURES: Final = {"test-busy": "network-busy", "test-too-often": "network-busy", "in-consultation": "network-in-use"}
#: what is under way when the socket is closed is dropped (socket(7), SO_LINGER)
_AT_ONCE: Final = struct.pack("ii", 1, 0)
_FILLER: Final = secrets.token_bytes(network_test.PIECE)


def address(url: str) -> str:
    """Of the test, at the station whose socket for booths is at `url`."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, network_test.PATH, "", ""))


async def measure(
    url: str, keys: BoothKeys, name: str, tls: SSLContext, now: int, clock: Callable[[], float], *, deadline: float = DEADLINE
) -> tuple[Figures, tuple[station.IceServer, ...]]:
    """What the line carries, and the relays that the station names for a call. It takes `deadline` seconds at most, and raises nothing but cancellation.

    `url` is the station's address for booths, `now` in ms since the epoch, `clock` monotonic in seconds.
    """
    test = _Test(clock)
    try:
        async with asyncio.timeout(deadline), aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_connect=REACHED)) as session:
            return await test.run(session, url, keys, name, tls, now), test.relays
    except RefusedError as error:
        return Figures(_FAILURES.get(error.reason, "network-no-station")), ()
    except (ProtocolError, aiohttp.WSServerHandshakeError):
        return Figures("network-unknown"), test.relays
    except (aiohttp.ClientError, OSError, TimeoutError):
        return Figures("network-unknown" if test.reached else "network-no-station"), test.relays


class _Test:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.reached = False
        self.relays: tuple[station.IceServer, ...] = ()

    async def run(self, session: aiohttp.ClientSession, url: str, keys: BoothKeys, name: str, tls: SSLContext, now: int) -> Figures:
        async with asyncio.timeout(REACHED):
            self._socket = await session.ws_connect(address(url), compress=0, max_msg_size=LIMIT, ssl=tls)
        sock = self._socket.get_extra_info("socket")
        thin_tcp.prepare(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.reached = True
        async with asyncio.timeout(REACHED):
            await sign_in(self._socket, url, keys, name, now)
            relays = station.to_booth.decode(await text(self._socket))
        if not isinstance(relays, station.Relays):
            raise ProtocolError("the station did not name its relays")
        self.relays = relays.ice_servers
        trips = await self._trips()
        up = await self._fill(min(trips), up=True)
        down = await self._fill(min(trips), up=False)
        return Figures("", up, down, median(trips) * 1000)

    async def _trips(self) -> list[float]:
        trips: list[float] = []
        begun = self._clock()
        while len(trips) < TRIPS and (len(trips) < FEWEST or self._clock() - begun < TRIPS_S):
            sent = self._clock()
            await self._socket.send_bytes(network_test.request(0))
            await self._answer(0)
            trips.append(self._clock() - sent)
        return trips

    async def _fill(self, base: float, *, up: bool) -> Rate | None:
        ramp = Ramp(base, self._clock())
        asked: list[int] = []
        while True:
            while size := ramp.next(self._clock()):
                await self._socket.send_bytes(network_test.request(0, _FILLER[:size]) if up else network_test.request(size))
                asked.append(0 if up else size)
            if not asked:
                return ramp.rate()
            await self._answer(asked.pop(0))
            ramp.answered(self._clock())

    async def _answer(self, size: int) -> None:
        """The next frame, which must be the one that was asked for: nothing is measured with another."""
        frame = await self._socket.receive()
        if frame.type is aiohttp.WSMsgType.TEXT:
            refused = station.to_booth.decode(frame.data)
            reason = refused.reason if isinstance(refused, station.Refused) else ""
            raise RefusedError(f"the station ended the test: {reason}", reason)
        if frame.type is not aiohttp.WSMsgType.BINARY:
            raise ConnectionError("the station has closed the test")
        if len(frame.data) != size:
            raise ProtocolError(f"the station sent {len(frame.data)} octets, and was asked for {size}")
