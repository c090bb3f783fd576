"""The French variant for Mon espace santé: ANS guide "Mesures de santé" (github ansforge/IG-fhir-mesures-de-sante), chosen by calling it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from kiosk_fhir import codes, people
from kiosk_fhir.device import instrument
from kiosk_fhir.errors import MappingError
from kiosk_fhir.observation import HTEST, MANUAL, Part, parts
from kiosk_fhir.wire import Json, Resource, coding, concept, dumps

if TYPE_CHECKING:
    from datetime import datetime

    from drivers.measurement import Reading
    from kiosk_fhir.context import Context

_POST_DEVICE: Final = {"method": "POST", "url": "Device"}
_POST_OBSERVATION: Final = {"method": "POST", "url": "Observation"}
#: the units that Mon espace santé takes in place of the others that HL7 allows
_MESURES_UNITS: Final = {"[degF]": "Cel", "[lb_av]": "kg", "g": "kg", "[in_i]": "cm"}
#: elements that the profiles of Mon espace santé leave out, or whose target cannot be in a Bundle of one Observation and one Device
_MESURES_WITHOUT: Final = ("encounter", "performer", "interpretation", "method", "bodySite")


def transactions(
    reading: Reading,
    context: Context,
    *,
    effective: datetime,
    corrected: bool = False,
    rejected: bool = False,
    preliminary: bool = False,
) -> tuple[bytes, ...]:
    """What Mon espace santé takes (ANS, "mesures de santé"): a transaction of one Observation and at most one Device, POST, per result.

    Results for which that guide has no profile (a perfusion index, a curve, a status word) are left out. Arguments as `observation.build`.

    Raises:
        MappingError: as `observation.build`; the identity is not qualified; the booth has no `source` OID.
    """
    ins = people.ins_identifier(context.patient)
    if ins is None:
        raise MappingError("patient.ins", "Mon espace santé takes the measurements of a qualified identity only")
    if not context.booth.source.startswith("urn:oid:"):
        raise MappingError("booth.source", "the sending system has no OID, as urn:oid:1.2.250...")
    found = parts(
        reading, context, effective=effective, corrected=corrected, rejected=rejected, preliminary=preliminary, units=_MESURES_UNITS
    )
    device = instrument(context) if reading.driver != MANUAL else None
    return tuple(
        _mesure(part, part.term.ans, context, {"identifier": {"system": ins["system"], "value": ins["value"]}}, device)
        for part in found
        if part.term is not None and part.term.ans
    )


def _mesure(part: Part, profile: str, context: Context, subject: Json, device: Resource | None) -> bytes:
    kept = {name: value for name, value in part.content.items() if name not in _MESURES_WITHOUT}
    kept["meta"] = {"source": context.booth.source, "profile": [codes.ANS_PROFILE + profile]}
    if part.test:
        kept["meta"]["security"] = HTEST
    kept["subject"] = subject
    kept["category"] = [concept(coding("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "vital-signs"))]
    kept.pop("extension", None)
    entries = [] if device is None else [{"fullUrl": device.reference, "resource": orjson.Fragment(device.json), "request": _POST_DEVICE}]
    entries.append({"fullUrl": f"urn:uuid:{part.content['id']}", "resource": kept, "request": _POST_OBSERVATION})
    return dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})
