"""An identity typed in by the helper: the same candidate as a card or a code gives, with the least trust."""

from __future__ import annotations

import re

from drivers.cards.traits import NIR, identifier, judged, partial_date
from drivers.identity import CodeError, CodeProblem, IdentityCandidate, Trust

NAME = "typed"

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NIR = re.compile(r"[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{8}")
_GENDERS = frozenset({"male", "female", "other", "unknown"})


def read(family_name: str, given_names: str, birth_date: str, sex: str = "unknown", nir: str = "") -> IdentityCandidate:
    """Check what was typed. `birth_date` is ISO, partial allowed; `sex` a FHIR administrative gender; spaces in `nir` do not count.

    Raises:
        CodeError: a name is empty or holds control characters, the date is no date, or the number has not the form of a NIR.
    """
    family, given = (_name(text) for text in (family_name, given_names))
    if sex not in _GENDERS:
        raise CodeError(CodeProblem.SEX)
    number = "".join(nir.split()).upper()
    if number and not _NIR.fullmatch(number):
        raise CodeError(CodeProblem.NUMBER)
    return judged(
        IdentityCandidate(
            driver=NAME,
            trust=Trust.TYPED,
            family_name=family,
            given_names=tuple(given.split()),
            birth_date=_birth_date(birth_date),
            sex=sex,
            identifiers=(identifier(NIR, number),) if number else (),
        )
    )


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 100 or not name.isprintable() or not any(character.isalpha() for character in name):
        raise CodeError(CodeProblem.NAME)
    return name


def _birth_date(text: str) -> str:
    match = _DATE.fullmatch(text.strip())
    found = match and partial_date(match[1], match[2] or "00", match[3] or "00")
    if not found:
        raise CodeError(CodeProblem.DATE)
    return found
