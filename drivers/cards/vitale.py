"""fr-vitale: the free zone of the French Vitale 2 card. Off until the operator states a legal basis.

Protocol: as two public readers describe it (L1L1/cardpeek, ukinoki/Rufus): MF, short file 2 holds one BER-TLV 65 per holder with name,
given name and birth date; application "VITALE", short file 2 holds one 65 per holder, in the same order, with the NIR. No public dump of a
card was found: this layout was tried on simulated cards only. The data are not signed.

Legal notice, shown with the setting: the official way to read a Vitale card is the "API de lecture Vitale" under licence of GIE
SESAM-Vitale. The NIR may be used by health and social actors only. The number may be the insured person's and not the patient's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drivers.cards import apdu, tlv
from drivers.cards.card import CardDriver
from drivers.cards.traits import NIR, compact_date, identifier, judged
from drivers.identity import CardError, CardProblem, IdentityCandidate, Trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.cards.apdu import Exchange

#: what the operator must have read before the driver can be switched on
LEGAL_NOTICE = (
    "La voie officielle de lecture de la carte Vitale est l'API de lecture Vitale, sous licence du GIE SESAM-Vitale. "
    "Le numéro (NIR) ne peut être utilisé que par les acteurs de la santé et du médico-social, et peut être celui de l'assuré. "
    "En activant cette lecture, l'exploitant déclare sa base légale, qui est inscrite dans la configuration de la borne."
)

_APPLICATION = "D250000002564954414C45"
_HOLDER = 0x65
_MOST_HOLDERS = 30


@dataclass(frozen=True, slots=True)
class Holder:
    """One person on the card: names, birth date as eight digits, NIR with its key. Also what an official reading API gives back."""

    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    nir: str = field(repr=False)


def candidates(holders: Sequence[Holder]) -> tuple[IdentityCandidate, ...]:
    """One candidate for each holder; where there are several, the helper chooses."""
    warnings = ("several-holders",) if len(holders) > 1 else ()
    return tuple(_candidate(holder, warnings) for holder in holders)


def _candidate(holder: Holder, warnings: tuple[str, ...]) -> IdentityCandidate:
    if not holder.family_name or not holder.given_name:
        raise CardError(CardProblem.DATA, "a holder without name")
    return judged(
        IdentityCandidate(
            driver=Vitale.name,
            trust=Trust.READ,
            family_name=holder.family_name,
            given_names=tuple(holder.given_name.split()),
            birth_date=compact_date(holder.birth_date),
            identifiers=(identifier(NIR, holder.nir),) if holder.nir else (),
            warnings=warnings,
        )
    )


def _text(value: bytes) -> str:
    text = value.decode("latin-1").strip(" \0")
    if not text.isprintable():
        raise CardError(CardProblem.DATA, "a text with control characters")
    return text


def _nir(value: bytes) -> str:
    text = _text(value)
    if text and not (len(text) == 15 and text.isascii() and text.isalnum()):
        raise CardError(CardProblem.DATA, "not the form of a NIR")
    return text


class Vitale(CardDriver):
    """The free zone: identities, then numbers; the order of the holders joins them."""

    name = "fr-vitale"
    country = "FR"
    order = 1

    def probe(self) -> Exchange[bool]:
        """The application VITALE is there."""
        return (yield from apdu.select(4, 0, _APPLICATION))

    def read(self) -> Exchange[tuple[IdentityCandidate, ...]]:
        """Read both files, only where the operator stated a legal basis."""
        if not self.policy.vitale_legal_basis.strip():
            raise CardError(CardProblem.VITALE_OFF)
        yield from apdu.need(0, 0, "3F00")
        people = self._holders((yield from apdu.read_file(sfi=2)))
        yield from apdu.need(4, 0, _APPLICATION)
        numbers = self._holders((yield from apdu.read_file(sfi=2)))
        if len(people) != len(numbers):
            raise CardError(CardProblem.DATA, "names and numbers do not pair")
        return candidates(
            [
                Holder(_text(tlv.first(who, 0x80)), _text(tlv.first(who, 0x81)), _text(tlv.first(who, 0x82)), _nir(tlv.first(number, 0x93)))
                for who, number in zip(people, numbers, strict=True)
            ]
        )

    def _holders(self, data: bytes) -> list[list[tuple[int, bytes]]]:
        found = [tlv.parse(value) for tag, value in tlv.parse(data) if tag == _HOLDER]
        if not 1 <= len(found) <= _MOST_HOLDERS:
            raise CardError(CardProblem.DATA, "no holder, or too many")
        return found
