"""The process that reads one card and ends: `python -m kiosk.links.smart_card_worker`. It says READY, takes a request line, gives an answer line.

SCardTransmit has no timeout, and a card may be hostile: so the reading runs where it can be killed, with limits on memory, and what it
held goes with it. Any transmit error throws away all that was read and begins again with a new connection; nothing is ever tried again on
the old one, since another patient's card may answer there.
"""

from __future__ import annotations

import fnmatch
import sys
from typing import TYPE_CHECKING

from drivers.cards import apdu
from drivers.cards.card import identify, load
from drivers.identity import CardError, CardProblem
from kiosk.links import identity_wire, vitale_api
from kiosk.links.confined import confine
from kiosk.links.smart_card_pcsc import TIMEOUT, Pcsc, PcscError

if TYPE_CHECKING:
    from drivers.cards.card import Policy
    from drivers.identity import IdentityCandidate
    from kiosk.links.smart_card_pcsc import ReaderState

#: what the process says once it can be asked: the deadline of a read begins there, not with a slow start
READY = b"ready\n"
_ATTEMPTS = 3
#: pcscd may take one poll of 400 ms to notice what happened to a card
_NOTICE_MS = 600
#: octets that a process needs for reading, and by far
MEMORY = 1 << 30


def is_professional_reader(reader: str, patterns: tuple[str, ...]) -> bool:
    """Whether the settings give this reader to the professional."""
    return any(fnmatch.fnmatchcase(reader, pattern) for pattern in patterns)


def choose(states: dict[str, ReaderState]) -> str:
    """The one patient reader with a card.

    Raises:
        CardError: no reader, no card, or more than one.
    """
    if not states:
        raise CardError(CardProblem.NO_READER)
    filled = [name for name, state in states.items() if state.present]
    if not filled:
        raise CardError(CardProblem.NO_CARD)
    if len(filled) > 1:
        raise CardError(CardProblem.SEVERAL_CARDS)
    return filled[0]


def read(policy: Policy, reader: str | None, professional_readers: tuple[str, ...]) -> tuple[IdentityCandidate, ...]:
    """Read the patient's card, from `reader` or wherever it is.

    Raises:
        CardError: nothing was taken.
    """
    torn: CardError | None = None
    for _ in range(_ATTEMPTS):
        with Pcsc() as pcsc:
            try:
                chosen = _choose(pcsc, reader, professional_readers)
                return _read_once(pcsc, chosen, policy)
            except CardError as error:
                if torn is not None and error.reason is CardProblem.NO_CARD:
                    raise CardError(CardProblem.REMOVED) from None
                if error.reason is not CardProblem.REMOVED:
                    raise
                torn = error
                _wait_for_notice(pcsc, reader, professional_readers)
    raise torn or CardError(CardProblem.REMOVED)


def _choose(pcsc: Pcsc, reader: str | None, professional_readers: tuple[str, ...]) -> str:
    names = [name for name in pcsc.readers() if not is_professional_reader(name, professional_readers)]
    if reader is not None:
        names = [name for name in names if name == reader]
    return choose(pcsc.states(dict.fromkeys(names, 0), 0) if names else {})


def _wait_for_notice(pcsc: Pcsc, reader: str | None, professional_readers: tuple[str, ...]) -> None:
    """Give pcscd the time of one poll to notice that the card went or changed."""
    try:
        chosen = _choose(pcsc, reader, professional_readers)
        state = pcsc.states({chosen: 0}, 0)[chosen]
        pcsc.states({chosen: state.word & ~2}, _NOTICE_MS)
    except PcscError as error:
        if error.code != TIMEOUT:
            raise
    except CardError:
        return


def _read_once(pcsc: Pcsc, reader: str, policy: Policy) -> tuple[IdentityCandidate, ...]:
    before = pcsc.states({reader: 0}, 0)[reader]
    if not before.atr:
        raise CardError(CardProblem.MUTE)
    found = _by_api(policy, reader) or _by_drivers(pcsc, reader, before.atr, policy)
    after = pcsc.states({reader: 0}, 0)[reader]
    if (after.present, after.atr, after.generation) != (True, before.atr, before.generation):
        raise CardError(CardProblem.CHANGED)
    return found


def _by_api(policy: Policy, reader: str) -> tuple[IdentityCandidate, ...]:
    """What the official API gives; nothing when there is none, or the card is not for it."""
    if not policy.vitale_api:
        return ()
    try:
        return vitale_api.read(vitale_api.load(policy.vitale_api), reader)
    except CardError as error:
        if error.reason is not CardProblem.UNSUPPORTED:
            raise
        return ()


def _by_drivers(pcsc: Pcsc, reader: str, atr: bytes, policy: Policy) -> tuple[IdentityCandidate, ...]:
    with pcsc.card(reader) as card:

        def transmit(command: bytes) -> bytes:
            response = card.transmit(command)
            if len(response) < 2:
                raise CardError(CardProblem.REMOVED, "an answer without status")
            return response

        return apdu.carry(identify(atr, policy), transmit)


def main() -> int:
    """Answer one request."""
    confine(MEMORY)
    load()
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    outcome: tuple[IdentityCandidate, ...] | CardError
    try:
        outcome = read(*identity_wire.requested(line))
    except CardError as error:
        outcome = error
    sys.stdout.buffer.write(identity_wire.answer(outcome))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
