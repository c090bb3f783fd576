"""A photograph of an exam camera as FHIR Media (R4), with who took it by what, and what its octets are."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kiosk_fhir.bundle import around, transaction
from kiosk_fhir.codes import SNOMED
from kiosk_fhir.device import photographer
from kiosk_fhir.errors import MappingError
from kiosk_fhir.provenance import of_octets
from kiosk_fhir.wire import Json, Resource, coding, concept, identify, instant, moment, piece, refer, resource

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk_fhir.context import Context

_EAR: Final = ("117590005", "Ear structure")
_SKIN: Final = ("39937001", "Skin structure")
#: site -> (SNOMED CT code, display, French text). The side stands in the text: published tables contradict one another on the codes of each ear
SITES: Final = {
    "right-ear": (*_EAR, "Oreille droite"),
    "left-ear": (*_EAR, "Oreille gauche"),
    "skin-face": (*_SKIN, "Peau du visage"),
    "skin-neck": (*_SKIN, "Peau du cou"),
    "skin-chest": (*_SKIN, "Peau de la poitrine ou du ventre"),
    "skin-back": (*_SKIN, "Peau du dos"),
    "skin-arm": (*_SKIN, "Peau du bras ou de la main"),
    "skin-leg": (*_SKIN, "Peau de la jambe ou du pied"),
}
#: exam camera -> (what it is called, how it looks, the sites that it looks at)
EXAMS: Final = {
    "otoscope": ("Otoscope", "Otoscopie", ("right-ear", "left-ear")),
    "dermatoscope": ("Dermatoscope", "Dermatoscopie", tuple(site for site in SITES if site.startswith("skin-"))),
}
_TYPE: Final = piece(concept(coding("http://terminology.hl7.org/CodeSystem/media-type", "image", "Image")))


@dataclass(frozen=True, slots=True)
class Photograph:
    """A JPEG of `width` x `height` by the exam camera `camera` (a key of EXAMS), of `site` (a key of SITES, "" where nobody said)."""

    camera: str
    jpeg: bytes = field(repr=False)
    width: int
    height: int
    taken: datetime
    site: str = ""


def media(context: Context, photograph: Photograph) -> Resource:
    """The Media resource of a photograph; the octets are in it.

    Raises:
        MappingError: an unknown camera or site, no picture, or a time without zone.
    """
    if photograph.camera not in EXAMS:
        raise MappingError("photograph.camera", f"unknown exam camera; known are {', '.join(EXAMS)}")
    if photograph.site and photograph.site not in EXAMS[photograph.camera][2]:
        raise MappingError("photograph.site", "no site of this camera")
    if not photograph.jpeg:
        raise MappingError("photograph.jpeg", "there is no picture")
    name, view, _ = EXAMS[photograph.camera]
    # FHIR wants the SHA-1 of an attachment; it finds a damaged copy, it protects against nothing
    digest = hashlib.sha1(photograph.jpeg, usedforsecurity=False).digest()
    identity = identify("Media", context.encounter_id, photograph.camera, digest.hex())
    content: Json = {
        "resourceType": "Media",
        "id": identity,
        "identifier": [{"system": context.local_system, "value": identity}],
        "status": "completed",
        "type": _TYPE,
        "view": {"text": view},
        "subject": refer(context.patient_reference),
        "encounter": refer(f"urn:uuid:{context.encounter_id}"),
        "createdDateTime": moment(photograph.taken, "photograph.taken"),
        "issued": instant(photograph.taken, "photograph.taken"),
        "deviceName": name,
        "device": refer(f"urn:uuid:{context.device_id}"),
        "height": photograph.height,
        "width": photograph.width,
        "content": {
            "contentType": "image/jpeg",
            "data": base64.b64encode(photograph.jpeg).decode(),
            "size": len(photograph.jpeg),
            "hash": base64.b64encode(digest).decode(),
            "creation": moment(photograph.taken, "photograph.taken"),
        },
    }
    if context.helper is not None:
        content["operator"] = refer(f"urn:uuid:{context.helper_role_id}")
    if photograph.site:
        code, display, french = SITES[photograph.site]
        content["bodySite"] = concept(coding(SNOMED, code, display), text=french)
    return resource(content)


def bundle(context: Context, photograph: Photograph) -> bytes:
    """One transaction Bundle for one photograph: sent twice, it changes nothing. `context.device` is the camera.

    Raises:
        MappingError: as `media`.
    """
    shown = media(context, photograph)
    source = of_octets(photograph.jpeg, context, shown, recorded=photograph.taken)
    return transaction((*around(context), photographer(context, EXAMS[photograph.camera][0]), shown, source))
