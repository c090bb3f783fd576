"""The way of a settled payload: sealed, durable, deposited, receipted. The outbox is the truth; the station is asked again until it has it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from kiosk.secure.envelope import Header, Recipient, seal
from kiosk.secure.keys import verify
from kiosk.secure.outbox import Item
from kiosk.secure.parts import parts, whole_of
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
    """Envelopes of this booth on their way. What comes in parts goes after everything else, one part at a time: values never wait for it."""

    def __init__(self, keys: BoothKeys, outbox: Outbox, deposit: Callable[[Deposit], None], listener: Listener) -> None:
        self._keys, self._outbox, self._deposit, self._listener = keys, outbox, deposit, listener
        self._sequence = 0
        #: parts that the station has not, and the one that is under way
        self._parts: deque[str] = deque()
        self._under_way = ""
        #: parts of each whole that are not sent, and not seen
        self._unsent: dict[str, set[str]] = {}
        self._unseen: dict[str, set[str]] = {}

    def send(self, recipient: Recipient, envelope_id: str, kind: str, consultation: str, payload: bytes, now: datetime) -> None:
        """Seal, keep, and deposit. On return the sealed envelope is on disk."""
        item = self._sealed(recipient, envelope_id, kind, consultation, payload, now)
        self._outbox.put(item)
        self._send(item)

    def send_in_parts(self, recipient: Recipient, whole_id: str, kind: str, consultation: str, payload: bytes, now: datetime) -> None:
        """As `send`, in as many envelopes as it takes; the listener hears of the whole. On return all of them are on disk."""
        items = [self._sealed(recipient, part_id, "part", consultation, part, now) for part_id, part in parts(whole_id, kind, payload)]
        self._outbox.put_all(items)
        self._unsent[whole_id], self._unseen[whole_id] = {item.id for item in items}, {item.id for item in items}
        self._parts.extend(item.id for item in items)
        self._next_part()

    def _sealed(self, recipient: Recipient, envelope_id: str, kind: str, consultation: str, payload: bytes, now: datetime) -> Item:
        self._sequence += 1
        header = Header(envelope_id, kind, consultation, self._sequence, recipient.text, now.isoformat(timespec="milliseconds"))
        envelope = seal(self._keys, recipient, header, payload)
        return Item(envelope_id, consultation, recipient.identity, int(now.timestamp() * 1000), envelope, None)

    def _send(self, item: Item) -> None:
        self._deposit(Deposit(id=item.id, recipient=item.recipient, envelope=item.envelope))

    def _next_part(self) -> None:
        while self._parts and not self._under_way:
            item = self._outbox.get(self._parts.popleft())
            if item is not None:
                self._under_way = item.id
                self._send(item)

    def station_up(self) -> None:
        """Deposit again what the station has not said it has."""
        self._under_way = ""
        self._parts.clear()
        for item in self._outbox.waiting():
            if item.sent is not None:
                continue
            if whole_of(item.id):
                self._parts.append(item.id)
            else:
                self._send(item)
        self._next_part()

    def refused(self) -> None:
        """The station has refused something: if it was the part under way, it is tried again at the next `station_up`."""
        self._under_way = ""
        self._next_part()

    def deposited(self, message: Deposited, now: datetime) -> None:
        """The station's word."""
        self._outbox.mark_sent(message.id, int(now.timestamp() * 1000))
        whole = whole_of(message.id)
        if not whole:
            self._listener.sent(message.id)
            return
        if message.id == self._under_way:
            self._under_way = ""
        if self._done(self._unsent, whole, message.id):
            self._listener.sent(whole)
        self._next_part()

    def receipt(self, message: Receipt) -> None:
        """The specialist's word, checked against the key the envelope was sealed for."""
        item = self._outbox.get(message.id)
        if item is None:
            return
        if not 0 <= message.at < 1 << 63 or not verify(item.recipient, receipt_statement(message.id, message.at), message.signature):
            self._listener.forged(message.id)
            return
        self._outbox.acknowledge(message.id)
        whole = whole_of(message.id)
        if not whole:
            self._listener.seen(message.id, message.at)
        elif self._done(self._unseen, whole, message.id):
            self._listener.seen(whole, message.at)

    @staticmethod
    def _done(left: dict[str, set[str]], whole: str, part: str) -> bool:
        """Whether this was the last part of a whole that this process has sent."""
        if whole not in left:
            return False
        left[whole].discard(part)
        if left[whole]:
            return False
        del left[whole]
        return True
