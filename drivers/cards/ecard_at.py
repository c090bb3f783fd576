"""at-ecard: the Austrian e-card.

Protocol: as a public reader describes it: application D040000017010101, file EF01 holds a DER SEQUENCE of {object identifier, SET of one
value}: surname, given name, birth date, SVNR. Not signed for an offline reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drivers.cards import apdu, tlv
from drivers.cards.card import CardDriver
from drivers.cards.traits import SVNR, compact_date, identifier, judged
from drivers.identity import CardError, CardProblem, IdentityCandidate, Trust

if TYPE_CHECKING:
    from drivers.cards.apdu import Exchange

_APPLICATION = "D040000017010101"
_PERSONAL_DATA = "EF01"
_SEQUENCE, _SET, _OID = 0x30, 0x31, 0x06
#: 2.5.4.4, 2.5.4.42, 1.3.6.1.5.5.7.9.1, 1.3.6.1.5.5.7.9.3, 1.2.40.0.10.1.4.1.1 in DER
_SURNAME = bytes.fromhex("550404")
_GIVEN_NAME = bytes.fromhex("55042A")
_BIRTH_DATE = bytes.fromhex("2B06010505070901")
_GENDER = bytes.fromhex("2B06010505070903")
_NUMBER = bytes.fromhex("2A28000A01040101")
#: UTF8String, NumericString, PrintableString, TeletexString, IA5String, GeneralizedTime
_TEXTS = {0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x18: "ascii"}
_DIGITS = re.compile(r"[0-9]{10}")
_SEX = {"M": "male", "F": "female", "W": "female"}


class EcardAt(CardDriver):
    """The personal data file."""

    name = "at-ecard"
    country = "AT"

    def probe(self) -> Exchange[bool]:
        """The application is there."""
        return (yield from apdu.select(4, 0, _APPLICATION))

    def read(self) -> Exchange[tuple[IdentityCandidate, ...]]:
        """Read EF01."""
        yield from apdu.need(4, 0, _APPLICATION)
        yield from apdu.need(2, 4, _PERSONAL_DATA)
        fields = _fields((yield from apdu.read_file()))
        family, given, number = (fields.get(name, "") for name in (_SURNAME, _GIVEN_NAME, _NUMBER))
        if not family or not given:
            raise CardError(CardProblem.DATA, "a holder without name")
        if number and not _DIGITS.fullmatch(number):
            raise CardError(CardProblem.DATA, "not the form of an SVNR")
        return (
            judged(
                IdentityCandidate(
                    driver=self.name,
                    trust=Trust.READ,
                    family_name=family,
                    given_names=tuple(given.split()),
                    birth_date=compact_date(fields.get(_BIRTH_DATE, "")[:8]),
                    sex=_SEX.get(fields.get(_GENDER, ""), "unknown"),
                    identifiers=(identifier(SVNR, number),) if number else (),
                )
            ),
        )


def _fields(data: bytes) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for tag, attribute in tlv.parse(tlv.first(tlv.parse(data), _SEQUENCE)):
        parts = tlv.parse(attribute) if tag == _SEQUENCE else []
        name = tlv.first(parts, _OID)
        values = tlv.parse(tlv.first(parts, _SET))
        if not name or len(values) != 1:
            raise CardError(CardProblem.DATA, "an attribute that cannot be read")
        if name in found:
            raise CardError(CardProblem.DATA, "an attribute twice")
        found[name] = _text(*values[0])
    return found


def _text(tag: int, value: bytes) -> str:
    if tag not in _TEXTS:
        raise CardError(CardProblem.DATA, "a value of an unknown kind")
    try:
        text = value.decode(_TEXTS[tag]).strip()
    except UnicodeDecodeError:
        raise CardError(CardProblem.DATA, "a text that cannot be decoded") from None
    if not text.isprintable():
        raise CardError(CardProblem.DATA, "a text with control characters")
    return text
