"""it-cns: the Italian health card (TS-CNS).

Protocol: "Carta Nazionale dei Servizi, file system" as public readers use it: 3F00/1100/1102 holds six hexadecimal digits of length, then
fields of two hexadecimal digits of length each: issuer, issued, expires, surname, name, birth DDMMYYYY, sex, height or codice fiscale.
Not signed for an offline reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drivers.cards import apdu
from drivers.cards.card import CardDriver
from drivers.cards.traits import CODICE_FISCALE, identifier, judged, partial_date
from drivers.identity import CardError, CardProblem, IdentityCandidate, Trust

if TYPE_CHECKING:
    from drivers.cards.apdu import Exchange

_DIRECTORY = ("3F00", "1100")
_PERSONAL_DATA = "1102"
_LARGEST = 2048
_HEX = re.compile(r"[0-9A-Fa-f]+")
_CODICE_FISCALE = re.compile(r"[A-Z0-9]{16}")
_SEX = {"M": "male", "F": "female"}


class Cns(CardDriver):
    """The personal data file."""

    name = "it-cns"
    country = "IT"
    order = 2

    def probe(self) -> Exchange[bool]:
        """The three files are there, one in the other."""
        for file in (*_DIRECTORY, _PERSONAL_DATA):
            if not (yield from apdu.select(0, 0, file)):
                return False
        return True

    def read(self) -> Exchange[tuple[IdentityCandidate, ...]]:
        """Read the file by its own length."""
        for file in (*_DIRECTORY, _PERSONAL_DATA):
            yield from apdu.need(0, 0, file)
        length = _hexadecimal(_text((yield from apdu.read_file(step=6, wanted=6))))
        if not 6 < length < _LARGEST:
            raise CardError(CardProblem.DATA, "the length of the personal data")
        data = yield from apdu.read_file(wanted=length)
        if len(data) != length:
            raise CardError(CardProblem.DATA, "the personal data are cut")
        return (judged(_candidate(_fields(_text(data[6:])))),)


def _text(data: bytes) -> str:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise CardError(CardProblem.DATA, "a text that is not ASCII") from None
    if not text.isprintable():
        raise CardError(CardProblem.DATA, "a text with control characters")
    return text


def _hexadecimal(text: str) -> int:
    if not _HEX.fullmatch(text):
        raise CardError(CardProblem.DATA, "a length that is not hexadecimal")
    return int(text, 16)


def _fields(text: str) -> list[str]:
    found: list[str] = []
    while text and len(found) < 16:
        length = _hexadecimal(text[:2])
        if len(text) < 2 + length:
            raise CardError(CardProblem.DATA, "a field past the end")
        found.append(text[2 : 2 + length].strip())
        text = text[2 + length :]
    if len(found) < 8:
        raise CardError(CardProblem.DATA, "fields are missing")
    return found


def _candidate(fields: list[str]) -> IdentityCandidate:
    family, given, born, sex = fields[3:7]
    if not family or not given:
        raise CardError(CardProblem.DATA, "a holder without name")
    #: the height before it is left out on some cards
    number = next((value for value in fields[7:9] if _CODICE_FISCALE.fullmatch(value)), "")
    return IdentityCandidate(
        driver=Cns.name,
        trust=Trust.READ,
        family_name=family,
        given_names=tuple(given.split()),
        birth_date=partial_date(born[4:], born[2:4], born[:2]),
        sex=_SEX.get(sex, "unknown"),
        identifiers=(identifier(CODICE_FISCALE, number),) if number else (),
    )
