"""What the stethoscope heard as a FHIR R4 Media: the samples in a WAV file, unchanged, with the hash of the raw ones in a Provenance."""

from __future__ import annotations

import base64
import hashlib
import io
import wave
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from kiosk_fhir.bundle import around, transaction
from kiosk_fhir.device import instrument
from kiosk_fhir.errors import MappingError
from kiosk_fhir.provenance import of_octets
from kiosk_fhir.wire import coding, concept, identify, instant, moment, number, resource

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk_fhir.context import Context

#: site -> French text. No code: which SNOMED CT concepts name these points has not been checked against the terminology
SITES: Final = {
    "aortic": "Foyer aortique",
    "pulmonary": "Foyer pulmonaire",
    "tricuspid": "Foyer tricuspidien",
    "mitral": "Foyer mitral",
    "front-upper-right": "Poumon droit, en avant, en haut",
    "front-upper-left": "Poumon gauche, en avant, en haut",
    "front-lower-right": "Poumon droit, en avant, en bas",
    "front-lower-left": "Poumon gauche, en avant, en bas",
    "back-upper-right": "Poumon droit, dans le dos, en haut",
    "back-upper-left": "Poumon gauche, dans le dos, en haut",
    "back-middle-right": "Poumon droit, dans le dos, au milieu",
    "back-middle-left": "Poumon gauche, dans le dos, au milieu",
    "back-lower-right": "Poumon droit, dans le dos, en bas",
    "back-lower-left": "Poumon gauche, dans le dos, en bas",
}
_TYPE: Final = "http://terminology.hl7.org/CodeSystem/media-type"


def wav(samples: bytes, rate: int) -> bytes:
    """A WAV file of one channel, 16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples)
    return file.getvalue()


def bundle(samples: bytes, rate: int, context: Context, *, site: str, ended: datetime) -> bytes:
    """One transaction Bundle for one piece of sound: `samples` of 16 bit, little endian; `ended` is when the last one was heard.

    Raises:
        MappingError: no samples, half a sample, an unknown site, no device, or a time without a zone.
    """
    if not samples or len(samples) % 2:
        raise MappingError("samples", "there are no whole samples")
    if site not in SITES:
        raise MappingError("site", f"unknown site of auscultation; known are {', '.join(SITES)}")
    digest, file = hashlib.sha256(samples).hexdigest(), wav(samples, rate)
    seconds = Decimal(len(samples) // 2) / rate
    device = instrument(context)
    media = resource(
        {
            "resourceType": "Media",
            "id": identify("Media", context.encounter_id, digest, instant(ended, "ended")),
            "identifier": [
                {"system": context.local_system, "value": identify("Media", context.encounter_id, digest, instant(ended, "ended"))}
            ],
            "status": "completed",
            "type": concept(coding(_TYPE, "audio", "Audio")),
            "subject": {"reference": context.patient_reference},
            "encounter": {"reference": f"urn:uuid:{context.encounter_id}"},
            "createdPeriod": {"start": moment(ended - timedelta(seconds=float(seconds)), "ended"), "end": moment(ended, "ended")},
            "issued": instant(ended, "ended"),
            **({"operator": {"reference": f"urn:uuid:{context.helper_role_id}"}} if context.helper is not None else {}),
            "bodySite": concept(text=SITES[site]),
            "device": {"reference": device.reference},
            "duration": number(seconds.normalize(), "samples"),
            "content": {
                "contentType": "audio/wav",
                "data": base64.b64encode(file).decode(),
                "size": len(file),
                "hash": base64.b64encode(hashlib.sha1(file, usedforsecurity=False).digest()).decode(),
                "title": f"Auscultation — {SITES[site]}",
                "creation": moment(ended, "ended"),
            },
        }
    )
    return transaction((*around(context), device, media, of_octets(samples, context, media, recorded=ended)))
