"""The station's end of a booth's network test: for enrolled booths alone, within limits, and never beside their consultation. Needs F002-20."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import WSMsgType
from nacl.utils import random

from kiosk.secure.keys import BoothKeys
from protocol import network_test as nt
from protocol import station as st
from station import audit, directory
from station.network_test import AT_ONCE, OFTEN, WITHIN
from station.turn import TEST_LASTS, Turn
from tests.station.booth_peer import BoothPeer
from tests.station.running import PagePeer, RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Probe(BoothPeer):
    """A booth at the test's socket."""

    async def connect(self) -> None:
        self.socket = await self._session.ws_connect(self.origin + nt.PATH, compress=0)

    async def begin(self) -> tuple[st.IceServer, ...]:
        assert isinstance(await self.sign_in(), st.SignedIn)
        relays = await self.next()
        assert isinstance(relays, st.Relays)
        return relays.ice_servers

    async def ask(self, back: int, filler: bytes = b"") -> Any:
        await self.socket.send_bytes(nt.request(back, filler))
        return await self.next()


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[RunningStation]:
    turn = tuple(Turn(url, b"north") for url in ("turn:r:3478?transport=udp", "turns:r:443?transport=tcp"))
    async with RunningStation(tmp_path / "s.sqlite", turn=turn) as running:
        yield running


def probe(station: RunningStation, keys: BoothKeys | None = None) -> Probe:
    return Probe(station.origin, keys or station.booth_keys)


async def test_a_booth_gets_as_many_octets_as_it_asks_for_and_the_calls_relays_for_two_minutes(station: RunningStation) -> None:
    async with probe(station) as booth:
        relays = await booth.begin()
        assert [relay.urls for relay in relays] == ["turn:r:3478?transport=udp", "turns:r:443?transport=tcp"]
        expires = {int(relay.username.split(":")[0]) for relay in relays}
        assert max(expires) * 1000 <= station.now() + TEST_LASTS * 1000
        assert [len(await booth.ask(back, bytes(sent))) for back, sent in ((0, 0), (nt.PIECE, 0), (7, nt.PIECE))] == [0, nt.PIECE, 7]
    events = [row[0] for row in station.work(lambda database: database.execute("select event from audit").fetchall())]
    assert events[-1] == "network-test"
    assert station.work(audit.first_broken) is None


async def test_a_stranger_gets_a_challenge_and_not_one_octet_more(station: RunningStation) -> None:
    async with probe(station, BoothKeys(random(32))) as stranger:
        assert (await stranger.sign_in()).reason == "unknown-key"
        assert (await stranger.socket.receive(5)).type is WSMsgType.CLOSE
    async with probe(station) as hasty:
        await hasty.next()
        await hasty.socket.send_bytes(nt.request(nt.PIECE))
        assert (await hasty.next()).reason == "bad-message"
    async with probe(station) as forger:
        challenge = await forger.next()
        await forger.send(st.BoothProof(station.booth_keys.public, "Cabine 1", bytes(64)))
        assert (await forger.next()).reason == "bad-signature"
        assert challenge.nonce


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\0\0\0",
        nt.request(nt.PIECE + 1),
        b"\xff\xff\xff\xff",
        nt.request(0, bytes(nt.PIECE + 1)),
        st.OpenRoom("c1", "A 12"),
        "{",
        "\0",
    ],
)
async def test_what_is_no_frame_of_a_test_ends_it_with_a_reason(station: RunningStation, frame: Any) -> None:
    async with probe(station) as booth:
        await booth.begin()
        if isinstance(frame, bytes):
            await booth.socket.send_bytes(frame)
        else:
            await booth.socket.send_str(frame if isinstance(frame, str) else st.from_booth.encode(frame).decode())
        refused = await booth.next()
        assert (refused.reason, bool(refused.detail)) == ("bad-message", True)
        assert (await booth.socket.receive(5)).type is WSMsgType.CLOSE


async def test_a_test_ends_at_its_octets_and_at_its_frames(station: RunningStation) -> None:
    async with probe(station) as booth:
        await booth.begin()
        octets = 0
        while isinstance(answer := await booth.ask(nt.PIECE, bytes(nt.PIECE)), bytes):
            octets += 2 * len(answer)
        assert (answer.reason, nt.OCTETS - 3 * nt.PIECE <= octets <= nt.OCTETS) == ("test-over", True)
    async with probe(station) as booth:
        await booth.begin()
        for _ in range(nt.FRAMES):
            assert await booth.ask(0) == b""
        assert (await booth.ask(0)).reason == "test-over"


async def test_a_booth_tests_once_at_a_time_and_not_too_often(station: RunningStation) -> None:
    async with probe(station) as first:
        await first.begin()
        async with probe(station) as second:
            assert (await second.sign_in()).reason == "test-busy"
        assert await first.ask(3) is not None
    for _ in range(OFTEN - 1):
        await until_free(station)
    async with probe(station) as one_more:
        assert (await one_more.sign_in()).reason == "test-too-often"
    station.ahead = WITHIN + 1000
    async with probe(station) as later:
        await later.begin()


async def until_free(station: RunningStation) -> None:
    """One more test, once the station has seen the end of the one before."""
    async with asyncio.timeout(10):
        while True:
            async with probe(station) as booth:
                if isinstance(await booth.sign_in(), st.SignedIn):
                    return


async def test_so_many_booths_at_a_time_and_the_next_is_told(station: RunningStation) -> None:
    keys = [BoothKeys(random(32)) for _ in range(AT_ONCE + 1)]
    for number, key in enumerate(keys):
        station.work(lambda database, key=key, number=number: directory.enrol_booth(database, key.public, f"Cabine {number}", 0))  # type: ignore[misc]
    async with AsyncExitStack() as stack:
        for key in keys[:-1]:
            await (await stack.enter_async_context(probe(station, key))).begin()
        async with probe(station, keys[-1]) as last:
            assert (await last.sign_in()).reason == "test-busy"


async def test_never_beside_the_consultation_of_the_booth(station: RunningStation) -> None:
    """A test that runs ends when the specialist comes, and the booth's own socket is not replaced by it."""
    async with BoothPeer(station.origin, station.booth_keys) as booth, PagePeer(station.origin) as page, probe(station) as running:
        await booth.open_room()
        await running.begin()
        assert await running.ask(5) is not None
        await page.sign_in(station.token())
        await page.enter("c1")
        await booth.until_told(st.Joined)
        assert (await running.ask(5)).reason == "in-consultation"
        async with probe(station) as another:
            assert (await another.sign_in()).reason == "in-consultation"
        await booth.send(st.CloseRoom("c1"))
        await page.until(st.Left)
