"""What the stethoscope heard as a Media: the samples unchanged, where they were heard, and what vouches for them. Needs F004-21, F002-15."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import wave
from dataclasses import replace
from typing import Any, get_args

import pytest

from drivers.device import Device
from kiosk_fhir import auscultation
from kiosk_fhir.check import check_bundle
from kiosk_fhir.errors import MappingError
from protocol.sound import SITES, Site
from tests.kiosk_fhir.sessions import CONTEXT, EFFECTIVE

CHEST = replace(CONTEXT, device=Device("stethoscope:alsa:hw:1", "", name="Stéthoscope électronique"))
SAMPLES = bytes(range(256)) * 125


def made(samples: bytes = SAMPLES, site: str = "aortic") -> dict[str, Any]:
    payload = auscultation.bundle(samples, 4000, CHEST, site=site, ended=EFFECTIVE)
    check_bundle(payload)
    return {entry["resource"]["resourceType"]: entry["resource"] for entry in json.loads(payload)["entry"]}


def test_the_file_holds_the_samples_and_the_provenance_their_hash() -> None:
    found = made()
    sound, provenance = found["Media"], found["Provenance"]
    with wave.open(io.BytesIO(base64.b64decode(sound["content"]["data"]))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 4000)
        assert file.readframes(file.getnframes()) == SAMPLES
    assert provenance["entity"][0]["what"]["identifier"]["value"] == hashlib.sha256(SAMPLES).hexdigest()
    assert provenance["target"] == [{"reference": f"urn:uuid:{sound['id']}"}]
    assert sound["createdPeriod"] == {"start": "2026-01-12T10:15:26+01:00", "end": "2026-01-12T10:15:30+01:00"}
    assert (sound["duration"], sound["content"]["size"]) == (4, len(SAMPLES) + 44)


def test_it_is_of_this_patient_by_this_device_at_this_site() -> None:
    found = made(site="back-lower-left")
    sound = found["Media"]
    assert sound["bodySite"] == {"text": "Poumon gauche, dans le dos, en bas"}
    assert sound["subject"]["reference"] == f"urn:uuid:{found['Patient']['id']}"
    assert sound["encounter"]["reference"] == f"urn:uuid:{found['Encounter']['id']}"
    assert sound["device"]["reference"] == f"urn:uuid:{CHEST.device_id}"


def test_the_same_sound_is_the_same_resource_and_another_is_another() -> None:
    assert made()["Media"]["id"] == made()["Media"]["id"] != made(SAMPLES[2:])["Media"]["id"]


def test_every_site_of_the_screens_has_a_name() -> None:
    assert set(auscultation.SITES) == set(SITES) == set(get_args(Site))


@pytest.mark.parametrize(
    ("samples", "site", "field"), [(b"", "aortic", "samples"), (b"abc", "aortic", "samples"), (SAMPLES, "knee", "site")]
)
def test_what_makes_no_sense_is_refused(samples: bytes, site: str, field: str) -> None:
    with pytest.raises(MappingError) as error:
        auscultation.bundle(samples, 4000, CHEST, site=site, ended=EFFECTIVE)
    assert error.value.field == field
