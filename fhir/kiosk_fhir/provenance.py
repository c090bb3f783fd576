"""Who brought a measurement in, with the hash of the device's own frame as evidence."""

from __future__ import annotations

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
    kind = ("enterer", "Enterer") if reading.driver == MANUAL else ("performer", "Performer")
    activity = ("UPDATE", "revise") if rejected else ("CREATE", "create")
    evidence = (reading.raw_sha256, "Trame brute de l'appareil (SHA-256)")
    return record(context, targets, at=reading.received.wall, evidence=evidence, helped=kind, activity=activity)


def record(
    context: Context,
    targets: Sequence[Resource],
    *,
    at: datetime,
    evidence: tuple[str, str],
    helped: tuple[str, str] = ("performer", "Performer"),
    activity: tuple[str, str] = ("CREATE", "create"),
) -> Resource:
    """The Provenance of what the booth made of something: `evidence` is the SHA-256 of it (hex, "" for none) and what it is of.

    Raises:
        MappingError: the time has no zone.
    """
    recorded, (digest, display) = instant(at, "received"), evidence
    agents = [_agent("assembler", "Assembler", f"urn:uuid:{context.booth_id}")]
    if context.helper is not None:
        agents.append(_agent(*helped, f"urn:uuid:{context.helper_role_id}"))
    content: Json = {
        "resourceType": "Provenance",
        "id": identify("Provenance", context.encounter_id, digest, recorded, *(target.id for target in targets), activity[0]),
        "target": [{"reference": target.reference} for target in targets],
        "recorded": recorded,
        "activity": concept(coding(_ACTIVITY, *activity)),
        "agent": agents,
    }
    if digest:
        content["entity"] = [{"role": "source", "what": {"identifier": {"system": SHA256, "value": digest}, "display": display}}]
    return resource(content)


def _agent(code: str, display: str, who: str) -> Json:
    return {"type": concept(coding(_AGENT, code, display)), "who": {"reference": who}}
