"""Who the patient is, on the real screen process: candidates, problems, the guardian, the card's leaving, the slip. Needs F004-11, F004-18."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocol.screen import (
    Candidate,
    Choose,
    Dismiss,
    End,
    Guardian,
    Person,
    Pseudonym,
    ReadCode,
    SeeDocument,
    Sentences,
    Stays,
    TypedIdentity,
    Unsent,
)
from tests.ui.booth import CALL, IDLE, change
from ui.remote_client import ScreenError

if TYPE_CHECKING:
    from tests.ui.booth import Booth

WARNING = Sentences("Numéro de l’assuré : ce n’est pas celui du patient.", "", "The insured person’s number, not the patient’s.", "")
MOTHER = Candidate("1-0", "DURAND", "ANNE", "1953-07-14", "unknown", "card", "•••••••••••••43", ())
CHILD = Candidate("1-1", "DURAND", "PAUL", "2015-02", "male", "card", "•••••••••••••43", (WARNING,))
PROBLEM = Sentences(
    "La carte ne répond pas: elle est peut-être à l’envers.",
    "Retirez-la, retournez-la et insérez-la puce vers le lecteur.",
    "The card does not answer: it may be upside down.",
    "Take it out, turn it over and insert it chip first.",
)
ASKED = change(IDLE, opened=True, card="absent")
KNOWN = change(IDLE, stage="consented", card="present", patient="ANNE DURAND", identity="provisional", emergency=False)


def test_a_card_is_asked_for_read_and_chosen_among_its_holders(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(change(IDLE, card="absent"))
    agent.say(ASKED)
    hand.until_screen("identity")
    assert hand.read("identityCard").text == "Insérez la carte du patient"
    agent.say(change(ASKED, card="reading"))
    hand.until("identityCard", lambda seen: seen.text == "Lecture de la carte…", "the reading")
    agent.say(change(ASKED, card="present", candidates=(MOTHER, CHILD)))
    hand.until("candidate1", lambda seen: seen.text == "PAUL DURAND", "the child")
    assert hand.read("candidateTraits0").text == "né(e) le 14/07/1953 · Numéro lu •••••••••••••43"
    assert hand.read("candidateTraits1").text == "né(e) le 02/2015 · Masculin · Numéro lu •••••••••••••43"
    with pytest.raises(ScreenError, match="hidden"):
        hand.tap("identityConfirm")
    hand.tap("choose1")
    assert agent.hear() == Choose("1-1")


def test_a_code_is_shown_to_the_camera_which_is_off_until_touched(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    asked = change(ASKED, code_camera="off")
    agent.say(asked)
    hand.until_screen("identity")
    assert not hand.read("codeState").visible
    hand.tap("identityCode")
    assert agent.hear() == ReadCode(wanted=True)
    agent.say(change(asked, code_camera="starting"))
    hand.until("codeState", lambda seen: seen.text == "La caméra s’allume…", "the start")
    booth.code_video.accept()
    booth.code_video.ring(64, 36)
    booth.code_video.paint(40, 90, 200)
    agent.say(change(asked, code_camera="on", problem=PROBLEM))
    hand.until("codeVideo", lambda seen: seen.text == "live", "the picture")
    assert hand.read("codeState").text == "Tenez le code devant la caméra"
    assert hand.read("problem").visible
    hand.tap("identityCode")
    assert agent.hear() == ReadCode(wanted=False)
    hand.tap("identityTyped")
    assert agent.hear() == ReadCode(wanted=False)
    agent.say(asked)
    hand.until("identityConfirm", lambda seen: seen.visible, "the form")
    agent.say(change(asked, candidates=(MOTHER,)))
    hand.until("candidate0", lambda seen: seen.visible, "the candidate")
    hand.tap("identityDismiss")
    assert agent.hear() == Dismiss()


def test_a_booth_without_a_camera_for_codes_does_not_speak_of_it(booth: Booth) -> None:
    booth.agent.say(ASKED)
    booth.hand.until_screen("identity")
    with pytest.raises(ScreenError, match="hidden"):
        booth.hand.tap("identityCode")


def test_without_a_card_the_identity_is_typed(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(ASKED)
    hand.until_screen("identity")
    hand.tap("identityTyped")
    for name, text in (("familyName", "Durand"), ("givenName", "Anne"), ("birthDate", "14/07/1953")):
        hand.type(name, text)
    hand.tap("sexFemale")
    hand.tap("identityConfirm")
    assert agent.hear() == TypedIdentity("Durand", "Anne", "1953-07-14", "female")


def test_what_was_wrong_is_said_on_any_screen_in_both_languages(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    for view in (change(IDLE, problem=PROBLEM), change(ASKED, problem=PROBLEM), change(IDLE, stage="interrupted", problem=PROBLEM)):
        agent.say(view)
        seen = hand.until("problem", lambda seen: seen.visible, "the problem")
        assert seen.text == f"{PROBLEM.french} {PROBLEM.french_do}"
    hand.tap("language")
    assert hand.read("problem").text == f"{PROBLEM.english} {PROBLEM.english_do}"
    agent.say(IDLE)
    hand.until("problem", lambda seen: not seen.visible, "nothing wrong")


def test_after_a_power_cut_the_patient_shows_who_it_is(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(change(IDLE, stage="interrupted"))
    hand.until_screen("interrupted")
    hand.tap("resume")
    hand.until_screen("identity")
    hand.tap("identityCancel")
    hand.until_screen("interrupted")
    hand.tap("resume")
    hand.type("familyName", "Durand")
    hand.type("givenName", "Anne")
    hand.type("birthDate", "14/07/1953")
    hand.tap("sexFemale")
    hand.tap("identityConfirm")
    assert agent.hear() == TypedIdentity("Durand", "Anne", "1953-07-14", "female")
    agent.say(KNOWN)
    hand.until_screen("measure")
    agent.say(change(IDLE, stage="interrupted"))
    hand.until_screen("interrupted")


def test_a_minor_is_asked_who_comes_with_them(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(change(KNOWN, stage="identified", minor=True))
    hand.until_screen("guardian")
    hand.type("guardianFamily", "Durand")
    hand.type("guardianGiven", "Anne")
    hand.tap("guardianConfirm")
    assert hand.read("guardianError").text == "Choisissez le lien avec l’enfant."
    hand.tap("relation-parent")
    hand.tap("guardianConfirm")
    assert agent.hear() == Guardian("Durand", "Anne", "parent")
    agent.say(change(KNOWN, stage="identified", minor=True, guardian="Anne DURAND"))
    hand.until_screen("information")
    assert hand.read("identityStatus").text == "Identité provisoire · accompagné par Anne DURAND"
    agent.say(change(KNOWN, stage="identified", minor=True))
    hand.until_screen("guardian")
    hand.tap("guardianNone")
    assert agent.hear() == Guardian("", "", "none")


def test_a_card_that_leaves_is_asked_about_or_hides_everything(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(change(KNOWN, leaving=True))
    hand.until("leavingNo", lambda seen: seen.visible, "the question")
    with pytest.raises(ScreenError, match="enterWaiting is disabled"):
        hand.tap("enterWaiting")
    hand.tap("leavingNo")
    assert agent.hear() == Stays()
    hand.tap("leavingYes")
    assert agent.hear() == End()
    agent.say(change(KNOWN, blank=True, away=True, patient=""))
    assert hand.until("blank", lambda seen: seen.visible, "the sheet").text == "Remettez la carte pour reprendre"
    hand.tap("awayEnd")
    agent.hear()


def test_the_helper_says_what_the_identity_was_compared_with_and_the_patient_hides_the_name(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(KNOWN)
    hand.until_screen("measure")
    hand.tap("identityOpen")
    assert hand.read("identityStatusLine").text.startswith("Identité provisoire : ")
    hand.tap("document-passport")
    assert agent.hear() == SeeDocument("passport")
    hand.tap("namePseudonym")
    assert agent.hear() == Pseudonym(wanted=True)
    agent.say(change(KNOWN, identity="validated", pseudonym=True, patient="Patient K47"))
    hand.until("namePseudonym", lambda seen: seen.checked, "the pseudonym")
    assert not hand.read("document-passport").visible
    hand.tap("identityClose")
    assert hand.read("patient").text == "Patient K47"


def test_alone_with_the_specialist_and_a_revealed_name(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    call = change(KNOWN, stage="in-call", call=CALL, present=("patient", "helper", "specialist"))
    agent.say(call)
    hand.until_screen("call")
    hand.tap("aloneSwitch")
    assert agent.hear() == Person("helper", here=False)
    agent.say(change(call, alone=True, present=("patient", "specialist"), revealed="Malaise", notices=("name-revealed",)))
    hand.until("alone", lambda seen: seen.visible, "alone")
    assert hand.read("revealed").text == "Le médecin a demandé votre nom. Son motif : Malaise"
    hand.tap("aloneSwitch")
    assert agent.hear() == Person("helper", here=True)


def test_the_slip_names_what_was_erased_unsent_and_the_copy(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(change(KNOWN, copies=True))
    hand.until_screen("measure")
    hand.tap("endConsultation")
    hand.tap("endCopy")
    hand.tap("endConfirm")
    assert agent.hear() == End(copy=True)
    unsent = (Unsent("Tensiomètre", ("systolic", "diastolic"), "unconfirmed"), Unsent("Thermomètre", ("temperature",), "no-specialist"))
    agent.say(change(IDLE, stage="erased", slip="9f2c 41d8", unsent=unsent, copy="printed"))
    hand.until_screen("end")
    assert hand.read("unsent").text == (
        "Tensiomètre (Systolique, Diastolique) : jamais confirmé, inscrit au dossier\n"
        "Thermomètre (Température) : confirmé, mais aucun médecin n’est venu"
    )
    assert hand.read("copy").text == "La copie du patient est imprimée."


def test_an_identity_is_corrected_from_its_sheet(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.say(KNOWN)
    hand.until_screen("measure")
    hand.tap("identityOpen")
    hand.tap("identityCorrect")
    for name, text in (("familyName", "Durand"), ("givenName", "Anne"), ("birthDate", "14/07/1935")):
        hand.type(name, text)
    hand.tap("sexFemale")
    hand.tap("correctConfirm")
    assert agent.hear() == TypedIdentity("Durand", "Anne", "1935-07-14", "female")
    with pytest.raises(ScreenError):
        hand.tap("correctConfirm")
