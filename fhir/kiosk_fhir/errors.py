"""What may go wrong while a Reading becomes FHIR."""

from __future__ import annotations


class MappingError(ValueError):
    """Something needed is missing or impossible, so nothing was built: `field` says where, `reason` why, both free of any value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class ShapeError(ValueError):
    """What was given is not an R4 resource of the type it claims. The text names the place and the reason, never a value."""
