"""From values to JSON bytes: exact decimals, times with their zone, deterministic ids, pieces that are built once."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from kiosk_fhir.errors import MappingError

if TYPE_CHECKING:
    from decimal import Decimal

#: the name space of every id that is made here (version 5 of the URL namespace, "urn:telecabine:fhir")
NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:telecabine:fhir")
_NAMESPACE: Final = NAMESPACE.bytes
#: a FHIR decimal of more digits than this is not portable between servers, and no instrument measures so
DIGITS: Final = 18

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """One FHIR resource, built once: `json` are the bytes that are signed, sent and stored; `repr` shows none of them."""

    type: str
    id: str
    json: bytes = field(repr=False)

    @property
    def reference(self) -> str:
        """What other resources of the same Bundle call it."""
        return f"urn:uuid:{self.id}"


def dumps(value: Any) -> bytes:
    """JSON bytes."""
    return orjson.dumps(value)


def resource(content: Json) -> Resource:
    """Freeze a finished dict."""
    return Resource(content["resourceType"], content["id"], orjson.dumps(content))


def piece(value: Any) -> orjson.Fragment:
    """JSON that does not change, encoded once."""
    return orjson.Fragment(orjson.dumps(value))


def number(value: Decimal, what: str) -> orjson.Fragment:
    """A decimal with exactly its own digits, never in scientific notation: 2.00 stays 2.00, 2E+1 is 20.

    Raises:
        MappingError: not finite, or more digits than FHIR carries.
    """
    if not value.is_finite():
        raise MappingError(what, "the value is not a finite number")
    digits = format(value, "f")
    if len(digits) > DIGITS and len(digits.strip("-").replace(".", "")) > DIGITS:
        raise MappingError(what, f"the value needs more than {DIGITS} digits")
    return orjson.Fragment(digits.encode())


def identify(kind: str, *key: str) -> str:
    """The id of a resource, a version 5 UUID: the same business key gives the same id, on any booth, at any retry."""
    digest = bytearray(hashlib.sha1(_NAMESPACE + "|".join((kind, *key)).encode(), usedforsecurity=False).digest())
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


def moment(value: datetime | None, what: str) -> str:
    """A FHIR dateTime with its zone, milliseconds only where there are some.

    Raises:
        MappingError: there is no time, or no zone of whole minutes.
    """
    if value is None:
        raise MappingError(what, "no time is given")
    text = value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if text[-6] not in "+-":
        raise MappingError(what, "the time has no time zone" if value.tzinfo is None else "its time zone is not of whole minutes")
    return text


def instant(value: datetime | None, what: str) -> str:
    """A FHIR instant, in UTC.

    Raises:
        MappingError: there is no time, or no zone.
    """
    if value is None:
        raise MappingError(what, "no time is given")
    if value.tzinfo is None:
        raise MappingError(what, "the time has no time zone")
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def refer(target: str, display: str = "") -> Json:
    """A Reference, with a display where there is one."""
    return {"reference": target, "display": display} if display else {"reference": target}


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding, with a display where there is one."""
    return {"system": system, "code": code, "display": display} if display else {"system": system, "code": code}


def concept(*codings: Json, text: str = "") -> Json:
    """A CodeableConcept."""
    found: Json = {}
    if codings:
        found["coding"] = list(codings)
    if text:
        found["text"] = text
    return found
