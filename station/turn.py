"""Credentials for the TURN relay: coturn's shared-secret scheme (`use-auth-secret`), for one consultation or network test."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from protocol.station import IceServer

#: a consultation is shorter than this, in s
LASTS = 4 * 3600
#: and a network test than this
TEST_LASTS = 120


@dataclass(frozen=True, slots=True)
class Turn:
    """A TURN server: its URL ("turns:turn.example.org:443?transport=tcp") and the secret it shares with the station."""

    url: str
    secret: bytes = field(repr=False)

    def credentials(self, consultation: str, now: int, lasts: int = LASTS) -> IceServer:
        """The entry for `iceServers`, for so many seconds; `now` in ms since the epoch."""
        username = f"{now // 1000 + lasts}:{consultation}"
        digest = hmac.new(self.secret, username.encode(), hashlib.sha1).digest()
        return IceServer(urls=self.url, username=username, credential=base64.b64encode(digest).decode())
