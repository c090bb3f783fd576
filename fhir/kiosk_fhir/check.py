"""Shape check by `fhir.resources` (R4B), off the live path: the one module that loads it.

It is a check of shape, not of conformance: a wrong status or unit passes. It never writes what is sent, since it drops trailing zeros.
"""

from __future__ import annotations

from typing import Any

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError


class ShapeError(ValueError):
    """What was given is not an R4 resource of the type it claims."""


def check_bundle(bundle: dict[str, Any]) -> None:
    """Check the shape of a Bundle.

    Raises:
        ShapeError: with the first fault's place and reason.
    """
    try:
        Bundle.model_validate(bundle)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ShapeError(f"{place}: {first['msg']}") from None
