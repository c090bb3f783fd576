"""A hostile station against the page, in Chromium: every attack is refused and said in both languages; without the one check it succeeds.

The station stands in the booth's place: what it does to frames on their way is done before they leave. Needs F000-08, F000-44, F004-25.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from nacl.utils import random
from playwright.async_api import Browser, expect

from protocol import specialist as sp
from protocol import station as st
from simulators.hostile_station import Impostor, rewritten
from station.directory import enrol_booth
from tests.malicious_station.place import SIGNATURE, blind, built, place, says
from tests.station.booth_peer import BoothPeer, values
from tests.station.browser import Specialist
from tests.station.page.consulting import opened
from tests.station.running import RunningStation
from tests.station.test_page_directory import Office, listed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: file, the check, what stands there without it
CHECKS = {
    "signature": SIGNATURE,
    "version": ("data/handshake.ts", "if (hello.version !== this.version)", "if (false as boolean)"),
    "seal": ("data/stream.ts", "opened = sodium.crypto_secretstream_xchacha20poly1305_pull(this.state, body, this.transcript);", "opened = { message: body, tag: 0 };"),
    "envelope": ("data/envelope.ts", 'if (!sodium.crypto_sign_verify_detached(signature, lp("telecabine-envelope-v1", header, payload), sender))', "if (false as boolean)"),
    "final": ("data/visit.ts", "if (line.unfinished)", "if (false as boolean)"),
    "age": ("data/vitals.ts", "return Math.max(0, now - received - (Number.isFinite(this.offset) ? this.offset : 0));", "return 0;"),
    "old": ("data/directory.ts", 'if (before(directory, last)) throw new Fault("directory-old");', ""),
    "cut": ("data/visit.ts", "if (this.line?.unfinished === true) this.room.cut = true;", ""),
}  # fmt: skip


@asynccontextmanager
async def scene(
    browser: Browser, folder: Path, check: str = "", prepare: Callable[[BoothPeer], None] = lambda _: None
) -> AsyncIterator[tuple[BoothPeer, Specialist]]:
    """A hostile booth's place and a page that has entered; `check`: the page is without it."""
    async with place(folder, CHECKS, *filter(None, (check,))) as (station, booth):
        prepare(booth)
        await booth.open_room()
        specialist = await Specialist.open(browser, station.link(), camera=False)
        await specialist.enter()
        yield booth, specialist


def impostor(booth: BoothPeer) -> None:
    """The station answers with keys of its own under the true booth's identity; signing in stays the booth's."""
    true, take = booth.keys, booth._take

    async def take_as_impostor(message: Any) -> None:
        booth.keys = Impostor(true.public) if not isinstance(message, bytes) else booth.keys
        await take(message)

    booth._take = take_as_impostor  # type: ignore[method-assign]


async def test_a_station_in_the_booth_s_place(browser: Browser, tmp_path: Path) -> None:
    """Attack: keys and certificate of the station, the booth's name. Success: the page opens the line."""
    async with scene(browser, tmp_path, prepare=impostor) as (_, specialist):
        await says(specialist, "La signature de la cabine est fausse", "The booth’s signature is wrong")
        await specialist.phase("fault")
    async with scene(browser, tmp_path, "signature", impostor) as (_, specialist):
        await specialist.phase("open")


@pytest.mark.parametrize("name", ["identity", "ephemeral", "nonce", "fingerprints"])
async def test_what_is_swapped_in_the_booth_s_hello(browser: Browser, tmp_path: Path, name: str) -> None:
    """Attack: another key, nonce or certificate; the booth's own last message is passed on. Success: the page opens the line."""
    value: Any = ["sha-256 " + ":".join(["EE"] * 32)] if name == "fingerprints" else b64encode(random(32)).decode()

    def swap(booth: BoothPeer) -> None:
        booth.shake, booth.resumes = blind("signature", "commitment"), False
        booth.mend = lambda body: rewritten(body, **{name: value}) if b"hello-booth" in body else body

    async with scene(browser, tmp_path, prepare=swap) as (_, specialist):
        await says(specialist, "La signature de la cabine est fausse", "The booth’s signature is wrong")
    async with scene(browser, tmp_path, "signature", swap) as (_, specialist):
        await specialist.phase("open")


