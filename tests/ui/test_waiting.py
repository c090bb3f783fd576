"""Waiting for the doctor, on the real screen process: what a blank screen says, and what it asks. Needs F000-20, F000-35, F001-05, F004-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.screen import Touched, Unsent
from tests.ui.booth import IDLE, PENDING, change

if TYPE_CHECKING:
    from tests.ui.booth import Booth

WAITING = change(IDLE, stage="waiting", ticket="K47", wait=(10, 25), patient="Jeanne VAUQUELIN", kept=(PENDING,))
BLANK = change(WAITING, blank=True, patient="", kept=())


def test_a_blank_waiting_screen_shows_the_number_and_no_name_and_one_touch_brings_it_back(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(WAITING)
    hand.until("patient", lambda seen: seen.text == "Jeanne VAUQUELIN", "the patient")
    agent.say(BLANK)
    hand.until("blankTicket", lambda seen: seen.visible and seen.text == "K47", "the number")
    assert hand.read("patient").text == ""
    assert hand.read("blankLine").text.startswith("Votre place est gardée.")
    agent.say(change(BLANK, notices=("close-warning",), closes_in=3))
    asked = hand.until("blankLine", lambda seen: "3 minutes" in seen.text, "the time that is left")
    assert asked.text == "Touchez l’écran. Sinon la consultation se ferme dans 3 minutes et tout est effacé de la cabine."
    assert hand.read("blank").text == "Êtes-vous toujours là ?"
    agent.say(change(BLANK, notices=("close-warning",), closes_in=1))
    hand.until("blankLine", lambda seen: "1 minute " in seen.text, "the last minute")
    hand.tap("blankTouch")
    assert agent.hear() == Touched()


def test_the_slip_says_what_came_of_the_search_after_the_erasure(booth: Booth) -> None:
    ended = change(IDLE, stage="erased", slip="9f2c", ended="booth")
    for checked, line, begins, remains in (
        ("checking", "La cabine vérifie que rien", "La cabine cherche dans ses fichiers", False),
        ("clean", "Les données du patient sont effacées", "Vérifié : 11 données de ce patient", True),
        ("found", "Des traces du patient restent", "Il reste des traces", False),
        ("failed", "La cabine n’a pas pu vérifier", "La vérification n’a pas pu se faire", False),
    ):
        booth.agent.say(change(ended, checked=checked, searched=11))
        seen = booth.hand.until("checked", lambda seen, begins=begins: seen.text.startswith(begins), "the outcome")  # type: ignore[misc]
        assert seen.visible
        assert booth.hand.read("remaining").visible is remains
        assert booth.hand.read("screenLine").text.startswith(line)


def test_the_end_counts_results_sounds_and_photographs_each_by_itself(booth: Booth) -> None:
    counts = {"photo": {"seen": 1, "rejected": 2}, "sound": {"kept": 1}, "result": {"seen": 2}}
    booth.agent.say(change(IDLE, stage="erased", slip="9f2c", ended="booth", checked="clean", searched=11, outcomes=counts))
    said = booth.hand.until("sent", lambda seen: "vus" in seen.text, "the counts")
    assert said.text.split("\n") == [
        "2 résultats vus par le médecin",
        "1 son scellé, en attente d’envoi",
        "1 photo vue par le médecin",
        "2 photos non confirmées, effacées",
    ]


def test_a_consultation_that_was_closed_for_idleness_says_why_and_what_was_lost(booth: Booth) -> None:
    lost = Unsent("Tensiomètre", ("systolic", "diastolic"), "unconfirmed")
    booth.agent.say(change(IDLE, stage="erased", slip="9f2c", ended="idle", unsent=(lost,)))
    seen = booth.hand.until("unsent", lambda seen: seen.visible, "what was lost")
    assert "Tensiomètre" in seen.text
    assert booth.hand.read("screenLine").text.startswith("Personne n’a touché l’écran pendant 15 minutes")
