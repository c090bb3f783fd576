"""Bundles: one transaction per settled measurement, and the document of a whole consultation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import orjson

from kiosk_fhir import codes, people
from kiosk_fhir.body import Placement
from kiosk_fhir.device import coincident, gateway, instrument
from kiosk_fhir.errors import MappingError
from kiosk_fhir.observation import MANUAL, build
from kiosk_fhir.provenance import provenance
from kiosk_fhir.wire import Json, Resource, coding, concept, dumps, identify, instant, moment, resource

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from drivers.measurement import Reading
    from kiosk_fhir.context import Context

_NOWHERE: Final = Placement()


def resources(
    reading: Reading,
    context: Context,
    *,
    effective: datetime,
    corrected: bool = False,
    rejected: bool = False,
    preliminary: bool = False,
    placement: Placement = _NOWHERE,
) -> tuple[Resource, ...]:
    """Every resource of one settled measurement, in an order in which nothing refers to what comes later.

    Raises:
        MappingError: as `observation.build`.
    """
    observations = build(
        reading, context, effective=effective, corrected=corrected, rejected=rejected, preliminary=preliminary, placement=placement
    )
    found = [*around(context)]
    if reading.driver != MANUAL:
        found.append(instrument(context, (measurement.vital for measurement in reading.measurements)))
        if context.clock is not None and reading.device_time is not None:
            found.append(coincident(context))
    found += observations
    found.append(provenance(reading, context, observations, rejected=rejected))
    return tuple(found)


def around(context: Context) -> tuple[Resource, ...]:
    """Patient, booth, people and Encounter: what every measurement of the consultation refers to."""
    if "around" not in context.memo:
        known = () if context.patient.reference else (people.patient(context),)
        people_there = (*people.helper(context), *people.specialist(context))
        context.memo["around"] = (*known, gateway(context), *people_there, people.encounter(context))
    return tuple(context.memo["around"])


def settled(
    reading: Reading,
    context: Context,
    *,
    effective: datetime,
    corrected: bool = False,
    rejected: bool = False,
    preliminary: bool = False,
    placement: Placement = _NOWHERE,
    create: bool = False,
) -> bytes:
    """One transaction Bundle for one settled measurement: sent twice, it changes nothing. Arguments as `observation.build`.

    `create`: for servers that refuse client-made ids, POST with ifNoneExist in place of PUT; the Provenance, which has no identifier to
    be found by, is then left out and may be sent once the rest is acknowledged (`resources` gives it, last).

    Raises:
        MappingError: as `observation.build`.
    """
    found = resources(
        reading, context, effective=effective, corrected=corrected, rejected=rejected, preliminary=preliminary, placement=placement
    )
    return transaction(found, create=create)


def transaction(found: Iterable[Resource], *, create: bool = False) -> bytes:
    """The transaction Bundle of these resources; their bytes stand in it unchanged."""
    entries = [_post(one) for one in found if one.type not in _NAMELESS] if create else [_put(one) for one in found]
    return dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def _put(one: Resource) -> Json:
    return {
        "fullUrl": one.reference,
        "resource": orjson.Fragment(one.json),
        "request": {"method": "PUT", "url": f"{one.type}/{one.id}"},
    }


#: what has no identifier in R4, so that a server could not know it again
_NAMELESS: Final = ("Provenance", "AuditEvent")


def _post(one: Resource) -> Json:
    identifier = orjson.loads(one.json)["identifier"][-1]
    token = quote(f"{identifier['system']}|{identifier['value']}", safe=":/|.-_")
    request = {"method": "POST", "url": one.type, "ifNoneExist": f"identifier={token}"}
    return {"fullUrl": one.reference, "resource": orjson.Fragment(one.json), "request": request}


def document(context: Context, found: Iterable[Resource], *, at: datetime, title: str = "Téléconsultation assistée") -> bytes:
    """The whole consultation as one FHIR document: a Composition, then every resource once (of the same id, the last counts).

    `found` are the resources of all measurements (`resources`) and of the consultation (`kiosk_fhir.consultation`), in any order.

    Raises:
        MappingError: the context has no end, or the time no zone.
    """
    if context.ended is None:
        raise MappingError("ended", "the consultation is not over")
    inside = {one.id: one for one in (*found, *around(context))}
    made = instant(at, "document.at")
    composition = _composition(context, list(inside.values()), moment(at, "document.at"), title)
    entries = [{"fullUrl": one.reference, "resource": orjson.Fragment(one.json)} for one in (composition, *inside.values())]
    identity = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{identify('Bundle', context.encounter_id, made)}"}
    return dumps({"resourceType": "Bundle", "identifier": identity, "type": "document", "timestamp": made, "entry": entries})


#: title of a section of the document -> the types of resources that stand in it
_SECTIONS: Final = {
    "Mesures": ("Observation",),
    "Photographies": ("Media",),
    "Compte rendu": ("DiagnosticReport", "DocumentReference"),
    "Consentements": ("Consent",),
    "Échanges": ("Communication",),
    "Traçabilité": ("Provenance", "AuditEvent"),
}


def _composition(context: Context, inside: list[Resource], date: str, title: str) -> Resource:
    author = f"urn:uuid:{people.specialist_id(context) if context.specialist is not None else context.booth_id}"
    sections = [
        {"title": name, "entry": [{"reference": one.reference} for one in inside if one.type in types]} for name, types in _SECTIONS.items()
    ]
    return resource(
        {
            "resourceType": "Composition",
            "id": identify("Composition", context.encounter_id),
            "status": "final",
            "type": concept(coding(codes.LOINC, "75496-0", "Telehealth Note")),
            "subject": {"reference": context.patient_reference},
            "encounter": {"reference": f"urn:uuid:{context.encounter_id}"},
            "date": date,
            "author": [{"reference": author}],
            "title": title,
            "section": [section for section in sections if section["entry"]],
        }
    )
