"""The French INS datamatrix: a copy of an identity, printed on a prescription or shown by a phone.

Protocol: ANS, "INS - Format datamatrix" v2.2 (2023-09-26). `IS` + `01` + 22 zeros, then blocks of a two-character id and a value. A field
of variable length that is shorter than its maximum and not the last ends with GS. The order of the blocks is free. Nothing is signed, so
anyone can print one. Reading is by position: a lost GS is refused, never guessed at.
"""

from __future__ import annotations

import re

from drivers.cards.traits import REAL_INS, TEST_INS, identifier, judged, partial_date
from drivers.identity import CodeError, CodeProblem, IdentityCandidate, Trust

NAME = "fr-ins-datamatrix"

_HEADER = "IS01" + "0" * 22
#: header, seven ids, seven values at their longest, three separators
_LONGEST = 26 + 7 * 2 + 15 + 20 + 100 + 100 + 1 + 10 + 5 + 3
_GS = "\x1d"
#: how scanners write GS when they do not send the character itself
_GS_ALIASES = ("<GS>", "␝", "\\x1D", "\\x1d", "^]")
#: id -> shortest and longest value
_FIELDS = {"S1": (15, 15), "S2": (19, 20), "S3": (1, 100), "S4": (1, 100), "S5": (1, 1), "S6": (10, 10), "S7": (5, 5)}
_REQUIRED = ("S1", "S2", "S3", "S4", "S5", "S6")
_SEX = {"M": "male", "F": "female"}
_MATRICULE = re.compile(r"[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{8}")
_PLACE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_DATE = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")
#: the lexical rule of the traits; small letters are let through, since a label that is printed badly still names the patient
_NAME = re.compile(r"[A-Za-z'-]+(?: [A-Za-z'-]+)*")
_SWALLOWED_PLACE = re.compile(r"S7.{5}\Z")


def read(data: bytes, *, test: bool = False) -> IdentityCandidate:
    """Read the bytes of one code. `test` is for a booth on test identities: it takes those alone, a real booth takes none of them.

    Raises:
        CodeError: the code is not a whole INS datamatrix; nothing of it is taken.
    """
    fields = _fields(_text(data))
    number = identifier(_system(fields["S2"], test=test), _matricule(fields["S1"]))
    return judged(
        IdentityCandidate(
            driver=NAME,
            trust=Trust.READ,
            family_name=_name(fields["S4"]),
            given_names=tuple(_name(fields["S3"]).split()),
            birth_date=_birth_date(fields["S6"]),
            sex=_sex(fields["S5"]),
            birth_place=_place(fields.get("S7")),
            identifiers=(number,),
            warnings=("not-signed",),
        )
    )


def _text(data: bytes) -> str:
    if len(data) > _LONGEST * 2:
        raise CodeError(CodeProblem.TOO_LONG)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise CodeError(CodeProblem.CHARACTER, "only ASCII is allowed") from None
    for alias in _GS_ALIASES:
        text = text.replace(alias, _GS)
    if re.match(r"\]d[0-6]", text):
        text = text[3:]
    _refuse_other_codes(text)
    if len(text) > _LONGEST:
        raise CodeError(CodeProblem.TOO_LONG)
    if any(character != _GS and not " " <= character <= "~" for character in text):
        raise CodeError(CodeProblem.CHARACTER, "only printable ASCII is allowed")
    return text


def _refuse_other_codes(text: str) -> None:
    if re.match(r"DC0[1-9]", text):
        raise CodeError(CodeProblem.SIGNED_DOCUMENT)
    if not text.startswith("IS"):
        raise CodeError(CodeProblem.NOT_INS)
    if not text.startswith(_HEADER):
        raise CodeError(CodeProblem.VERSION, "the header is not IS01 and 22 zeros")


def _fields(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = len(_HEADER)
    while at < len(text):
        key, at = text[at : at + 2], at + 2
        if key not in _FIELDS:
            raise CodeError(CodeProblem.SEPARATOR if _GS in key else CodeProblem.FIELD_UNKNOWN)
        if key in found:
            raise CodeError(CodeProblem.FIELD_TWICE, key)
        found[key], at = _value(text, key, at)
    for key in _REQUIRED:
        if key not in found:
            raise CodeError(CodeProblem.FIELD_MISSING, key)
    # the one loss that the lengths cannot show: an optional S7 swallowed by the name before it
    if "S7" not in found and any(_SWALLOWED_PLACE.search(found[key]) for key in ("S3", "S4")):
        raise CodeError(CodeProblem.SEPARATOR, "a name ends like a birth place: its separator is lost")
    return found


def _value(text: str, key: str, at: int) -> tuple[str, int]:
    """The value that starts at `at`, and where the next block starts."""
    shortest, longest = _FIELDS[key]
    value = text[at : at + longest]
    if shortest != longest:
        value = value.split(_GS, 1)[0]
    if _GS in value:
        raise CodeError(CodeProblem.SEPARATOR, f"a separator inside {key}")
    if len(value) < shortest:
        raise CodeError(CodeProblem.FIELD_LENGTH, key)
    end = at + len(value)
    closed = shortest != longest and text[end : end + 1] == _GS
    return value, end + closed


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise CodeError(CodeProblem.NAME, "letters, apostrophe, hyphen and single spaces only")
    return value


def _birth_date(value: str) -> str:
    match = _DATE.fullmatch(value)
    found = match and partial_date(match[3], match[2], match[1])
    if not found:
        raise CodeError(CodeProblem.DATE, "not DD-MM-YYYY, or no such day")
    return found


def _sex(value: str) -> str:
    if value not in _SEX:
        raise CodeError(CodeProblem.SEX, "neither M nor F")
    return _SEX[value]


def _place(value: str | None) -> str | None:
    if value is not None and not _PLACE.fullmatch(value):
        raise CodeError(CodeProblem.PLACE)
    return value


def _system(value: str, *, test: bool) -> str:
    system = f"urn:oid:{value}"
    if system not in REAL_INS | TEST_INS:
        raise CodeError(CodeProblem.AUTHORITY)
    if system in TEST_INS and not test:
        raise CodeError(CodeProblem.TEST_IDENTITY)
    if system in REAL_INS and test:
        raise CodeError(CodeProblem.REAL_IDENTITY)
    return system


def _matricule(value: str) -> str:
    if not _MATRICULE.fullmatch(value):
        raise CodeError(CodeProblem.NUMBER)
    return value
