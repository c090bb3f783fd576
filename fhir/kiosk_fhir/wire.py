"""From values to JSON bytes: exact decimals, times with their zone, deterministic ids, pieces that are built once."""

from __future__ import annotations

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
    if len(digits) > DIGITS + 2 or sum(character.isdigit() for character in digits) > DIGITS:
        raise MappingError(what, f"the value needs more than {DIGITS} digits")
    return orjson.Fragment(digits.encode())


def identify(kind: str, *key: str) -> str:
    """The id of a resource: the same business key gives the same id, on any booth, at any retry."""
    return str(uuid.uuid5(NAMESPACE, "|".join((kind, *key))))


def _aware(value: datetime | None, what: str) -> datetime:
    if value is None:
        raise MappingError(what, "no time is given")
    if value.tzinfo is None or value.utcoffset() is None:
        raise MappingError(what, "the time has no time zone")
    return value


def moment(value: datetime | None, what: str) -> str:
    """A FHIR dateTime with its zone, milliseconds only where there are some.

    Raises:
        MappingError: there is no time, or no zone.
    """
    given = _aware(value, what)
    return given.isoformat(timespec="milliseconds" if given.microsecond else "seconds")


def instant(value: datetime | None, what: str) -> str:
    """A FHIR instant, in UTC.

    Raises:
        MappingError: there is no time, or no zone.
    """
    return _aware(value, what).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
