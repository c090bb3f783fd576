"""The page comes from an origin of its own, as it was signed, and speaks to one station; the station lets in no other page. Needs F004-25."""

from __future__ import annotations

import asyncio
import base64
import shutil
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import ClientSession, WSServerHandshakeError, web

from kiosk.commands import page as page_command
from kiosk.secure.keys import BoothKeys
from protocol import page as pages
from station import page_host
from station.app import PAGE
from tests.station.browser import Specialist
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLISHER = BoothKeys(bytes(range(32)))


@asynccontextmanager
async def hosted(listener: socket.socket, files: Mapping[str, bytes]) -> AsyncIterator[None]:
    runner = web.AppRunner(page_host.application(files, sealed=False))
    await runner.setup()
    await web.SockSite(runner, listener).start()
    yield
    await runner.cleanup()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def station(tmp_path: Path, listener: socket.socket) -> AsyncIterator[RunningStation]:
    """A station whose page comes from `listener`."""
    page_origin = f"http://localhost:{listener.getsockname()[1]}"
    async with RunningStation(tmp_path / "station.sqlite", page_origin=page_origin) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, station: RunningStation) -> Path:
    """The page, signed for that station."""
    made = tmp_path / "page"
    shutil.copytree(PAGE, made)
    page_command.sign(made, PUBLISHER, station.origin)
    return made


async def test_a_specialist_signs_in_from_another_origin(
    browser: Browser, station: RunningStation, listener: socket.socket, folder: Path
) -> None:
    async with hosted(listener, page_host.checked(folder, PUBLISHER.public)):
        link = station.link()
        assert link.startswith(station.page_origin)
        specialist = await Specialist.open(browser, link)
        await specialist.sees("Salle d’attente")
        await specialist.sees("Dr Claire BERNARD")
        # the page speaks to that one address, not even to the host that served it
        elsewhere = "(url) => new Promise((done) => { const s = new WebSocket(url); s.onopen = () => done('open'); s.onerror = () => done('refused'); })"
        for url in (f"{station.page_origin.replace('http', 'ws')}/specialist", "ws://127.0.0.1:9/specialist"):
            assert await specialist.page.evaluate(elsewhere, url) == "refused"
        assert (await specialist.measures())["cspViolations"] == 2
        assert not specialist.errors
        # nothing of the station can be read from the page's origin
        read = "(url) => fetch(url, { mode: 'cors' }).then(() => 'read', () => 'refused')"
        assert await specialist.page.evaluate(read, f"{station.origin}/enrol") == "refused"


async def test_a_script_that_was_changed_on_the_way_does_not_run(
    browser: Browser, station: RunningStation, listener: socket.socket, folder: Path
) -> None:
    files = page_host.checked(folder, PUBLISHER.public)
    async with hosted(listener, {**files, "main.js": files["main.js"] + b"\nvoid 0;"}):
        page = await (await browser.new_context()).new_page()
        await page.goto(station.link())
        assert await page.locator("telecabine-page").count() == 1
        assert await page.evaluate("customElements.get('telecabine-page') === undefined")


async def test_the_station_serves_no_page_and_lets_in_the_pages_origin_only(station: RunningStation) -> None:
    async with ClientSession() as session:
        async with session.get(f"{station.origin}/") as answer:
            assert answer.status == 404
            assert station.page_origin in await answer.text()
            assert "Access-Control-Allow-Origin" not in answer.headers
        async with session.get(f"{station.origin}/main.js") as answer:
            assert answer.status == 404
        for origin in (station.origin, "https://evil.example.org", station.page_origin.replace("localhost", "127.0.0.1"), ""):
            with pytest.raises(WSServerHandshakeError) as refused:
                await session.ws_connect(f"{station.origin}/specialist", headers={"Origin": origin} if origin else {})
            assert refused.value.status == 403
        async with session.ws_connect(f"{station.origin}/specialist", headers={"Origin": station.page_origin}):
            pass


async def test_what_is_served_is_what_was_signed_with_the_manifest_beside_it(
    station: RunningStation, listener: socket.socket, folder: Path
) -> None:
    async with hosted(listener, page_host.checked(folder, PUBLISHER.public)), ClientSession() as session:
        (folder / "main.js").write_text("leak()")  # too late: what was checked is what is served
        published = await page_command.served(session, station.page_origin, PUBLISHER.public)
        async with session.get(f"{station.page_origin}/{pages.MANIFEST}") as answer:
            assert answer.status == 200
        async with session.get(f"{station.page_origin}/main.js") as answer:
            assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
            tag, policy = answer.headers["ETag"], answer.headers["Content-Security-Policy"]
            assert f"connect-src {station.origin.replace('http', 'ws')};" in policy
        async with session.get(f"{station.page_origin}/main.js", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        for path in ("/nothing", "/../manifest.json/", "/specialist", "/booth"):
            async with session.get(station.page_origin + path) as answer:
                assert answer.status == 404
    with pytest.raises(pages.PageError, match=r"main\.js is another file"):
        page_host.checked(folder, PUBLISHER.public)
    assert len(published) == 64


async def test_the_station_that_a_page_speaks_to_is_part_of_what_was_signed(folder: Path) -> None:
    index = (folder / pages.INDEX).read_bytes()
    (folder / pages.INDEX).write_bytes(pages.for_station(index, "https://evil.example.org"))
    with pytest.raises(pages.PageError, match=r"index\.html is another file"):
        page_host.checked(folder, PUBLISHER.public)
    for wrong in ("station.example.org", "https://a/b", "ftp://a", 'https://a"onload=x', "https://a b"):
        with pytest.raises(ValueError, match="is not an origin"):
            page_command.sign(folder, PUBLISHER, wrong)


@pytest.mark.parametrize("key", [BoothKeys(bytes(32)).public, b"x"])
async def test_the_host_does_not_start_with_a_page_of_another_key(folder: Path, key: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(folder), "--key", base64.b64encode(key).decode(), "--port", "0"]
    assert await asyncio.to_thread(page_host.main, arguments) == 1
    out, err = capsys.readouterr()
    assert "not signed by this key" in err
    assert not out
