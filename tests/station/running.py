"""A station on a port of this machine, and what the tests do beside it: enrol, make links, stop, start again, move its clock."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from aiohttp import ClientSession, ClientWebSocketResponse, web
from nacl.signing import SigningKey
from nacl.utils import random

from kiosk.secure.keys import BoothKeys
from protocol import station as st
from station import directory
from station.app import PAGE, Settings, application, wall_clock
from station.store import Store

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from station.turn import Turn


@dataclass
class RunningStation:
    """`async with`: runs until the end of the block; `stop` and `start` in between are a restart. `behind`: the origin of a relay in front of it."""

    database: Path
    page: Path = PAGE
    turn: tuple[Turn, ...] = ()
    ahead: int = 0
    host: str = "127.0.0.1"
    page_origin: str = ""
    behind: str = ""
    taps: list[tuple[str, bytes]] = field(default_factory=list)
    booth_keys: BoothKeys = field(default_factory=lambda: BoothKeys(random(32)))

    async def __aenter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.origin = self.behind or f"http://{self.host}:{self.port}"
        await self.start()
        self.work(lambda database: directory.enrol_booth(database, self.booth_keys.public, "Cabine 1", self.now()))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def now(self) -> int:
        return wall_clock() + self.ahead

    async def start(self) -> None:
        settings = Settings(self.database, self.origin, self.turn, self.page, self.page_origin)
        app = application(settings, now=self.now, tap=lambda direction, data: self.taps.append((direction, data)))
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port))
        await web.SockSite(self._runner, self._listener).start()

    async def stop(self) -> None:
        await self._runner.cleanup()

    def work(self, step: Callable[[sqlite3.Connection], Any]) -> Any:
        """One step in the station's database, as the command line does it: in another connection."""
        store = Store(self.database)
        try:
            return store.call_now(step)
        finally:
            store.close()

    def token(self, name: str = "Dr Claire BERNARD", lasts: int = 60_000) -> str:
        return str(self.work(lambda database: directory.make_link(database, name, self.now(), lasts)))

    def link(self, name: str = "Dr Claire BERNARD") -> str:
        return f"{self.page_origin or self.origin}/#{self.token(name)}"


class PagePeer:
    """A scripted page: the messages of a specialist, without a browser."""

    def __init__(self, origin: str, signing: SigningKey | None = None) -> None:
        self.origin = origin
        self.signing = signing or SigningKey.generate()
        self.key = bytes(self.signing.verify_key)
        self.waiting: set[str] = set()

    async def __aenter__(self) -> Self:
        self._session = ClientSession()
        self.socket: ClientWebSocketResponse = await self._session.ws_connect(
            self.origin + "/specialist", headers={"Origin": self.origin}, compress=0
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        await self._session.close()

    async def send(self, message: st.FromPage) -> None:
        await self.socket.send_str(st.from_page.encode(message).decode())

    async def next(self) -> Any:
        frame = await self.socket.receive(10)
        if frame.data is None or isinstance(frame.data, int):
            return frame.type
        message = frame.data if isinstance(frame.data, bytes) else st.to_page.decode(frame.data)
        if isinstance(message, st.WaitingRoom):
            self.waiting = {entry.consultation for entry in message.entries}
        return message

    async def enter(self, consultation: str) -> None:
        """Asks to join, once the consultation is in the waiting room."""
        while consultation not in self.waiting:
            await self.next()
        await self.send(st.Join(consultation))

    async def sign_in(self, token: str = "", session: str = "") -> Any:
        proof = self.signing.sign(st.specialist_statement(self.origin, token, session, self.key)).signature
        await self.send(st.SignIn(token, session, self.key, proof))
        return await self.next()

    async def until(self, wanted: type[Any]) -> Any:
        """The next message of this type; others are passed over."""
        while not isinstance(message := await self.next(), wanted):
            pass
        return message
