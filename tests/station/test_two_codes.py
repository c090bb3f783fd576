"""Both codes from end to end: the specialist's page and a guest's in Chromium, a real station, a whole booth desk.

Needs F004-31, F004-28, F002-10, F000-16, F000-44, SYS-09, SYS-24.
"""

from __future__ import annotations

import io
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.async_api import Browser, expect

from kiosk.links.scanner import DoctorCode, codes_in, judge
from kiosk.secure import codes
from protocol import screen
from station.codes import CODE_LASTS, INVITATION_LASTS
from tests.station.browser import Specialist
from tests.station.desk import LiveDesk
from tests.station.page.consulting import faults
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "Dr Anne ROY, cardiologue"
FRENCH_DOOR = "Votre nom et votre fonction"


@asynccontextmanager
async def scene(browser: Browser, folder: Path) -> AsyncIterator[tuple[RunningStation, LiveDesk, Specialist]]:
    """A station, a booth whose patient has consented, and a doctor in the waiting room."""
    async with RunningStation(folder / "station.sqlite") as station, LiveDesk(station, folder / "desk") as desk:
        doctor = await Specialist.open(browser, station.link(), camera=False)
        desk.to_consented()
        yield station, desk, doctor


async def code_of(doctor: Specialist) -> str:
    await doctor.press("Créer un code")
    return await doctor.page.locator(".patient-code .digits").inner_text()


async def in_call(desk: LiveDesk, doctor: Specialist) -> None:
    desk.tap(screen.Wait())
    await doctor.enter()
    await doctor.phase("open")
    await desk.until(lambda view: view.stage == "in-call")


async def invitation(desk: LiveDesk, doctor: Specialist) -> tuple[str, str]:
    """The patient agrees; link and digits as the doctor's page gives them away."""
    await doctor.press("Inviter")
    await desk.until(lambda view: view.visit)
    desk.tap(screen.Guest(agreed=True))
    await doctor.sees("Le patient est d’accord")
    return await doctor.page.locator(".invitation telecabine-copy").evaluate("e => e.text"), await doctor.page.locator(
        ".invitation .digits"
    ).inner_text()


async def come(browser: Browser, where: str, digits: str = "") -> Specialist:
    """Somebody without an account opens the link, or types the digits, in a fresh browser."""
    guest = await Specialist.open(browser, where, camera=False)
    await give(guest, digits)
    return guest


async def give(guest: Specialist, digits: str = "") -> None:
    if digits:
        await guest.page.get_by_label("Les onze chiffres").fill(digits)
    await guest.page.get_by_label(FRENCH_DOOR).fill(NAME)
    await guest.press("Entrer dans la consultation")


def wrong(digits: str) -> str:
    return f"{digits[:-1]}{(int(digits[-1]) + 1) % 10}"


def present(desk: LiveDesk) -> list[bool]:
    """The guest's comings and goings in the act record."""
    return [entry["data"]["here"] for entry in desk.record if entry["kind"] == "present" and entry["data"].get("name") == NAME]


