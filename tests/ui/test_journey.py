"""The whole journey on the real screen process: every screen by real taps, checked by what the agent's side received. Needs F000-39, F000-47."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocol.screen import (
    Attach,
    Confirm,
    Consent,
    DoctorCode,
    End,
    Guest,
    Identical,
    Informed,
    Media,
    NextPatient,
    NoCode,
    OpenSession,
    Pause,
    Person,
    Say,
    StopList,
    TextLine,
    Touched,
    TypedIdentity,
    Visit,
    Wait,
)
from tests.ui.booth import CALL, IDLE, OXIMETRY, PENDING, SEEN, Booth, change, old_reading
from ui.models import INFORMATION_VERSION
from ui.remote_client import ScreenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def tap(booth: Booth, name: str) -> Any:
    """Tap and let the agent answer; what it was told."""
    booth.hand.tap(name)
    return booth.agent.follow()


def test_a_consultation_from_welcome_to_the_next_patient(booth: Booth) -> None:
    """Touch by touch (journeys PH and PA): the messages are exactly those, in that order."""
    hand, agent = booth.hand, booth.agent
    assert tap(booth, "newConsultation") == OpenSession()
    hand.until_screen("identity")
    hand.type("familyName", "  Durand-L'Hermite ")
    hand.type("givenName", "Élise")
    hand.type("birthDate", "12/05/1984")
    hand.tap("sexFemale")
    assert tap(booth, "identityConfirm") == TypedIdentity("Durand-L'Hermite", "Élise", "1984-05-12", "female")

    hand.until_screen("stop-list")
    assert hand.read("patient").text == "Élise D."
    for line in range(1, 6):
        hand.tap(f"stopNo{line}")
    assert tap(booth, "stopNext") == StopList(emergency=False)
    hand.until_screen("information")
    assert tap(booth, "informedNext") == Informed(INFORMATION_VERSION)

    hand.until_screen("consent")
    hand.tap("consentAct")
    hand.tap("consentSharing")
    hand.tap("consentNext")
    assert [agent.follow() for _ in range(3)] == [Consent("photos", False), Consent("sharing", True), Consent("act", True)]

    hand.until_screen("measure")
    agent.show(kept=(SEEN, PENDING), unattributed=(old_reading(),))
    assert hand.until("keptState-fever", lambda seen: seen.text != "", "the seen result").text == "Vu par le médecin 10:42:03"
    assert tap(booth, "confirm-pressure") == Confirm("pressure", accepted=True)
    hand.until("keptState-pressure", lambda seen: seen.text == "Conservé, envoi en cours", "the receipt")
    assert hand.read("unattributed-old").text == "Lecture ancienne, non envoyée"

    assert tap(booth, "enterWaiting") == Wait()
    hand.until_screen("waiting")
    assert hand.read("ticket").text == "A 12"
    assert hand.read("wait").text == "Attente estimée : entre 10 et 25 min"

    agent.show(stage="in-call", call=CALL, present=("patient", "helper", "specialist"))
    hand.until_screen("call")
    assert hand.read("authentication").text == "483 920"
    assert hand.read("present").text == "Présents : patient, pharmacien, médecin"
    assert not hand.read("cameraSwitch").checked
    assert not hand.read("microphoneSwitch").checked
    assert tap(booth, "identicalYes") == Identical(same=True)
    hand.until("callState", lambda seen: "Liaison vérifiée" in seen.text, "the verified mark")
    assert tap(booth, "cameraSwitch") == Media(camera=True, microphone=False)
    hand.until("cameraSwitch", lambda seen: seen.checked, "the camera")
    assert tap(booth, "microphoneSwitch") == Media(camera=True, microphone=True)
    hand.type("textInput", "Il a mal depuis hier.")
    assert tap(booth, "textSend") == Say("Il a mal depuis hier.")
    assert "Il a mal depuis hier." in agent.drafts
    hand.until("textInput", lambda seen: seen.text == "", "the empty field")
    hand.tap("padDone")
    hand.tap("textInput")
    hand.tap("padKey-O")
    assert hand.read("textInput").text == "O"
    hand.tap("padDone")
    assert tap(booth, "pauseCall") == Pause(paused=True)
    hand.until_screen("paused")
    assert tap(booth, "resume") == Pause(paused=False)
    hand.until_screen("call")

    hand.tap("endConsultation")
    assert tap(booth, "endConfirm") == End()
    hand.until_screen("end")
    assert hand.read("slip").text == "9f2c 41d8 07be 5a63"
    assert hand.read("remaining").text.startswith("Restent dans la cabine : 2 envois scellés, que seul le médecin peut ouvrir.")
    assert hand.read("remaining").text.endswith("au plus tard le 21/12/2026.")
    assert hand.read("sent").text == "1 résultat vu par le médecin\n1 résultat scellé, en attente d’envoi"
    assert tap(booth, "nextPatient") == NextPatient()
    hand.until_screen("welcome")


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("birthDate", "31/02/1984", "Cette date n’existe pas dans le calendrier. Vérifiez le jour et le mois."),
        ("birthDate", "00/13/1984", "Cette date n’existe pas dans le calendrier. Vérifiez le jour et le mois."),
        ("birthDate", "12/05/2984", "Cette date de naissance est dans l’avenir. Vérifiez l’année."),
        ("birthDate", "12/05", "Indiquez la date de naissance en entier : jour, mois, année (12/05/1984)."),
        ("familyName", "", "Indiquez le nom de naissance."),
        ("givenName", "R2D2", "Un nom ne contient que des lettres, des espaces, des tirets et des apostrophes."),
    ],
)
def test_an_impossible_identity_is_said_and_not_sent(booth: Booth, field: str, typed: str, says: str) -> None:
    """The next thing the agent hears is the corrected identity."""
    hand = booth.hand
    tap(booth, "newConsultation")
    hand.until_screen("identity")
    hand.tap("sexMale")
    good = {"familyName": "Nguyễn", "givenName": "Anne Marie", "birthDate": "1984-05-12"}
    for name, text in {**good, field: typed}.items():
        hand.type(name, text)
    hand.tap("identityConfirm")
    assert hand.read("identityError").text == says
    hand.type(field, good[field])
    assert tap(booth, "identityConfirm") == TypedIdentity("Nguyễn", "Anne Marie", "1984-05-12", "male")


def test_the_pad_of_the_screen_types(booth: Booth) -> None:
    """Without any keyboard: letters with accents, the slashes of a date by themselves, and the way back."""
    hand = booth.hand
    tap(booth, "newConsultation")
    hand.until_screen("identity")
    hand.tap("familyName")
    for key in ("N", "O", "Ë", "L", "L"):
        hand.tap(f"padKey-{key}")
    hand.tap("padBackspace")
    assert hand.read("familyName").text == "NOËL"
    hand.tap("birthDate")
    for key in "12051984":
        hand.tap(f"padKey-{key}")
    assert hand.read("birthDate").text == "12/05/1984"
    with pytest.raises(ScreenError, match="disabled"):
        hand.tap("padKey-A")


def test_yes_in_the_stop_list_is_told_at_once_and_fills_the_screen(booth: Booth) -> None:
    booth.agent.show(stage="identified")
    booth.hand.until_screen("stop-list")
    booth.hand.tap("stopNext")
    assert booth.hand.read("screen").text == "stop-list"
    assert tap(booth, "stopYes3") == StopList(emergency=True)
    booth.hand.until_screen("emergency")
    assert tap(booth, "emergencyMistake") == StopList(emergency=False)
    booth.hand.until_screen("information")


def test_a_refused_act_ends_politely_and_can_be_thought_over(booth: Booth) -> None:
    booth.agent.show(stage="informed")
    booth.hand.until_screen("consent")
    booth.hand.tap("consentNext")
    booth.hand.tap("consentActRefuse")
    booth.hand.tap("consentNext")
    assert [booth.agent.follow() for _ in range(3)] == [Consent("photos", False), Consent("sharing", False), Consent("act", False)]
    booth.hand.until_screen("refused")
    booth.hand.tap("consentAgain")
    booth.hand.until_screen("consent")
    booth.agent.show(stage="informed")
    booth.hand.tap("consentActRefuse")
    booth.hand.tap("consentNext")
    for _ in range(3):
        booth.agent.follow()
    booth.hand.until_screen("refused")
    assert tap(booth, "refusedEnd") == End()


def test_sharing_is_withdrawn_during_the_consultation(booth: Booth) -> None:
    booth.agent.show(stage="consented", consents={"act": True, "sharing": True, "photos": False})
    booth.hand.until_screen("measure")
    booth.hand.tap("consents")
    assert tap(booth, "withdrawSharing") == Consent("sharing", False)
    assert tap(booth, "withdrawPhotos") == Consent("photos", True)
    with pytest.raises(ScreenError, match=r"enterWaiting is (disabled|covered)"):
        booth.hand.tap("enterWaiting")
    booth.hand.tap("consentsClose")
    assert tap(booth, "enterWaiting") == Wait()


def test_different_digits_and_a_rejected_result(booth: Booth) -> None:
    booth.agent.show(stage="in-call", call=CALL, kept=(PENDING,), unattributed=())
    booth.hand.until_screen("call")
    assert tap(booth, "identicalNo") == Identical(same=False)
    booth.hand.until("callState", lambda seen: "Chiffres différents" in seen.text, "the difference")
    assert tap(booth, "reject-pressure") == Confirm("pressure", accepted=False)
    booth.agent.show(kept=(), unattributed=(old_reading(),), devices=())
    booth.hand.until("attach-old", lambda seen: seen.visible, "the old reading")
    assert tap(booth, "attach-old") == Attach("old")
    booth.hand.until("confirm-old", lambda seen: seen.visible, "the result to confirm")


@pytest.mark.parametrize(
    ("fields", "screen", "name", "expected"),
    [
        ({"stage": "paused"}, "paused", "resume", Pause(paused=False)),
        ({"stage": "waiting", "ticket": "7"}, "waiting", "endConsultation", None),
        ({"stage": "closing"}, "closing", "", None),
    ],
)
def test_the_other_stages(booth: Booth, fields: dict[str, Any], screen: str, name: str, expected: Any) -> None:
    booth.agent.show(**fields)
    booth.hand.until_screen(screen)
    if expected is not None:
        assert tap(booth, name) == expected
    elif name:
        booth.hand.tap(name)
        assert tap(booth, "endConfirm") == End()


def test_killed_and_started_again_it_shows_the_same(booth: Booth) -> None:
    """kill -9 in the middle of the call: the new process shows call, texts, results and values from the agent alone."""
    booth.agent.show(stage="in-call", call=change(CALL, verified=True, camera=True), kept=(SEEN,), patient="Élise D.")
    booth.hand.until_screen("call")
    names = ("screen", "patient", "specialist", "callState", "cameraSwitch", "keptState-fever")
    before = [booth.hand.read(name) for name in names]
    booth.kill()
    booth.start()
    booth.hand.until_screen("call")
    booth.agent.live("oximeter", OXIMETRY)
    booth.hand.until("live-oximeter-spo2", lambda seen: seen.text == "98", "the live value")
    booth.agent.show(devices=())
    assert [booth.hand.read(name) for name in names] == before


def test_the_agent_goes_and_comes(booth: Booth) -> None:
    """While it is gone the screen says so and covers name and values; Ready is said again to the new one."""
    booth.agent.show(stage="consented", patient="Élise D.")
    booth.hand.until_screen("measure")
    booth.agent.close()
    assert booth.hand.until("agentGone", lambda seen: seen.visible, "the sheet").text == "La cabine ne répond plus"
    assert booth.hand.read("patient").text == ""
    with pytest.raises(ScreenError, match="enterWaiting"):
        booth.hand.tap("enterWaiting")
    booth.hand.tap("urgent")
    booth.hand.tap("urgentClose")
    assert booth.agent.accept().first_frame_ms > 0
    booth.hand.until("agentGone", lambda seen: not seen.visible, "the screen below")
    assert booth.hand.read("screen").text == "measure"


def test_english_and_larger_text_until_the_next_welcome(booth: Booth) -> None:
    hand = booth.hand
    hand.tap("language")
    hand.tap("textSize")
    assert hand.read("newConsultation").text == "New consultation"
    assert hand.read("linkQuality").text == "Good connection"
    tap(booth, "newConsultation")
    hand.until_screen("identity")
    tap(booth, "identityCancel")
    hand.until_screen("end")
    tap(booth, "nextPatient")
    hand.until_screen("welcome")
    assert hand.read("newConsultation").text == "Nouvelle consultation"


def test_training_and_notices_are_written_on_the_screen(booth: Booth) -> None:
    booth.agent.show(training=True, station="connecting", notices=("station-unreachable", "something-new"))
    hand = booth.hand
    assert hand.until("training", lambda seen: seen.visible, "the word").text == "Entraînement"
    assert hand.read("notices").text == "Pas d’internet\nInformation technique (something-new)"
    assert hand.read("linkQuality").text == "Connexion…"


def test_a_notice_about_a_device_names_it(booth: Booth, tmp_path: Path) -> None:
    """French first, then English."""
    booth.agent.view = change(IDLE, stage="consented", patient="Jeanne VAUQUELIN")
    booth.agent.show(notices=("measurement-failed",), about={"measurement-failed": "BM85"})
    hand = booth.hand
    hand.until("notices", lambda seen: seen.text == "L’appareil n’a pas pu mesurer : BM85", "the device's name")
    hand.grab(tmp_path / "named.png")
    hand.tap("language")
    hand.until("notices", lambda seen: seen.text == "The device could not measure: BM85", "the device's name")


def test_a_script_is_told_why_it_cannot_tap(booth: Booth) -> None:
    hand = booth.hand
    wrong: dict[str, Callable[[], object]] = {
        "there is no nothing on the screen": lambda: hand.tap("nothing"),
        "helpClose is hidden": lambda: hand.tap("helpClose"),
        "pharmacy takes no tap": lambda: hand.tap("pharmacy"),
        "does not take text": lambda: hand.type("language", "x"),
        "could not be saved": lambda: hand.grab("/nowhere/x.png"),
    }
    for says, action in wrong.items():
        with pytest.raises(ScreenError, match=says):
            action()


def test_the_helper_says_who_is_there(booth: Booth) -> None:
    booth.agent.say(change(IDLE, stage="consented", present=("patient", "helper")))
    booth.hand.until_screen("measure")
    booth.hand.tap("consents")
    assert booth.hand.read("person-helper").text == "pharmacien : présent"
    booth.hand.tap("person-companion")
    assert booth.agent.hear() == Person("companion", here=True)
    booth.hand.tap("person-helper")
    assert booth.agent.hear() == Person("helper", here=False)


def test_a_blanked_screen_shows_nothing_under_it_and_the_next_touch_is_told(booth: Booth) -> None:
    booth.agent.view = change(IDLE, stage="consented", blank=True, notices=("close-warning",))
    booth.agent.say(booth.agent.view)
    booth.hand.until_screen("measure")
    assert booth.hand.read("blank").visible
    booth.hand.tap("blankTouch")
    assert booth.agent.hear() == Touched()
    booth.agent.say(change(booth.agent.view, blank=False, notices=()))
    booth.hand.until("blank", lambda item: not item.visible, "gone")


def test_the_doctor_s_code_is_typed_on_big_digits(booth: Booth) -> None:
    """F004-31: from the measures or while waiting; what became of it is said, and one may wait without."""
    hand, agent = booth.hand, booth.agent
    agent.show(stage="consented", patient="Jeanne V.")
    hand.until_screen("measure")
    hand.tap("doctorCode")
    hand.until("codeInput", lambda field: field.visible, "the field")
    assert not hand.read("codeConfirm").enabled
    for digit in "482139072640":
        hand.tap(f"padKey-{digit}")
    assert hand.read("codeInput").text == "48213 907 264", "eleven digits, in groups"
    hand.tap("padBackspace")
    hand.tap("padKey-5")
    hand.tap("codeConfirm")
    assert agent.hear() == DoctorCode("48213 907 265")
    agent.show(stage="waiting", ticket="K47", code="waiting")
    hand.until_screen("waiting")
    agent.show(code="refused", notices=("code-used",))
    assert "déjà servi" in hand.until("notices", lambda line: line.text != "", "why").text
    hand.tap("withoutCode")
    assert agent.hear() == NoCode()
    agent.show(code="", notices=())
    hand.tap("doctorCode")
    hand.until("codeCancel", lambda button: button.visible, "the way back")
    hand.tap("codeCancel")
    hand.until("ticket", lambda ticket: ticket.visible, "the waiting room")


def test_the_patient_is_asked_before_a_guest_and_may_send_the_guest_away(booth: Booth) -> None:
    hand, agent = booth.hand, booth.agent
    agent.show(stage="in-call", call=CALL, present=("patient", "helper", "specialist"), visit=Visit("asked"))
    hand.until_screen("call")
    assert "vos mesures" in hand.until("guestQuestion", lambda line: line.visible, "the question").text
    with pytest.raises(ScreenError):
        hand.tap("pauseCall")  # nothing under the question takes a tap
    hand.tap("guestYes")
    assert agent.hear() == Guest(agreed=True)
    line = TextLine("guest", "Bonjour", "2026-11-21T10:44:00+01:00")
    agent.show(visit=Visit("here", "Dr Anne ROY"), present=("patient", "helper", "specialist", "guest"), texts=(line,))
    assert hand.until("guest", lambda bar: bar.visible, "the guest").text.startswith("Dr Anne ROY participe")
    assert "confrère invité" in hand.read("present").text
    hand.tap("guestDismiss")
    assert agent.hear() == Guest(agreed=False)
    agent.show(visit=None, present=("patient", "helper", "specialist"), notices=("guest-left",))
    hand.until("guest", lambda bar: not bar.visible, "no guest")
