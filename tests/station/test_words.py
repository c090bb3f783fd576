"""The page's words: two languages, no key without a text."""

from __future__ import annotations

import re
from pathlib import Path

from drivers.vitals import VITALS
from kiosk.consultation.plausibility import REMARKS

SOURCE = Path(__file__).parents[2] / "station/page/src"


def texts(language: str) -> dict[str, str]:
    return dict(re.findall(r'^  "([^"]+)": "(.*)",$', (SOURCE / f"i18n/{language}.ts").read_text(), re.MULTILINE))


def test_both_languages_have_the_same_keys_and_no_empty_text() -> None:
    assert texts("fr").keys() == texts("en").keys()
    assert all((*texts("fr").values(), *texts("en").values()))


def test_every_vital_that_gets_a_tile_has_a_name() -> None:
    hidden = re.search(r"const HIDDEN = new Set\(\[(.*?)\]\)", (SOURCE / "data/vitals.ts").read_text(), re.DOTALL)
    assert hidden is not None
    without = set(re.findall(r'"([^"]+)"', hidden[1]))
    assert without <= set(VITALS)
    assert [vital for vital in VITALS if vital not in without and f"vital.{vital}" not in texts("fr")] == []


def test_french_signs_stand_after_a_space_that_does_not_break() -> None:
    assert [text for text in texts("fr").values() if re.search(r"[^\s\u00a0](?=[:;?!](\s|$))| [:;?!]", text)] == []


def test_every_plausibility_remark_has_words() -> None:
    assert [remark for remark in REMARKS if f"flag.{remark}" not in texts("fr")] == []