async def test_a_patient_s_code_leads_to_its_doctor_only(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (station, desk, doctor):
        other = await Specialist.open(browser, station.link("Dr Bruno PETIT"), camera=False)
        code = await code_of(doctor)
        await doctor.sees("valable encore 15 min")
        await doctor.sees("Le patient n’a pas encore tapé ce code.")
        desk.tap(screen.DoctorCode(code))
        view = await desk.until(lambda view: view.stage == "waiting")
        assert view.code == "waiting"
        await doctor.sees("Le patient est arrivé")
        await doctor.sees("K47")
        await expect(other.page.get_by_text("Aucune cabine n’attend")).to_be_visible()
        await doctor.enter()
        await doctor.phase("open")
        await desk.until(lambda view: view.stage == "in-call")
        assert [entry["data"]["by_code"] for entry in desk.record if entry["kind"] == "joined"] == [True]
        secret = codes.read(code).secret
        assert all(secret not in data.replace(b" ", b"") for _, data in station.taps)
        assert any(code[:5].encode() in data for _, data in station.taps), "the tap sees the other part"
        assert doctor.errors == []


async def test_a_code_survives_a_reload_of_the_doctor_s_page(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (_, desk, doctor):
        code = await code_of(doctor)
        await doctor.page.reload()
        await doctor.sees(code)
        desk.tap(screen.DoctorCode(code))
        await doctor.enter()
        await doctor.phase("open")


async def test_wrong_digits_are_said_on_both_screens_and_typed_again(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (_, desk, doctor):
        code = await code_of(doctor)
        desk.tap(screen.DoctorCode(wrong(code)))
        await doctor.enter()
        await doctor.sees("Le code tapé dans la cabine n’est pas celui-ci")
        view = await desk.until(lambda view: view.code == "refused")
        assert "code-wrong" in view.notices
        await doctor.press("Retour à la salle d’attente")
        await doctor.sees("Essais restants : 2")
        desk.tap(screen.DoctorCode(code))
        await doctor.enter()
        await doctor.phase("open")
        await desk.until(lambda view: view.stage == "in-call")


async def test_three_wrong_codes_end_the_doctor_s_code(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (_, desk, doctor):
        code = guess = await code_of(doctor)
        for left in (2, 1, 0):
            guess = wrong(guess)
            desk.tap(screen.DoctorCode(guess))
            await doctor.enter()
            await doctor.phase("fault")
            await doctor.press("Retour à la salle d’attente")
            await doctor.sees(f"Essais restants : {left}" if left else "Ce code a été essayé trois fois")
        desk.tap(screen.DoctorCode(code))
        await expect(doctor.page.get_by_role("button", name="Entrer")).to_have_count(0)
        await doctor.press("Retirer de la liste")
        await expect(doctor.page.locator(".patient-code")).to_have_count(0)
        await expect(doctor.page.get_by_text("Aucune cabine n’attend")).to_be_visible()
        await desk.until(lambda view: view.code == "refused")
        desk.tap(screen.NoCode())
        await doctor.enter()
        await doctor.phase("open")


async def test_a_code_that_is_over_or_not_known_is_said_at_the_booth_and_the_patient_waits_without(
    browser: Browser, tmp_path: Path
) -> None:
    async with scene(browser, tmp_path) as (station, desk, doctor):
        code = await code_of(doctor)
        desk.tap(screen.DoctorCode("123"))
        await desk.until(lambda view: "code-malformed" in view.notices and view.stage == "consented")
        station.ahead = CODE_LASTS
        desk.tap(screen.DoctorCode(code))
        await desk.until(lambda view: "code-expired" in view.notices and view.code == "refused")
        station.ahead = 0
        await doctor.press("Annuler ce code")
        await expect(doctor.page.locator(".patient-code")).to_have_count(0)
        desk.tap(screen.DoctorCode(code))
        await desk.until(lambda view: "code-used" in view.notices)
        desk.tap(screen.DoctorCode(f"{(int(code[:5]) + 1) % 100_000:05d}{code[5:]}"))
        await desk.until(lambda view: "code-unknown" in view.notices)
        await expect(doctor.page.get_by_text("Aucune cabine n’attend")).to_be_visible()
        desk.tap(screen.NoCode())
        await doctor.enter()
        await doctor.phase("open")


async def test_a_code_typed_while_the_station_is_away_is_kept(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (_, desk, doctor):
        code = await code_of(doctor)
        await desk.cut()
        await desk.until(lambda view: view.station != "connected")
        desk.tap(screen.DoctorCode(code))
        await desk.until(lambda view: "code-later" in view.notices)
        await doctor.sees("Le patient est arrivé")
        await doctor.enter()
        await doctor.phase("open")


async def test_a_code_that_its_doctor_takes_back_is_said_to_the_patient_who_waits(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (_, desk, doctor):
        desk.tap(screen.DoctorCode(await code_of(doctor)))
        await doctor.sees("Le patient est arrivé")
        await doctor.press("Annuler ce code")
        await desk.until(lambda view: "code-used" in view.notices and view.code == "refused")
        await doctor.sees("Aucune cabine n’attend")
        desk.tap(screen.NoCode())
        await doctor.enter()
        await doctor.phase("open")


async def test_a_consultation_by_code_outlives_the_station(browser: Browser, tmp_path: Path) -> None:
    """Places are lost with the station's memory; the doctor who came by one is known by the key. What was said in the cut is told once."""
    async with scene(browser, tmp_path) as (station, desk, doctor):
        desk.tap(screen.DoctorCode(await code_of(doctor)))
        await doctor.enter()
        await doctor.phase("open")
        desk.tap(screen.Say("avant"))
        await doctor.sees("avant")
        desk.ports.losing, desk.ears.deaf = True, True
        desk.tap(screen.Say("perdu en route"))
        await doctor.page.get_by_label("Votre message").fill("perdu aussi")
        await doctor.press("Envoyer")
        await station.stop()
        await desk.until(lambda view: view.station != "connected")
        desk.ports.losing, desk.ears.deaf = False, False
        await station.start()
        other = await Specialist.open(browser, station.link("Dr Bruno PETIT"), camera=False)
        await doctor.phase("open", 20)
        await doctor.sees("perdu en route")
        await desk.until(lambda view: [line.text for line in view.texts] == ["avant", "perdu en route", "perdu aussi"])
        for text in ("avant", "perdu en route", "perdu aussi"):
            await expect(doctor.page.locator(".conversation li", has_text=text)).to_have_count(1)
        await expect(other.page.get_by_text("Aucune cabine n’attend")).to_be_visible()


async def test_a_guest_comes_by_a_link_reads_and_writes_and_leaves(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (station, desk, doctor):
        await in_call(desk, doctor)
        desk.measure()
        await desk.until(lambda view: view.kept)
        link, digits = await invitation(desk, doctor)
        await doctor.sees("valable encore 30 min")
        guest = await Specialist.open(browser, link, camera=False)
        assert guest.page.url == f"{station.origin}/", "the secret is out of the address bar"
        await guest.page.get_by_label(FRENCH_DOOR).fill(NAME)
        await guest.press("Entrer dans la consultation")
        await guest.phase("open")
        await doctor.sees("participe à la consultation")
        await guest.reads("blood-pressure", "124/86")
        view = await desk.until(lambda view: view.visit and view.visit.state == "here")
        assert (view.visit and view.visit.name, "guest" in view.present) == (NAME, True)
        assert present(desk) == [True]
        for writer, text in ((guest, "Bonjour, je vous lis."), (doctor, "Merci d’être venue.")):
            await writer.page.get_by_label("Votre message").fill(text)
            await writer.press("Envoyer")
        await doctor.sees("Bonjour, je vous lis.")
        await guest.sees("Merci d’être venue.")
        await desk.until(lambda view: {line.author for line in view.texts} == {"guest", "specialist"})
        for hidden in ("Terminer la consultation", "Demander une mesure", "Compte rendu", "Code de vérification"):
            await expect(guest.page.get_by_text(hidden)).to_have_count(0)
        await guest.page.reload()
        await guest.phase("open")
        await guest.reads("blood-pressure", "124/86")
        await guest.press("Quitter la consultation")
        await guest.sees("Votre participation est terminée")
        await doctor.sees("a quitté la consultation")
        assert (await desk.until(lambda view: view.visit is None)).stage == "in-call"
        assert present(desk) == [True, False, True, False]
        secrets = (link.split(".")[-1], codes.read(digits).secret.decode())
        for secret in secrets:
            assert all(secret.encode() not in data.replace(b" ", b"") for _, data in station.taps)
        assert any(json.loads(data).get("place") == digits[:5] for way, data in station.taps if way == "page>station" and data[:1] == b"{")
        assert (doctor.errors, guest.errors) == ([], [])
        late = await come(browser, link)
        await late.sees("Cette invitation a déjà servi, ou elle a été retirée")


async def test_a_guest_comes_by_digits_after_a_slip_of_the_finger(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (station, desk, doctor):
        await in_call(desk, doctor)
        _, digits = await invitation(desk, doctor)
        guest = await come(browser, station.origin, "12345")
        await guest.sees("Ce n’est pas un code d’invitation")
        await guest.page.get_by_label("Les onze chiffres").fill(wrong(digits))
        await guest.press("Entrer dans la consultation")
        await guest.sees("Ce n’est pas le bon code")
        await desk.until(lambda view: "guest-refused" in view.notices)
        await guest.press("Recommencer avec une autre invitation")
        await give(guest, digits)
        await guest.phase("open")
        await doctor.press("Mettre fin à sa participation")
        await guest.sees("Votre participation est terminée")
        await guest.page.reload()
        await guest.sees("La consultation est terminée, ou votre participation")
        assert present(desk) == [True, False]


async def test_three_wrong_codes_end_an_invitation(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (station, desk, doctor):
        await in_call(desk, doctor)
        _, digits = await invitation(desk, doctor)
        guest, guess = await Specialist.open(browser, station.origin, camera=False), digits
        for _ in range(3):
            guess = wrong(guess)
            await give(guest, guess)
            await guest.sees("Ce n’est pas le bon code")
            await guest.press("Recommencer avec une autre invitation")
        await doctor.sees("Un code faux a été présenté trois fois")
        await give(guest, digits)
        await guest.sees("Cette invitation a déjà servi, ou elle a été retirée")
        assert present(desk) == []


async def test_no_guest_without_the_patient_s_word_or_after_it_is_taken_back(browser: Browser, tmp_path: Path) -> None:
    async with scene(browser, tmp_path) as (station, desk, doctor):
        await in_call(desk, doctor)
        await doctor.press("Inviter")
        await desk.until(lambda view: view.visit and view.visit.state == "asked")
        assert not any(b'"invite"' in data for _, data in station.taps)
        desk.tap(screen.Guest(agreed=False))
        await doctor.sees("Le patient n’a pas donné son accord")
        assert [entry["data"]["given"] for entry in desk.record if entry["data"].get("subject") == "guest"] == [False]
        await doctor.press("Inviter de nouveau")
        await desk.until(lambda view: view.visit)
        desk.tap(screen.Guest(agreed=True))
        await doctor.sees("Le patient est d’accord")
        link = await doctor.page.locator(".invitation telecabine-copy").evaluate("e => e.text")
        await doctor.press("Retirer l’invitation")
        await doctor.sees("plus personne n’entre par elle")
        await (await come(browser, link)).sees("Cette invitation a déjà servi, ou elle a été retirée")
        await doctor.press("Inviter de nouveau")
        await desk.until(lambda view: view.visit)
        desk.tap(screen.Guest(agreed=True))
        await doctor.sees("Le patient est d’accord")
        link = await doctor.page.locator(".invitation telecabine-copy").evaluate("e => e.text")
        station.ahead = INVITATION_LASTS
        await (await come(browser, link)).sees("Cette invitation a expiré")
        assert present(desk) == []


async def test_the_new_screens_are_drawn_for_everybody(browser: Browser, tmp_path: Path) -> None:
    """F004-35, F004-32: axe finds no fault, a phone shows all of it, and the booth's own reader reads both drawings."""
    async with RunningStation(tmp_path / "station.sqlite") as station, LiveDesk(station, tmp_path / "desk") as desk:
        doctor = await Specialist.open(browser, station.link(), camera=False, bypass_csp=True)
        desk.to_consented()
        code = await code_of(doctor)
        assert await drawn(doctor, ".patient-code .qr") == (code.encode(),)
        assert isinstance(judge(code.encode()), DoctorCode)
        assert await faults(doctor) == []
        desk.tap(screen.DoctorCode(code))
        await doctor.sees("Le patient est arrivé")
        assert await faults(doctor) == []
        await doctor.enter()
        await doctor.phase("open")
        link, _ = await invitation(desk, doctor)
        assert await drawn(doctor, ".invitation .qr") == (link.encode(),)
        assert await faults(doctor) == []
        await doctor.page.set_viewport_size({"width": 390, "height": 800})
        assert await fits(doctor)
        phone = await Specialist.open(browser, link, camera=False, bypass_csp=True, viewport={"width": 390, "height": 800})
        await phone.sees("Vous êtes invité à une consultation")
        assert await faults(phone) == []
        assert await fits(phone)
        await give(phone)
        await phone.phase("open")
        assert await faults(phone) == []
        assert await fits(phone)


async def drawn(specialist: Specialist, selector: str) -> tuple[bytes, ...]:
    """What a camera reads of a drawing on this screen."""
    png = await specialist.page.locator(selector).screenshot()
    picture = Image.open(io.BytesIO(png)).convert("L")
    return codes_in(picture.tobytes(), *picture.size)


async def fits(specialist: Specialist) -> bool:
    return bool(await specialist.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
