"""Every word in every language, and the pure functions behind the screen."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.gatt import blood_pressure, pulse_oximeter
from drivers.vitals import VITALS
from protocol.screen import Kept, Unattributed, Value
from tests.ui.booth import IDLE, PRESSURE, change
from ui import identity_form, models
from ui.i18n import en, fr
from ui.i18n.keys import KEYS
from ui.strip_item import segments
from ui.values import Tile, freshness, tiles
from ui.words import said

if TYPE_CHECKING:
    from collections.abc import Callable

QML = Path(models.__file__).parent / "qml"
ALL_KEYS = {key for keys in KEYS.values() for key in keys}


def test_both_languages_have_every_word() -> None:
    for table in ("SCREEN", "VITALS", "SAID"):
        assert set(getattr(fr, table)) == set(getattr(en, table))
        assert not [key for lang in (fr, en) for key, text in getattr(lang, table).items() if key not in ("", "colon") and text == ""]
    assert set(fr.SAID) == ALL_KEYS
    assert set(VITALS) <= set(fr.VITALS)
    placeholders = re.compile(r"\{\d\}")
    assert all(placeholders.findall(fr.SCREEN[key]) == placeholders.findall(en.SCREEN[key]) for key in fr.SCREEN)


def test_every_word_that_the_screens_name_exists() -> None:
    """And none is kept that no screen names."""
    sources = "".join(path.read_text(encoding="utf-8") for path in QML.glob("*.qml")) + Path(models.__file__).read_text(encoding="utf-8")
    sources += Path(identity_form.__file__).read_text(encoding="utf-8") + (QML.parent / "words.py").read_text(encoding="utf-8")
    named = set(re.findall(r'Say\.t\("([a-z0-9-]+)"\)', sources))
    assert named <= set(fr.SCREEN)
    made = {
        "exam",
        "site",
        "status",
        "visit",
        "document",
        "relation",
        "unsent",
        "checked",
        "copy",
        "stop",
        "emergency",
        "information",
        "help",
        "consent",
        "state",
        "kept",
        "sent",
        "erased",
        "call",
        "role",
        "line",
        "on",
        "off",
        "form",
        "clip",
        "relay",
    }
    unused = [key for key in fr.SCREEN if not re.search(f"[\"']{key}[\"']", sources) and key.split("-")[0] not in made]
    assert unused == []


def test_every_flag_of_the_standard_profiles_has_words_or_is_known_to_need_none() -> None:
    flags = {name for table in (pulse_oximeter._STATUS, pulse_oximeter._SENSOR, blood_pressure._STATUS) for name in table.values()}
    flags |= {name for names in blood_pressure._PULSE_RANGE.values() for name in names}
    assert flags <= ALL_KEYS


def test_every_message_but_a_plain_state_says_what_to_do() -> None:
    """A notice, a reason and a call message each have a way out."""
    for group in ("Unattributed.reason", "CallView.message", "View.notices", "View.notices of the sealed line and of codes"):
        for key in KEYS[group]:
            if key != "person-left":
                assert all(said("fr", key)), key
                assert all(said("en", key)), key
    assert said("fr", "asked-spo2") == ("Le médecin demande : SpO₂", "Prenez cette mesure avec le patient.")


@pytest.mark.parametrize(
    ("fields", "screen"),
    [
        ({}, "welcome"),
        ({"opened": True}, "identity"),
        ({"stage": "identified"}, "stop-list"),
        ({"stage": "identified", "emergency": False}, "information"),
        ({"stage": "identified", "emergency": True}, "emergency"),
        ({"stage": "in-call", "emergency": True}, "emergency"),
        ({"stage": "informed", "emergency": False}, "consent"),
        ({"stage": "informed", "emergency": False, "consents": {"act": False}}, "refused"),
        ({"stage": "consented"}, "measure"),
        ({"stage": "waiting"}, "waiting"),
        ({"stage": "in-call"}, "call"),
        ({"stage": "paused"}, "paused"),
        ({"stage": "interrupted"}, "interrupted"),
        ({"stage": "closing", "emergency": True}, "closing"),
        ({"stage": "erased", "emergency": True}, "end"),
    ],
)
def test_the_screen_follows_from_the_view(fields: dict[str, object], screen: str) -> None:
    assert models.screen_of(change(IDLE, **fields)) == screen
    assert (QML / "Main.qml").read_text(encoding="utf-8").count(f'"{screen}":') == 1


def test_a_result_that_waits_for_the_specialist_is_not_asked_again() -> None:
    kept = Kept("k", PRESSURE, "Tensiomètre", "2026-11-21T10:41:12+01:00", "pending", None, ("waits-for-specialist", "irregular-pulse"))
    row = models._result(kept)
    assert (row["state"], row["remarks"]) == ("confirmed", ["irregular-pulse"])


def test_a_blood_pressure_is_one_tile_and_half_of_one_is_none() -> None:
    assert tiles(PRESSURE) == [Tile("blood-pressure", "128/76", "", "mmHg"), Tile("pulse-rate", "72", "", "/min")]
    half = (PRESSURE[0], Value("diastolic", None, "not-a-number", "mmHg"))
    assert tiles(half) == [Tile("blood-pressure", "", "not-a-number", "mmHg")]
    assert tiles((Value("spo2", None, None, "%"),)) == [Tile("spo2", "", "unknown", "%")]


def test_an_old_reading_names_its_device_and_its_day() -> None:
    """As the device's clock says, which has no zone."""
    row = models._old(Unattributed("o", PRESSURE, "a4:c1", "2024-06-23T14:35:10", "old-reading"), "Tensiomètre")
    assert (row["device"], row["taken"]) == ("Tensiomètre", "23/06/2024 14:35")
    assert models._old(Unattributed("o", PRESSURE, "a4:c1", None, "clock-unknown"), "")["taken"] == ""


def test_freshness_is_by_age() -> None:
    assert [freshness(100, 100 + age) for age in (0, 2.99, 3, 9.99, 10, 1e9)] == ["live", "live", "stale", "stale", "gone", "gone"]


TODAY = date(2026, 11, 21)


@given(st.dates(date(1902, 1, 1), TODAY))
def test_each_real_birth_date_is_taken_in_its_three_forms(born: date) -> None:
    forms = {born.strftime("%d/%m/%Y").rjust(10, "0"), born.strftime("%d%m%Y"), born.isoformat()}
    assert {identity_form.birth_date(form, TODAY) for form in forms} == {born.isoformat()}


def outcome(check: Callable[[], str]) -> tuple[str, str]:
    """("", result) or (text key of what is wrong, "")."""
    try:
        return "", check()
    except identity_form.FormError as error:
        return str(error), ""


@given(st.text(max_size=12))
def test_any_other_text_is_refused_in_words(text: str) -> None:
    wrong, born = outcome(lambda: identity_form.birth_date(text, TODAY))
    assert wrong in fr.SCREEN if wrong else date.fromisoformat(born) <= TODAY


@given(st.text(max_size=80))
def test_a_name_is_letters_or_is_refused(text: str) -> None:
    wrong, name = outcome(lambda: identity_form.name(text, "form-family-missing"))
    assert wrong in fr.SCREEN if wrong else name == " ".join(name.split())
    assert not re.search(r"[\d_<>&\"\\]", name)


def test_a_gap_breaks_the_line_of_a_strip() -> None:
    lines = segments([10, 20, None, 30, 40, 50], 6, 60, 40)
    assert [len(line) for line in lines] == [2, 3]
    assert lines[-1][-1].x() == 60
    assert segments([None, None], 6, 60, 40) == []
