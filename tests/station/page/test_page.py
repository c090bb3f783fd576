"""The specialist's page in Chromium, against a real station and a scripted booth."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Browser, expect

from kiosk.call.aiortc_engine import AiortcEngine
from protocol import handshake as hs
from protocol import specialist as sp
from protocol import station as st
from simulators.camera import StampedCamera
from tests.station.booth_peer import situation, values
from tests.station.browser import Specialist
from tests.station.page.consulting import consult, faults

if TYPE_CHECKING:
    from tests.station.booth_peer import BoothPeer
    from tests.station.running import RunningStation

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[3]


async def test_a_pseudonym_gives_way_to_a_reason_alone(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Needs F000-29, F000-32, F004-18: status, guardian and pseudonym are seen; the reason goes to the booth."""
    specialist = await consult(browser, station, booth)
    await booth.say(situation(patient="Patient K47", birth_date="2015", pseudonym=True, identity="provisional", guardian="Anne DURAND"))
    await specialist.sees("Patient K47")
    await specialist.sees("identité provisoire · mineur accompagné par Anne DURAND")
    await specialist.page.fill("#reason", "Malaise")
    await specialist.page.click("text=Demander le nom")
    await booth.until(lambda: sp.BreakGlass("Malaise") in booth.opened)
    await booth.say(situation(patient="Paul DURAND", identity="validated"))
    await specialist.sees("identité validée sur pièce")
    assert await specialist.page.locator("#reason").count() == 0


# signing in and waiting


