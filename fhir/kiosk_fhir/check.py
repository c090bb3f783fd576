"""Shape check by `fhir.resources` (R4B), off the live path: the one module that loads it.

Everything that comes in from a FHIR server is parsed here, and every Bundle is checked before it leaves for one. It is a check of shape,
not of conformance: a wrong status or unit passes. It never writes what is sent, since it drops trailing zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.questionnaire import Questionnaire
from pydantic import ValidationError

from kiosk_fhir.errors import ShapeError

if TYPE_CHECKING:
    from fhir.resources.R4B.fhirresourcemodel import FHIRResourceModel

    _Model = TypeVar("_Model", bound=FHIRResourceModel)


def check_bundle(bundle: bytes | dict[str, Any]) -> None:
    """Check the shape of a Bundle about to leave.

    Raises:
        ShapeError: with the first fault's place and reason.
    """
    _parse(Bundle, bundle)


def patient(given: bytes | dict[str, Any]) -> Patient:
    """A Patient from a server.

    Raises:
        ShapeError: it is none.
    """
    return _parse(Patient, given)


def questionnaire(given: bytes | dict[str, Any]) -> Questionnaire:
    """A Questionnaire from a server.

    Raises:
        ShapeError: it is none.
    """
    return _parse(Questionnaire, given)


def operation_outcome(given: bytes | dict[str, Any]) -> OperationOutcome:
    """What a server says of a request.

    Raises:
        ShapeError: it is none.
    """
    return _parse(OperationOutcome, given)


def reply(given: bytes | dict[str, Any]) -> Bundle:
    """A server's answer to a transaction.

    Raises:
        ShapeError: it is no Bundle, or no answer to a transaction.
    """
    answer = _parse(Bundle, given)
    if answer.type != "transaction-response":
        raise ShapeError("type: not the answer to a transaction")
    return answer


def _parse(model: type[_Model], given: bytes | dict[str, Any]) -> _Model:
    if isinstance(given, bytes):
        try:
            given = orjson.loads(given)
        except orjson.JSONDecodeError:
            raise ShapeError("not JSON") from None
    if not isinstance(given, dict):
        raise ShapeError("not a JSON object")
    name = model.__name__
    if given.get("resourceType") != name:
        raise ShapeError(f"resourceType: not {name}")
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ShapeError(f"{place}: {first['msg']}") from None
    except (TypeError, AttributeError, LookupError, RecursionError, ValueError):
        # the library lets these escape on nested rubbish, instead of a ValidationError
        raise ShapeError(f"not a {name}") from None
