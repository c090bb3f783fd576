"""The way of one envelope as the booth is told of it. Needs F004-30, F002-01."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.post import Post
from kiosk.secure.envelope import Recipient
from kiosk.secure.keys import BoothKeys
from kiosk.secure.outbox import Item, Outbox
from protocol.station import Deposit, Deposited, Receipt
from simulators.specialist import SpecialistKeys

if TYPE_CHECKING:
    from pathlib import Path

BOOTH = BoothKeys(b"b" * 32)
AT = datetime(2026, 1, 12, 10, tzinfo=UTC)
MS = int(AT.timestamp() * 1000)


class Told:
    """What the booth is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.at: list[int] = []

    def sent(self, envelope_id: str) -> None:
        self.heard.append(("sent", envelope_id))

    def seen(self, envelope_id: str, at: int) -> None:
        self.heard.append(("seen", envelope_id))
        self.at.append(at)

    def forged(self, envelope_id: str) -> None:
        self.heard.append(("forged", envelope_id))


def test_from_sealed_to_seen(tmp_path: Path) -> None:
    specialist, told, deposits = SpecialistKeys(), Told(), list[Deposit]()
    outbox = Outbox(tmp_path / "outbox.db")
    to = Recipient(specialist.identity, bytes(specialist.sealing.public_key))
    post = Post(BOOTH, outbox, deposits.append, told)
    for name in ("e1", "e2", "e3"):
        post.send(to, name, "observation", "c1", name.encode(), AT)
    opened = [specialist.open(BOOTH.public, deposit.envelope) for deposit in deposits]
    assert [(header.id, header.kind, header.consultation, header.sequence, payload) for header, payload in opened] == [
        (f"e{number}", "observation", "c1", number, f"e{number}".encode()) for number in (1, 2, 3)
    ]
    assert opened[0][0].created == "2026-01-12T10:00:00.000+00:00"
    assert [(item.id, item.created, item.sent, item.recipient) for item in outbox.waiting()] == [
        (name, MS, None, specialist.identity) for name in ("e1", "e2", "e3")
    ]
    post.deposited(Deposited("e1"), AT)
    post.deposited(Deposited("e1"), datetime(2027, 1, 1, tzinfo=UTC))
    assert outbox.waiting()[0].sent == MS
    deposits.clear()
    post.station_up()
    assert [deposit.id for deposit in deposits] == ["e2", "e3"]
    assert deposits[0].recipient == specialist.identity
    post.receipt(specialist.receipt("e2", 77))
    post.receipt(specialist.receipt("e2", 77))
    assert told.heard == [("sent", "e1"), ("sent", "e1"), ("seen", "e2")]
    assert told.at == [77]
    assert [item.id for item in outbox.waiting()] == ["e1", "e3"]


def test_a_receipt_of_an_impossible_time_or_of_somebody_else(tmp_path: Path) -> None:
    specialist, told = SpecialistKeys(), Told()
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.put(Item("e1", "c1", specialist.identity, 1, b"sealed", None))
    post = Post(BOOTH, outbox, lambda _: None, told)
    for at in (-1, 1 << 63, 1 << 70):
        post.receipt(Receipt("e1", at, bytes(64)))
    post.receipt(SpecialistKeys().receipt("e1", 5))
    post.receipt(specialist.receipt("e1", 1 << 63))  # signed, but no time that anything here can hold
    assert told.heard == [("forged", "e1")] * 5
    post.receipt(specialist.receipt("e1", 0))
    assert told.heard[-1] == ("seen", "e1")


def test_what_is_left_and_what_is_too_old(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    for number, consultation in enumerate(("c1", "c1", "c2")):
        outbox.put(Item(f"e{number}", consultation, b"r", number * 10, b"sealed", None))
    assert (outbox.left("c1"), outbox.left("c2"), outbox.left("c9")) == ((2, 10), (1, 20), (0, None))
    assert outbox.purge(10) == 1
    assert [item.id for item in outbox.waiting()] == ["e1", "e2"]
    assert outbox.get("e0") is None
    one = outbox.get("e1")
    assert one == Item("e1", "c1", b"r", 10, b"sealed", None)
    assert (tmp_path / "outbox.db").stat().st_mode & 0o777 == 0o600
    outbox.compact()
    assert (tmp_path / "outbox.db-wal").stat().st_size == 0
    outbox.close()
