"""Which TURN relay is used: all are tried at once, the first that works in the order given is taken, and what is wrong with the others is named.

aiortc takes the first TURN address only, and a relay that fails is nothing but a missing candidate: no error reaches the application.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from typing import TYPE_CHECKING, Final

from aioice import stun, turn
from aiortc.rtcicetransport import connection_kwargs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiortc import RTCIceServer

log = logging.getLogger("telecabine.call")

#: for one relay to answer, s: the page waits ten seconds for the whole call
PATIENCE: Final = 3.0
#: STUN error codes (RFC 8489 section 14.8, RFC 8656 section 19) in words
REFUSALS: Final = {
    401: "credentials refused",
    403: "forbidden",
    437: "allocation mismatch",
    438: "stale nonce",
    486: "allocation quota reached",
}


async def usable(servers: Sequence[RTCIceServer]) -> tuple[list[RTCIceServer], list[str]]:
    """The STUN servers and the first relay that works; and "turns:host:443: certificate not trusted" for each that was tried and does not."""
    relays = [server for server in servers if "turn_server" in connection_kwargs([server])]
    kept = [server for server in servers if server not in relays]
    found = await asyncio.gather(*(failure(server) for server in relays))
    failures = [f"{server.urls}: {reason}" for server, reason in zip(relays, found, strict=True) if reason]
    for text in failures:
        log.warning("%s", text)
    working = [server for server, reason in zip(relays, found, strict=True) if not reason]
    return [*kept, *working[:1]], failures


async def failure(server: RTCIceServer) -> str:
    """Why a relay cannot be used, in plain words; "" when an address was allocated on it, and given back."""
    settings = connection_kwargs([server])
    try:
        async with asyncio.timeout(PATIENCE):
            transport, _ = await turn.create_turn_endpoint(
                asyncio.DatagramProtocol,
                settings["turn_server"],
                settings["turn_username"],
                settings["turn_password"],
                ssl=settings["turn_ssl"] or None,
                transport=settings["turn_transport"],
            )
    except (TimeoutError, stun.TransactionTimeout):
        return "no answer"
    except stun.TransactionFailed as error:
        code = int(error.response.attributes["ERROR-CODE"][0])
        return REFUSALS.get(code, f"refused with {code}")
    except ssl.SSLCertVerificationError:
        return "certificate not trusted"
    except ssl.SSLError as error:
        return f"TLS failed ({error.reason})"
    except OSError as error:
        return "cannot be reached" if error.strerror is None else error.strerror.lower()
    with contextlib.suppress(OSError):
        transport.close()
    return ""
