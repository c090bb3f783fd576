"""The booth's way to its station against real TLS servers: what is refused, why, and that nothing was sent. Needs SYS-19, F000-07, F002-14."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from kiosk.secure import tls
from kiosk.secure.errors import TlsError
from kiosk.secure.keys import BoothKeys
from kiosk.settings import SettingsError, load
from kiosk.station_client import SKEW, StationClient
from protocol import station
from simulators.authority import Authority, Served
from station import directory
from station.app import Settings, application, wall_clock
from station.serving import tls_context
from station.store import Store
from tests.kiosk.booth_rig import Desk
from ui.i18n import en, fr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


KEYS = BoothKeys(b"b" * 32)
DAY = timedelta(days=1)


@dataclass
class Heard:
    """What the client says; `first` is its first word."""

    first: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def _say(self, word: str) -> None:
        if not self.first.done():
            self.first.set_result(word)

    def station_up(self) -> None:
        self._say("up")

    def station_down(self, reason: str) -> None:
        self._say(reason)

    def from_station(self, message: station.ToBooth) -> None:
        if isinstance(message, station.Refused):
            self._say(message.reason)

    def relayed(self, kind: int, body: bytes) -> None:
        pass

    def unreadable(self) -> None:
        pass


class AtTheDesk(Heard):
    """The first word is the station's first refusal; what cannot be read is the booth's affair."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def station_up(self) -> None:
        pass

    def unreadable(self) -> None:
        self._desk.booth.unreadable()


async def word(url: str, authority: Path | None, now: Callable[[], int] = wall_clock) -> str:
    """The client's first word about this station."""
    heard = Heard()
    running = asyncio.create_task(StationClient(url, KEYS, "Cabine 1", heard, now, tls.context(authority)).run())
    try:
        async with asyncio.timeout(15):
            return await heard.first
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextlib.asynccontextmanager
async def serving(folder: Path, context: ssl.SSLContext | None, origin: str = "") -> AsyncIterator[tuple[str, list[str]]]:
    """A station on a port of this machine that knows the booth; its address, and what has come in."""
    listener = socket.create_server(("127.0.0.1", 0))
    port, came = listener.getsockname()[1], list[str]()
    store = Store(folder / "station.sqlite")
    store.call_now(lambda database: directory.enrol_booth(database, KEYS.public, "Cabine 1", wall_clock()))
    store.close()
    settings = Settings(folder / "station.sqlite", origin or f"https://127.0.0.1:{port}")
    runner = web.AppRunner(application(settings, tap=lambda way, _: came.append(way)), shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, listener, ssl_context=context).start()
    try:
        yield f"wss://127.0.0.1:{port}/booth", came
    finally:
        await runner.cleanup()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def context_of(served: Served) -> ssl.SSLContext:
    return tls_context(served.certificate, served.key)


async def test_the_booth_signs_in_over_tls(tmp_path: Path, authority: Authority) -> None:
    async with serving(tmp_path, context_of(authority.serve("good"))) as (url, came):
        assert await word(url, authority.file) == "up"
        assert came[:2] == ["station>booth", "booth>station"]


@pytest.mark.parametrize("fault", ["tls-expired", "tls-not-yet-valid", "tls-wrong-host", "tls-unknown-authority", "tls-failed"])
async def test_a_station_that_is_not_to_be_trusted_gets_no_octet_and_both_languages_say_why(tmp_path: Path, fault: str) -> None:
    """No way around: there is no setting that goes on. The same station with a good certificate is taken (above)."""
    authority, other = Authority(tmp_path / "authority"), Authority(tmp_path / "other", "Somebody else")
    served = {
        "tls-expired": lambda: authority.serve("s", begins=-3 * DAY, ends=-DAY),
        "tls-not-yet-valid": lambda: authority.serve("s", begins=DAY, ends=2 * DAY),
        "tls-wrong-host": lambda: authority.serve("s", host="station.example.org"),
        "tls-unknown-authority": lambda: other.serve("s"),
    }.get(fault, lambda: authority.serve("s"))()
    context: ssl.SSLContext | None = context_of(served)
    if fault == "tls-failed":
        context = None
    async with serving(tmp_path, context) as (url, came):
        assert await word(url, authority.file) == fault
        assert came == []
    assert all(fr.SAID[fault])
    assert all(en.SAID[fault])


