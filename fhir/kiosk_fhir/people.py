"""The patient, the helper, the specialist and the consultation they meet in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk_fhir.context import INS_DEMO, INS_NIA, INS_NIR, INS_TEST, IdentityStatus
from kiosk_fhir.wire import Json, Resource, coding, concept, identify, moment, refer, resource

if TYPE_CHECKING:
    from kiosk_fhir.context import Context, Patient, Professional

FR_CORE: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
_FR_CODES: Final = "https://hl7.fr/ig/fhir/core/CodeSystem/"
_INS_TYPE: Final = {INS_NIR: "INS-NIR", INS_NIA: "INS-NIA", INS_TEST: "INS-NIR-TEST", INS_DEMO: "INS-NIR-DEMO"}
_STATUS: Final = {
    IdentityStatus.PROVISIONAL: "PROV",
    IdentityStatus.RETRIEVED: "PROV",
    IdentityStatus.VALIDATED: "VALI",
    IdentityStatus.QUALIFIED: "VALI",
}
RPPS: Final = "https://rpps.esante.gouv.fr"
FINESS: Final = "https://finess.esante.gouv.fr"


def ins_identifier(patient: Patient) -> Json | None:
    """The national identifier as FR Core wants it; None unless the identity is qualified."""
    if patient.ins is None or patient.status is not IdentityStatus.QUALIFIED:
        return None
    return {
        "use": "temp" if patient.ins.system == INS_NIA else "official",
        "type": concept(coding(_FR_CODES + "fr-core-cs-v2-0203", _INS_TYPE[patient.ins.system])),
        "system": patient.ins.system,
        "value": patient.ins.value.reveal(),
    }


def patient(context: Context) -> Resource:
    """The Patient (FR Core). A number read from a card is no INS: only a qualified identity carries one."""
    who = context.patient
    ins = ins_identifier(who)
    status = {"url": "identityStatus", "valueCoding": coding(_FR_CODES + "fr-core-cs-v2-0445", _STATUS[who.status])}
    extension: list[Json] = [{"url": FR_CORE + "fr-core-identity-reliability", "extension": [status]}]
    if who.birth_place:
        insee = coding("https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune", who.birth_place)
        address = {"extension": [{"url": FR_CORE + "fr-core-address-insee-code", "valueCoding": insee}]}
        extension.append({"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": address})
    identifiers = [{"use": "secondary", "system": context.local_system, "value": who.local_id}]
    content: Json = {
        "resourceType": "Patient",
        "id": context.patient_id,
        "meta": {"profile": [FR_CORE + ("fr-core-patient-ins" if ins is not None else "fr-core-patient")]},
        "extension": extension,
        "identifier": [ins, *identifiers] if ins is not None else identifiers,
        "gender": who.sex,
    }
    name = _name(who)
    if name:
        content["name"] = [name]
    if who.birth_date:
        content["birthDate"] = who.birth_date
    return resource(content)


def _name(who: Patient) -> Json:
    name: Json = {}
    if who.given_names:
        birth_list = {"url": FR_CORE + "fr-core-patient-birth-list-given-name", "valueString": " ".join(who.given_names)}
        name = {"extension": [birth_list], "given": list(who.given_names)}
    if who.family_name:
        name["family"] = who.family_name
    return {"use": "official", **name} if name else {}


def _practitioner(person: Professional, identity: str, local_system: str) -> Resource:
    identifier: Json = {"use": "secondary", "system": local_system, "value": identity}
    if person.rpps:
        kind = concept(coding(_FR_CODES + "fr-core-cs-v2-0203", "RPPS"))
        identifier = {"use": "official", "type": kind, "system": RPPS, "value": person.rpps}
    return resource({"resourceType": "Practitioner", "id": identity, "identifier": [identifier], "name": [{"text": person.name}]})


def helper(context: Context) -> tuple[Resource, ...]:
    """The helper as Practitioner and PractitionerRole at the booth; nothing where none is given."""
    person = context.helper
    if person is None:
        return ()
    organization: Json = {"display": context.booth.organization or context.booth.name or context.booth.id}
    if context.booth.finess:
        organization["identifier"] = {"system": FINESS, "value": context.booth.finess}
    role: Json = {
        "resourceType": "PractitionerRole",
        "id": context.helper_role_id,
        "identifier": [{"system": context.local_system, "value": context.helper_role_id}],
        "practitioner": refer(f"urn:uuid:{context.helper_id}"),
        "organization": organization,
        "code": [{"text": person.role or "Accompagnant"}],
    }
    return (_practitioner(person, context.helper_id, context.local_system), resource(role))


def specialist_id(context: Context) -> str:
    """Id of the specialist's Practitioner resource; empty where none is given."""
    person = context.specialist
    return "" if person is None else identify("Practitioner", person.rpps, person.name)


def specialist(context: Context) -> tuple[Resource, ...]:
    """The specialist as Practitioner; nothing where none is given."""
    return () if context.specialist is None else (_practitioner(context.specialist, specialist_id(context), context.local_system),)


def encounter(context: Context) -> Resource:
    """The consultation: one virtual Encounter, `in-progress` until the context has an end."""
    period = {"start": moment(context.started, "started")}
    if context.ended is not None:
        period["end"] = moment(context.ended, "ended")
    content: Json = {
        "resourceType": "Encounter",
        "id": context.encounter_id,
        "identifier": [{"system": context.local_system, "value": context.consultation}],
        "status": "in-progress" if context.ended is None else "finished",
        "class": coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "VR", "virtual"),
        "type": [{"text": "Téléconsultation assistée"}],
        "subject": refer(context.patient_reference),
        "period": period,
    }
    participants = [f"urn:uuid:{context.helper_role_id}"] if context.helper is not None else []
    if context.specialist is not None:
        participants.append(f"urn:uuid:{specialist_id(context)}")
    if participants:
        content["participant"] = [{"individual": refer(who)} for who in participants]
    return resource(content)
