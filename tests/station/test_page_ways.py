"""The page puts the booth's records in order, whichever way they come (docs/crypto.md, "Two ways for one stream"). Needs F004-25."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from protocol import specialist as sp
from protocol import station as st
from tests.station.booth_peer import BoothPeer, situation
from tests.station.browser import Specialist
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Counting(BoothPeer):
    """A booth that numbers its records, keeps them, and hears echoes."""

    def __init__(self, station: RunningStation) -> None:
        super().__init__(station.origin, station.booth_keys)
        self.records: list[bytes] = []
        self.echoes: list[bytes] = []

    def seal(self, message: sp.FromBooth) -> tuple[int, bytes]:
        assert self.agreement is not None
        self.records.append(self.agreement.sealer.seal(sp.from_booth.encode(message)))
        return len(self.records) - 1, self.records[-1]

    async def say(self, message: sp.FromBooth, *, final: bool | None = None) -> None:
        _, record = self.seal(message)
        await self.frame(st.SEALED, record)

    async def numbered(self, number: int, record: bytes) -> None:
        await self.frame(st.NUMBERED, number.to_bytes(8) + record)

    async def _take(self, message: object) -> None:
        if isinstance(message, bytes) and message[0] == st.ECHO:
            self.echoes.append(message[1:])
        else:
            await super()._take(message)


def text(words: str) -> sp.Text:
    return sp.Text(words, 1_772_000_000_000)


@pytest_asyncio.fixture(loop_scope="module")
async def both(tmp_path: Path, browser: Browser) -> AsyncIterator[tuple[Counting, Specialist]]:
    async with RunningStation(tmp_path / "station.sqlite") as station, Counting(station) as booth:
        await booth.open_room()
        specialist = await Specialist.open(browser, station.link())
        await specialist.enter()
        await specialist.phase("open")
        await booth.until(lambda: booth.agreement)
        await booth.say(situation())
        yield booth, specialist


async def test_a_record_that_comes_twice_is_read_once(both: tuple[Counting, Specialist]) -> None:
    booth, specialist = both
    await booth.say(text("un"))
    for number, record in list(enumerate(booth.records)):  # as after a switch: all that was not acknowledged comes again
        await booth.numbered(number, record)
    number, record = booth.seal(text("deux"))
    await booth.numbered(number, record)
    await booth.frame(st.SEALED, booth.records[0])  # late on the way that was left
    await booth.numbered(number, record)
    await booth.numbered(*booth.seal(text("trois")))
    await booth.frame(st.PROBE, b"12345678")
    await booth.until(lambda: booth.echoes == [b"12345678" + len(booth.records).to_bytes(8)])
    lines = await specialist.page.locator(".theirs").all_inner_texts()
    assert [line.split()[-1] for line in lines] == ["un", "deux", "trois"]
    await specialist.phase("open")


async def test_what_is_no_probe_is_not_answered(both: tuple[Counting, Specialist]) -> None:
    booth, specialist = both
    for body in (b"", b"1234567", b"123456789"):
        await booth.frame(st.PROBE, body)
    await booth.frame(200, b"of another day")
    await booth.frame(st.PROBE, b"12345678")
    await booth.until(lambda: bool(booth.echoes))
    assert booth.echoes == [b"12345678" + len(booth.records).to_bytes(8)]
    await specialist.phase("open")


@pytest.mark.parametrize("attack", ["missing", "short", "invented", "repeated"])
async def test_a_record_that_is_missing_or_no_record_ends_the_stream(both: tuple[Counting, Specialist], attack: str) -> None:
    booth, specialist = both
    if attack == "missing":
        booth.seal(text("held back"))
        await booth.numbered(*booth.seal(text("after it")))
    elif attack == "short":
        await booth.frame(st.NUMBERED, b"1234567")
    elif attack == "invented":
        await booth.numbered(len(booth.records), bytes(160))
    else:
        await booth.frame(st.SEALED, booth.records[-1])
    await specialist.phase("fault")
    assert await specialist.page.get_by_text("after it").count() == 0
