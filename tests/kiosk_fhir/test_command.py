"""`telecabine fhir`: lines of `telecabine decode` in, a Bundle out, errors in plain words. Need F004-21."""

from __future__ import annotations

import argparse
import io
import json
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.cli import main
from kiosk.commands import decode
from kiosk_fhir.check import check_bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SESSION: dict[str, Any] = {
    "consultation": "c-42",
    "started": "2026-01-12T10:00:00",
    "timezone": "Europe/Paris",
    "patient": {"family_name": "DUPONT", "given_names": ["Jeanne"], "birth_date": "1970-05-21", "sex": "female"},
    "booth": {"id": "cabine-1", "system_id": "EC-DE-3D-4E-58-53-2D-31"},
    "helper": {"name": "Anne Martin"},
    "device": {
        "name": "Tensiomètre",
        "model": "UA-651BLE",
        "serial": "519",
        "system_id": "74E8FFFEFF051C00",
        "address": "00:1C:05:FF:E8:74",
        "firmware": "r2",
    },
    "received_at": "2026-01-12T10:15:41+01:00",
}
PRESSURE = "1680004f005e00ea07010c0a0d1c48000500"


@dataclass
class Done:
    """What a command left."""

    status: int
    out: bytes
    err: str

    @property
    def bundle(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [entry["resource"] for entry in self.bundle["entry"] if entry["resource"]["resourceType"] == kind]


@pytest.fixture
def telecabine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run `telecabine fhir` on lines, with a session changed by keywords (None takes a field out)."""

    def run(lines: bytes, *options: str, **changes: Any) -> Done:
        session = {name: value for name, value in {**SESSION, **changes}.items() if value is not None}
        path = tmp_path / "session.json"
        path.write_text(json.dumps(session))
        out = io.BytesIO()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(lines)))
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
        status = main(["fhir", "--session", str(path), *options])
        return Done(status, out.getvalue(), capsys.readouterr().err)

    return run


def decoded(source: str, *frames: str) -> bytes:
    """What `telecabine decode` says."""
    output = io.StringIO()
    decode.run(argparse.Namespace(source=source, hex=frames, driver=None), output)
    return output.getvalue().encode()


def line(*rows: tuple[str, str | None, str], **fields: Any) -> bytes:
    measurements = [{"vital": vital, "value": value, "unit": unit, "absent": None} for vital, value, unit in rows]
    return json.dumps({"source": "2A35", "driver": "blood-pressure", "measurements": measurements, **fields}).encode() + b"\n"


def test_a_decoded_blood_pressure_becomes_a_bundle(telecabine: Callable[..., Done]) -> None:
    done = telecabine(decoded("2A35", PRESSURE))
    assert (done.status, done.err) == (0, "")
    check_bundle(done.out)
    panel, pulse, bits = done.of("Observation")
    assert [component["valueQuantity"]["value"] for component in panel["component"]] == [128, 79, 94]
    assert pulse["valueQuantity"]["value"] == 72
    assert [component["code"]["coding"][0]["code"] for component in bits["component"]] == ["8410608.0", "8410608.2"]
    assert panel["effectiveDateTime"] == "2026-01-12T10:13:28+01:00"
    assert done.of("Patient")[0]["name"][0]["family"] == "DUPONT"


def test_several_lines_are_one_bundle_with_each_resource_once(telecabine: Callable[..., Done]) -> None:
    lines = decoded("2A35", PRESSURE) + decoded("2A1C", "006e0100ff")
    done = telecabine(lines)
    ids = [entry["fullUrl"] for entry in done.bundle["entry"]]
    assert len(ids) == len(set(ids))
    assert len(done.of("Encounter")) == 1
    assert len(done.of("Provenance")) == 2
    each = telecabine(lines, "--each")
    assert len(each.out.splitlines()) == 2
    for one in each.out.splitlines():
        check_bundle(one)


def test_the_device_time_is_corrected_by_what_its_clock_was_off(telecabine: Callable[..., Done]) -> None:
    clock = {"device_time": "2026-01-12T10:13:39", "received_at": "2026-01-12T10:15:41+01:00"}
    done = telecabine(decoded("2A35", PRESSURE), clock=clock)
    coincident, panel, *_ = done.of("Observation")
    assert panel["effectiveDateTime"] == "2026-01-12T10:15:30+01:00"
    assert coincident["valueDateTime"] == "2026-01-12T10:13:39+01:00"


def test_in_the_hour_that_comes_twice_the_one_before_the_reception_is_meant(telecabine: Callable[..., Done]) -> None:
    taken = line(("systolic", "120", "mm[Hg]"), ("diastolic", "80", "mm[Hg]"), time="2026-10-25T02:30:00")
    first = telecabine(taken, received_at="2026-10-25T02:31:00+02:00")
    second = telecabine(taken, received_at="2026-10-25T02:31:00+01:00")
    assert first.of("Observation")[0]["effectiveDateTime"] == "2026-10-25T02:30:00+02:00"
    assert second.of("Observation")[0]["effectiveDateTime"] == "2026-10-25T02:30:00+01:00"


def test_a_live_value_is_preliminary_and_a_cuff_that_inflates_is_nothing(telecabine: Callable[..., Done]) -> None:
    live = telecabine(decoded("2A5F", "0C62004E002000000000"))
    assert {one["status"] for one in live.of("Observation")} == {"preliminary"}
    cuff = telecabine(decoded("2A36", "00800000000000"))
    assert (cuff.status, cuff.out) == (1, b"")


def test_what_the_decoder_refused_is_said_and_the_rest_is_printed(telecabine: Callable[..., Done]) -> None:
    done = telecabine(line(rejected="truncated") + decoded("2A35", PRESSURE))
    assert done.status == 0
    assert "line 1: the decoder refused it: truncated" in done.err
    assert done.of("Observation")


def test_a_value_typed_by_hand_needs_no_device(telecabine: Callable[..., Done]) -> None:
    done = telecabine(line(("weight", "71.40", "kg"), driver="manual", source="manual"), device=None)
    assert done.status == 0
    assert b'"value":71.40' in done.out
    assert "Saisie manuelle" in done.of("Observation")[0]["note"][0]["text"]


def test_the_form_for_mon_espace_sante_is_behind_a_switch(telecabine: Callable[..., Done]) -> None:
    refused = telecabine(decoded("2A35", PRESSURE), "--mesures")
    assert (refused.status, refused.out) == (1, b"")
    assert "qualified" in refused.err
    patient = {**SESSION["patient"], "ins": {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "270052912345675"}, "status": "qualified"}
    booth = {**SESSION["booth"], "source": "urn:oid:1.2.250.1.999.1"}
    done = telecabine(decoded("2A35", PRESSURE), "--mesures", patient=patient, booth=booth, production=False)
    assert [len(json.loads(one)["entry"]) for one in done.out.splitlines()] == [2, 2]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"consultation": None}, "consultation"),
        ({"consultation": ""}, "consultation: the session has no id"),
        ({"received_at": None}, "received_at"),
        ({"received_at": "yesterday"}, "received_at"),
        ({"timezone": "Europe/Lutetia"}, "timezone"),
        ({"booth": {}}, "id"),
        ({"booth": {"id": "c", "colour": "red"}}, "unknown field `colour` - at `booth`"),
        ({"patient": {"sex": "F"}}, "patient.sex: not one of"),
        ({"patient": {"birth_date": "21/05/1970"}}, "patient.birth_date: not a date"),
        ({"device": {"system_id": "12"}}, "device.system_id: not 16 hex capitals"),
        ({"patient": {"ins": {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "1"}}}, "patient.ins: a test or demonstration"),
        ({"patient": {"ins": {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "1"}}, "production": False}, "patient.ins: a real"),
        ({"patient": {"ins": {"system": "urn:oid:1.2.3", "value": "1"}}}, "patient.ins: its system"),
    ],
)
def test_a_session_that_cannot_be_used_is_named_field_by_field(telecabine: Callable[..., Done], changes: Any, said: str) -> None:
    done = telecabine(decoded("2A35", PRESSURE), **changes)
    assert (done.status, done.out) == (2, b"")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("lines", "changes", "said"),
    [
        (b"{", {}, "line 1: not JSON"),
        (b"\xff\xfe", {}, "line 1: not JSON"),
        (b"[]", {}, "line 1: Expected `object`"),
        (line(("systolic", "twelve", "mm[Hg]")), {}, "line 1: the value of systolic is not a decimal number"),
        (line(("charm", "1", "1")), {}, "measurements.charm: unknown vital"),
        (line(("systolic", "120", "Cel"), ("diastolic", "80", "Cel")), {}, "measurements.systolic: the unit 'Cel' is impossible"),
        (line(("weight", "NaN", "kg")), {}, "measurements.weight: the value is not a finite number"),
        (line(("weight", "71", "kg")), {"device": None}, "device: no device is given"),
        (b"", {}, "there is nothing to map"),
    ],
)
def test_bad_lines_are_said_plainly_and_nothing_is_printed(telecabine: Callable[..., Done], lines: bytes, changes: Any, said: str) -> None:
    done = telecabine(decoded("2A35", PRESSURE) * bool(lines) + lines if changes == {} and lines else lines, **changes)
    said = said.replace("line 1", "line 2") if changes == {} and lines else said
    assert (done.status, done.out) == (1, b"")
    assert said in done.err
    assert "Traceback" not in done.err


def test_an_insured_number_is_not_sent_for_an_identity_that_is_not_qualified(telecabine: Callable[..., Done]) -> None:
    patient = {**SESSION["patient"], "ins": {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "270052912345675"}, "status": "validated"}
    done = telecabine(decoded("2A35", PRESSURE), patient=patient)
    assert done.status == 0
    assert b"270052912345675" not in done.out
    done = telecabine(decoded("2A35", PRESSURE), patient={**patient, "status": "qualified"})
    (who,) = done.of("Patient")
    assert who["identifier"][0]["value"] == "270052912345675"
    assert who["meta"]["profile"] == ["https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins"]
