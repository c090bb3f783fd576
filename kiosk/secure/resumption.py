"""Numbered messages of one consultation over all its streams: after a cut, what the other end has not had is sent again, and only that. Sans-IO.

A stream is whole and in order, so each end only counts: no number is on the wire (docs/crypto.md).
"""

from __future__ import annotations

from nacl.utils import random

from protocol import specialist


def numbered(message: specialist.FromBooth | specialist.FromSpecialist) -> bool:
    """Whether this message may not be lost in a cut."""
    return isinstance(message, specialist.Text | specialist.Ask | specialist.Report) or (
        isinstance(message, specialist.Values) and message.settled
    )


class Resumption:
    """The booth's list, and how far it has read the page's. `ready` once the page has said what it has."""

    def __init__(self, log: str = "") -> None:
        self._id = log or random(16).hex()
        self._log: list[specialist.FromBooth] = []
        self._theirs = ""
        self._received = 0
        self.ready = False

    def begin(self) -> specialist.Resume:
        """The first message of a new stream; numbered messages wait until the page's has come."""
        self.ready = False
        return specialist.Resume(log=self._id, of=self._theirs, received=self._received)

    def keep(self, message: specialist.FromBooth) -> bool:
        """Number a message; False when it is on the list already (the same result told again)."""
        if message in self._log:
            return False
        self._log.append(message)
        return True

    def resumed(self, theirs: specialist.Resume) -> list[specialist.FromBooth]:
        """The page has said how far it is: the messages to send now."""
        if theirs.log != self._theirs:
            self._theirs, self._received = theirs.log, 0
        self.ready = True
        return self._log[max(0, theirs.received) :] if theirs.of == self._id else list(self._log)

    def had(self, message: specialist.FromSpecialist) -> None:
        """Count what came."""
        self._received += numbered(message)
