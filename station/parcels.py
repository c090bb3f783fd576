"""Envelopes that a booth brings in pieces (protocol/station.py `Part`), put together again in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.station import Deposit, Part

#: octets of one envelope at most
LARGEST = 16 * 1024 * 1024


class PartError(Exception):
    """A piece that is not taken; `args[0]` is the reason of the `refused` message."""


@dataclass
class Parcel:
    """One envelope of one booth at a time; its pieces come in order."""

    _id: str = ""
    _octets: bytearray = field(default_factory=bytearray)
    _next: int = 0

    def take(self, part: Part) -> Deposit | None:
        """The whole envelope once its last piece is there. The first piece of one is the end of another.

        Raises:
            PartError: "bad-part" (a piece is missing or makes no sense), "too-large".
        """
        if part.number == 0:
            self._id, self._octets, self._next = part.id, bytearray(), 0
        if part.id != self._id or part.number != self._next or not 0 <= part.number < part.of:
            self._forget()
            raise PartError("bad-part")
        self._octets += part.octets
        self._next += 1
        if len(self._octets) > LARGEST:
            self._forget()
            raise PartError("too-large")
        if self._next < part.of:
            return None
        whole = Deposit(part.id, part.recipient, bytes(self._octets))
        self._forget()
        return whole

    def _forget(self) -> None:
        self._id, self._octets, self._next = "", bytearray(), 0
