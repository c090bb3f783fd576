"""Cards under a real pcscd with virtual readers: insert, remove, tear, swap, silence, two readers, pcscd killed. Needs SYS-14, F004-18."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.cards import apdu
from drivers.cards.card import Policy, identify
from drivers.cards.vitale import Holder
from drivers.identity import CardError, CardProblem
from kiosk.cli import main
from kiosk.links import identity_wire, vitale_api
from kiosk.links.smart_card import CardEvent, CardMonitor, CardReader, CardSettings, Role
from kiosk.links.smart_card_monitor import Seen, Watch
from kiosk.links.smart_card_pcsc import CHANGED, EMPTY, MUTE, PNP, PRESENT, ReaderState
from kiosk.links.smart_card_worker import choose
from simulators import patient_cards
from simulators.card import VirtualCard
from simulators.patient_cards import Person
from simulators.pcscd import Pcscd
from tests.proofs import identity as proofs
from tests.simulators.card_fuzz import KINDS
from tests.simulators.card_fuzz import POLICY as ALL

ANNE = Person("DURAND", "ANNE", "19530714", "253072A07300443")
BERT = Person("MARTIN", "BERT", "19850523", "185057512345673")
POLICY = Policy(vitale_legal_basis="a test")
FIRST, SECOND = Pcscd.names


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Pcscd]:
    with Pcscd(tmp_path) as running:
        yield running


class Events:
    """The events of one monitor, awaited one after the other."""

    def __init__(self, settings: CardSettings) -> None:
        self._all = CardMonitor(settings, restart_s=0.05).events()

    async def until(self, seen: Seen, reader: str = "") -> CardEvent:
        async with asyncio.timeout(20):
            async for event in self._all:
                if event.seen is seen and reader in {"", event.reader}:
                    return event
        raise AssertionError(seen)

    async def aclose(self) -> None:
        await self._all.aclose()  # type: ignore[attr-defined]


@pytest.fixture
async def events(service: Pcscd) -> AsyncIterator[Events]:
    watching = Events(CardSettings(professional_readers=("*00 01",)))
    await watching.until(Seen.READER_IN, SECOND)
    yield watching
    await watching.aclose()


@pytest.fixture
async def reader() -> AsyncIterator[CardReader]:
    reading = CardReader(CardSettings(policy=POLICY, professional_readers=("*00 01",), deadline_s=3.0))
    yield reading
    await reading.aclose()


def vitale(*people: Person) -> VirtualCard:
    return patient_cards.vitale(people)


async def names(reader: CardReader) -> list[str]:
    return [candidate.family_name for candidate in await reader.read()]


async def refusal(reader: CardReader) -> CardProblem:
    with pytest.raises(CardError) as caught:
        await reader.read()
    return caught.value.reason


async def test_a_card_comes_is_read_and_goes(service: Pcscd, events: Events, reader: CardReader) -> None:
    assert await refusal(reader) is CardProblem.NO_CARD
    service.readers[0].insert(vitale(ANNE, BERT))
    came = await events.until(Seen.CARD_IN)
    assert (came.reader, came.role) == (FIRST, Role.PATIENT)
    assert await names(reader) == ["DURAND", "MARTIN"]
    service.readers[0].remove()
    went = await events.until(Seen.CARD_OUT)
    assert went.insertion == came.insertion
    assert await refusal(reader) is CardProblem.NO_CARD


async def test_a_slow_swap_is_another_insertion_and_another_patient(service: Pcscd, events: Events, reader: CardReader) -> None:
    service.readers[0].insert(vitale(ANNE))
    first = await events.until(Seen.CARD_IN)
    (candidate,) = await reader.read()
    service.readers[0].remove()
    await events.until(Seen.CARD_OUT)
    service.readers[0].insert(vitale(BERT))
    second = await events.until(Seen.CARD_IN)
    assert second.insertion != first.insertion
    assert not await reader.is_still(candidate)
    assert await names(reader) == ["MARTIN"]


async def test_a_card_that_is_torn_out_leaves_nothing(service: Pcscd, events: Events, reader: CardReader) -> None:
    slot = service.readers[0]
    slot.insert(vitale(ANNE))
    await events.until(Seen.CARD_IN)
    slot.before = lambda number: slot.remove() if number == 9 else None
    assert await refusal(reader) in {CardProblem.REMOVED, CardProblem.NO_CARD}


async def test_a_silent_card_and_an_empty_answer_meet_the_deadline(service: Pcscd, events: Events, reader: CardReader) -> None:
    slot = service.readers[0]
    slot.insert(vitale(ANNE))
    await events.until(Seen.CARD_IN)
    slot.speaking.clear()
    assert await refusal(reader) is CardProblem.DEADLINE
    slot.speaking.set()
    assert await names(reader) == ["DURAND"]
    assert slot.card is not None
    slot.card.answers = {len(slot.card.log) + 7: b""}
    assert await refusal(reader) is CardProblem.DEADLINE
    slot.remove()
    await events.until(Seen.CARD_OUT)
    slot.insert(vitale(BERT))
    await events.until(Seen.CARD_IN)
    assert await names(reader) == ["MARTIN"]


async def test_a_card_that_answers_64_kib_is_stopped(service: Pcscd, events: Events, reader: CardReader) -> None:
    slot = service.readers[0]
    card = vitale(ANNE)
    card.answers = dict.fromkeys(range(7, 200), b"x" * 65000 + b"\x90\x00")
    slot.insert(card)
    await events.until(Seen.CARD_IN)
    assert await refusal(reader) is CardProblem.TOO_LARGE
    assert len(card.log) < 20


async def test_a_card_without_a_sensible_answer_to_reset_is_called_mute(service: Pcscd, events: Events, reader: CardReader) -> None:
    card = vitale(ANNE)
    card.atr = bytes.fromhex("3b")
    service.readers[0].insert(card)
    await events.until(Seen.CARD_IN)
    assert await refusal(reader) is CardProblem.MUTE


async def test_the_professional_s_reader_is_not_the_patient_s(service: Pcscd, events: Events, reader: CardReader) -> None:
    service.readers[1].insert(vitale(BERT))
    assert (await events.until(Seen.CARD_IN)).role is Role.PROFESSIONAL
    assert await refusal(reader) is CardProblem.NO_CARD
    service.readers[0].insert(vitale(ANNE))
    await events.until(Seen.CARD_IN, FIRST)
    assert await names(reader) == ["DURAND"]
    service.readers[0].insert(patient_cards.professional())
    await events.until(Seen.CARD_OUT, FIRST)
    await events.until(Seen.CARD_IN, FIRST)
    assert await refusal(reader) is CardProblem.PROFESSIONAL


async def test_two_patient_cards_at_once_are_refused(service: Pcscd, events: Events) -> None:
    reader = CardReader(CardSettings(policy=POLICY))
    service.readers[0].insert(vitale(ANNE))
    service.readers[1].insert(vitale(BERT))
    await events.until(Seen.CARD_IN)
    await events.until(Seen.CARD_IN)
    assert await refusal(reader) is CardProblem.SEVERAL_CARDS
    assert [one.family_name for one in await reader.read(SECOND)] == ["MARTIN"]
    await reader.aclose()


async def test_pcscd_may_be_killed_at_any_time(service: Pcscd, events: Events, reader: CardReader) -> None:
    service.readers[0].insert(vitale(ANNE))
    await events.until(Seen.CARD_IN)
    service.kill()
    await events.until(Seen.CARD_OUT)
    await events.until(Seen.READER_OUT)
    await events.until(Seen.SERVICE_LOST)
    assert await refusal(reader) is CardProblem.SERVICE_LOST
    service.start()
    await events.until(Seen.READER_IN)
    service.readers[0].insert(vitale(BERT))
    await events.until(Seen.CARD_IN)
    assert await names(reader) == ["MARTIN"]


async def test_a_dead_monitor_or_reading_process_is_replaced(service: Pcscd, events: Events, reader: CardReader) -> None:
    service.readers[0].insert(vitale(ANNE))
    await events.until(Seen.CARD_IN)
    await reader.prepare()
    assert reader._spare is not None
    reader._spare.kill()
    await reader._spare.wait()
    assert await names(reader) == ["DURAND"]
    silent = CardMonitor(CardSettings(), restart_s=0.05, silence_s=0.0).events()
    async with asyncio.timeout(20):
        assert [(await anext(silent)).seen for _ in range(2)] == [Seen.SERVICE_LOST] * 2
    await silent.aclose()  # type: ignore[attr-defined]


async def test_a_swap_inside_the_poll_never_mixes_two_people_and_a_careless_reader_does(service: Pcscd) -> None:
    moments = (0, 4, 7, 11, 13, 16)
    ours = await asyncio.to_thread(proofs.swap_under, service, proofs.as_the_booth_reads, moments)
    assert (ours.mixed, ours.partial) == (0, 0)
    assert ours.whole > 0
    careless = await asyncio.to_thread(proofs.swap_under, service, proofs.as_a_careless_reader, [4] * 6)
    assert careless.mixed > 0


async def test_the_command_prints_the_card_with_masked_numbers(service: Pcscd, events: Events, capsys: pytest.CaptureFixture[str]) -> None:
    service.readers[0].insert(vitale(ANNE))
    await events.until(Seen.CARD_IN)
    assert await asyncio.to_thread(main, ["identify", "--card"]) == 1
    assert json.loads(capsys.readouterr().out)["rejected"].startswith("vitale-not-enabled")
    assert await asyncio.to_thread(main, ["identify", "--card", "--vitale-legal-basis", "a test"]) == 0
    printed = capsys.readouterr().out
    (candidate,) = json.loads(printed)["candidates"]
    assert (candidate["driver"], candidate["family_name"], candidate["identifiers"][0]["check"]) == ("fr-vitale", "DURAND", "ok")
    assert ANNE.number not in printed


async def test_no_card_service_is_said_in_plain_words(reader: CardReader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "nobody"))
    assert await refusal(reader) is CardProblem.SERVICE_LOST


def test_which_reader_is_the_patient_s() -> None:
    full, empty = ReaderState(1 << 16 | PRESENT, b";"), ReaderState(EMPTY, b"")
    assert choose({"A": empty, "B": full}) == "B"
    for states, problem in (
        ({}, CardProblem.NO_READER),
        ({"A": empty, "B": empty}, CardProblem.NO_CARD),
        ({"A": full, "B": full, "C": full}, CardProblem.SEVERAL_CARDS),
    ):
        with pytest.raises(CardError) as caught:
            choose(states)
        assert caught.value.reason is problem


def test_the_watch_tells_swaps_and_lost_readers_apart() -> None:
    def state(flags: int, generation: int) -> ReaderState:
        return ReaderState(generation << 16 | flags | CHANGED, b";" if flags & PRESENT else b"")

    watch = Watch()
    assert list(watch.readers(("A", "B"))) == [(Seen.READER_IN, "A"), (Seen.READER_IN, "B")]
    assert watch.words() == {"A": 0, "B": 0, PNP: 2 << 16}
    assert list(watch.states({"A": state(EMPTY, 0), "B": state(PRESENT, 1)})) == [(Seen.CARD_IN, "B")]
    assert list(watch.states({"A": state(PRESENT | MUTE, 1), "B": state(PRESENT, 3)})) == [(Seen.CARD_MUTE, "A"), (Seen.CARD_SWAPPED, "B")]
    assert watch.words()["B"] == 3 << 16 | PRESENT
    assert list(watch.states({"B": ReaderState(3 << 16 | PRESENT, b";")})) == []
    assert list(watch.readers(("A",))) == [(Seen.CARD_OUT, "B"), (Seen.READER_OUT, "B")]
    assert list(watch.lost()) == [(Seen.CARD_OUT, "A"), (Seen.READER_OUT, "A")]
    assert list(watch.lost()) == []


def test_the_official_reading_api_has_its_slot_and_is_read_twice_as_well() -> None:
    holder = Holder("DURAND", "ANNE", "19530714", "253072A07300443")
    (candidate,) = vitale_api.read(lambda _: [holder], "any")
    assert (candidate.driver, candidate.identifiers[0].belongs_to) == ("fr-vitale", "patient")
    other = Holder("MARTIN", "BERT", "19850523", "185057512345673")
    answers = iter([[holder], [other]])
    with pytest.raises(CardError) as caught:
        vitale_api.read(lambda _: next(answers), "any")
    assert caught.value.reason is CardProblem.CHANGED
    for name in ("no_such_module:read", "json:no_such_function", ":"):
        with pytest.raises(CardError) as caught:
            vitale_api.load(name)
        assert caught.value.reason is CardProblem.VITALE_OFF


def test_what_the_processes_say_to_each_other_comes_back_whole() -> None:
    policy = Policy("basis", (b"\x00\xff",), "module:function")
    assert identity_wire.requested(identity_wire.request(policy, "A", ("B*",))) == (policy, "A", ("B*",))
    for make in KINDS.values():
        card: Any = make()
        found = apdu.carry(identify(card.atr, ALL), card.answer)
        assert identity_wire.answered(identity_wire.answer(found)) == found
    with pytest.raises(CardError) as caught:
        identity_wire.answered(identity_wire.answer(CardError(CardProblem.MUTE, "why")))
    assert str(caught.value) == "card-mute: why"
