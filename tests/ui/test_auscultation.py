"""The stethoscope on the booth's screen: where it is put, what it hears, what disturbs it, and the patient's word on keeping a sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtGui import QImage

from kiosk.consultation.heart_sound import envelope
from protocol.screen import Auscultate, Auscultation, Clip, Curve, KeepSound
from simulators import heart
from tests.ui.booth import CALL, Booth

if TYPE_CHECKING:
    from pathlib import Path

AWAY = Auscultation("off", "", "", listening=False, keep=0, clips=())


def hear(booth: Booth, gain: float = heart.LOUDNESS, seconds: int = 6) -> None:
    """As much of a heart as the strip holds, in the pieces in which it comes."""
    beat = heart.beat(72, 4000, gain)
    samples = (beat * 9)[: seconds * 4000]
    for at in range(0, len(samples), 500):
        piece = envelope(samples[at : at + 500].tobytes())
        booth.agent.say(Curve("stethoscope", "phonocardiogram", piece, 0.0025))


@pytest.fixture
def calling(booth: Booth) -> Booth:
    booth.agent.show(stage="in-call", call=msgspec.structs.replace(CALL, verified=True), auscultation=AWAY, present=("patient", "helper"))
    booth.hand.until_screen("call")
    return booth


def opened(booth: Booth) -> None:
    booth.hand.tap("stethoscope")
    assert booth.agent.hear() == Auscultate(on=True, site="")
    booth.agent.show(auscultation=msgspec.structs.replace(AWAY, state="starting"))
    booth.hand.until("stethoscopeSite", lambda seen: seen.visible, "the sheet")


def test_a_booth_without_a_stethoscope_shows_none(booth: Booth) -> None:
    booth.agent.show(stage="consented")
    booth.hand.until_screen("measure")
    assert not booth.hand.read("stethoscope").visible


def test_the_helper_puts_it_where_the_doctor_wants_it(calling: Booth, tmp_path: Path) -> None:
    """F002-03, IDEA-09: the point that was asked for is named and marked; a touch on the drawing says where it is."""
    opened(calling)
    calling.agent.show(auscultation=msgspec.structs.replace(AWAY, state="on", asked="mitral"))
    calling.hand.until("stethoscopeAsked", lambda seen: seen.text == "Le médecin demande : Foyer mitral", "the wish")
    calling.hand.tap("site-mitral")
    assert calling.agent.hear() == Auscultate(on=True, site="mitral")
    calling.agent.show(auscultation=Auscultation("on", "mitral", "", listening=True, keep=0, clips=(Clip("s1", "aortic", "sent", None),)))
    calling.hand.until("stethoscopeSite", lambda seen: seen.text == "Foyer mitral", "the site")
    assert calling.hand.read("stethoscopeListening").visible
    assert "Foyer aortique · envoyé" in calling.hand.read("clip-s1").text
    hear(calling)
    calling.hand.until("stethoscopeStrip", lambda seen: seen.visible, "the line")
    calling.hand.grab(tmp_path / "sheet.png")
    strip = QImage(str(tmp_path / "sheet.png"))
    assert strip.width() == 1280
    calling.hand.tap("stethoscopeClose")
    calling.hand.tap("stethoscope")
    assert calling.agent.hear() == Auscultate(on=True, site="mitral"), "back on the same point"
    calling.hand.tap("stethoscopeAway")
    assert calling.agent.hear() == Auscultate(on=False, site="")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("absent", "Stéthoscope introuvable. Branchez son câble USB"),
        ("lost", "Le stéthoscope ne répond plus. Rebranchez-le"),
        ("silent", "Le stéthoscope n’entend rien. Posez-le bien à plat sur la peau."),
        ("clipping", "Le son est trop fort. Appuyez moins"),
    ],
)
def test_what_disturbs_it_is_said_in_plain_words(calling: Booth, state: str, words: str) -> None:
    opened(calling)
    calling.agent.show(auscultation=msgspec.structs.replace(AWAY, state=state))
    calling.hand.until("stethoscopeState", lambda seen: seen.text.startswith(words), words)


def test_the_patient_decides_whether_a_sound_is_kept(calling: Booth, tmp_path: Path) -> None:
    """F002-15: asked over whatever is on the screen; nothing is kept by silence."""
    calling.agent.show(auscultation=Auscultation("on", "mitral", "", listening=False, keep=10, clips=()))
    calling.hand.until("keepSoundYes", lambda seen: seen.visible, "the question")
    calling.hand.grab(tmp_path / "keep.png")
    calling.hand.tap("keepSoundNo")
    assert calling.agent.hear() == KeepSound(given=False)
    calling.hand.tap("keepSoundYes")
    assert calling.agent.hear() == KeepSound(given=True)