async def test_a_station_that_speaks_tls_1_1_at_most_is_refused(authority: Authority) -> None:
    """A blocking server of OpenSSL: it sends the alert that the protocol asks for."""
    context = context_of(authority.serve("old"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    for bound, version in (("minimum_version", ssl.TLSVersion.TLSv1), ("maximum_version", ssl.TLSVersion.TLSv1_1)):
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            setattr(context, bound, version)

    def accept(listener: socket.socket) -> str:
        connection, _ = listener.accept()
        with connection, pytest.raises(ssl.SSLError) as refused:
            context.wrap_socket(connection, server_side=True)
        return refused.value.reason

    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted = asyncio.create_task(asyncio.to_thread(accept, listener))
        assert await word(f"wss://127.0.0.1:{listener.getsockname()[1]}/booth", authority.file) == "tls-too-old"
        assert "PROTOCOL" in await accepted
    assert all(fr.SAID["tls-too-old"])


async def test_the_system_s_authorities_do_not_know_the_demonstration_s(tmp_path: Path, authority: Authority) -> None:
    async with serving(tmp_path, context_of(authority.serve("good"))) as (url, _):
        assert await word(url, None) == "tls-unknown-authority"


async def test_a_certificate_for_a_name_is_checked_by_the_name(tmp_path: Path, authority: Authority) -> None:
    async with serving(tmp_path, context_of(authority.serve("good", host="localhost")), origin="https://localhost") as (url, _):
        assert await word(url, authority.file) == "tls-wrong-host"
        assert await word(url.replace("127.0.0.1", "localhost"), authority.file) == "wrong-origin"


async def test_the_booth_signs_for_no_other_station(tmp_path: Path, authority: Authority) -> None:
    """A station that hands on another one's challenge gets no proof that it could sign in with there."""
    async with serving(tmp_path, context_of(authority.serve("good")), origin="https://station.example.org") as (url, came):
        assert await word(url, authority.file) == "wrong-origin"
        assert "booth>station" not in came


@pytest.mark.parametrize("ahead", [-SKEW - 60_000, SKEW + 60_000])
async def test_clocks_that_differ_are_named(tmp_path: Path, authority: Authority, ahead: int) -> None:
    async with serving(tmp_path, context_of(authority.serve("good"))) as (url, came):
        assert await word(url, authority.file, lambda: wall_clock() + ahead) == "clock-differs"
        assert "booth>station" not in came
        assert await word(url, authority.file, lambda: wall_clock() + ahead // 2) == "up"


async def test_nobody_there_is_no_fault_of_tls(tmp_path: Path, authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert await word(f"wss://127.0.0.1:{port}/booth", authority.file) == "connecting"


@pytest.mark.parametrize("greets", [True, False])
async def test_a_station_that_stops_in_the_middle_of_the_sign_in_is_tried_again(greets: bool) -> None:
    """It closes before its challenge, or after it: the booth goes on and says that it connects."""

    async def handler(request: web.Request) -> web.WebSocketResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        if greets:
            await answer.send_str(station.to_booth.encode(station.Challenge(station.VERSION, origin, bytes(32), wall_clock())).decode())
            await answer.receive()
        await answer.close()
        return answer

    app = web.Application()
    app.router.add_get("/booth", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        assert await word(origin.replace("http", "ws") + "/booth", None) == "connecting"
    finally:
        await runner.cleanup()


def test_an_authority_file_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(TlsError, match="no certificate of an authority"):
            tls.context(tmp_path / name)


def test_the_station_s_private_key_is_for_the_station_alone(authority: Authority) -> None:
    served = authority.serve("good")
    served.key.chmod(0o640)
    with pytest.raises(ValueError, match="0600"):
        tls_context(served.certificate, served.key)


@pytest.mark.parametrize(
    ("address", "taken"),
    [("wss://station.example.org/booth", True), ("ws://127.0.0.1:8080/booth", True), ("ws://station.example.org/booth", False), ("http://station.example.org", False)],
)  # fmt: skip
def test_the_settings_take_no_address_without_tls(tmp_path: Path, address: str, taken: bool) -> None:
    path = tmp_path / "booth.toml"
    path.write_text(f'pharmacy = "P"\nstation = "{address}"\nstate_directory = "/s"\nrun_directory = "/r"\n')
    if taken:
        assert load(path).station == address
    else:
        with pytest.raises(SettingsError, match="begins with wss://"):
            load(path)


async def test_messages_that_are_none_are_an_incident_once_in_a_consultation(tmp_path: Path) -> None:
    """A station of another version, or a hostile one: nothing is done with them, and the next message is taken."""
    desk = Desk(tmp_path)
    desk.to_consented()
    heard = AtTheDesk(desk)

    async def hostile(request: web.Request) -> web.WebSocketResponse:
        end = web.WebSocketResponse()
        await end.prepare(request)
        challenge = station.Challenge(station.VERSION, f"http://{request.host}", bytes(32), wall_clock())
        await end.send_str(station.to_booth.encode(challenge).decode())
        await end.receive()
        await end.send_str(station.to_booth.encode(station.SignedIn("Cabine 1", "")).decode())
        for text in ("{", '{"type":"nothing"}', '{"type":"deposited","id":7}'):
            await end.send_str(text)
        await end.send_str(station.to_booth.encode(station.Refused("code-rate", "")).decode())
        async for _ in end:
            pass
        return end

    app = web.Application()
    app.router.add_get("/booth", hostile)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    url = f"ws://127.0.0.1:{listener.getsockname()[1]}/booth"
    running = asyncio.create_task(StationClient(url, KEYS, "Cabine 1", heard, wall_clock, tls.context(None)).run())
    try:
        async with asyncio.timeout(15):
            assert await heard.first == "code-rate"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await runner.cleanup()
    assert [entry["data"] for entry in desk.booth._case.record.entries if entry["kind"] == "incident"] == [{"reason": "station-message"}]
