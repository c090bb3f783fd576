"""The two endpoints of RFC 8628 for booths that are not enrolled yet, and what the address in the QR code shows."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from aiohttp import web

from station import enrolment

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.store import Store

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
WORDS = """Inscription d'une cabine
Lisez à l'administrateur le code et l'empreinte affichés par la cabine. Lui seul peut accepter : telecabine-station approve CODE

Enrolment of a booth
Read the code and the fingerprint that the booth shows to the administrator. Only he can accept: telecabine-station approve CODE
"""


class Enrolling:
    """Handlers. `now` gives ms since the epoch."""

    def __init__(self, store: Store, origin: str, now: Callable[[], int]) -> None:
        self._store, self._origin, self._now = store, origin, now

    async def ask(self, request: web.Request) -> web.Response:
        """Section 3.1: `request` (protocol/enrolment.py) in the place of a client id."""
        text = str((await request.post()).get("request", ""))
        try:
            asked = await self._store.call(lambda database: enrolment.ask(database, text, self._now()))
        except enrolment.EnrolmentError as error:
            return _error(error.args[0])
        address = f"{self._origin}/enrol"
        return web.json_response(
            {
                "device_code": asked.device,
                "user_code": asked.code,
                "verification_uri": address,
                "verification_uri_complete": f"{address}?user_code={asked.code}",
                "expires_in": enrolment.LASTS // 1000,
                "interval": enrolment.INTERVAL,
            },
            headers={"Cache-Control": "no-store"},
        )

    async def poll(self, request: web.Request) -> web.Response:
        """Section 3.4; the answer in the place of a token is the directory that lists the booth."""
        form = await request.post()
        if form.get("grant_type") != GRANT:
            return _error("unsupported_grant_type")
        device = str(form.get("device_code", ""))
        answer = await self._store.call(lambda database: enrolment.poll(database, device, self._now()))
        if answer.error:
            return _error(answer.error)
        return web.json_response({"directory": base64.b64encode(answer.directory).decode()}, headers={"Cache-Control": "no-store"})

    async def explain(self, _: web.Request) -> web.Response:
        """For a technician who has scanned the code with a telephone."""
        return web.Response(text=WORDS)


def _error(code: str) -> web.Response:
    return web.json_response({"error": code}, status=400, headers={"Cache-Control": "no-store"})
