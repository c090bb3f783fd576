"""The full counts behind the claims about identification: fuzzed codes, fuzzed card sessions, fast swaps under a real pcscd.

Each function takes its count, raises when a claim fails, and returns the figures.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.cards import apdu
from drivers.cards.card import Policy, identify
from drivers.cards.vitale import Vitale
from drivers.identity import CardError, CardProblem
from kiosk.links import smart_card_worker
from kiosk.links.smart_card import CardSettings
from kiosk.links.smart_card_pcsc import Pcsc, PcscError
from simulators import patient_cards
from simulators.patient_cards import Person
from simulators.pcscd import Pcscd
from tests.drivers import test_ins_datamatrix
from tests.simulators import card_fuzz

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drivers.identity import IdentityCandidate
    from simulators.card import VirtualCard, VirtualReader

POLICY = Policy(vitale_legal_basis="a proof")
PEOPLE = (Person("DURAND", "ANNE", "19530714", "253072A07300443"), Person("MARTIN", "BERT", "19850523", "185057512345673"))
#: commands of one whole reading of these cards; a swap comes before one of them
_COMMANDS = 23
#: the same of a reader that reads once
_COMMANDS_OF_A_CARELESS_READER = 8
_ATTEMPTS_OF_A_CARELESS_READER = 6
#: how often pcscd looks at a virtual reader
_POLL_S = 0.4
_PAUSE = threading.Event()


@dataclass(frozen=True, slots=True)
class Swaps:
    """What came of the swaps: one person read whole, nothing read, one person's name with the other's number, or a part of a person."""

    whole: int = 0
    refused: int = 0
    mixed: int = 0
    partial: int = 0


def datamatrix(count: int = 1_000_000, seed: int = 5) -> dict[str, float]:
    """Read damaged INS codes: none raises anything but CodeError, none hangs."""
    start = time.monotonic()
    taken = test_ins_datamatrix.fuzz(count, seed)
    return {"codes": count, "taken": taken, "seconds": round(time.monotonic() - start, 1)}


def cards(count: int = 60_000, seed: int = 5) -> dict[str, float]:
    """Hold card sessions with damaged answers: none raises anything but CardError, none takes as long as the deadline of a read."""
    start = time.monotonic()
    outcome = card_fuzz.fuzz(count, seed)
    assert outcome.slowest_s < CardSettings().deadline_s
    return {
        "sessions": count,
        "read": outcome.read,
        "refused": outcome.refused,
        "slowest_s": round(outcome.slowest_s, 3),
        "seconds": round(time.monotonic() - start, 1),
    }


def swaps(count: int = 1_000, control: int = 100, seed: int = 5) -> dict[str, float]:
    """Swap the card inside pcscd's poll in the middle of a read: no identity is ever mixed, while a careless reader mixes some."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, Pcscd(Path(directory)) as service:
        random_ = random.Random(seed)
        ours = swap_under(service, as_the_booth_reads, (random_.randrange(_COMMANDS) for _ in range(count)))
        moments = (random_.randrange(_COMMANDS_OF_A_CARELESS_READER) for _ in range(control))
        careless = swap_under(service, as_a_careless_reader, moments)
        again = swap_under(service, as_a_careless_reader_that_reads_twice, (random_.randrange(_COMMANDS) for _ in range(control)))
    assert ours.mixed == ours.partial == 0
    assert ours.whole > 0
    assert careless.mixed > 0, "the positive control found no mixed identity: the swaps prove nothing"
    assert again.mixed == 0, "the second reading alone stops what the careless reader lets through"
    return {
        "swaps": count,
        "whole": ours.whole,
        "refused": ours.refused,
        "mixed": ours.mixed,
        "partial": ours.partial,
        "control_swaps": control,
        "control_mixed": careless.mixed,
        "control_partial": careless.partial,
        "control_mixed_with_second_reading": again.mixed,
        "control_whole_with_second_reading": again.whole,
        "seconds": round(time.monotonic() - start, 1),
    }


def swap_under(service: Pcscd, read: Callable[[str], tuple[IdentityCandidate, ...]], moments: Iterable[int]) -> Swaps:
    """One swap a moment: the two cards change places before that command of the read, faster than pcscd looks."""
    slot, name = service.readers[0], service.names[0]
    outcomes: Counter[str] = Counter()
    slot.insert(_card(0))
    for number, moment in enumerate(moments):
        _wait_for_card(slot, name)
        slot.before = _swap(service, _card((number + 1) % 2), moment)
        try:
            (candidate,) = read(name)
        except CardError:
            outcomes["refused"] += 1
            continue
        finally:
            slot.before = lambda _: None
        outcomes[_judge(candidate)] += 1
    return Swaps(**outcomes)


def _judge(candidate: IdentityCandidate) -> str:
    names = {person.family_name for person in PEOPLE if person.family_name == candidate.family_name}
    owners = {person.family_name for person in PEOPLE for one in candidate.identifiers if one.value.reveal() == person.number}
    return "partial" if not owners else "whole" if names == owners else "mixed"


def _card(which: int) -> VirtualCard:
    return patient_cards.vitale([PEOPLE[which]])


def _swap(service: Pcscd, other: VirtualCard, at: int) -> Callable[[int], None]:
    slot = service.readers[0]
    left = iter(range(at, -1, -1))

    def before(_: int) -> None:
        if next(left, None) == 0:
            slot.insert(other)

    return before


def _wait_for_card(slot: VirtualReader, name: str) -> None:
    """Until pcscd can connect to the card. Where its power-down met the swap, pcscd holds the slot for empty until the card is put in anew."""
    for _ in range(10):
        for _ in range(40):
            try:
                with Pcsc() as pcsc, pcsc.card(name) as card:
                    card.transmit(bytes.fromhex("00A40000023F00"))
            except CardError:
                _PAUSE.wait(0.02)
                continue
            return
        card_inside = slot.card or _card(0)
        slot.remove()
        _PAUSE.wait(2 * _POLL_S)
        slot.insert(card_inside)
    raise CardError(CardProblem.NO_CARD)


def as_the_booth_reads(name: str) -> tuple[IdentityCandidate, ...]:
    return smart_card_worker.read(POLICY, name, ())


def as_a_careless_reader(name: str) -> tuple[IdentityCandidate, ...]:
    """Read once, and try a failed command again on the same handle, as public readers do."""
    return _carelessly(name, Vitale(POLICY).read())


def as_a_careless_reader_that_reads_twice(name: str) -> tuple[IdentityCandidate, ...]:
    """The same reader with nothing but the second reading added: what the booth's rule is worth by itself."""
    return _carelessly(name, identify(_card(0).atr, POLICY))


def _carelessly(name: str, exchange: apdu.Exchange[tuple[IdentityCandidate, ...]]) -> tuple[IdentityCandidate, ...]:
    with Pcsc() as pcsc, pcsc.card(name) as card:

        def transmit(command: bytes) -> bytes:
            for _ in range(_ATTEMPTS_OF_A_CARELESS_READER):
                try:
                    response = card.transmit(command)
                except PcscError:
                    _PAUSE.wait(_POLL_S / 2)
                    continue
                if len(response) >= 2:
                    return response
            raise CardError(CardProblem.REMOVED)

        return apdu.carry(exchange, transmit)


PROOFS = {"datamatrix": datamatrix, "cards": cards, "swaps": swaps}
