"""What is in a Bundle, and what must not be. Needs F004-21, SYS-12."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from drivers.identity import Identifier, Number
from kiosk_fhir import bundle, check, consultation, mesures
from kiosk_fhir.context import INS_NIA, INS_NIR, INS_TEST, IdentityStatus
from kiosk_fhir.errors import MappingError, ShapeError
from tests.kiosk_fhir.sessions import CONTEXT, CUFF, DEVICE_TIME, EFFECTIVE, WITH_CLOCK, pressure, reading

NUMBER = "270052912345675"


def entries(context: Any = CONTEXT, **said: Any) -> list[dict[str, Any]]:
    made = json.loads(bundle.settled(pressure(device_time=DEVICE_TIME), context, **{"effective": EFFECTIVE, **said}))
    return [entry["resource"] for entry in made["entry"]]


def of(kind: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["resourceType"] == kind]


def patient(**changes: Any) -> Any:
    return replace(CONTEXT, patient=replace(CONTEXT.patient, **changes))


def test_the_bytes_of_a_resource_stand_unchanged_in_its_bundle() -> None:
    made = bundle.settled(pressure(), CONTEXT, effective=EFFECTIVE)
    assert all(one.json in made for one in bundle.resources(pressure(), CONTEXT, effective=EFFECTIVE))


def test_a_patient_that_the_server_knows_is_referred_to_and_not_copied() -> None:
    found = entries(patient(reference="Patient/17"))
    assert of("Patient", found) == []
    assert {one["subject"]["reference"] for one in of("Observation", found)} == {"Patient/17"}


@pytest.mark.parametrize("status", [status for status in IdentityStatus if status is not IdentityStatus.QUALIFIED])
def test_a_national_number_is_sent_for_a_qualified_identity_alone(status: IdentityStatus) -> None:
    ins = Identifier(INS_TEST, Number(NUMBER))
    assert NUMBER not in json.dumps(entries(patient(ins=ins, status=status)))
    (who,) = of("Patient", entries(patient(ins=ins, status=IdentityStatus.QUALIFIED)))
    assert who["identifier"][0]["system"] == INS_TEST
    assert NUMBER not in json.dumps(of("Observation", entries(patient(ins=ins, status=IdentityStatus.QUALIFIED))))


@pytest.mark.parametrize(("system", "production"), [(INS_TEST, True), (INS_NIR, False), (INS_NIA, False), ("urn:oid:1.2.3", True)])
def test_a_national_number_of_the_wrong_kind_is_refused(system: str, production: bool) -> None:
    with pytest.raises(MappingError) as caught:
        replace(CONTEXT, production=production, patient=replace(CONTEXT.patient, ins=Identifier(system, Number(NUMBER))))
    assert caught.value.field == "patient.ins"
    assert NUMBER not in str(caught.value)


def test_the_instrument_says_what_is_known_of_it_and_claims_its_profile_only_then() -> None:
    full = replace(CONTEXT, device=replace(CUFF, udi="(01)00844588003288"))
    instrument = of("Device", entries(full))[1]
    assert instrument["udiCarrier"][0]["carrierHRF"] == "(01)00844588003288"
    assert instrument["meta"]["profile"][0].endswith("PhdDevice")
    assert instrument["specialization"][0]["systemType"]["coding"][0]["code"] == "528391"
    bare = of("Device", entries(replace(CONTEXT, device=replace(CUFF, manufacturer="", system_id="", address=""))))[1]
    assert "meta" not in bare
    assert bare["identifier"] == [{"system": CONTEXT.local_system, "value": CUFF.key}]


def test_the_frame_is_kept_as_evidence_by_its_hash() -> None:
    (proof,) = of("Provenance", entries())
    assert proof["entity"][0]["what"]["identifier"]["value"] == "ab" * 32
    assert len(proof["target"]) == 1
    assert [agent["type"]["coding"][0]["code"] for agent in proof["agent"]] == ["assembler", "performer"]


def test_the_clock_of_the_device_is_there_when_it_was_read() -> None:
    coincident, panel = of("Observation", entries(WITH_CLOCK, corrected=True))
    assert coincident["code"]["coding"][0]["code"] == "67975"
    assert coincident["subject"]["reference"] == panel["device"]["reference"]


def test_the_same_stored_record_sent_again_by_the_device_is_the_same_observation() -> None:
    later = msgspec.structs.replace(
        pressure(device_time=DEVICE_TIME), received=replace(pressure().received, wall=EFFECTIVE.replace(hour=15))
    )
    first, second = (bundle.resources(one, CONTEXT, effective=EFFECTIVE) for one in (pressure(device_time=DEVICE_TIME), later))
    assert [one.id for one in first if one.type == "Observation"] == [one.id for one in second if one.type == "Observation"]


def test_a_consultation_that_is_not_over_gives_no_document() -> None:
    with pytest.raises(MappingError, match="ended"):
        bundle.document(CONTEXT, (), at=EFFECTIVE)


def test_a_later_answer_to_the_same_question_replaces_the_first() -> None:
    yes = consultation.consent(CONTEXT, consultation.Subject.PHOTOS, given=True, at=EFFECTIVE)
    no = consultation.consent(CONTEXT, consultation.Subject.PHOTOS, given=False, at=EFFECTIVE.replace(hour=11))
    assert yes.id == no.id
    assert json.loads(no.json)["provision"]["type"] == "deny"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("patient.ins", {}),
        ("booth.source", {"patient": replace(CONTEXT.patient, ins=Identifier(INS_TEST, Number(NUMBER)), status=IdentityStatus.QUALIFIED)}),
    ],
)
def test_mon_espace_sante_takes_a_qualified_identity_from_a_known_sender_only(field: str, changes: Any) -> None:
    with pytest.raises(MappingError) as caught:
        mesures.transactions(pressure(), replace(CONTEXT, **changes), effective=EFFECTIVE)
    assert caught.value.field == field


def test_mon_espace_sante_gets_metric_units() -> None:
    who = replace(CONTEXT.patient, ins=Identifier(INS_TEST, Number(NUMBER)), status=IdentityStatus.QUALIFIED)
    context = replace(CONTEXT, patient=who, booth=replace(CONTEXT.booth, source="urn:oid:1.2.250.1.999.1"))
    temperature, weight = mesures.transactions(
        reading(("temperature", "98.6", "[degF]"), ("weight", "154.3", "[lb_av]")), context, effective=EFFECTIVE
    )
    assert b'"value":37.00,"unit":"\xc2\xb0C"' in temperature
    assert b'"value":69.99,"unit":"kg"' in weight


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"resourceType":"Bundle"}',
        b'{"resourceType":"Bundle","type":"transaction","entry":[5]}',
        b'{"resourceType":"Bundle","type":"transaction","entry":{"a":1}}',
        b'{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Nope"}}]}',
        b'{"resourceType":"Patient","birthDate":"DUPONT"}',
        b"[" * 5000,
    ],
)
def test_rubbish_from_a_server_is_said_to_be_rubbish(given: bytes) -> None:
    for parse in (check.check_bundle, check.patient, check.questionnaire, check.operation_outcome, check.reply):
        with pytest.raises(ShapeError) as caught:
            parse(given)
        assert "DUPONT" not in str(caught.value)


def test_what_a_server_sends_rightly_is_parsed() -> None:
    assert check.patient(b'{"resourceType":"Patient","id":"17"}').id == "17"
    assert check.questionnaire(b'{"resourceType":"Questionnaire","status":"active"}').status == "active"
    outcome = check.operation_outcome(b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]}')
    assert outcome.issue[0].code == "invalid"
