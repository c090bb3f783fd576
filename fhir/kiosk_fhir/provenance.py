"""Who brought a measurement in, with the hash of the device's own frame as evidence."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from kiosk_fhir.observation import MANUAL
from kiosk_fhir.wire import Json, Resource, coding, concept, identify, instant, resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from drivers.measurement import Reading
    from kiosk_fhir.context import Context

#: the OID of SHA-256 (NIST), as the system of a hash
SHA256: Final = "urn:oid:2.16.840.1.101.3.4.2.1"
_AGENT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_ACTIVITY: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"


def provenance(reading: Reading, context: Context, targets: Sequence[Resource], *, rejected: bool = False) -> Resource:
    """The Provenance of the Observations that one Reading gave.

    Raises:
        MappingError: the reception time has no zone.
    """
    recorded = instant(reading.received.wall, "received")
    agents = [_agent("assembler", "Assembler", f"urn:uuid:{context.booth_id}")]
    if context.helper is not None:
        kind = ("enterer", "Enterer") if reading.driver == MANUAL else ("performer", "Performer")
        agents.append(_agent(*kind, f"urn:uuid:{context.helper_role_id}"))
    activity = ("UPDATE", "revise") if rejected else ("CREATE", "create")
    content: Json = {
        "resourceType": "Provenance",
        "id": identify("Provenance", context.encounter_id, reading.raw_sha256, recorded, *(target.id for target in targets), activity[0]),
        "target": [{"reference": target.reference} for target in targets],
        "recorded": recorded,
        "activity": concept(coding(_ACTIVITY, *activity)),
        "agent": agents,
    }
    if reading.raw_sha256:
        what = {"identifier": {"system": SHA256, "value": reading.raw_sha256}, "display": "Trame brute de l'appareil (SHA-256)"}
        content["entity"] = [{"role": "source", "what": what}]
    return resource(content)


def of_octets(octets: bytes, context: Context, target: Resource, *, recorded: datetime) -> Resource:
    """The Provenance of something that the booth took itself: a photograph, a sound.

    Raises:
        MappingError: the time has no zone.
    """
    digest = hashlib.sha256(octets).hexdigest()
    agents = [_agent("assembler", "Assembler", f"urn:uuid:{context.booth_id}")]
    if context.helper is not None:
        agents.append(_agent("performer", "Performer", f"urn:uuid:{context.helper_role_id}"))
    return resource(
        {
            "resourceType": "Provenance",
            "id": identify("Provenance", context.encounter_id, digest, target.id),
            "target": [{"reference": target.reference}],
            "recorded": instant(recorded, "recorded"),
            "activity": concept(coding(_ACTIVITY, "CREATE", "create")),
            "agent": agents,
            "entity": [
                {"role": "source", "what": {"identifier": {"system": SHA256, "value": digest}, "display": "Octets enregistrés (SHA-256)"}}
            ],
        }
    )


def _agent(code: str, display: str, who: str) -> Json:
    return {"type": concept(coding(_AGENT, code, display)), "who": {"reference": who}}
