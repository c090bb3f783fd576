"""What a card, a datamatrix or a keyboard suggests about who the patient is. A suggestion: only the helper's confirmation makes an identity.

Numbers mask themselves wherever they are turned into text, so that no log, crash report or support bundle carries one.
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
    """How the candidate came, weakest first. None of them is a verified person: that is the helper's act."""

    TYPED = "typed"
    READ = "read"
    SIGNED = "signed"


class CardProblem(StrEnum):
    """Why a card gave no identity. The screen has a sentence and a way out for each."""

    NO_READER = "no-reader"
    SERVICE_LOST = "card-service-lost"
    NO_CARD = "no-card"
    SEVERAL_CARDS = "several-cards"
    MUTE = "card-mute"
    REMOVED = "card-removed"
    CHANGED = "card-changed"
    DEADLINE = "card-deadline"
    BUSY = "card-busy"
    UNSUPPORTED = "card-unsupported"
    PROFESSIONAL = "professional-card"
    CONTACTLESS = "contactless-tag"
    VITALE_OFF = "vitale-not-enabled"
    DATA = "card-data"
    TOO_LARGE = "card-answers-too-much"
    COMMAND = "card-command-refused"
    SIGNATURE = "card-signature-bad"


class CodeProblem(StrEnum):
    """Why a code gave no identity. The screen has a sentence and a way out for each."""

    NO_CODE = "no-code"
    SEVERAL_CODES = "several-codes"
    IMAGE = "code-image-unusable"
    NOT_INS = "code-not-ins"
    SIGNED_DOCUMENT = "code-2d-doc"
    VERSION = "code-version"
    TOO_LONG = "code-too-long"
    CHARACTER = "code-character"
    FIELD_UNKNOWN = "code-field-unknown"
    FIELD_TWICE = "code-field-twice"
    FIELD_MISSING = "code-field-missing"
    FIELD_LENGTH = "code-field-length"
    SEPARATOR = "code-separator"
    NUMBER = "code-number-form"
    AUTHORITY = "code-authority-unknown"
    TEST_IDENTITY = "code-test-identity"
    REAL_IDENTITY = "code-real-identity"
    SEX = "code-sex"
    DATE = "code-date"
    PLACE = "code-birth-place"
    NAME = "code-name"


class CardError(ValueError):
    """A card that gives no identity: the only exception that a card driver raises. Its text never holds what the card said."""

    def __init__(self, reason: CardProblem, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


class CodeError(ValueError):
    """A code that gives no identity: the only exception that a code reader raises. Its text never holds what the code said."""

    def __init__(self, reason: CodeProblem, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


def masked(value: str) -> str:
    """A number with all but its last two characters hidden; a short one wholly."""
    return "•" * len(value) if len(value) <= 4 else "•" * (len(value) - 2) + value[-2:]


class Number:
    """A person's number. Any way to text masks it and no JSON encoder takes it; only `reveal` gives it away, and is easy to search for."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The number itself."""
        return self._value

    def __repr__(self) -> str:
        return masked(self._value)

    def __format__(self, spec: str) -> str:
        return format(masked(self._value), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a person's number is not pickled")


@dataclass(frozen=True, slots=True)
class Identifier:
    """One number: `system` is a URI (urn:oid:...), `belongs_to` says whose it is: "patient", "insured" (someone else's) or "unknown"."""

    system: str
    value: Number
    check: Check = Check.NONE
    belongs_to: str = "patient"

    @property
    def value_masked(self) -> str:
        """The number as a log or a screen may show it."""
        return str(self.value)


@dataclass(frozen=True, slots=True)
class IdentityCandidate:
    """Traits as the source gives them: `birth_date` ISO, partial allowed ("1970", "1970-05"); `sex` a FHIR administrative gender.

    `birth_place` is a French COG code from a datamatrix and a name from other sources. `warnings` are kebab-case names.
    """

    driver: str
    trust: Trust
    family_name: str = field(repr=False)
    given_names: tuple[str, ...] = field(repr=False)
    birth_date: str | None = field(repr=False, default=None)
    sex: str = field(repr=False, default="unknown")
    birth_place: str | None = field(repr=False, default=None)
    identifiers: tuple[Identifier, ...] = ()
    warnings: tuple[str, ...] = ()