async def test_a_link_is_all_that_a_specialist_needs(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Needs F004-28, SYS-09: a browser, no install, a code; the code does not stay in the address bar or the history."""
    link = station.link()
    specialist = await Specialist.open(browser, link)
    await specialist.sees("Salle d’attente")
    await specialist.sees("A 12")
    await specialist.sees("Cabine 1")
    await specialist.sees("Dr Claire BERNARD")
    assert specialist.page.url == station.origin + "/"
    assert await specialist.page.evaluate("history.length") <= 2
    token = link.split("#")[1]
    assert token not in await specialist.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.body.innerHTML])")
    assert (await specialist.measures())["cspViolations"] == 0
    assert not specialist.errors


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unknown", "Ce lien de connexion n’est pas valable. Demandez-en un nouveau."),
        ("used", "Ce lien de connexion a déjà servi. Demandez-en un nouveau."),
        ("expired", "Ce lien de connexion a expiré. Demandez-en un nouveau."),
        ("none", "Ouvrez le lien de connexion à usage unique que vous avez reçu."),
    ],
)
async def test_a_link_that_does_not_hold_says_why(browser: Browser, station: RunningStation, fault: str, words: str) -> None:
    link = {"unknown": f"{station.origin}/#AAAA", "none": station.origin}.get(fault) or station.link()
    if fault == "expired":
        station.ahead = 120_000
    if fault == "used":
        await (await Specialist.open(browser, link)).sees("Salle d’attente")
    await (await Specialist.open(browser, link)).sees(words)


async def test_the_second_specialist_is_told_that_one_is_there(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    second = await Specialist.open(browser, station.link("Dr Paul PETIT"))
    entering = second.page.get_by_role("button", name="Entrer")
    await expect(entering).to_be_visible()
    # a click that was under way when the other one entered
    join = "document.querySelector('telecabine-page').consultation.enter({consultation: 'c1', booth: 'Cabine 1', ticket: 'A 12'})"
    first = await consult(browser, station, booth)
    await second.sees("En consultation")
    await expect(entering).to_have_count(0)
    await second.page.evaluate(join)
    await second.sees("Un spécialiste est déjà en consultation avec cette cabine.")
    await first.phase("open")


async def test_a_second_tab_is_a_second_page(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    first = await consult(browser, station, booth)
    tab = Specialist(await first.page.context.new_page())
    await tab.page.goto(station.origin)
    await tab.sees("Ouvrez le lien de connexion à usage unique que vous avez reçu.")
    await first.phase("open")


async def test_a_copied_tab_takes_over_and_the_first_one_says_so(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    first = await consult(browser, station, booth)
    stored = await first.page.evaluate("JSON.stringify({...sessionStorage})")
    copy = Specialist(await first.page.context.new_page())
    await copy.page.add_init_script(f"Object.assign(sessionStorage, {stored})")
    await copy.page.goto(station.origin)
    await copy.phase("open")
    await first.sees("La consultation continue dans une autre page. Vous pouvez fermer celle-ci.")
    await expect(first.page.locator(".tile")).to_have_count(0)


# the consultation


async def test_both_ends_show_the_same_digits_and_the_booth_hears_the_verdict(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    """Need F000-08: both ends derive the keys from what they signed; a station that swaps keys changes the digits."""
    specialist = await consult(browser, station, booth)
    assert booth.agreement is not None
    digits = booth.agreement.authentication
    await expect(specialist.page.locator(".code .digits")).to_have_text(f"{digits[:3]} {digits[3:]}")
    await specialist.press("Identique")
    assert await booth.until_said(sp.Verified) == sp.Verified(True)
    await specialist.sees("Code vérifié")


async def test_digits_that_differ_stop_everything(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await specialist.press("Différent")
    await specialist.sees("Les codes diffèrent")
    await booth.until_said(sp.Leave)
    assert [type(message) for message in booth.opened][-2:] == [sp.Verified, sp.Leave]
    assert booth.opened[-2] == sp.Verified(False)
    await booth.until_told(st.Left)


async def test_values_show_as_they_were_sent_and_missing_ones_as_a_dash(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    """Needs F004-05, F004-16: each value as sent, with its unit, device, age and quality; nothing is made up."""
    specialist = await consult(browser, station, booth)
    await booth.say(values("bp", "Omron HEM-7361T", ("systolic", "128", "mmHg"), ("diastolic", "76", "mmHg"), settled=True))
    await booth.say(values("th", "A&D UT-201", ("temperature", "36.8437", "°C"), settled=True, reading="r2"))
    await booth.say(values("gl", "Accu-Chek", ("glucose", None, "mmol/L"), settled=True, reading="r3", absent="not-a-number"))
    await booth.say(
        values("ox", "Contec CMS50D+", ("spo2", "97", "%"), ("pulse-rate", None, "/min"), absent="unknown", flags=("finger-out",))
    )
    await specialist.reads("blood-pressure", "128/76")
    await specialist.reads("temperature", "36,8437")
    await specialist.reads("glucose", "—")
    await specialist.reads("pulse-rate", "—")
    await specialist.reads("spo2", "97")
    for vital, words in {
        "blood-pressure": ("mmHg", "Omron HEM-7361T", "il y a", "résultat"),
        "glucose": ("non mesuré",),
        "spo2": ("%", "en direct", "doigt retiré"),
    }.items():
        for word in words:
            await expect(specialist.tile(vital)).to_contain_text(word)
    await booth.say(
        values("bp", "Omron HEM-7361T", ("systolic", "128", "mmHg"), ("diastolic", "76", "mmHg"), settled=True, remarks=("rejected",))
    )
    await specialist.reads("blood-pressure", "—")
    await expect(specialist.tile("blood-pressure")).to_contain_text("écarté par l’assistant")
    measured = await specialist.measures()
    assert measured["painted"] >= 6
    assert measured["cspViolations"] == 0
    assert "36.8437" not in json.dumps(measured)


async def test_a_live_value_greys_and_then_goes_while_a_result_keeps_its_age(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(values("th", "A&D UT-201", ("temperature", "37.20", "°C"), settled=True))
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%"), reading="live"))
    await booth.say(sp.Curve("ox", "pleth", 0, tuple(range(50)), 20.0, time.time() * 1000))
    tile = specialist.tile("spo2")
    await expect(tile).to_have_attribute("data-state", "live")
    await expect(specialist.page.locator("telecabine-strip canvas")).to_be_visible()
    began = time.monotonic()
    await expect(tile).to_have_attribute("data-state", "grey", timeout=6000)
    assert time.monotonic() - began > 2
    await specialist.reads("spo2", "97")
    await expect(tile.locator(".value")).to_have_text("—", timeout=9000)
    assert time.monotonic() - began > 8
    await expect(specialist.page.locator("telecabine-strip")).to_have_count(0)
    await specialist.reads("temperature", "37,20")
    await expect(specialist.tile("temperature").locator(".age")).to_contain_text("il y a 1")


async def test_a_lost_device_greys_its_values_at_once(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%"), reading="live"))
    await booth.say(sp.DeviceLost("ox", "unplugged"))
    await expect(specialist.tile("spo2")).to_have_attribute("data-state", "grey", timeout=1500)


async def test_a_value_that_was_long_on_its_way_is_not_shown_as_live(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%"), reading="live"))
    await specialist.reads("spo2", "97")
    await booth.say(values("ox", "Contec CMS50D+", ("pulse-rate", "71", "/min"), reading="late", received=time.time() * 1000 - 12_000))
    await specialist.reads("pulse-rate", "—")


TEMPERATURE = (
    '{"resourceType":"Bundle","type":"transaction","entry":['
    '{"fullUrl":"urn:uuid:d1","resource":{"resourceType":"Device","deviceName":[{"name":"A&D UT-201","type":"user-friendly-name"}]}},'
    '{"fullUrl":"urn:uuid:o1","resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org",'
    '"code":"8310-5"}],"text":"Température"},"effectiveDateTime":"2026-03-04T10:00:00+01:00","device":{"reference":"urn:uuid:d1"},'
    '"valueQuantity":{"value":36.840,"unit":"°C","code":"Cel"}},"request":{"method":"PUT","url":"Observation/o1"}}]}'
)


def read(path: Path) -> str:
    return path.read_text()


async def test_a_kept_measurement_is_receipted_once_seen_and_exported_digit_for_digit(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    """Needs F000-08, F004-21: sealed to the specialist; the exported bundle holds the digits that were sent."""
    specialist = await consult(browser, station, booth)
    await booth.deposit("e1", TEMPERATURE.encode())
    receipt = await booth.until_told(st.Receipt)
    assert receipt.id == "e1"
    row = specialist.page.locator('[data-envelope="e1"]')
    await expect(row).to_contain_text("Température 36,840 °C")
    await expect(row).to_contain_text("A&D UT-201")
    await expect(row).to_contain_text("vu")
    async with specialist.page.expect_download() as download:
        await specialist.press("Exporter (FHIR)")
    bundle = json.loads(read(await (await download.value).path()), parse_float=str)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == ["Device", "Observation"]
    assert bundle["entry"][1]["resource"]["valueQuantity"]["value"] == "36.840"
    assert not any(b"36.84" in data or b"UT-201" in data for _, data in station.taps)


async def test_no_receipt_while_the_tab_is_hidden(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    context = await browser.new_context(permissions=["camera", "microphone"], locale="fr-FR")
    page = await context.new_page()
    await page.add_init_script("Object.defineProperty(document, 'visibilityState', {get: () => window.hiddenTab ? 'hidden' : 'visible'})")
    specialist = Specialist(page)
    await page.goto(station.link())
    await specialist.enter()
    await specialist.phase("open")
    await page.evaluate("window.hiddenTab = true")
    await booth.deposit("e1", TEMPERATURE.encode())
    await expect(page.locator('[data-envelope="e1"]')).to_be_attached()
    await booth.say(sp.Text("encore là ?", 1))
    await specialist.sees("encore là ?")
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert not any(isinstance(message, st.Receipt) for message in booth.messages)
    await page.evaluate("window.hiddenTab = false; document.dispatchEvent(new Event('visibilitychange'))")
    await booth.until_told(st.Receipt)


async def test_an_envelope_that_is_not_for_this_specialist_is_refused_in_words(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    specialist = await consult(browser, station, booth)
    await booth.deposit("e1", TEMPERATURE.encode(), recipient=bytes(32))
    await specialist.sees("Message refusé : illisible ou altéré")
    assert not any(isinstance(message, st.Receipt) for message in booth.messages)


async def test_text_requests_and_report_reach_the_booth(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(sp.Text("La patiente est installée.", 1))
    await specialist.sees("La patiente est installée.")
    await specialist.page.get_by_label("Votre message").fill("Bonjour <b>Madame</b>")
    await specialist.press("Envoyer")
    assert (await booth.until_said(sp.Text)).text == "Bonjour <b>Madame</b>"
    await specialist.sees("Bonjour <b>Madame</b>")
    await specialist.press("Température")
    assert await booth.until_said(sp.Ask) == sp.Ask("temperature")
    await specialist.page.get_by_label("Observations").fill("Examen normal.")
    await specialist.page.get_by_label("Conclusion").fill("Revoir dans un mois.")
    await specialist.press("Envoyer le compte rendu")
    assert await booth.until_said(sp.Report) == sp.Report("Examen normal.", "Revoir dans un mois.")
    await specialist.sees("Compte rendu envoyé à la cabine")
    await specialist.press("Terminer la consultation")
    await booth.until_said(sp.Leave)
    await specialist.phase("ended")
    assert booth.agreement is not None
    assert booth.agreement.opener.ended
    await booth.until_told(st.Left)


async def test_text_goes_character_by_character_both_ways(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Real-time text (EN 301 549, 6.2): each character at once, over the sealed stream, which needs neither picture nor sound."""
    specialist = await consult(browser, station, booth)
    await specialist.page.get_by_label("Votre message").press_sequentially("Bon")
    await booth.until(lambda: sp.Draft("Bon") in booth.opened)
    assert [message.text for message in booth.opened if isinstance(message, sp.Draft)] == ["B", "Bo", "Bon"]
    for text in ("J", "J’a", "J’ai mal"):
        await booth.say(sp.Draft(text))
        await specialist.sees(text)
    await booth.say(sp.Text("J’ai mal ici.", 1))
    await specialist.sees("J’ai mal ici.")
    await expect(specialist.page.locator(".draft")).to_have_count(0)


async def test_a_thin_link_is_said_in_words(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(sp.Media("none", "full"))
    await specialist.sees("Liaison faible : image de la cabine arrêtée.")
    await booth.say(sp.Media("none", "none"))
    await specialist.sees("Liaison très faible : image et son de la cabine arrêtés.")
    await booth.say(sp.Media("moving", "full"))
    await expect(specialist.page.locator(".notice.left")).to_have_count(0)


async def test_the_booth_ends_with_its_final_message(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(sp.Ended("ab" * 32))
    await specialist.phase("ended")
    await specialist.sees("ab" * 32)
    await specialist.press("Retour à la salle d’attente")
    await specialist.sees("Salle d’attente")
    assert not specialist.errors


# picture and sound


async def test_picture_and_sound_go_both_ways_and_are_those_of_the_signed_fingerprints(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    """Needs F004-28, SYS-06: a call from a browser without any install."""
    engine = AiortcEngine({"booth": StampedCamera(320, 240, 15)}, None)
    pictures: list[object] = []
    engine.on_picture = pictures.append
    engine.set_sources(camera=True, microphone=True)
    booth.engine = engine
    try:
        specialist = await consult(browser, station, booth)
        await expect(specialist.page.locator(".pictures")).to_have_attribute("data-call", "connected", timeout=12_000)
        await specialist.until("window.telecabineMeasures.stampedFrames > 10")
        measured = await specialist.measures()
        assert measured["pictures"]["p50"] < 2000
        assert measured["callConnected"] > measured["joined"]
        assert pictures
        assert measured["cspViolations"] == 0
    finally:
        await engine.stop()


async def test_a_call_that_was_lost_is_begun_anew_by_itself(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Within five seconds, on the fingerprints that are signed already, and nobody has to press anything."""
    booth.engine = engine = AiortcEngine({"booth": StampedCamera(320, 240, 15)}, None)
    engine.set_sources(camera=True, microphone=True)
    try:
        specialist = await consult(browser, station, booth)
        pictures = specialist.page.locator(".pictures")
        await expect(pictures).to_have_attribute("data-call", "connected", timeout=12_000)
        await booth.say(sp.CallFailed("connection-lost"))
        await booth.until(lambda: sum(isinstance(message, sp.Offer) for message in booth.opened) == 2)
        await expect(pictures).to_have_attribute("data-call", "connected", timeout=5_000)
        stamped = (await specialist.measures())["stampedFrames"]
        await specialist.until(f"window.telecabineMeasures.stampedFrames > {stamped} + 5")
    finally:
        await engine.stop()


async def test_an_answer_with_other_fingerprints_is_refused_and_values_go_on(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    specialist = await consult(browser, station, booth)
    await booth.until_said(sp.Offer)
    await booth.say(sp.Answer("v=0\r\na=fingerprint:sha-256 " + ":".join(["CD"] * 32) + "\r\n"))
    await specialist.sees("Vidéo refusée : elle ne vient pas de la cabine vérifiée.")
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%")))
    await specialist.reads("spo2", "97")


async def test_without_permission_the_page_receives_only_and_says_so(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth, camera=False)
    await specialist.sees("Caméra et micro refusés : vous voyez et entendez la cabine, elle ne vous voit pas et ne vous entend pas.")
    offer = await booth.until_said(sp.Offer)
    assert offer.sdp.count("a=recvonly") == 3, "picture, voice and stethoscope"
    assert "a=sendrecv" not in offer.sdp
    assert offer.sdp.count("abs-capture-time") >= 2, "picture and voice are held together from the first packet on"
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%")))
    await specialist.reads("spo2", "97")


async def test_a_specialist_without_permission_sees_the_booth_over_a_network() -> None:
    """Need F004-32: in a network of its own (a veth pair, no way out) Chromium hides its addresses behind mDNS names; the picture comes all the same."""
    network = (
        "ip link set lo up; ip link add e0 type veth peer name e1; ip addr add 198.18.0.1/24 dev e0; ip link set e0 up; ip link set e1 up"
    )
    route = "ip route add default via 198.18.0.2"
    unshare = ("unshare", "-n") if os.geteuid() == 0 else ("unshare", "-rn")
    script = f'{network}; {route}; exec "$0" -m tests.station.receive_only'
    run = await asyncio.create_subprocess_exec(*unshare, "sh", "-c", script, sys.executable, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _ = await run.communicate()
    assert (run.returncode, out.decode()) == (0, "sees the booth, is not seen\n")


async def test_a_call_that_nobody_answers_ends_in_words_after_ten_seconds(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    specialist = await consult(browser, station, booth)
    await specialist.sees("Pas de vidéo : la cabine n’a pas répondu. Les mesures et le texte continuent.", seconds=14)
    await specialist.press("Réessayer la vidéo")
    await booth.until(lambda: sum(isinstance(message, sp.Offer) for message in booth.opened) == 2)


async def test_a_booth_without_its_call_process_has_no_video_at_once(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    booth.fingerprints = ()
    specialist = await consult(browser, station, booth)
    await specialist.sees("Pas de vidéo : la caméra de la cabine est indisponible.", seconds=5)


# what goes wrong on the way


def other_version(body: bytes) -> bytes:
    message = hs.handshake.decode(body)
    return body if not isinstance(message, hs.HelloBooth) else re.sub(rb'"version":\d+', b'"version":99', body)


def other_signature(body: bytes) -> bytes:
    message = hs.handshake.decode(body)
    return hs.handshake.encode(hs.Agreed(bytes(64), message.header)) if isinstance(message, hs.Agreed) else body


def nonsense(_: bytes) -> bytes:
    return b"\xff{"


def silence(_: bytes) -> None:
    return None


@pytest.mark.parametrize(
    ("mend", "words"),
    [
        (other_version, "La cabine utilise une autre version du logiciel."),
        (other_signature, "La signature de la cabine est fausse."),
        (nonsense, "La cabine a répondu de façon incompréhensible."),
        (silence, "La cabine n’a pas répondu à temps."),
    ],
)
async def test_a_handshake_that_breaks_a_rule_is_left_with_the_reason(
    browser: Browser, station: RunningStation, booth: BoothPeer, mend: Any, words: str
) -> None:
    booth.mend = mend
    specialist = await Specialist.open(browser, station.link())
    await specialist.enter()
    await specialist.sees(words, seconds=14)
    await booth.until_told(st.Left)
    await specialist.press("Retour à la salle d’attente")
    await specialist.sees("Salle d’attente")


async def test_an_altered_message_ends_the_stream_and_shows_why(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    assert booth.agreement is not None
    sealed = bytearray(booth.agreement.sealer.seal(sp.from_booth.encode(values("ox", "Contec", ("spo2", "97", "%")))))
    sealed[20] ^= 1
    await booth.frame(st.SEALED, bytes(sealed))
    await specialist.sees("Un message a été altéré ou répété en chemin. La liaison a été fermée.")
    await expect(specialist.tile("spo2")).to_have_count(0)
    await booth.until_told(st.Left)


async def test_a_repeated_message_ends_the_stream(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    assert booth.agreement is not None
    sealed = booth.agreement.sealer.seal(sp.from_booth.encode(sp.Text("une fois", 1)))
    await booth.frame(st.SEALED, sealed)
    await booth.frame(st.SEALED, sealed)
    await specialist.sees("Un message a été altéré ou répété en chemin.")


@pytest.mark.parametrize("plain", [b"{", b'{"type":"unknown"}', b'{"type":"values"}', b"[]", b"\xff"])
async def test_a_sealed_message_that_makes_no_sense_ends_the_stream(
    browser: Browser, station: RunningStation, booth: BoothPeer, plain: bytes
) -> None:
    specialist = await consult(browser, station, booth)
    assert booth.agreement is not None
    await booth.frame(st.SEALED, booth.agreement.sealer.seal(plain))
    await specialist.sees("La cabine a envoyé un message incompréhensible. La liaison a été fermée.")


async def test_an_end_that_is_not_final_is_no_end(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(sp.Ended(""), final=False)
    await specialist.phase("fault")


async def test_a_stream_that_is_cut_is_said_and_its_values_are_old_at_once(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%")))
    await specialist.reads("spo2", "97")
    await booth.socket.close()
    await specialist.sees("La cabine s’est déconnectée. On attend son retour…")
    await expect(specialist.tile("spo2")).to_have_attribute("data-state", "grey", timeout=1500)
    await booth.connect()
    await booth.open_room()
    await specialist.phase("open")
    await specialist.sees("La liaison précédente a été coupée avant sa fin normale.")
    await booth.until(lambda: len(booth.agreements) == 2)
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "98", "%")))
    await specialist.reads("spo2", "98")


async def test_a_reload_comes_back_within_five_seconds_with_the_same_key(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    specialist = await consult(browser, station, booth)
    began = time.monotonic()
    await specialist.page.reload()
    await specialist.phase("open", seconds=5)
    await booth.until(lambda: len(booth.agreements) == 2)
    assert time.monotonic() - began < 5
    first, second = booth.agreements
    assert (first.identity, first.sealing) == (second.identity, second.sealing)
    assert first.authentication != second.authentication
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%")))
    await specialist.reads("spo2", "97")


async def test_a_restarted_station_is_found_again_by_itself(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await station.stop()
    await specialist.sees("Connexion au serveur perdue.")
    await station.start()
    await booth.connect()
    await booth.open_room()
    await specialist.phase("open", seconds=15)
    await booth.until(lambda: len(booth.agreements) == 2)
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%")))
    await specialist.reads("spo2", "97")


async def test_a_browser_that_loses_its_network_says_so_at_once_and_comes_back(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", "97", "%")))
    await specialist.reads("spo2", "97")
    await specialist.page.context.set_offline(True)
    await specialist.phase("offline", seconds=3)
    await expect(specialist.tile("spo2")).to_have_attribute("data-state", "grey", timeout=2000)
    await specialist.page.context.set_offline(False)
    await specialist.phase("open")


async def test_a_receipt_that_was_lost_is_sent_again(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await booth.deposit("e1", TEMPERATURE.encode())
    await booth.until_told(st.Receipt)
    mail = st.to_page.encode(st.Mail("e1", booth.keys.public, b"")).decode()
    await specialist.page.evaluate("(text) => document.querySelector('telecabine-page').consultation.station.receive(text)", mail)
    # the booth hears text only after what was sent before it
    await specialist.until("document.querySelector('telecabine-page').consultation.state.seen.size === 1")
    await specialist.page.get_by_label("Votre message").fill("après")
    await specialist.press("Envoyer")
    await booth.until_said(sp.Text)
    assert sum(b'"type":"receipt","id":"e1"' in data for direction, data in station.taps if direction == "page>station") == 2


async def test_nothing_of_a_consultation_stays_in_the_page_after_it(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Need F004-30, the specialist's side: back in the waiting room, values, texts and bundles are gone."""
    specialist = await consult(browser, station, booth)
    await booth.say(values("th", "A&D", ("temperature", "36.8437", "°C"), settled=True))
    await booth.say(sp.Text("Ma note secrète", 1))
    await booth.deposit("e1", TEMPERATURE.encode())
    await booth.until_told(st.Receipt)
    await specialist.reads("temperature", "36,8437")
    assert found(await everything(specialist)) == NEEDLES
    await booth.say(sp.Ended(""))
    await specialist.press("Retour à la salle d’attente")
    await specialist.sees("Salle d’attente")
    left = await everything(specialist)
    assert "Dr Claire BERNARD" in left
    assert not found(left)


NEEDLES = {"36,8437", "36.8437", "36.840", "secrète", "MARTIN", "UT-201"}


def found(text: str) -> set[str]:
    return {needle for needle in NEEDLES if needle in text}


async def everything(specialist: Specialist) -> str:
    """Every text that the page shows, stores or holds in its state."""
    return str(
        await specialist.page.evaluate(
            """() => {
                const seen = new Set();
                const texts = (value) => {
                    if (typeof value === "string") return [value];
                    if (typeof value !== "object" || value === null || value instanceof Node || seen.has(value)) return [];
                    seen.add(value);
                    return [...Object.values(value), ...(value instanceof Map || value instanceof Set ? [...value.values()] : [])].flatMap(texts);
                };
                const page = document.querySelector("telecabine-page");
                return [page.innerText, ...texts(page.consultation), ...texts(page.undrawn), page.announcement,
                    JSON.stringify({...sessionStorage, ...localStorage})].join(" ");
            }"""
        )
    )


async def test_private_keys_cannot_be_read_out_of_the_browser(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Need F004-25: keys are born in the page and never leave it."""
    specialist = await consult(browser, station, booth)
    found = await specialist.page.evaluate(
        """async () => {
            const open = indexedDB.open("telecabine");
            const database = await new Promise((done) => (open.onsuccess = () => done(open.result)));
            const get = database.transaction("keys").objectStore("keys").get("own");
            const own = await new Promise((done) => (get.onsuccess = () => done(get.result)));
            const refused = async (key) => crypto.subtle.exportKey("jwk", key).then(() => false, () => true);
            return [await refused(own.sign.privateKey), await refused(own.seal.privateKey)];
        }"""
    )
    assert found == [True, True]


# for everybody


async def test_it_is_usable_on_a_phone(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Need F004-32: any device. Nothing is wider than the screen, nothing to touch is smaller than a finger."""
    specialist = await consult(browser, station, booth, viewport={"width": 360, "height": 740}, has_touch=True)
    await booth.say(values("bp", "Omron HEM-7361T", ("systolic", "128", "mmHg"), ("diastolic", "76", "mmHg"), settled=True))
    await booth.deposit("e1", TEMPERATURE.encode())
    await specialist.reads("blood-pressure", "128/76")
    await expect(specialist.page.locator('[data-envelope="e1"]')).to_be_visible()
    assert await specialist.page.evaluate("document.documentElement.scrollWidth") <= 360
    small = await specialist.page.evaluate(
        "[...document.querySelectorAll('button, input, textarea')].filter((e) => e.getBoundingClientRect().height < 40).map((e) => e.textContent)"
    )
    assert small == []


@pytest.mark.parametrize("width", [360, 768, 1024, 1360, 1920])
async def test_nothing_runs_over_its_tile(browser: Browser, station: RunningStation, booth: BoothPeer, width: int) -> None:
    """Need F004-32: a value that is cut or that covers another is a wrong value."""
    specialist = await consult(browser, station, booth, viewport={"width": width, "height": 800})
    pressure = (("systolic", "128", "mmHg"), ("diastolic", "76", "mmHg"), ("mean-arterial-pressure", "93", "mmHg"))
    await booth.say(values("bp", "Omron HEM-7361T", *pressure, settled=True))
    await booth.say(values("th", "Thermomètre infrarouge A&D UT-201BLE", ("temperature", "36.8437", "°C"), settled=True))
    await booth.say(values("kg", "Balance", ("weight", "70.250", "kg"), settled=True))
    await booth.say(values("kp", "Tensiomètre", ("systolic", "17.06", "kPa"), ("diastolic", "10.13", "kPa"), settled=True))
    await specialist.reads("weight", "70,250")
    await expect(specialist.page.locator(".tile")).to_have_count(4)
    over = await specialist.page.evaluate(
        "[...document.querySelectorAll('.tile')].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent.trim())"
    )
    assert over == []
    assert await specialist.page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_screens_have_no_accessibility_fault_that_axe_finds(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """Need F004-35."""
    specialist = await Specialist.open(browser, station.link(), bypass_csp=True)
    await specialist.sees("A 12")
    assert await faults(specialist) == []
    await specialist.enter()
    await specialist.phase("open")
    await booth.until(lambda: booth.agreement)
    await booth.say(situation())
    await booth.say(values("bp", "Omron HEM-7361T", ("systolic", "128", "mmHg"), ("diastolic", "76", "mmHg"), settled=True))
    await booth.say(values("ox", "Contec CMS50D+", ("spo2", None, "%"), absent="unknown"))
    await booth.say(sp.Text("Bonjour", 1))
    await booth.deposit("e1", TEMPERATURE.encode())
    await specialist.reads("blood-pressure", "128/76")
    await expect(specialist.page.locator('[data-envelope="e1"]')).to_be_visible()
    assert await faults(specialist) == []


async def test_every_word_changes_with_the_language(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await specialist.press("English")
    await specialist.sees("Encrypted end to end")
    await specialist.sees("Is it identical on the booth’s screen?")
    assert await specialist.page.evaluate("document.documentElement.lang") == "en"
    await booth.say(values("th", "A&D UT-201", ("temperature", "36.80", "°C"), settled=True))
    await specialist.reads("temperature", "36.80")
    text = await specialist.page.locator("main").inner_text()
    assert not [word for word in ("Mesures", "Tension", "Envoyer", "Code de", "Compte rendu", "Terminer") if word in text]
