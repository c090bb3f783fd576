"""What every source of an identity needs: partial dates, check digits, and whose number it is.

Sources: python-stdnum for the check digits; RNIV and the INSEE description of the NIR (sex, year and month of birth in its first five
digits; months 20-42 and 50-99 stand for an unknown or special month).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from stdnum.at import vnr
from stdnum.be import nn
from stdnum.ch import ssn
from stdnum.fr import nir
from stdnum.it import codicefiscale

from drivers.identity import Check, Identifier, Number

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.identity import IdentityCandidate

NIR = "urn:oid:1.2.250.1.213.1.4.8"
NIA = "urn:oid:1.2.250.1.213.1.4.9"
NIR_TEST = "urn:oid:1.2.250.1.213.1.4.10"
NIR_DEMO = "urn:oid:1.2.250.1.213.1.4.11"
AHV = "urn:oid:2.16.756.5.32"
KVNR = "http://fhir.de/sid/gkv/kvid-10"
SSIN = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"
CODICE_FISCALE = "http://hl7.it/sid/codiceFiscale"
SVNR = "urn:oid:1.2.40.0.10.1.4.3.1"

#: the systems of an INS number, real and not
REAL_INS = frozenset({NIR, NIA})
TEST_INS = frozenset({NIR_TEST, NIR_DEMO})
INS = REAL_INS | TEST_INS

_NIR_SEX = {"1": "male", "3": "male", "7": "male", "2": "female", "4": "female", "8": "female"}


def partial_date(year: str, month: str, day: str) -> str | None:
    """ISO date of four, two and two digits; month 00 or over 12 leaves the year, day 00 year and month; None when it is no date at all."""
    if not (len(year) == 4 and len(month) == len(day) == 2 and (year + month + day).isascii() and (year + month + day).isdigit()):
        return None
    if year == "0000":
        return None
    if not 1 <= int(month) <= 12:
        return year
    if day == "00":
        return f"{year}-{month}"
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def compact_date(text: str) -> str | None:
    """`partial_date` of eight digits, YYYYMMDD."""
    return partial_date(text[:4], text[4:6], text[6:]) if len(text) == 8 else None


def kvnr_is_valid(value: str) -> bool:
    """Check digit of the German KVNR: a letter as two digits, weights 1 and 2 in turn, sum of the digit sums modulo 10."""
    if not (len(value) == 10 and value.isascii() and value[0].isupper() and value[1:].isdigit()):
        return False
    digits = f"{ord(value[0]) - 64:02d}{value[1:9]}"
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(value[9])


def _nir_is_valid(value: str) -> bool:
    return len(value) == 15 and bool(nir.is_valid(value))


_CHECKS: dict[str, Callable[[str], bool]] = {
    NIR: _nir_is_valid,
    NIA: _nir_is_valid,
    NIR_TEST: _nir_is_valid,
    NIR_DEMO: _nir_is_valid,
    AHV: ssn.is_valid,
    KVNR: kvnr_is_valid,
    SSIN: nn.is_valid,
    CODICE_FISCALE: codicefiscale.is_valid,
    SVNR: vnr.is_valid,
}


def identifier(system: str, value: str, belongs_to: str = "patient") -> Identifier:
    """The number with its check digits judged. A bad one is flagged, not refused: public samples and old cards hold such numbers."""
    judge = _CHECKS.get(system)
    check = Check.NONE if judge is None else Check.OK if judge(value) else Check.BAD
    return Identifier(system, Number(value), check, belongs_to)


def nir_matches(value: str, sex: str, birth_date: str | None) -> bool | None:
    """Whether sex, birth year and birth month of a NIR are those of the traits. None when there is nothing to compare."""
    said_sex = _NIR_SEX.get(value[:1])
    compared = False
    if said_sex is not None and sex in {"male", "female"}:
        compared = True
        if said_sex != sex:
            return False
    if birth_date is None or not value[1:5].isdigit():
        return True if compared else None
    if value[1:3] != birth_date[2:4]:
        return False
    if 1 <= int(value[3:5]) <= 12 and len(birth_date) >= 7:
        return value[3:5] == birth_date[5:7]
    return True


def judged(candidate: IdentityCandidate) -> IdentityCandidate:
    """The candidate with each French number marked as the patient's, the insured's or unknown, and a warning for what does not fit."""
    found = []
    warnings = list(candidate.warnings)
    for number in candidate.identifiers:
        known = number
        if number.system in INS:
            fits = nir_matches(number.value.reveal(), candidate.sex, candidate.birth_date)
            known = replace(number, belongs_to="unknown" if fits is None else "patient" if fits else "insured")
        if known.belongs_to == "insured":
            warnings.append("number-of-the-insured")
        if known.check is Check.BAD:
            warnings.append("check-digits-wrong")
        found.append(known)
    if candidate.birth_date is None:
        warnings.append("birth-date-unknown")
    elif len(candidate.birth_date) < 10:
        warnings.append("birth-date-partial")
    return replace(candidate, identifiers=tuple(found), warnings=tuple(dict.fromkeys(warnings)))
