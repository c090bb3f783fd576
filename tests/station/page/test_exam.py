"""Exam cameras on the specialist's page: asking, a patient who says no, a photograph that arrives, is looked at and kept. Needs F002-06, F002-22, F004-21."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from drivers.device import Device
from kiosk_fhir import media
from kiosk_fhir.context import Booth, Context, Patient
from protocol import specialist as sp
from protocol import station as st
from tests.station.page.consulting import consult, deposit, faults

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.station.booth_peer import BoothPeer
    from tests.station.running import RunningStation

pytestmark = pytest.mark.asyncio(loop_scope="module")

JPEG = (Path(__file__).parents[2] / "vectors/photo/DSCN0010.jpg").read_bytes()
NO_PHOTO = "Le patient n’envoie pas cette photo. Elle est effacée."


def stands(**changed: Any) -> sp.ExamCameras:
    now = {"cameras": ("otoscope", "dermatoscope"), "camera": "", "state": "", "refused": "", "photo": "", "missing": ()}
    return sp.ExamCameras(**{**now, **changed})


def bundle(jpeg: bytes = JPEG) -> bytes:
    """A photograph as the booth seals it."""
    when = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
    context = Context("c1", when, Patient("p1"), Booth("b1"), device=Device("camera:otoscope", "uvc", name="Otoscope"))
    return media.bundle(context, media.Photograph("otoscope", jpeg, 640, 480, when, "right-ear"))


def read(path: Path) -> str:
    return path.read_text()


async def test_a_booth_without_one_has_no_place_for_it(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    await specialist.sees("Mesures")
    await expect(specialist.page.locator(".exam")).to_have_count(0)


async def test_asking_to_see_and_to_photograph_reaches_the_booth(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """A photograph can be asked for only while a camera is shown, and one at a time."""
    specialist = await consult(browser, station, booth)
    await booth.say(stands())
    await specialist.press("Voir l’otoscope")
    assert await booth.until_said(sp.ShowCamera) == sp.ShowCamera("otoscope")
    photo = specialist.page.locator(".exam .photo")
    await booth.say(stands(camera="otoscope", state="asked"))
    await specialist.sees("Demandé : le patient n’a pas encore répondu.")
    await expect(photo).to_have_count(0)
    await booth.say(stands(camera="otoscope", state="shown"))
    await specialist.sees("Vous voyez : Otoscope")
    await specialist.press("Demander une photo")
    await booth.until_said(sp.AskPhoto)
    await booth.say(stands(camera="otoscope", state="shown", photo="asked"))
    await specialist.sees("Le patient regarde la photo et décide de l’envoyer ou non.")
    await expect(photo).to_be_disabled()
    await specialist.press("Revenir à la cabine")
    await booth.until(lambda: sp.ShowCamera("") in booth.opened)


async def test_a_patient_who_says_no_and_a_camera_that_is_gone_are_said(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    specialist = await consult(browser, station, booth)
    await booth.say(stands(refused="dermatoscope"))
    await specialist.sees("Le patient ne souhaite pas montrer cette image.")
    await booth.say(stands(camera="otoscope", state="shown", photo="refused"))
    await specialist.sees(NO_PHOTO)
    await expect(specialist.page.locator(".photographs")).to_have_count(0)
    await booth.say(stands(missing=("otoscope",)))
    await specialist.sees("caméra débranchée ou occupée")


async def test_a_photograph_arrives_in_parts_is_signed_for_and_kept_octet_for_octet(
    browser: Browser, station: RunningStation, booth: BoothPeer
) -> None:
    """Nothing of it is shown before all of it is there; what is exported is what the booth has sealed; the station cannot read it."""
    specialist = await consult(browser, station, booth)
    envelopes = await deposit(booth, "photo-1", "photo", bundle())
    figure = specialist.page.locator('.photographs [data-envelope="photo-1"]')
    await expect(figure).to_contain_text("Otoscope, Oreille droite · Cabine 1")
    await expect(figure).to_contain_text("640 × 480")
    await expect(figure.locator(".seen")).to_have_text("vu")
    await specialist.until("document.querySelector('.photographs img').naturalWidth === 640")
    await booth.until_told(st.Receipt, len(envelopes))
    assert {message.id for message in booth.messages if isinstance(message, st.Receipt)} == set(envelopes)
    async with specialist.page.expect_download() as download:
        await specialist.press("Exporter (FHIR)")
    kept = json.loads(read(await (await download.value).path()))
    (found,) = [entry["resource"] for entry in kept["entry"] if entry["resource"]["resourceType"] == "Media"]
    assert base64.b64decode(found["content"]["data"]) == JPEG
    assert not any(JPEG[5000:5064] in data or base64.b64encode(JPEG[5001:5061]) in data for _, data in station.taps)
    assert (await specialist.measures())["cspViolations"] == 0


async def test_a_damaged_photograph_is_not_shown_as_one(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    specialist = await consult(browser, station, booth)
    content = json.loads(bundle())
    (shown,) = [entry["resource"] for entry in content["entry"] if entry["resource"]["resourceType"] == "Media"]
    shown["content"]["data"] = base64.b64encode(JPEG[:-1] + b"\0").decode()
    await deposit(booth, "photo-1", "photo", json.dumps(content).encode())
    await specialist.sees("Cette photo est arrivée abîmée : elle n’est pas montrée.")
    await expect(specialist.page.locator(".photographs img")).to_have_count(0)


async def test_it_is_usable_by_everybody(browser: Browser, station: RunningStation, booth: BoothPeer) -> None:
    """F004-32, F004-35: no fault that axe finds, on a phone nothing wider than the screen."""
    specialist = await consult(browser, station, booth, bypass_csp=True)
    await booth.say(stands(camera="otoscope", state="shown", missing=("dermatoscope",)))
    await deposit(booth, "photo-1", "photo", bundle())
    await expect(specialist.page.locator(".photographs img")).to_be_visible()
    assert await faults(specialist) == []
    await specialist.page.set_viewport_size({"width": 360, "height": 740})
    assert await specialist.page.evaluate("document.documentElement.scrollWidth") <= 360
