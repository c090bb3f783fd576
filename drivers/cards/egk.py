"""de-egk: the German electronic health card, generations 1 plus and 2.

Protocol: gematik gemSpec_eGK_Fach_VSDM V1.2.1 section 2.4: application HCA, EF.PD (short file 1) holds a 16-bit length and gzip of an XML
in ISO-8859-15. Only the personal data are read, never the insurance or emergency data. Not signed for an offline reader.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
import zlib
from typing import TYPE_CHECKING

from drivers.cards import apdu
from drivers.cards.card import CardDriver
from drivers.cards.traits import KVNR, compact_date, identifier, judged
from drivers.identity import CardError, CardProblem, IdentityCandidate, Trust

if TYPE_CHECKING:
    from drivers.cards.apdu import Exchange

_APPLICATION = "D27600000102"
_LARGEST = 4096
_LARGEST_XML = 65536
_SEX = {"M": "male", "W": "female", "X": "other", "D": "other"}


class Egk(CardDriver):
    """Personal data of the insured person, who on this card is always the holder."""

    name = "de-egk"
    country = "DE"

    def probe(self) -> Exchange[bool]:
        """The application HCA is there."""
        return (yield from apdu.select(4, 0x0C, _APPLICATION))

    def read(self) -> Exchange[tuple[IdentityCandidate, ...]]:
        """Read EF.PD by its own length."""
        head = yield from apdu.read_file(sfi=1, step=2, wanted=2)
        length = int.from_bytes(head, "big")
        if len(head) != 2 or not 0 < length < _LARGEST:
            raise CardError(CardProblem.DATA, "the length of the personal data")
        data = yield from apdu.read_file(sfi=1, wanted=length + 2)
        if len(data) != length + 2:
            raise CardError(CardProblem.DATA, "the personal data are cut")
        return (judged(_candidate(_fields(_unzipped(data[2:])))),)


def _unzipped(data: bytes) -> str:
    unzip = zlib.decompressobj(31)
    try:
        text = unzip.decompress(data, _LARGEST_XML)
    except zlib.error:
        raise CardError(CardProblem.DATA, "not gzip") from None
    if unzip.unconsumed_tail or not unzip.eof:
        raise CardError(CardProblem.TOO_LARGE, "the personal data unpack without end")
    return text.decode("iso-8859-15")


def _fields(text: str) -> dict[str, str]:
    """Text of each element by local name. A document type, and with it any entity, is refused before parsing."""
    if "<!" in text:
        raise CardError(CardProblem.DATA, "XML with a document type")
    body = text[text.index("?>") + 2 :] if text.startswith("<?xml") and "?>" in text else text
    try:
        root = ET.fromstring(body)  # noqa: S314 - bounded, and without DTD nothing can expand
    except (ET.ParseError, ValueError):
        raise CardError(CardProblem.DATA, "not XML") from None
    found: dict[str, str] = {}
    for element in root.iter():
        name = element.tag.rsplit("}", 1)[-1]
        if name in found:
            raise CardError(CardProblem.DATA, "an element twice")
        found[name] = " ".join((element.text or "").split())
    return found


def _candidate(fields: dict[str, str]) -> IdentityCandidate:
    family, given, number = (fields.get(name, "") for name in ("Nachname", "Vorname", "Versicherten_ID"))
    if not family or not given:
        raise CardError(CardProblem.DATA, "a holder without name")
    return IdentityCandidate(
        driver=Egk.name,
        trust=Trust.READ,
        family_name=" ".join(part for part in (fields.get("Vorsatzwort", ""), family) if part),
        given_names=tuple(given.split()),
        birth_date=compact_date(fields.get("Geburtsdatum", "")),
        sex=_SEX.get(fields.get("Geschlecht", ""), "unknown"),
        identifiers=(identifier(KVNR, number),) if number else (),
    )
