"""Reads simulated cards whose answers are damaged at random: what `tests/proofs` counts and a sample of which every test run takes."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drivers.cards import apdu
from drivers.cards.card import Policy, identify
from drivers.identity import CardError
from simulators import patient_cards
from simulators.patient_cards import Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.card import VirtualCard

POLICY = Policy(vitale_legal_basis="a test", anchors=(patient_cards.belgian_root("ec"),))
XML = (
    b'<?xml version="1.0" encoding="ISO-8859-15"?><a:Root xmlns:a="urn:x"><a:Versicherten_ID>T115774582</a:Versicherten_ID>'
    b"<a:Geburtsdatum>19800713</a:Geburtsdatum><a:Vorname>Claudia</a:Vorname><a:Nachname>Burdack</a:Nachname>"
    b"<a:Geschlecht>W</a:Geschlecht></a:Root>"
)
ANNE = Person("DURAND", "ANNE MARIE", "19530714", "253072A07300443")
PAUL = Person("DURAND", "PAUL", "20150013", "253072A07300443")

KINDS: dict[str, Callable[[], VirtualCard]] = {
    "fr-vitale": lambda: patient_cards.vitale([ANNE, PAUL]),
    "fr-vitale T=1": lambda: patient_cards.vitale([ANNE], t0=False),
    "de-egk": lambda: patient_cards.egk(XML),
    "be-eid": lambda: patient_cards.be_eid(Person("Specimen", "Nora", "", "01050399963"), "03 MEI 2001"),
    "ch-veka": lambda: patient_cards.veka(Person("Muster", "Anna Maria", "19700101", "7569217076985")),
    "it-cns": lambda: patient_cards.cns(Person("ROSSI", "MARIA", "19800113", "RSSMRA80A53H501U")),
    "at-ecard": lambda: patient_cards.ecard(Person("Muster", "Anna", "19800101", "1237010180")),
}


def _damaged(answer: bytes, random_: random.Random) -> bytes:
    kind = random_.randrange(8)
    at = random_.randrange(len(answer) + 1)
    if kind <= 2 and at < len(answer):
        return answer[:at] + bytes((answer[at] ^ 1 << random_.randrange(8),)) + answer[at + 1 :]
    if kind == 3:
        return answer[:at]
    if kind == 4:
        return random_.randbytes(random_.randrange(300)) + b"\x90\x00"
    if kind == 5:
        return answer[:-2] + random_.choice((b"\x61\xff", b"\x6c\x10", b"\x6c\x00", b"\x62\x82", b"\x69\x82", b"\x6a\x82"))
    if kind == 6:
        return answer[:-2] * random_.randrange(1, 4) + answer[-2:]
    return random_.randbytes(random_.choice((0, 1, 2, 2000, 65538)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many sessions were read and refused, and how long the slowest took."""

    read: int
    refused: int
    slowest_s: float


def fuzz(count: int, seed: int, clock: Callable[[], float] = time.monotonic) -> Outcome:
    """Hold `count` sessions; anything but CardError comes through."""
    random_ = random.Random(seed)
    cards = [make() for make in KINDS.values()]
    refused = 0
    slowest = 0.0
    for _ in range(count):
        card = replace(random_.choice(cards), log=[])
        rate = random_.choice((0.02, 0.1, 0.5))
        start = clock()
        try:
            apdu.carry(
                identify(card.atr, POLICY),
                lambda command, card=card, rate=rate: (
                    _damaged(card.answer(command), random_) if random_.random() < rate else card.answer(command)
                ),
            )
        except CardError:
            refused += 1
        slowest = max(slowest, clock() - start)
    return Outcome(count - refused, refused, slowest)
