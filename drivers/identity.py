"""What a card, a datamatrix or a keyboard suggests about who the patient is. A suggestion: only the helper's confirmation makes an identity.

Numbers mask themselves in `repr`, so that no log, crash report or support bundle carries one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Check(StrEnum):
    """Whether the number's own check digits agree."""

    OK = "ok"
    BAD = "bad"
    NONE = "none"


class Trust(StrEnum):
    """How the candidate came, weakest first."""

    TYPED = "typed"
    READ = "read"
    SIGNED = "signed"


def masked(value: str) -> str:
    """A number with all but its last two characters hidden; a short one wholly."""
    return "•" * len(value) if len(value) <= 4 else "•" * (len(value) - 2) + value[-2:]


@dataclass(frozen=True, slots=True)
class Identifier:
    """One number: `system` is a URI (urn:oid:...), `belongs_to` says whose it is ("patient", "insured")."""

    system: str
    value: str = field(repr=False)
    check: Check = Check.NONE
    belongs_to: str = "patient"

    @property
    def value_masked(self) -> str:
        """The number as a log or a screen may show it."""
        return masked(self.value)


@dataclass(frozen=True, slots=True)
class IdentityCandidate:
    """Traits as the source gives them: `birth_date` ISO, partial allowed ("1970", "1970-05"); `sex` a FHIR administrative gender."""

    driver: str
    trust: Trust
    family_name: str = field(repr=False)
    given_names: tuple[str, ...] = field(repr=False)
    birth_date: str | None = field(repr=False, default=None)
    sex: str = field(repr=False, default="unknown")
    birth_place: str | None = field(repr=False, default=None)
    identifiers: tuple[Identifier, ...] = ()
    warnings: tuple[str, ...] = ()