async def test_a_downgraded_version(browser: Browser, tmp_path: Path) -> None:
    """Attack: the booth is said to speak version 1. Success: the page goes on with it."""

    def downgrade(booth: BoothPeer) -> None:
        booth.mend = lambda body: rewritten(body, version=1) if b"hello-booth" in body else body

    async with scene(browser, tmp_path, prepare=downgrade) as (_, specialist):
        await says(specialist, "La cabine utilise une autre version du logiciel", "The booth runs another version of the software")
    async with scene(browser, tmp_path, "version", downgrade) as (booth, specialist):
        # the next wall holds: both ends have signed another transcript
        await expect(specialist.page.get_by_text("La cabine utilise une autre version")).to_have_count(0)
        assert booth.agreement is None


async def test_an_answer_that_is_held_back(browser: Browser, tmp_path: Path) -> None:
    """Attack: delay. The page does not wait for ever."""

    def hold(booth: BoothPeer) -> None:
        booth.mend = lambda body: None if b"hello-booth" in body else body

    async with scene(browser, tmp_path, prepare=hold) as (_, specialist):
        await specialist.sees("La cabine n’a pas répondu à temps", 15)
        await specialist.press("English")
        await specialist.sees("The booth did not answer in time")


async def sealed(booth: BoothPeer, *texts: str) -> list[bytes]:
    assert booth.agreement is not None
    return [booth.agreement.sealer.seal(sp.from_booth.encode(sp.Text(text, 1))) for text in texts]


MEDDLING: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "replay": lambda frames: [frames[0], frames[0]],
    "reorder": lambda frames: [frames[1], frames[0]],
    "drop": lambda frames: [frames[1]],
    "alter": lambda frames: [frames[0][:-1] + bytes((frames[0][-1] ^ 1,))],
    "truncate": lambda frames: [frames[0][:-5]],
    "invent": lambda _: [json.dumps({"type": "text", "text": "inventé", "at": 1}).encode()],
}


@pytest.mark.parametrize("attack", MEDDLING)
async def test_frames_that_are_meddled_with(browser: Browser, tmp_path: Path, attack: str) -> None:
    async with scene(browser, tmp_path) as (booth, specialist):
        await opened(booth, specialist)
        for frame in MEDDLING[attack](await sealed(booth, "premier", "second")):
            await booth.frame(st.SEALED, frame)
        await says(specialist, "Un message a été altéré ou répété en chemin", "A message was altered or repeated on its way")
        await specialist.phase("fault")
        assert "inventé" not in await specialist.page.inner_text("body")
        # the booth learns of it: the line ends without its last message, which its record calls a cut
        await booth.until_told(st.Left)


def _held_back(booth: BoothPeer) -> None:
    booth.resumes = False


async def test_without_the_seal_the_station_would_put_words_and_values_in(browser: Browser, tmp_path: Path) -> None:
    """The positive control: the same frames in clear are believed, repeated and out of order."""
    async with scene(browser, tmp_path, "seal", _held_back) as (booth, specialist):
        await specialist.phase("open")
        await booth.until(lambda: booth.agreement)
        for text in ("second", "premier", "premier"):
            await booth.frame(st.SEALED, sp.from_booth.encode(sp.Text(text, 1)))
        number = values("ox", "Contec", ("spo2", "42", "%"), settled=True)
        await booth.frame(st.SEALED, sp.from_booth.encode(number))
        await specialist.reads("spo2", "42")
        await expect(specialist.page.get_by_text("premier")).to_have_count(2)


async def test_an_end_that_is_made_up(browser: Browser, tmp_path: Path) -> None:
    """Attack: an end without FINAL, as who replays an end of a longer message would need. Success: it looks like a normal end."""
    async with scene(browser, tmp_path) as (booth, specialist):
        await opened(booth, specialist)
        assert booth.agreement is not None
        await booth.frame(st.SEALED, booth.agreement.sealer.seal(sp.from_booth.encode(sp.Ended("ab"))))
        await says(specialist, "La cabine a envoyé un message incompréhensible", "The booth sent a message that makes no sense")
    async with scene(browser, tmp_path, "final") as (booth, specialist):
        await opened(booth, specialist)
        assert booth.agreement is not None
        await booth.frame(st.SEALED, booth.agreement.sealer.seal(sp.from_booth.encode(sp.Ended("ab"))))
        await specialist.phase("ended")


