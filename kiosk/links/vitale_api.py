"""The slot for the official "API de lecture Vitale" (GIE SESAM-Vitale): under licence, so not shipped.

An operator who has the licence installs a small adapter of its own and names it in the settings as "module:function". The function takes the
reader's name and returns the holders. It runs in the card process, under the same deadline as any other read. Only a simulated adapter
has been tried.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol

from drivers.cards import vitale
from drivers.identity import CardError, CardProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.identity import IdentityCandidate


class VitaleApi(Protocol):
    """What an adapter of the official API offers."""

    def __call__(self, reader: str) -> Sequence[vitale.Holder]:
        """The holders of the card in `reader`; raises CardError, `UNSUPPORTED` when the card is no Vitale card."""


def load(name: str) -> VitaleApi:
    """The adapter that the settings name.

    Raises:
        CardError: it is not installed.
    """
    module, _, function = name.partition(":")
    try:
        found: VitaleApi = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError):
        raise CardError(CardProblem.VITALE_OFF, "the adapter that the settings name is not installed") from None
    return found


def read(api: VitaleApi, reader: str) -> tuple[IdentityCandidate, ...]:
    """Read twice through the official API and compare, as for any card."""
    first, second = (vitale.candidates(api(reader)) for _ in range(2))
    if first != second:
        raise CardError(CardProblem.CHANGED)
    if not first:
        raise CardError(CardProblem.DATA, "the card names nobody")
    return first
