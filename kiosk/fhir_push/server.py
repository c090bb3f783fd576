"""One conversation with a FHIR server: a Bundle is posted, the answer is judged, a token is asked for where the server wants one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 8 * 1024 * 1024
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_EARLY = 30.0


class Verdict(Enum):
    """What an answer means for the Bundle."""

    ACKNOWLEDGED = auto()
    REFUSED = auto()
    LATER = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` in plain words without any value of the Bundle; `after` the seconds that the server asks to wait, where it does."""

    verdict: Verdict
    reason: str = ""
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Client:
    """OAuth2 client credentials (RFC 6749 section 4.4)."""

    token_url: str
    client_id: str
    secret: str = field(repr=False)
    scope: str = ""


class TokenError(Exception):
    """No token could be had; the text says why, without the secret."""


class Server:
    """A FHIR server behind its base address. `now` is a steady clock in seconds.

    Redirects are not followed: a Bundle and a token go to the address that the technician gave, and nowhere else.
    """

    def __init__(self, session: aiohttp.ClientSession, base: str, client: Client | None, now: Callable[[], float], timeout: float) -> None:
        self._session, self._base, self._client, self._now = session, base, client, now
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._token, self._until = "", 0.0

    async def send(self, bundle: bytes) -> Answer:
        """Post one transaction. Never raises for what a server or the network does: that is an Answer."""
        try:
            answer = await self._post(bundle)
            if answer is None:
                self._token = ""
                answer = await self._post(bundle)
        except TokenError as error:
            return Answer(Verdict.LATER, str(error))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return Answer(Verdict.LATER, f"no answer: {type(error).__name__}")
        return answer or Answer(Verdict.LATER, "the server does not take the token (401)")

    async def _post(self, bundle: bytes) -> Answer | None:
        """None when the server wants another token."""
        headers = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
        if self._client is not None:
            headers["Authorization"] = f"Bearer {await self._bearer(self._client)}"
        async with self._session.post(self._base, data=bundle, headers=headers, timeout=self._timeout, allow_redirects=False) as response:
            if response.status == HTTPStatus.UNAUTHORIZED and self._client is not None:
                return None
            body = await _read(response)
            return judge(response.status, response.headers.get("Retry-After", ""), body, _entries(bundle))

    async def _bearer(self, client: Client) -> str:
        if self._token and self._now() < self._until:
            return self._token
        form = {"grant_type": "client_credentials", **({"scope": client.scope} if client.scope else {})}
        async with self._session.post(
            client.token_url,
            data=form,
            headers={
                "Accept": "application/json",
                "Authorization": aiohttp.encode_basic_auth(quote(client.client_id, safe=""), quote(client.secret, safe="")),
            },
            timeout=self._timeout,
            allow_redirects=False,
        ) as response:
            if response.status != HTTPStatus.OK:
                raise TokenError(f"the token server says {response.status}")
            given = _json(await _read(response))
        token, lifetime = given.get("access_token"), given.get("expires_in", 60)
        if not isinstance(token, str) or not token or not isinstance(lifetime, int | float):
            raise TokenError("the token server's answer has no token")
        self._token, self._until = token, self._now() + lifetime - _EARLY
        return token


def judge(status: int, retry_after: str, body: bytes | None, entries: int) -> Answer:
    """What an HTTP answer means for a transaction of `entries` entries. `body` is None where it was too long."""
    if status in _LATER:
        return Answer(Verdict.LATER, f"the server says {status}", float(retry_after) if retry_after.isdigit() else 0.0)
    if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        return Answer(Verdict.REFUSED, f"the server says {status}{_outcome(body)}")
    reply = _json(body)
    listed = reply.get("entry")
    if reply.get("resourceType") != "Bundle" or reply.get("type") != "transaction-response" or not isinstance(listed, list):
        return Answer(Verdict.LATER, f"the server says {status} without the answer to a transaction")
    done = [one.get("response", {}).get("status", "") for one in listed if isinstance(one, dict) and isinstance(one.get("response"), dict)]
    if len(done) != entries or not all(isinstance(said, str) and said.startswith("2") for said in done):
        return Answer(Verdict.REFUSED, "the server did not take every entry")
    return Answer(Verdict.ACKNOWLEDGED)


def _outcome(body: bytes | None) -> str:
    """The codes and places of an OperationOutcome; its texts may quote what was sent, so they are left out."""
    issues = _json(body).get("issue")
    if not isinstance(issues, list):
        return ""
    said = []
    for issue in issues[:5]:
        if isinstance(issue, dict):
            places = issue.get("expression")
            where = " ".join(str(place) for place in places) if isinstance(places, list) else ""
            said.append(f"{issue.get('code', '?')} {where}".strip())
    return f": {'; '.join(said)}" if said else ""


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    body = bytearray()
    async for piece in response.content.iter_chunked(65536):
        body += piece
        if len(body) > LIMIT:
            return None
    return bytes(body)


def _json(body: bytes | None) -> dict[str, Any]:
    try:
        found = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _entries(bundle: bytes) -> int:
    return len(_json(bundle).get("entry", ()))
