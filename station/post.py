"""Sealed envelopes and receipts on their way between the two WebSockets and the mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.station import Deposit, Deposited, Mail, Receipt, Refused, receipt_statement
from station import directory, mailbox

if TYPE_CHECKING:
    from station.connection import Booth, Page
    from station.present import Present


async def deposit(here: Present, booth: Booth, message: Deposit) -> None:
    """A booth's envelope: on the disk, then to its reader where that one is signed in."""
    try:
        receipt = await here.store.call(lambda database: mailbox.deposit(database, booth.key, message, here.now()))
    except mailbox.DepositError as error:
        await booth.send(Refused(error.args[0], message.id[:64]))
        return
    await booth.send(Deposited(message.id))
    if receipt is not None:
        await booth.send(receipt)
        return
    for page in [page for page in here.pages if page.key == message.recipient]:
        await page.send(Mail(message.id, booth.key, message.envelope))


async def receipt(here: Present, page: Page, message: Receipt) -> None:
    """A specialist's receipt: the envelope is deleted, and the booth is told."""
    if not 0 <= message.at < 1 << 63 or not directory.signed(page.key, message.signature, receipt_statement(message.id, message.at)):
        await page.send(Refused("bad-receipt", message.id[:64]))
        return
    sender = await here.store.call(lambda database: mailbox.receive(database, page.key, message, here.now()))
    booth = here.booths.get(sender) if sender is not None else None
    if booth is not None:
        await booth.send(message)
