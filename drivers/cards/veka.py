"""ch-veka: the Swiss insurance card (Versichertenkarte).

Protocol: eCH-0064: EF.ID (2F06) holds BER-TLV 65 with name and given name, birth date, AHV number and sex. The emergency data (DF01) are
never selected. Not signed for a reader without a professional card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.cards import apdu, tlv
from drivers.cards.card import CardDriver
from drivers.cards.traits import AHV, compact_date, identifier, judged
from drivers.identity import CardError, CardProblem, IdentityCandidate, Trust

if TYPE_CHECKING:
    from drivers.cards.apdu import Exchange

_EF_ID = "2F06"
_STEP = 84
#: ISO/IEC 5218
_SEX = {"1": "male", "2": "female", "9": "other"}


class Veka(CardDriver):
    """EF.ID of the card."""

    name = "ch-veka"
    country = "CH"
    order = 3

    def probe(self) -> Exchange[bool]:
        """EF.ID is there."""
        return (yield from apdu.select(0, 0, _EF_ID))

    def read(self) -> Exchange[tuple[IdentityCandidate, ...]]:
        """Read EF.ID."""
        yield from apdu.need(0, 0, _EF_ID)
        data = yield from apdu.read_file(step=_STEP)
        items = tlv.parse(tlv.first(tlv.parse(data), 0x65))
        family, _, given = _text(tlv.first(items, 0x80)).partition(",")
        if not family.strip() or not given.strip():
            raise CardError(CardProblem.DATA, "a holder without name")
        number = _text(tlv.first(items, 0x83))
        return (
            judged(
                IdentityCandidate(
                    driver=self.name,
                    trust=Trust.READ,
                    family_name=family.strip(),
                    given_names=tuple(given.split()),
                    birth_date=compact_date(_text(tlv.first(items, 0x82))),
                    sex=_SEX.get(_text(tlv.first(items, 0x84)), "unknown"),
                    identifiers=(identifier(AHV, number),) if number else (),
                )
            ),
        )


def _text(value: bytes) -> str:
    try:
        text = value.decode("utf-8").strip(" \0")
    except UnicodeDecodeError:
        raise CardError(CardProblem.DATA, "a text that is not UTF-8") from None
    if not text.isprintable():
        raise CardError(CardProblem.DATA, "a text with control characters")
    return text
