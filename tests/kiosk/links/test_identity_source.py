"""Cards and scanned codes as one source, under a real pcscd. Needs SYS-14, F004-18."""

import asyncio
import os
import pty
import threading
from pathlib import Path

import pytest

from drivers.cards.card import Policy
from drivers.identity import CardProblem
from kiosk.links.identity_source import Candidates, Event, IdentitySource, Rejected
from kiosk.links.scanner import ScannerState
from kiosk.links.smart_card import CardEvent, CardSettings
from kiosk.links.smart_card_monitor import Seen
from simulators import patient_cards
from simulators.patient_cards import Person
from simulators.pcscd import Pcscd

ANNE = Person("DURAND", "ANNE", "19530714", "253072A07300443")
BERT = Person("MARTIN", "BERT", "19850523", "185057512345673")
CODE = b"IS01" + b"0" * 22 + b"S1277010115400329S21.2.250.1.213.1.4.8\x1dS3ANNA\x1dS4GARCIA-HAMMADI\x1dS5FS621-01-1977"


class Inbox:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        self.emit = self._queue.put_nowait

    async def next(self, kind: type, seen: Seen | None = None) -> Event:
        async with asyncio.timeout(20):
            while True:
                event = await self._queue.get()
                if isinstance(event, kind) and (seen is None or (isinstance(event, CardEvent) and event.seen is seen)):
                    return event


async def test_cards_and_codes_come_as_candidates_and_refusals(tmp_path: Path) -> None:
    controller, device = pty.openpty()
    inbox = Inbox()
    source = IdentitySource(CardSettings(policy=Policy(vitale_legal_basis="a test")), scanner_port=os.ttyname(device))
    with Pcscd(tmp_path) as service:
        running = asyncio.create_task(source.run(inbox.emit))
        assert await inbox.next(ScannerState) == ScannerState(up=True)
        await inbox.next(CardEvent, Seen.READER_IN)
        service.readers[0].insert(patient_cards.vitale([ANNE]))
        read = await inbox.next(Candidates)
        assert isinstance(read, Candidates)
        assert ([one.family_name for one in read.candidates], read.insertion) == (["DURAND"], 1)
        assert await source.is_still(read.candidates[0])
        service.readers[0].remove()
        await inbox.next(CardEvent, Seen.CARD_OUT)
        assert not await source.is_still(read.candidates[0])
        service.readers[0].insert(patient_cards.professional())
        refused = await inbox.next(Rejected)
        assert isinstance(refused, Rejected)
        assert (refused.error.reason, refused.insertion) == (CardProblem.PROFESSIONAL, 2)
        os.write(controller, CODE + b"\r")
        scanned = await inbox.next(Candidates)
        assert isinstance(scanned, Candidates)
        assert (scanned.candidates[0].family_name, scanned.insertion) == ("GARCIA-HAMMADI", 0)
        os.write(controller, b"0103401020304050\r")
        assert isinstance(await inbox.next(Rejected), Rejected)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    os.close(controller)
    os.close(device)


async def test_a_card_that_is_pulled_while_it_is_read_gives_nothing_afterwards(tmp_path: Path) -> None:
    inbox = Inbox()
    source = IdentitySource(CardSettings(policy=Policy(vitale_legal_basis="a test")))
    with Pcscd(tmp_path) as service:
        running = asyncio.create_task(source.run(inbox.emit))
        await inbox.next(CardEvent, Seen.READER_IN)
        slot = service.readers[0]
        silent = threading.Event()

        def falls_silent(number: int) -> None:
            if number == 9:
                slot.speaking.clear()
                silent.set()

        slot.before = falls_silent
        slot.insert(patient_cards.vitale([ANNE]))
        assert await asyncio.to_thread(silent.wait, 20)
        slot.before = lambda _: None
        slot.remove()
        slot.speaking.set()
        await inbox.next(CardEvent, Seen.CARD_OUT)
        slot.insert(patient_cards.vitale([BERT]))
        read = await inbox.next(Candidates)
        assert isinstance(read, Candidates)
        assert ([one.family_name for one in read.candidates], read.insertion) == (["MARTIN"], 2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
