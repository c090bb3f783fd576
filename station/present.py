"""Who is connected to one station, and what its rooms, codes and doors have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiohttp import WSCloseCode

from protocol.station import Refused
from station import audit
from station.codes import Codes
from station.waiting_room import WaitingRoom

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.connection import Booth, Page, Peer
    from station.store import Store


class Guest(NamedTuple):
    """Who has come by an invitation: known by the session of its page for as long as the consultation lasts."""

    key: bytes
    name: str
    consultation: str


class Present:
    """All that a station holds in memory. `now` gives ms since the epoch."""

    def __init__(self, store: Store, origin: str, now: Callable[[], int]) -> None:
        self.store, self.origin, self.now = store, origin, now
        self.room: WaitingRoom[Peer] = WaitingRoom()
        self.pages: set[Page] = set()
        self.booths: dict[bytes, Booth] = {}
        self.codes = Codes()
        self.guests: dict[str, Guest] = {}
        self.directory: bytes | None = None
        self.revoked: frozenset[bytes] = frozenset()

    @property
    def peers(self) -> list[Peer]:
        """Everybody."""
        return [*self.pages, *self.booths.values()]

    async def refuse(self, peer: Peer, reason: str, detail: str) -> None:
        """Say why, and end the connection."""
        await peer.send(Refused(reason, detail[:200]))
        await peer.close(WSCloseCode.POLICY_VIOLATION)

    async def audit(self, event: str, **detail: str) -> None:
        """One line of the audit."""
        now = self.now()
        await self.store.call(lambda database: audit.append(database, now, event, **detail))
