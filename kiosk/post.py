"""The way of a settled payload: sealed, durable, deposited, receipted. The outbox is the truth; the station is asked again until it has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kiosk.secure.envelope import Header, Recipient, seal
from kiosk.secure.keys import verify
from kiosk.secure.outbox import Item
from protocol.station import Deposit, Deposited, Receipt, receipt_statement

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiosk.secure.keys import BoothKeys
    from kiosk.secure.outbox import Outbox


class Listener(Protocol):
    """Who is told how far an envelope is."""

    def sent(self, envelope_id: str) -> None:
        """The station has it on disk."""

    def seen(self, envelope_id: str, at: int) -> None:
        """The specialist's signed receipt; `at` in ms since the epoch."""

    def forged(self, envelope_id: str) -> None:
        """A receipt that the specialist has not signed."""


class Receipts(list[Listener]):
    """Several listeners as one: each knows its own envelopes."""

    def sent(self, envelope_id: str) -> None:
        """See `Listener`."""
        for listener in self:
            listener.sent(envelope_id)

    def seen(self, envelope_id: str, at: int) -> None:
        """See `Listener`."""
        for listener in self:
            listener.seen(envelope_id, at)

    def forged(self, envelope_id: str) -> None:
        """See `Listener`."""
        for listener in self:
            listener.forged(envelope_id)


class Post:
    """Envelopes of this booth on their way."""

    def __init__(self, keys: BoothKeys, outbox: Outbox, deposit: Callable[[Deposit], None], listener: Listener) -> None:
        self._keys, self._outbox, self._deposit, self._listener = keys, outbox, deposit, listener
        self._sequence = 0

    def send(self, recipient: Recipient, envelope_id: str, kind: str, consultation: str, payload: bytes, now: datetime) -> None:
        """Seal, keep, and deposit. On return the sealed envelope is on disk."""
        self._sequence += 1
        header = Header(envelope_id, kind, consultation, self._sequence, recipient.text, now.isoformat(timespec="milliseconds"))
        envelope = seal(self._keys, recipient, header, payload)
        self._outbox.put(Item(envelope_id, consultation, recipient.identity, int(now.timestamp() * 1000), envelope, None))
        self._deposit(Deposit(id=envelope_id, recipient=recipient.identity, envelope=envelope))

    def station_up(self) -> None:
        """Deposit again what the station has not said it has."""
        for item in self._outbox.waiting():
            if item.sent is None:
                self._deposit(Deposit(id=item.id, recipient=item.recipient, envelope=item.envelope))

    def deposited(self, message: Deposited, now: datetime) -> None:
        """The station's word."""
        self._outbox.mark_sent(message.id, int(now.timestamp() * 1000))
        self._listener.sent(message.id)

    def receipt(self, message: Receipt) -> None:
        """The specialist's word, checked against the key the envelope was sealed for."""
        item = self._outbox.get(message.id)
        if item is None:
            return
        if not 0 <= message.at < 1 << 63 or not verify(item.recipient, receipt_statement(message.id, message.at), message.signature):
            self._listener.forged(message.id)
            return
        self._outbox.acknowledge(message.id)
        self._listener.seen(message.id, message.at)
