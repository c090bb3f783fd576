"""The booth's end of the network test against a station, and against ends that are none: a deadline, a reason, never a guess. Needs F002-20."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from kiosk.network_test.station import measure
from kiosk.secure.keys import BoothKeys
from kiosk.secure.tls import context
from protocol import station as st
from station.turn import Turn
from tests.station.booth_peer import BoothPeer
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from kiosk.network_test.figures import Figures

KEYS = BoothKeys(b"k" * 32)


async def figures(origin: str, keys: BoothKeys = KEYS, **limits: float) -> tuple[Figures, tuple[st.IceServer, ...]]:
    url = origin.replace("http", "ws", 1) + "/booth"
    return await measure(url, keys, "Cabine 1", context(None), time.time_ns() // 1_000_000, time.monotonic, **limits)


async def test_a_fast_line_is_good_and_the_booths_own_socket_goes_on(tmp_path: Path) -> None:
    turn = (Turn("turn:r:3478?transport=udp", b"north"),)
    async with RunningStation(tmp_path / "s.sqlite", turn=turn) as running, BoothPeer(running.origin, running.booth_keys) as booth:
        await booth.open_room()
        found, relays = await figures(running.origin, running.booth_keys)
        assert found.verdict == "network-good"
        assert found.up is not None
        assert found.down is not None
        assert found.up.floor
        assert found.down.floor
        assert [relay.urls for relay in relays] == ["turn:r:3478?transport=udp"]
        assert not booth.socket.closed
        again, _ = await figures(running.origin, running.booth_keys)  # the station has seen the end of the first
        assert again.verdict == "network-good"


async def test_who_ends_it_frees_the_station_at_once(tmp_path: Path) -> None:
    async with RunningStation(tmp_path / "s.sqlite") as running:
        task = asyncio.create_task(figures(running.origin, running.booth_keys))
        while not any(b"relays" in data for _, data in running.taps):  # noqa: ASYNC110  # the station's tap is a list
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await figures(running.origin, running.booth_keys))[0].verdict == "network-good"


async def test_a_station_that_is_down_or_does_not_know_the_booth(tmp_path: Path) -> None:
    async with RunningStation(tmp_path / "s.sqlite") as running:
        origin = running.origin
        assert (await figures(origin))[0].verdict == "network-no-station"
    assert (await figures(origin))[0].verdict == "network-no-station"


@contextlib.asynccontextmanager
async def end(talk: Callable[[web.WebSocketResponse], Coroutine[Any, Any, None]]) -> AsyncIterator[str]:
    """Somebody who takes the booth in as a station does, and then does as he likes."""

    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(st.to_booth.encode(st.Challenge(st.VERSION, origin, bytes(32), time.time_ns() // 1_000_000)).decode())
        await socket.receive()
        await socket.send_str(st.to_booth.encode(st.SignedIn("Cabine 1", "")).decode())
        await talk(socket)
        return socket

    app = web.Application()
    app.router.add_get("/network-test", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield origin
    finally:
        await runner.cleanup()


async def named(socket: web.WebSocketResponse) -> None:
    await socket.send_str(st.to_booth.encode(st.Relays(())).decode())


async def too_much(socket: web.WebSocketResponse) -> None:
    """Answers with octets that nobody has asked for: a rate of them would be a lie."""
    await named(socket)
    async for _ in socket:
        await socket.send_bytes(bytes(5000))


async def goes(socket: web.WebSocketResponse) -> None:
    """Closes as a station does that is being stopped."""
    await socket.close()


async def no_relays(socket: web.WebSocketResponse) -> None:
    await socket.send_str(st.to_booth.encode(st.SignedIn("Cabine 1", "")).decode())


async def junk(socket: web.WebSocketResponse) -> None:
    await named(socket)
    await socket.send_str("{")
    await socket.receive()


async def leaves(socket: web.WebSocketResponse) -> None:
    await named(socket)
    await socket.receive()


async def silent(socket: web.WebSocketResponse) -> None:
    await named(socket)
    async for _ in socket:
        pass


@pytest.mark.parametrize("talk", [too_much, goes, no_relays, junk, leaves, silent])
async def test_another_end_that_does_otherwise_is_not_measured(talk: Any) -> None:
    async with end(talk) as origin:
        found, _ = await figures(origin, deadline=0.5)
    assert found.verdict == "network-unknown"
    assert (found.up, found.down, found.round_trip_ms) == (None, None, None)


async def test_a_station_without_the_test_is_not_one_that_is_not_reached() -> None:
    app = web.Application()
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    assert (await figures(f"http://127.0.0.1:{runner.addresses[0][1]}"))[0].verdict == "network-unknown"
    await runner.cleanup()


async def test_a_specialist_who_comes_meanwhile_ends_it_with_that_reason() -> None:
    async def ends(socket: web.WebSocketResponse) -> None:
        await named(socket)
        await socket.receive()
        await socket.send_str(st.to_booth.encode(st.Refused("in-consultation", "")).decode())

    async with end(ends) as origin:
        assert (await figures(origin))[0].verdict == "network-in-use"
