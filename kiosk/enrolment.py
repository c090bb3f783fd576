"""A booth asks to be enrolled, in the shape of RFC 8628: it shows a code and a fingerprint, somebody approves, it polls until it is listed."""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import msgspec

from kiosk.secure.errors import EnrolmentError
from kiosk.secure.tls import explained
from protocol.enrolment import Request, encode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kiosk.secure.keys import BoothKeys

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: RFC 8628, section 3.5: what "slow_down" adds to the pace, in s; and the longest pace that is believed
SLOWER, SLOWEST = 5, 300
#: octets of an answer: a directory is smaller
LIMIT = 512 * 1024
_REFUSED = {
    "access_denied": "the administrator has refused the enrolment",
    "expired_token": "nobody has approved the code in time: ask again",
    "invalid_grant": "the station does not know the code any more: ask again",
    "invalid_request": "the station does not take the request: update the older one",
    "temporarily_unavailable": "too many booths ask at once: try again later",
}


class Asked(msgspec.Struct, frozen=True):
    """The station's answer (RFC 8628, section 3.2): what to show, and the pace of polling in seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int = 5


class _Listed(msgspec.Struct, frozen=True):
    directory: str


class _Error(msgspec.Struct, frozen=True):
    error: str


_Answer = TypeVar("_Answer", Asked, _Listed)


def _octets(answer: _Listed) -> bytes:
    try:
        return base64.b64decode(answer.directory, validate=True)
    except binascii.Error:
        raise EnrolmentError("no-station", "the station's directory is not readable") from None


@dataclass(frozen=True)
class Enrolling:
    """One booth at one station; `address` begins with https:// (or http:// on this machine)."""

    session: aiohttp.ClientSession
    address: str
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def ask(self, keys: BoothKeys, name: str) -> Asked:
        """Send the request.

        Raises:
            EnrolmentError: the station is not reached, not to be trusted, or takes no request.
        """
        request = encode(Request("booth", name, keys.public, keys.sealing), keys.sign)
        answer = await self._post("device_authorization", Asked, request=request)
        if isinstance(answer, str):
            raise EnrolmentError(answer, _REFUSED.get(answer, f"the station answers {answer[:60]!r}"))
        return answer

    async def listed(self, asked: Asked) -> bytes:
        """Poll until the organisation has signed; the octets of its directory, not verified yet.

        Raises:
            EnrolmentError: "access_denied", "expired_token", ...
        """
        pace, waited = min(max(asked.interval, 1), SLOWEST), 0
        while waited <= asked.expires_in + SLOWEST:
            await self.sleep(pace)
            waited += pace
            answer = await self._post("token", _Listed, grant_type=GRANT, device_code=asked.device_code)
            if isinstance(answer, _Listed):
                return _octets(answer)
            if answer == "slow_down":
                pace = min(pace + SLOWER, SLOWEST)
            elif answer != "authorization_pending":
                raise EnrolmentError(answer, _REFUSED.get(answer, f"the station answers {answer[:60]!r}"))
        raise EnrolmentError("expired_token", _REFUSED["expired_token"])

    async def _post(self, place: str, expected: type[_Answer], **form: str) -> _Answer | str:
        try:
            async with self.session.post(f"{self.address}/enrol/{place}", data=form, allow_redirects=False) as response:
                body = await response.content.read(LIMIT + 1)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            failure = explained(error)
            raise EnrolmentError("not-reached", f"the station is not reached: {failure or error}") from None
        try:
            if response.status == 200:
                return msgspec.json.decode(body, type=expected)
            return msgspec.json.decode(body, type=_Error).error
        except msgspec.MsgspecError:
            raise EnrolmentError("no-station", f"what answers at {self.address} is no station of this version") from None
