"""What leaves the booth passes validators that others wrote, and those validators are shown to refuse what is wrong. Need F004-21."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from drivers.identity import Identifier, Number
from drivers.measurement import Absent
from kiosk_fhir import auscultation, bundle, codes, consultation, mesures
from kiosk_fhir.body import Placement
from kiosk_fhir.context import INS_TEST, IdentityStatus
from tests.kiosk_fhir.broken import BROKEN, broken, good
from tests.kiosk_fhir.judging import JUDGES, FhirResources, Judge, Medplum, Pyrofile
from tests.kiosk_fhir.sessions import CONTEXT, EFFECTIVE, PHD, WITH_CLOCK, pressure, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(600)
QUALIFIED = replace(
    CONTEXT,
    patient=replace(
        CONTEXT.patient, ins=Identifier(INS_TEST, Number("270052912345675")), status=IdentityStatus.QUALIFIED, birth_place="29064"
    ),
    booth=replace(CONTEXT.booth, source="urn:oid:1.2.250.1.999.1"),
)


@pytest.fixture(scope="module")
def judges() -> Iterator[dict[str, Judge]]:
    medplum = Medplum()
    yield {judge.name: judge for judge in (FhirResources(), Pyrofile(), medplum)}
    medplum.close()


def all_faults(judges: dict[str, Judge], *made: bytes | dict[str, Any]) -> list[str]:
    bundles = [json.loads(one) if isinstance(one, bytes) else one for one in made]
    return [f"{judge.name}: {fault}" for judge in judges.values() for faults in judge.faults(bundles) for fault in faults]


def test_a_bundle_with_every_kind_of_resource_passes_all_judges(judges: dict[str, Judge]) -> None:
    assert all_faults(judges, good()) == []


def test_a_sound_of_the_stethoscope_passes_all_judges(judges: dict[str, Judge]) -> None:
    assert all_faults(judges, auscultation.bundle(bytes(8000), 4000, CONTEXT, site="mitral", ended=EFFECTIVE)) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_bundle_is_refused_by_exactly_the_judges_that_can_see_it(judges: dict[str, Judge], name: str) -> None:
    """So a judge that accepts everything, or that one day sees less, is noticed."""
    made = broken(name)
    seen = {judge.name for judge in judges.values() if judge.faults([made])[0]}
    assert seen == BROKEN[name][1]
    assert seen


def test_each_judge_refuses_twenty_broken_bundles_and_more() -> None:
    refused = [name for _, seen in BROKEN.values() for name in seen]
    assert min(refused.count(name) for name in ("fhir.resources", "pyrofile", "medplum")) >= 20


@pytest.mark.parametrize("path", sorted(PHD.glob("*.json")), ids=lambda path: path.stem)
def test_the_published_examples_of_the_guide_pass_the_judges(judges: dict[str, Judge], path: Any) -> None:
    """Positive material that is not ours: a judge that refused it would be wrong about us as well."""
    example = json.loads(path.read_text())
    assert judges["medplum"].faults([example]) == [[]]
    assert judges["pyrofile"].faults([example]) == [[]]


@pytest.mark.parametrize("vital", sorted(codes.VITALS))
def test_every_vital_passes_all_judges_with_a_value_and_without(judges: dict[str, Judge], vital: str) -> None:
    made = []
    for term in codes.TERMS:
        if term.vital != vital or vital in ("pleth", "ecg"):
            continue
        company = [(term.with_vital, "97", "%" if term.with_vital == "spo2" else "mm[Hg]")] if term.with_vital else []
        for unit in term.units:
            for value, rejected in (("36.60", False), (Absent.NOT_A_NUMBER, False), ("36.60", True)):
                made.append(bundle.settled(reading((vital, value, unit), *company), CONTEXT, effective=EFFECTIVE, rejected=rejected))
    assert all_faults(judges, *made) == []


def test_every_way_to_say_how_it_was_measured_passes_all_judges(judges: dict[str, Judge]) -> None:
    typed = replace(CONTEXT, device=None)
    made = [
        bundle.settled(
            pressure("kPa", "16.0", "10.7"), CONTEXT, effective=EFFECTIVE, placement=Placement("left-arm", "sitting", "Oscillométrie")
        ),
        bundle.settled(pressure(device_time=WITH_CLOCK.started.replace(tzinfo=None)), WITH_CLOCK, effective=EFFECTIVE, corrected=True),
        bundle.settled(pressure(driver="manual", raw_sha256=""), typed, effective=EFFECTIVE),
        bundle.settled(pressure(settled=False), CONTEXT, effective=EFFECTIVE, preliminary=True),
        bundle.settled(reading(("glucose", "600", "mg/dL"), flags=("above-range",)), CONTEXT, effective=EFFECTIVE),
        bundle.settled(pressure(), QUALIFIED, effective=EFFECTIVE),
        bundle.settled(pressure(), CONTEXT, effective=EFFECTIVE, create=True),
    ]
    assert all_faults(judges, *made) == []


def test_the_document_of_a_consultation_passes_all_judges(judges: dict[str, Judge]) -> None:
    over = replace(CONTEXT, ended=EFFECTIVE.replace(hour=11))
    found = [
        *bundle.resources(pressure(), over, effective=EFFECTIVE),
        *(consultation.consent(over, subject, given=True, at=EFFECTIVE) for subject in consultation.Subject),
        consultation.document_reference(
            over, consultation.Attachment("ECG", "application/pdf", b"%PDF-"), kind=("11524-6", "EKG study"), at=EFFECTIVE
        ),
    ]
    made = json.loads(bundle.document(over, found, at=EFFECTIVE.replace(hour=12)))
    assert made["entry"][0]["resource"]["resourceType"] == "Composition"
    assert all_faults(judges, made) == []


def test_the_form_for_mon_espace_sante_is_one_observation_and_one_device(judges: dict[str, Judge]) -> None:
    taken = reading(("systolic", "128", "mm[Hg]"), ("diastolic", "79", "mm[Hg]"), ("pulse-rate", "72", "/min"))
    made = [json.loads(one) for one in mesures.transactions(taken, QUALIFIED, effective=EFFECTIVE)]
    assert [[entry["resource"]["resourceType"] for entry in one["entry"]] for one in made] == [["Device", "Observation"]] * 2
    assert [one["entry"][1]["resource"]["meta"]["profile"][0].rpartition("/")[2] for one in made] == [
        "mesures-fr-observation-bp",
        "mesures-fr-observation-heartrate",
    ]
    assert all(entry["request"]["method"] == "POST" for one in made for entry in one["entry"])
    assert all(one["entry"][1]["resource"]["subject"]["identifier"]["system"] == INS_TEST for one in made)
    assert all_faults(judges, *made) == []


def test_the_judges_are_installed_outside_the_tree() -> None:
    assert not (JUDGES / "node_modules").exists()
