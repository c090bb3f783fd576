"""From a card in a real pcscd, a hand scanner on a pseudo-terminal and a code before the camera, to the booth's real screen and the identified patient.

Needs SYS-12, SYS-14, F004-18. The card, its holder and the scanner are simulated.
"""

import asyncio
import contextlib
import json
import os
import pty
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from protocol import screen
from simulators import patient_cards
from simulators.hand import Hand
from simulators.patient_cards import Person
from simulators.pcscd import Pcscd
from simulators.processes import House
from tests.end_to_end.rig import Screen

ANNE = Person("DURAND", "ANNE", "19530714", "253072A07300443")
BERT = Person("MARTIN", "BERT", "19850523", "185057512345673")
ROWS = {row["id"]: row for row in json.loads((Path(__file__).parents[1] / "vectors/ins-datamatrix.json").read_text(encoding="utf-8"))}
PATIENCE = 30.0


@contextlib.asynccontextmanager
async def booth(folder: Path, identification: str) -> AsyncIterator[House]:
    """The agent alone, as a process, without a station."""
    house = House(folder)
    house.origin = "https://127.0.0.1:9"  # the discard port: nobody answers
    try:
        await house.start_agent(enrol=False, identification=identification)
        yield house
    finally:
        await house.stop()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Pcscd]:
    with Pcscd(tmp_path) as running:
        yield running


async def test_a_card_shows_its_candidate_and_the_helper_identifies(tmp_path: Path, service: Pcscd) -> None:
    async with booth(tmp_path, 'vitale_legal_basis = "a test"') as house:
        await house.start_screen(offscreen=True)
        hand = Hand(house.run / "remote.sock", PATIENCE)
        await hand.connect()
        helper = Screen(house.run / "agent.sock")
        await helper.until(lambda: helper.view and helper.view.card == "absent")
        service.readers[0].insert(patient_cards.vitale((ANNE,)))
        seen = await hand.until("candidate0", lambda item: item.visible, "the candidate")
        assert seen.text == "ANNE DURAND"
        await hand.tap("choose0")
        await hand.until("screen", lambda item: item.text == "stop-list", "the next screen")
        assert (await hand.read("patient")).text == "ANNE DURAND"
        service.readers[0].remove()
        await hand.until("leavingNo", lambda item: item.visible, "the question")
        await hand.tap("leavingNo")
        await helper.until(lambda: helper.view and not helper.view.leaving)
        hand.close()
        helper.close()


async def test_where_the_card_must_stay_in_it_is_missed_within_a_second(tmp_path: Path, service: Pcscd) -> None:
    async with booth(tmp_path, 'vitale_legal_basis = "a test"\ncard_stays_in = true') as house:
        helper = Screen(house.run / "agent.sock")
        await helper.until(lambda: helper.view and helper.view.card == "absent")
        service.readers[0].insert(patient_cards.vitale((ANNE,)))
        await helper.until(lambda: helper.view and helper.view.candidates)
        assert helper.view is not None
        helper.tap(screen.Choose(helper.view.candidates[0].id))
        await helper.stage("identified")
        service.readers[0].remove()
        removed = time.monotonic()
        await helper.until(lambda: helper.view and helper.view.away)
        assert time.monotonic() - removed < 1.0
        assert (helper.view.blank, helper.view.patient) == (True, "")
        service.readers[0].insert(patient_cards.vitale((ANNE,)))
        await helper.until(lambda: helper.view and not helper.view.away and helper.view.patient == "ANNE DURAND")
        service.readers[0].remove()
        await helper.until(lambda: helper.view and helper.view.away)
        service.readers[0].insert(patient_cards.vitale((BERT,)))
        await helper.until(lambda: helper.view and helper.view.candidates)
        assert (helper.view.stage, helper.view.candidates[0].family_name, helper.view.patient) == ("idle", "MARTIN", "")
        helper.close()


async def test_a_vitale_card_without_the_operators_word_and_a_card_upside_down_are_said(tmp_path: Path, service: Pcscd) -> None:
    async with booth(tmp_path, "cards = true") as house:
        helper = Screen(house.run / "agent.sock")
        await helper.until(lambda: helper.view and helper.view.card == "absent")
        service.readers[0].insert(patient_cards.vitale((ANNE,)))
        await helper.until(lambda: helper.view and helper.view.problem)
        assert helper.view is not None
        assert helper.view.problem is not None
        assert helper.view.problem.french == "La lecture de la carte Vitale n’est pas activée sur cette borne."
        assert (helper.view.stage, helper.view.opened, helper.view.candidates) == ("idle", False, ())
        service.kill()
        await helper.until(lambda: helper.view and helper.view.card == "none")
        service.start()
        await helper.until(lambda: helper.view and helper.view.card == "absent")
        helper.close()


async def test_a_datamatrix_on_the_hand_scanner_gives_the_same_candidate(tmp_path: Path) -> None:
    scanner, line = pty.openpty()
    async with booth(tmp_path, f'cards = false\nscanner = "{os.ttyname(line)}"') as house:
        helper = Screen(house.run / "agent.sock")
        code = bytes.fromhex(ROWS["INS-2"]["hex"]) + b"\r"

        async def scan() -> None:
            while not (helper.view and helper.view.candidates):
                os.write(scanner, code)
                await asyncio.sleep(0.5)

        async with asyncio.timeout(PATIENCE):
            await scan()
        assert helper.view is not None
        assert [(one.family_name, one.source) for one in helper.view.candidates] == [("GARCIA-HAMMADI", "code")]
        helper.tap(screen.Choose(helper.view.candidates[0].id))
        view = await helper.stage("identified")
        assert (view.patient, view.identity) == ("SARAH-LOU ANNA GARCIA-HAMMADI", "provisional")
        os.write(scanner, b"IS01\r")
        helper.tap(screen.End())
        await helper.stage("erased")
        await helper.until(lambda: helper.view and helper.view.checked not in ("", "checking"))
        assert (helper.view.checked, helper.view.searched) == ("clean", 7), "its own values are nowhere on the booth's disk"
        logs = b"".join(log.read_bytes() for log in house.logs.iterdir())
        assert not any(word in logs for word in (b"GARCIA", b"SARAH", b"1977-01-21", b"277010115400329"))
        helper.close()
    os.close(scanner)
    os.close(line)


async def test_a_paper_before_the_camera_gives_the_same_candidate(tmp_path: Path) -> None:
    """By the screen alone: touched, shown as on, a wrong code said, the right one chosen; the camera's process is gone then."""
    async with booth(tmp_path, "cards = false") as house:
        await house.start_screen(offscreen=True)
        hand = Hand(house.run / "remote.sock", PATIENCE)
        await hand.connect()
        await hand.tap("newConsultation")
        await hand.tap("identityCode")
        await hand.until("codeVideo", lambda item: item.text == "live", "the picture of the camera")
        house.paper.write_text(f"qr {b'https://example.org/'.hex()}", encoding="ascii")
        wrong = await hand.until("problem", lambda item: item.visible, "what is wrong")
        assert wrong.text.startswith("Ce code n’est pas un code d’identité (INS).")
        house.paper.write_text(ROWS["INS-2"]["hex"], encoding="ascii")
        seen = await hand.until("candidate0", lambda item: item.visible, "the candidate")
        assert seen.text == "SARAH-LOU ANNA GARCIA-HAMMADI"
        assert not (await hand.read("codeVideo")).visible
        await hand.tap("choose0")
        await hand.until("screen", lambda item: item.text == "stop-list", "the next screen")
        assert b"277010115400329" not in (house.logs / "agent.log").read_bytes()
        hand.close()
