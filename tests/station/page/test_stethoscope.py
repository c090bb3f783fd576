"""The stethoscope on the specialist's page: its line, the points of a chest, listening, keeping, and the specialist's own headphones."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from drivers.device import Device
from kiosk.call.aiortc_engine import AiortcEngine
from kiosk.call.cameras import BOOTH
from kiosk_fhir import auscultation
from kiosk_fhir.context import Booth, Context, Patient
from protocol import sound
from protocol import specialist as sp
from protocol import station as st
from simulators import heart
from simulators.heart import SimulatedStethoscope
from tests.station.page.consulting import consult, deposit, faults

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.station.booth_peer import BoothPeer
    from tests.station.browser import Specialist
    from tests.station.running import RunningStation

pytestmark = pytest.mark.asyncio(loop_scope="module")


def stands(**changed: Any) -> sp.Auscultation:
    return sp.Auscultation(**{"state": "on", "site": "mitral", "listening": False, "held": False, "keep": "", **changed})


BEATS = (heart.beat(samples_a_second=sound.RATE) * 12).tobytes()


async def hear(booth: BoothPeer, pieces: int = 40, first: int = 0, missing: int = -1) -> None:
    """So many pieces as if they had been heard until now."""
    now = time.time() * 1000
    assert booth.agreement is not None
    for number in range(first, first + pieces):
        at = 2 * sound.PIECE * number % (len(BEATS) - 2 * sound.PIECE)
        piece = sound.Sound(number * sound.PIECE, now - (first + pieces - 1 - number) * 125, BEATS[at : at + 2 * sound.PIECE])
        if number != missing:
            await booth.frame(st.SEALED, booth.agreement.sealer.seal(sound.encode(piece)))


LINE = "document.querySelector('.stethoscope telecabine-strip')?.strip"


async def drawn(specialist: Specialist, count: int) -> list[float | None]:
    await specialist.until(f"({LINE}?.samples.length ?? 0) >= {count}")
    samples: list[float | None] = await specialist.page.evaluate(f"[...{LINE}.samples]")
    return samples


async def test_a_booth_without_one_has_no_place_for_it(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await specialist.sees("Mesures")
    await expect(specialist.page.locator(".stethoscope")).to_have_count(0)


async def test_what_was_sealed_is_drawn_and_a_hole_is_a_hole(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """IDEA-08: the line is that of the samples, lowest and highest of each 5 ms; what did not come breaks it."""
    specialist = await consult(browser, station, booth)
    await booth.say(stands())
    await hear(booth, 24)
    samples = await drawn(specialist, 24 * 50)
    assert None not in samples
    loudest = max(abs(value) for value in samples if value is not None)
    assert 25 < loudest < 60, "per cent of full scale"
    await expect(specialist.page.locator(".stethoscope .uplot")).to_be_visible()
    await expect(specialist.page.locator(".stethoscope h2")).to_have_text("Stéthoscope · Foyer mitral")
    await hear(booth, 4, first=24, missing=25)
    assert (await drawn(specialist, 27 * 50 + 1)).count(None) == 1
    await booth.say(stands(site="aortic"))
    await specialist.until(f"{LINE}?.samples.length === undefined || {LINE}.samples.length === 0")


WORDS: list[tuple[dict[str, Any], str]] = [
    ({"state": "silent"}, "Le stéthoscope n’entend rien"),
    ({"state": "clipping"}, "Le son sature"),
    ({"state": "absent"}, "La cabine ne trouve pas le stéthoscope"),
    ({"state": "lost"}, "Le stéthoscope ne répond plus"),
    ({"state": "off", "site": ""}, "Choisissez un point sur le schéma"),
    ({"held": True}, "La liaison est trop lente pour le tracé en direct"),
    ({"keep": "asked"}, "La cabine demande l’accord du patient"),
    ({"keep": "refused"}, "le patient a refusé"),
    ({"keep": "too-short"}, "il faut au moins 2 secondes de son"),
]


async def test_how_it_stands_is_said_in_words(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Each trouble, and what to do."""
    specialist = await consult(browser, station, booth)
    for changed, words in WORDS:
        await booth.say(stands(**changed))
        await specialist.sees(words)


