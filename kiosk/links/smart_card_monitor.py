"""The process that watches the readers: `python -m kiosk.links.smart_card_monitor` prints one JSON object a line and survives pcscd.

Protocol: SCardGetStatusChange over all readers and the pseudo-reader that tells of new ones. The counter in a state's high 16 bits tells two
insertions apart; it starts again with pcscd, so it is never kept. A line "alive" comes at least every `ALIVE_S` seconds.
"""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from typing import TYPE_CHECKING

from drivers.identity import CardError
from kiosk.links.confined import confine
from kiosk.links.smart_card_pcsc import CHANGED, PNP, TIMEOUT, UNKNOWN_READER, Pcsc, PcscError
from kiosk.links.smart_card_worker import MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kiosk.links.smart_card_pcsc import ReaderState

ALIVE_S = 10
_BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class Seen(StrEnum):
    """What the monitor saw."""

    ALIVE = "alive"
    SERVICE_UP = "service-up"
    SERVICE_LOST = "service-lost"
    READER_IN = "reader-in"
    READER_OUT = "reader-out"
    CARD_IN = "card-in"
    CARD_OUT = "card-out"
    CARD_MUTE = "card-mute"
    CARD_SWAPPED = "card-swapped"


class Watch:
    """What is known of the readers, and what a new look at them says. Sans-IO."""

    def __init__(self) -> None:
        self._known: dict[str, ReaderState | None] = {}

    def readers(self, names: tuple[str, ...]) -> Iterator[tuple[Seen, str]]:
        """Take the present list of readers. A reader that is gone takes its card with it."""
        for name in [known for known in self._known if known not in names]:
            yield from self._gone(name)
        for name in names:
            if name not in self._known:
                self._known[name] = None
                yield Seen.READER_IN, name

    def lost(self) -> Iterator[tuple[Seen, str]]:
        """The service is gone: so are its readers, as far as anyone knows."""
        for name in list(self._known):
            yield from self._gone(name)

    def words(self) -> dict[str, int]:
        """What to wait on: every reader with its last state, and the pseudo-reader with the number of readers."""
        waiting = {name: 0 if state is None else state.word & ~CHANGED for name, state in self._known.items()}
        return waiting | {PNP: len(self._known) << 16}

    def states(self, states: Mapping[str, ReaderState]) -> Iterator[tuple[Seen, str]]:
        """Take a new look at the readers."""
        for name, state in states.items():
            if name == PNP or name not in self._known or not state.word & CHANGED:
                continue
            old, self._known[name] = self._known[name], state
            was = old is not None and old.present
            if was and state.present and old is not None and old.generation != state.generation:
                yield Seen.CARD_SWAPPED, name
            elif state.present and not was:
                yield (Seen.CARD_MUTE if state.mute else Seen.CARD_IN), name
            elif was and not state.present:
                yield Seen.CARD_OUT, name

    def _gone(self, name: str) -> Iterator[tuple[Seen, str]]:
        state = self._known.pop(name)
        if state is not None and state.present:
            yield Seen.CARD_OUT, name
        yield Seen.READER_OUT, name


def say(seen: Seen, reader: str = "") -> None:
    """Print one line; when nobody reads any more, the process ends."""
    sys.stdout.write(json.dumps({"seen": seen, "reader": reader}) + "\n")
    sys.stdout.flush()


def _follow(pcsc: Pcsc, watch: Watch) -> None:
    """Tell all that happens until the service fails."""
    while True:
        for event in watch.readers(pcsc.readers()):
            say(*event)
        try:
            states = pcsc.states(watch.words(), ALIVE_S * 1000)
        except PcscError as error:
            if error.code not in {TIMEOUT, UNKNOWN_READER}:
                raise
            say(Seen.ALIVE)
            continue
        for event in watch.states(states):
            say(*event)


def main() -> int:
    """Watch until the parent ends this process or stops reading."""
    confine(MEMORY)
    failures = 0
    try:
        while True:
            watch = Watch()
            try:
                with Pcsc() as pcsc:
                    failures = 0
                    say(Seen.SERVICE_UP)
                    _follow(pcsc, watch)
            except CardError:
                for event in watch.lost():
                    say(*event)
                if failures == 0:
                    say(Seen.SERVICE_LOST)
                else:
                    say(Seen.ALIVE)
            time.sleep(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])
            failures += 1
    except BrokenPipeError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
