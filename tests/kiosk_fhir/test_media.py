"""A photograph as FHIR Media: passes validators that others wrote, holds the very octets, and is the same resource when sent twice. Need F000-37."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.device import Device
from kiosk_fhir.errors import MappingError
from kiosk_fhir.media import EXAMS, SITES, Photograph, bundle
from tests.kiosk_fhir.judging import FhirResources, Judge, Pyrofile
from tests.kiosk_fhir.sessions import CONTEXT, EFFECTIVE

JPEG = (Path(__file__).parents[1] / "vectors" / "photo" / "DSCN0010.jpg").read_bytes()
OTOSCOPE = replace(CONTEXT, device=Device("camera:otoscope", "uvc", name="Otoscope"), clock=None)
PHOTO = Photograph("otoscope", JPEG, 640, 480, EFFECTIVE, "right-ear")


@pytest.mark.parametrize("judge", [FhirResources(), Pyrofile()], ids=lambda judge: judge.name)
def test_every_camera_and_site_passes(judge: Judge) -> None:
    made = [bundle(OTOSCOPE, replace(PHOTO, camera=camera, site=site)) for camera in EXAMS for site in ("", *EXAMS[camera][2])]
    assert judge.faults([json.loads(one) for one in made]) == [[]] * len(made)


def test_the_octets_their_hash_and_who_took_them_are_in_it() -> None:
    resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in json.loads(bundle(OTOSCOPE, PHOTO))["entry"]}
    media, provenance, device = resources["Media"], resources["Provenance"], resources["Device"]
    assert base64.b64decode(media["content"]["data"]) == JPEG
    assert (media["content"]["size"], media["content"]["contentType"]) == (len(JPEG), "image/jpeg")
    assert (media["bodySite"]["text"], media["view"]["text"], media["deviceName"]) == ("Oreille droite", "Otoscopie", "Otoscope")
    assert media["device"]["reference"] == f"urn:uuid:{device['id']}"
    assert media["operator"]["reference"] == f"urn:uuid:{resources['PractitionerRole']['id']}"
    assert provenance["entity"][0]["what"]["identifier"]["value"] == hashlib.sha256(JPEG).hexdigest()
    assert bundle(OTOSCOPE, PHOTO) == bundle(OTOSCOPE, PHOTO)


@pytest.mark.parametrize("change", [{"camera": "endoscope"}, {"site": "skin-face"}, {"site": "nose"}, {"jpeg": b""}])
def test_what_is_no_photograph_of_this_camera_is_refused(change: dict[str, str | bytes]) -> None:
    with pytest.raises(MappingError):
        bundle(OTOSCOPE, replace(PHOTO, **change))  # type: ignore[arg-type]


def test_the_side_of_an_ear_stands_in_the_text() -> None:
    assert {SITES["right-ear"][0], SITES["left-ear"][0]} == {"117590005"}
    assert SITES["right-ear"][2] != SITES["left-ear"][2]