async def test_a_stream_that_is_cut_short(browser: Browser, tmp_path: Path) -> None:
    """Attack: the end is kept back, and another line begins. Success: the page does not say that there was a cut."""
    words = "La liaison précédente a été coupée avant sa fin normale"
    for check in ("", "cut"):
        async with scene(browser, tmp_path, check) as (booth, specialist):
            await opened(booth, specialist)
            await booth.send(st.CloseRoom("c1"))
            await specialist.phase("booth-away")
            await expect(specialist.page.get_by_text(words)).to_have_count(0 if check else 1)
            if not check:
                await says(specialist, words, "The link before this one was cut before its normal end")


async def test_values_that_are_held_back(browser: Browser, tmp_path: Path) -> None:
    """Attack: delay of live values. Success: what is twelve seconds old is shown as live."""
    for check in ("", "age"):
        async with scene(browser, tmp_path, check) as (booth, specialist):
            await opened(booth, specialist)
            await booth.say(values("ox", "Contec", ("spo2", "97", "%"), reading="live"))
            await specialist.reads("spo2", "97")
            await booth.say(values("ox", "Contec", ("spo2", "91", "%"), reading="held", received=time.time() * 1000 - 12_000))
            await specialist.reads("spo2", "91" if check else "—")


BUNDLE = b'{"resourceType":"Bundle","type":"transaction","entry":[]}'


async def test_envelopes_that_the_station_makes_or_changes(browser: Browser, tmp_path: Path) -> None:
    """Attack: an envelope of the station's own under the booth's name. Success: it is shown as the booth's, and signed for."""
    refused = ("Message refusé : illisible ou altéré", "Message refused: unreadable or altered")
    for check in ("", "envelope"):
        async with scene(browser, tmp_path, check) as (booth, specialist):
            await opened(booth, specialist)
            true, booth.keys = booth.keys, Impostor(booth.keys.public)
            await booth.deposit("e1", BUNDLE)
            if check:
                await booth.until_told(st.Receipt)
            else:
                await says(specialist, *refused)
                booth.keys = true
                await booth.deposit("e2", BUNDLE, recipient=bytes(32))
                await booth.deposit("e3", BUNDLE)
                assert (await booth.until_told(st.Receipt)).id == "e3"
                assert [message.id for message in booth.messages if isinstance(message, st.Receipt)] == ["e3"]


@pytest.mark.parametrize("check", ["", "old"], ids=["whole", "without-the-check"])
async def test_an_old_directory_that_hides_a_theft(browser: Browser, tmp_path: Path, check: str) -> None:
    """Attack: the station serves the directory of before a booth was revoked. Success: the page speaks with who has stolen its key."""
    page = await built(tmp_path, *([CHECKS[check]] if check else []))
    async with RunningStation(tmp_path / "station.sqlite", **page) as station:
        office = Office(tmp_path / "org", station)
        office.enlist_booth()
        specialist = await listed(browser, office)
        before = office.organisation.octets
        async with BoothPeer(station.origin, station.booth_keys) as booth:
            await booth.open_room()
            office.organisation.revoke("Pharmacie du Pont", "stolen", station.now())
            office.publish()
            assert (await booth.until_told(st.Refused)).reason == "key-revoked"
        office.cheat(before)
        station.work(lambda database: enrol_booth(database, station.booth_keys.public, "Pharmacie du Pont", station.now()))
        if not check:
            await specialist.sees("Le serveur a donné un ancien annuaire")
        async with let_in_again(station) as booth:
            await specialist.enter()
            if check:
                await specialist.phase("open")
                assert booth.agreement is not None
            else:
                await specialist.sees("La clé de cette cabine a été révoquée par votre organisation.")
                await specialist.phase("fault")


@asynccontextmanager
async def let_in_again(station: RunningStation) -> AsyncIterator[BoothPeer]:
    """The booth, as soon as the station lets it in."""
    async with asyncio.timeout(15):
        while True:
            booth = await BoothPeer(station.origin, station.booth_keys).__aenter__()
            with suppress(AssertionError):
                await booth.open_room()
                break
            await booth.__aexit__()
    try:
        yield booth
    finally:
        await booth.__aexit__()
