"""What belongs to the consultation rather than to a measurement: consents, notes, reports, documents, access.

Each function returns one finished Resource and raises MappingError where a part is missing or a time has no zone.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk_fhir.codes import LOINC
from kiosk_fhir.errors import MappingError
from kiosk_fhir.people import specialist_id
from kiosk_fhir.wire import Json, Resource, coding, concept, identify, instant, moment, refer, resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kiosk_fhir.context import Context

_SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
_ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


class Subject(StrEnum):
    """What the patient agrees to, each asked on its own."""

    ACT = "act"
    SHARING = "sharing"
    PHOTOS = "photos"


_SUBJECTS: Final = {
    Subject.ACT: ("treatment", "Treatment", "Acte de téléconsultation assistée"),
    Subject.SHARING: ("patient-privacy", "Privacy Consent", "Partage des mesures et du compte rendu avec le spécialiste"),
    Subject.PHOTOS: ("patient-privacy", "Privacy Consent", "Prise et partage de photographies"),
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: `title` names it for a reader, `content_type` is its MIME type."""

    title: str
    content_type: str
    data: bytes = field(repr=False)


def consent(context: Context, subject: Subject, *, given: bool, at: datetime) -> Resource:
    """One answer of the patient. A later answer to the same question replaces it."""
    scope, display, text = _SUBJECTS[subject]
    return resource(
        {
            "resourceType": "Consent",
            "id": identify("Consent", context.encounter_id, subject),
            "identifier": [{"system": context.local_system, "value": f"{context.consultation}-{subject}"}],
            "status": "active" if given else "rejected",
            "scope": concept(coding(_SCOPE, scope, display)),
            "category": [concept(coding(LOINC, "59284-0", "Consent Document"), text=text)],
            "patient": refer(context.patient_reference),
            "dateTime": moment(at, "consent.at"),
            "policyRule": concept(coding(_ACT, "OPTIN", "opt-in")),
            "provision": {"type": "permit" if given else "deny"},
        }
    )


def note(context: Context, text: str, *, at: datetime, from_helper: bool) -> Resource:
    """One written message between the helper and the specialist.

    Raises:
        MappingError: the text is empty, or the sender is not part of the context.
    """
    if not text.strip():
        raise MappingError("note", "the text is empty")
    helper = refer(f"urn:uuid:{context.helper_role_id}") if context.helper is not None else None
    specialist = refer(f"urn:uuid:{specialist_id(context)}") if context.specialist is not None else None
    sender, recipient = (helper, specialist) if from_helper else (specialist, helper)
    if sender is None:
        raise MappingError("note", "its sender is not part of the consultation")
    sent = moment(at, "note.at")
    identity = identify("Communication", context.encounter_id, sent, str(from_helper), text)
    content: Json = {
        "resourceType": "Communication",
        "id": identity,
        "identifier": [{"system": context.local_system, "value": identity}],
        "status": "completed",
        "subject": refer(context.patient_reference),
        "encounter": refer(f"urn:uuid:{context.encounter_id}"),
        "sent": sent,
        "sender": sender,
        "payload": [{"contentString": text}],
    }
    if recipient is not None:
        content["recipient"] = [recipient]
    return resource(content)


def report(context: Context, *, title: str, issued: datetime, results: Sequence[Resource] = (), conclusion: str = "") -> Resource:
    """The specialist's report as a DiagnosticReport over the measurements it speaks of."""
    identity = identify("DiagnosticReport", context.encounter_id, title)
    content: Json = {
        "resourceType": "DiagnosticReport",
        "id": identity,
        "identifier": [{"system": context.local_system, "value": identity}],
        "status": "final",
        "code": concept(coding(LOINC, "75496-0", "Telehealth Note"), text=title),
        "subject": refer(context.patient_reference),
        "encounter": refer(f"urn:uuid:{context.encounter_id}"),
        "effectiveDateTime": moment(context.started, "started"),
        "issued": instant(issued, "report.issued"),
    }
    if context.specialist is not None:
        content["performer"] = [refer(f"urn:uuid:{specialist_id(context)}")]
    if results:
        content["result"] = [{"reference": one.reference} for one in results]
    if conclusion:
        content["conclusion"] = conclusion
    return resource(content)


def document_reference(context: Context, attachment: Attachment, *, kind: tuple[str, str], at: datetime) -> Resource:
    """A file of the consultation (report, photograph, ECG strip). `kind` is a LOINC code and its display.

    FHIR wants the SHA-1 of an attachment; it finds a damaged copy, it protects against nothing.
    """
    digest = hashlib.sha1(attachment.data, usedforsecurity=False).digest()
    return resource(
        {
            "resourceType": "DocumentReference",
            "id": identify("DocumentReference", context.encounter_id, attachment.title, digest.hex()),
            "identifier": [{"system": context.local_system, "value": f"{context.consultation}-{digest.hex()}"}],
            "status": "current",
            "type": concept(coding(LOINC, *kind)),
            "subject": refer(context.patient_reference),
            "date": instant(at, "document.at"),
            "content": [
                {
                    "attachment": {
                        "contentType": attachment.content_type,
                        "data": base64.b64encode(attachment.data).decode(),
                        "hash": base64.b64encode(digest).decode(),
                        "title": attachment.title,
                        "creation": moment(at, "document.at"),
                    }
                }
            ],
            "context": {"encounter": [refer(f"urn:uuid:{context.encounter_id}")]},
        }
    )


def access(context: Context, *, action: str, at: datetime, by_specialist: bool, allowed: bool = True) -> Resource:
    """Who looked at or changed the record: `action` is C, R, U, D or E.

    Raises:
        MappingError: an unknown action, or nobody of that part in the context.
    """
    if action not in ("C", "R", "U", "D", "E"):
        raise MappingError("access.action", "not one of C, R, U, D, E")
    person = context.specialist if by_specialist else context.helper
    if person is None:
        raise MappingError("access", "nobody of that part is in the consultation")
    who = specialist_id(context) if by_specialist else context.helper_role_id
    recorded = instant(at, "access.at")
    return resource(
        {
            "resourceType": "AuditEvent",
            "id": identify("AuditEvent", context.encounter_id, recorded, action, who),
            "type": coding("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "RESTful Operation"),
            "action": action,
            "recorded": recorded,
            "outcome": "0" if allowed else "8",
            "agent": [{"who": refer(f"urn:uuid:{who}", person.name), "requestor": True}],
            "source": {"observer": refer(f"urn:uuid:{context.booth_id}")},
            "entity": [{"what": refer(f"urn:uuid:{context.encounter_id}")}],
        }
    )
