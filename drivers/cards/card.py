"""What a card driver declares, which of them reads a card, and the rule that an identity is read twice.

A driver is one class in one file of this folder and registers by being defined. `probe` sends SELECT only; `read` gives one candidate for
each holder. Both are generators (see `apdu`), so the same driver runs over PC/SC, over a virtual card in process, and under fuzzing.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from drivers.identity import CardError, CardProblem

if TYPE_CHECKING:
    from drivers.cards.apdu import Exchange
    from drivers.identity import IdentityCandidate


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator set. `vitale_legal_basis` is the operator's own statement; without one the Vitale card is not read.

    `anchors` are DER certificates of the authorities that sign Belgian cards. `vitale_api` names an adapter of the official reading API
    ("module:function"), which is then asked first.
    """

    vitale_legal_basis: str = ""
    anchors: tuple[bytes, ...] = ()
    vitale_api: str = ""


class CardDriver(ABC):
    """One kind of card. Subclassing with a `name` registers it."""

    registry: ClassVar[dict[str, type[CardDriver]]] = {}

    name: ClassVar[str] = ""
    country: ClassVar[str] = ""
    #: drivers that select by application come before those that select by file: a file number may exist on a stranger's card
    order: ClassVar[int] = 0

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.name:
            CardDriver.registry[cls.name] = cls

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    @abstractmethod
    def probe(self) -> Exchange[bool]:
        """Whether this is the driver's card. SELECT only."""

    @abstractmethod
    def read(self) -> Exchange[tuple[IdentityCandidate, ...]]:
        """One candidate for each holder, at least one.

        Raises:
            CardError: nothing of the card is taken.
        """


#: professional cards and what their ATR is compared under. Source: OpenSC, card-cps.c of the ANS
_PROFESSIONAL = (
    ("3BAC00402A001225006480000310009000", "FF00000000FFFFFFFFFFFF000000FFFFFF"),
    ("3B8F80010031B86404B0ECC1739401808290000E", "FF" * 20),
    ("3B9B188001001225006480040100009044", "FF" * 17),
)
#: PC/SC part 3: the historical bytes of a contactless storage card, which has a number of its own but no holder
_STORAGE = bytes.fromhex("804F0CA000000306")


def is_professional(atr: bytes) -> bool:
    """Whether the ATR is that of a French CPS3 or CPS4, the health professional's card."""
    return any(
        len(atr) == len(known) and all(octet & mask == wanted & mask for octet, wanted, mask in zip(atr, known, under, strict=True))
        for known, under in ((bytes.fromhex(known), bytes.fromhex(under)) for known, under in _PROFESSIONAL)
    )


def load() -> tuple[type[CardDriver], ...]:
    """Every card driver there is, in the order in which they are tried."""
    package = importlib.import_module("drivers.cards")
    for module in pkgutil.iter_modules(package.__path__, "drivers.cards."):
        importlib.import_module(module.name)
    return tuple(sorted(CardDriver.registry.values(), key=lambda driver: (driver.order, driver.name)))


def identify(atr: bytes, policy: Policy) -> Exchange[tuple[IdentityCandidate, ...]]:
    """Find the driver of a card and read it twice: a card that was swapped or misread between the two gives nothing.

    Raises:
        CardError: no driver knows the card, the reads differ, or a driver refuses it.
    """
    if is_professional(atr):
        raise CardError(CardProblem.PROFESSIONAL)
    if _STORAGE in atr:
        raise CardError(CardProblem.CONTACTLESS)
    for kind in load():
        driver = kind(policy)
        if (yield from driver.probe()):
            return (yield from _read_twice(driver))
    raise CardError(CardProblem.UNSUPPORTED)


def _read_twice(driver: CardDriver) -> Exchange[tuple[IdentityCandidate, ...]]:
    first = yield from driver.read()
    if not (yield from driver.probe()):
        raise CardError(CardProblem.CHANGED)
    second = yield from driver.read()
    if first != second:
        raise CardError(CardProblem.CHANGED)
    if not first:
        raise CardError(CardProblem.DATA, "the card names nobody")
    return first
