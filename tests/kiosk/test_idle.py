"""Nobody is there any more: the booth warns, blanks, warns again and closes."""

import json
from pathlib import Path

import pytest

from protocol import screen
from tests.kiosk.booth_rig import Desk

TOUCHES = (
    screen.Touched(),
    screen.Ready(0.0),
    screen.Say("x"),
    screen.Pause(paused=False),
    screen.Wait(),
    screen.Attach("none"),
    screen.Media(camera=False, microphone=False),
)


def test_a_session_without_a_touch_warns_blanks_warns_again_and_is_erased(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    kept = desk.measure()
    assert desk.wait(149).notices == ()
    assert desk.ports.chimes == 0
    assert desk.wait(1).notices == ("idle-warning",)
    assert desk.ports.chimes == 1
    assert desk.view.patient == "Jeanne VAUQUELIN"
    blank = desk.wait(30)
    assert (blank.blank, blank.patient, blank.kept, blank.notices, blank.stage) == (True, "", (), (), "consented")
    assert desk.wait(659).notices == ()
    assert desk.ports.chimes == 1
    assert desk.wait(1).notices == ("close-warning",)
    assert desk.ports.chimes == 2
    assert desk.view.blank
    shown = desk.tap(screen.Touched())
    assert (shown.blank, shown.notices, shown.patient, shown.kept[0].id) == (False, (), "Jeanne VAUQUELIN", kept)
    assert desk.wait(899).stage == "consented"
    over = desk.wait(1)
    assert (over.stage, over.blank, over.patient, over.kept) == ("erased", False, "", ())
    assert json.loads((tmp_path / "retention.jsonl").read_text())["record"] == (over.slip or "").replace(" ", "")


@pytest.mark.parametrize("touch", TOUCHES, ids=lambda touch: type(touch).__name__)
def test_every_touch_starts_the_time_anew_even_one_that_is_refused(tmp_path: Path, touch: screen.FromScreen) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.wait(160)
    assert "idle-warning" not in desk.tap(touch).notices
    assert not desk.wait(149).blank
    assert desk.wait(31).blank


def test_a_result_shows_that_somebody_is_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    assert desk.wait(170).notices == ("idle-warning",)
    desk.measure()
    assert desk.view.notices == ()


def test_without_a_session_there_is_nothing_to_blank(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert not desk.wait(10_000).blank
    desk.to_consented()
    assert desk.view.notices == ()
    desk.tap(screen.End())
    assert desk.wait(10_000).stage == "erased"