async def test_a_point_is_asked_for_and_a_sound_is_kept(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """F002-03, IDEA-09: a click on the chest reaches the booth, and so does the wish to keep."""
    specialist = await consult(browser, station, booth)
    await booth.say(stands())
    await specialist.press("Foyer aortique")
    assert await booth.until_said(sp.AskSite) == sp.AskSite(site="aortic")
    await specialist.sees("Demandé à la cabine : Foyer aortique")
    await booth.say(stands(site="aortic"))
    await expect(specialist.page.locator(".stethoscope .asked")).to_have_count(0)
    await specialist.press("Garder les 10 dernières secondes")
    await booth.until_said(sp.KeepSound)


async def test_the_specialist_listens_over_the_call(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """IDEA-08: the stethoscope comes by a way of its own, beside the voice, only while somebody listens."""
    engine = AiortcEngine({BOOTH: None}, None, SimulatedStethoscope())
    booth.engine = engine
    try:
        specialist = await consult(browser, station, booth)
        await booth.say(stands())
        await expect(specialist.page.locator(".pictures")).to_have_attribute("data-call", "connected", timeout=12_000)
        await specialist.press("Écouter en direct")
        assert await booth.until_said(sp.Listen) == sp.Listen(on=True)
        engine.auscultate(on=True, listening=True)
        await booth.say(stands(listening=True))
        await specialist.sees("Vous entendez le stéthoscope")
        loudest = await specialist.page.evaluate(
            """async () => {
                const context = new AudioContext();
                const analyser = context.createAnalyser();
                context.createMediaStreamSource(document.querySelector('telecabine-ear audio').srcObject).connect(analyser);
                const wave = new Float32Array(analyser.fftSize);
                for (let loudest = 0; ; await new Promise((done) => setTimeout(done, 10))) {
                    analyser.getFloatTimeDomainData(wave);
                    loudest = Math.max(...wave);
                    if (loudest > 0.1) return loudest;
                }
            }"""
        )
        assert loudest < 1
        assert not await specialist.page.evaluate("document.querySelector('telecabine-ear audio').muted")
        await specialist.press("Arrêter l’écoute")
    finally:
        engine.auscultate(on=False, listening=False)
        await engine.stop()


async def test_a_wish_to_listen_stands_while_the_line_carries_no_whole_sound(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    """F002-01: a line that gives way for a moment swallows no touch, and what is said is what is heard."""
    engine = AiortcEngine({BOOTH: None}, None, SimulatedStethoscope())
    booth.engine = engine
    try:
        specialist = await consult(browser, station, booth)
        await expect(specialist.page.locator(".pictures")).to_have_attribute("data-call", "connected", timeout=12_000)
        await booth.say(stands())
        await booth.say(sp.Media("moving", "thin"))
        await specialist.sees("L’écoute en direct demande un appel avec un son complet.")
        await specialist.press("Écouter en direct")
        assert await booth.until_said(sp.Listen) == sp.Listen(on=True)
        await booth.say(stands(listening=True))
        await specialist.sees("Vous entendrez le stéthoscope dès que ce sera possible.")
        await expect(specialist.page.get_by_text("Vous entendez le stéthoscope")).to_have_count(0)
        await booth.say(sp.Media("moving", "full"))
        await specialist.sees("Vous entendez le stéthoscope")
        await booth.say(sp.Media("moving", "thin"))
        await specialist.sees("Vous entendrez le stéthoscope dès que ce sera possible.")
        await specialist.press("Arrêter l’écoute")
        await booth.until(lambda: sp.Listen(on=False) in booth.opened)
    finally:
        await engine.stop()


def clip(seconds: int = 3) -> bytes:
    """A sound as the booth seals it."""
    when = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
    context = Context("c1", when, Patient("p1"), Booth("b1"), device=Device("stethoscope:alsa:test", "", name="Stéthoscope"))
    return auscultation.bundle(BEATS[: 2 * sound.RATE * seconds], sound.RATE, context, site="mitral", ended=when)


async def test_a_kept_sound_is_listed_played_and_saved(browser: Browser, station: RunningStation, booth: BoothPeer, tmp_path: Path) -> None:
    """F002-15, F004-21: the WAV file of the envelope, octet for octet; the booth hears that it was seen."""
    specialist = await consult(browser, station, booth)
    envelopes = await deposit(booth, "s1", "sound", clip())
    row = specialist.page.locator('[data-envelope="s1"]')
    await expect(row).to_contain_text("Auscultation — Foyer mitral · 3,0 s")
    await booth.until_told(st.Receipt, len(envelopes))
    assert {message.id for message in booth.messages if isinstance(message, st.Receipt)} == set(envelopes)
    await specialist.until("document.querySelector('telecabine-clip audio').duration > 2.9")
    await specialist.page.evaluate("document.querySelector('telecabine-clip audio').play()")
    await specialist.until("document.querySelector('telecabine-clip audio').currentTime > 0.2")
    async with specialist.page.expect_download() as download:
        await row.get_by_role("link", name="Enregistrer (WAV)").click()
    await (await download.value).save_as(tmp_path / "clip.wav")
    assert (tmp_path / "clip.wav").read_bytes() == auscultation.wav(BEATS[: 2 * sound.RATE * 3], sound.RATE)
    assert (await specialist.measures())["cspViolations"] == 0


async def test_the_headphones_are_tried_with_tones_of_the_page_alone(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """IDEA-08: what is played is what is named, and what one should hear is said."""
    specialist = await consult(browser, station, booth)
    await booth.say(stands())
    await specialist.page.evaluate(
        """() => { window.played = []; const create = AudioContext.prototype.createOscillator;
            AudioContext.prototype.createOscillator = function () { const made = create.call(this); window.played.push(made); return made; }; }"""
    )
    await specialist.press("Vérifier mon casque")
    await specialist.press("40 Hz")
    await specialist.sees("Vous devez entendre un son continu de 40 Hz.")
    assert await specialist.page.evaluate("window.played[0].frequency.value") == 40
    await specialist.press("Balayage 20–1000 Hz")
    await specialist.sees("Vous devez entendre un son qui monte")
    await specialist.until("window.played[1].frequency.value > 20 && window.played[1].frequency.value < 1000")
    await specialist.press("Balayage 20–1000 Hz")
    await expect(specialist.page.locator(".headphones [role=status]")).to_be_empty()


async def test_it_is_usable_by_everybody(browser: Browser, station: RunningStation, booth: BoothPeer, tmp_path: Path) -> None:
    """F004-32, F004-35: no fault that axe finds, on a phone no point smaller than a finger, and nothing wider than the screen."""
    specialist = await consult(browser, station, booth, bypass_csp=True)
    await booth.say(stands())
    await deposit(booth, "s1", "sound", clip())
    await hear(booth, 48)
    await expect(specialist.page.locator("telecabine-clip")).to_be_visible()
    await specialist.press("Vérifier mon casque")
    assert await faults(specialist) == []
    await booth.say(stands(listening=True, held=True))
    await specialist.sees("Arrêter l’écoute")
    assert await faults(specialist) == []
    await specialist.page.screenshot(path=tmp_path / "wide.png", full_page=True)
    await specialist.page.set_viewport_size({"width": 360, "height": 740})
    assert await specialist.page.evaluate("document.documentElement.scrollWidth") <= 360
    small = "[...document.querySelectorAll('button, .point')].filter((e) => e.getBoundingClientRect().height < 40).map((e) => e.className)"
    assert await specialist.page.evaluate(small) == []
    await specialist.page.screenshot(path=tmp_path / "phone.png", full_page=True)


async def test_the_end_forgets_the_sound(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """F004-30, the specialist's side."""
    specialist = await consult(browser, station, booth)
    await booth.say(stands())
    await hear(booth, 8)
    await deposit(booth, "s1", "sound", clip())
    await booth.until_told(st.Receipt)
    await booth.say(sp.Ended(""))
    await specialist.press("Retour à la salle d’attente")
    await specialist.sees("Salle d’attente")
    assert await specialist.page.evaluate("document.querySelector('telecabine-clip, .stethoscope') === null")
    assert await specialist.page.evaluate("document.querySelector('telecabine-page').consultation.state.settled.length") == 0
