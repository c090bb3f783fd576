"""Which TURN relay is used: all are tried at once, the first that works in the order given is taken, and what is wrong with the others is named.

aiortc takes the first TURN address only, and a relay that fails is nothing but a missing candidate: no error reaches the application.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aioice import stun, turn
from aiortc import RTCIceServer
from aiortc.rtcicetransport import connection_kwargs

from protocol.engine import RelaysTried, RelayTried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocol.engine import IceServer

log = logging.getLogger("telecabine.call")

#: for one relay to answer, s: the page waits ten seconds for the whole call
PATIENCE = 3.0
#: relays that are tried: a station that names more of them would have the booth knock at as many doors
MOST: Final = 8
#: STUN error codes (RFC 8489 section 14.8, RFC 8656 section 19) in words
REFUSALS: Final = {
    401: "credentials refused",
    403: "forbidden",
    437: "allocation mismatch",
    438: "stale nonce",
    486: "allocation quota reached",
}
#: datagrams that show what is lost: so many, of so many octets, so many seconds apart, and the wait for the last of them. 40 kbit/s with all headers
DATAGRAMS, OCTETS, APART, LAST = 50, 60, 0.03, 1.0


class Failure(NamedTuple):
    """What is wrong with a relay: a text key (see `RelayTried`), and plain words."""

    reason: str
    detail: str


async def usable(servers: Sequence[RTCIceServer]) -> tuple[list[RTCIceServer], list[str]]:
    """The STUN servers and the first relay that works; and "turns:host:443: certificate not trusted" for each that was tried and does not."""
    relays, kept = _relays(servers), _others(servers)
    found = await asyncio.gather(*(failure(server) for server in relays))
    failures = [f"{server.urls}: {wrong.detail}" for server, wrong in zip(relays, found, strict=True) if wrong]
    for text in failures:
        log.warning("%s", text)
    working = [server for server, wrong in zip(relays, found, strict=True) if not wrong]
    return [*kept, *working[:1]], failures


async def tried(given: Sequence[IceServer]) -> RelaysTried:
    """Every relay as it is now, and what the first that works over UDP loses."""
    listed = [RTCIceServer(server.urls, server.username or None, server.credential or None) for server in given]
    spoiled = [server for server in listed if not _address(server)]
    relays = _relays([server for server in listed if server not in spoiled])
    found = await asyncio.gather(*(failure(server) for server in relays))
    named = [RelayTried(str(server.urls), way(server), *(wrong or ("", ""))) for server, wrong in zip(relays, found, strict=True)]
    named += [RelayTried(str(server.urls), "", "relay-address", "not the address of a relay") for server in spoiled]
    working = (server for server, wrong in zip(relays, found, strict=True) if not wrong and way(server).startswith("UDP"))
    server = next(working, None)
    sent, back = (0, 0) if server is None else await echoed(server)
    return RelaysTried(tuple(named), sent, back)


def _address(server: RTCIceServer) -> bool:
    try:
        connection_kwargs([server])
    except ValueError:
        return False
    return True


def way(server: RTCIceServer) -> str:
    """How a relay is reached: "UDP", "TCP" or "TLS", and its port."""
    settings = connection_kwargs([server])
    name = "TLS" if settings["turn_ssl"] else str(settings["turn_transport"]).upper()
    return f"{name} {settings['turn_server'][1]}"


def _relays(servers: Sequence[RTCIceServer]) -> list[RTCIceServer]:
    return [server for server in servers if "turn_server" in connection_kwargs([server])][:MOST]


def _others(servers: Sequence[RTCIceServer]) -> list[RTCIceServer]:
    return [server for server in servers if "turn_server" not in connection_kwargs([server])]


async def _allocated(server: RTCIceServer, protocol: type[Any]) -> tuple[turn.TurnTransport, Any]:
    settings = connection_kwargs([server])
    async with asyncio.timeout(PATIENCE):
        return await turn.create_turn_endpoint(
            protocol,
            settings["turn_server"],
            settings["turn_username"],
            settings["turn_password"],
            ssl=settings["turn_ssl"] or None,
            transport=settings["turn_transport"],
        )


async def failure(server: RTCIceServer) -> Failure | None:
    """Why a relay cannot be used; None when an address was allocated on it, and given back."""
    try:
        transport, _ = await _allocated(server, asyncio.DatagramProtocol)
    except (TimeoutError, stun.TransactionTimeout):
        return Failure("relay-silent", "no answer")
    except stun.TransactionFailed as error:
        code = int(error.response.attributes["ERROR-CODE"][0])
        return Failure("relay-credentials" if code == 401 else "relay-refused", REFUSALS.get(code, f"refused with {code}"))
    except ssl.SSLCertVerificationError:
        return Failure("relay-certificate", "certificate not trusted")
    except ssl.SSLError as error:
        return Failure("relay-tls", f"TLS failed ({error.reason})")
    except OSError as error:
        return Failure("relay-unreachable", os.strerror(error.errno).lower() if error.errno else "cannot be reached")
    with contextlib.suppress(OSError):
        transport.close()
    return None


class _Counts(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.back: set[bytes] = set()
        self.refused = asyncio.Event()
        self.first = asyncio.Event()
        self.all = asyncio.Event()

    def datagram_received(self, data: bytes, _: object) -> None:
        self.back.add(data[:2])
        self.first.set()
        if len(self.back) > DATAGRAMS:
            self.all.set()

    def error_received(self, _: Exception) -> None:
        self.refused.set()


async def echoed(server: RTCIceServer) -> tuple[int, int]:
    """Datagrams sent by a relay to the address that it has given, and how many of them came back; (0, 0) where the relay does not pass these on."""
    try:
        transport, counts = await _allocated(server, _Counts)
    except (TimeoutError, OSError, stun.TransactionError):
        return 0, 0
    own = transport.get_extra_info("sockname")
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):  # binding the channel, and a relay that lets nobody speak to itself
                while not counts.first.is_set() and not counts.refused.is_set():
                    transport.sendto(b"\xff\xff", own)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(counts.first.wait(), LAST / 2)
        if not counts.first.is_set():
            return 0, 0
        for number in range(DATAGRAMS):
            transport.sendto(number.to_bytes(2, "big").ljust(OCTETS, b"\0"), own)
            await asyncio.sleep(APART)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(counts.all.wait(), LAST)
        return DATAGRAMS, len(counts.back - {b"\xff\xff"})
    finally:
        with contextlib.suppress(OSError):
            transport.close()
