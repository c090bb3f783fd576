"""Nobody is there any more: the booth warns, blanks, asks again and closes. Need F000-02."""

import json
from pathlib import Path

import pytest

from protocol import screen, station
from tests.kiosk.booth_rig import Desk
from tests.kiosk.specialist_rig import Doctor

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
    assert desk.wait(539).notices == ()
    assert desk.ports.chimes == 1
    asked = desk.wait(1)
    assert (asked.notices, asked.closes_in, asked.blank) == (("close-warning",), 3, True)
    assert desk.ports.chimes == 2
    shown = desk.tap(screen.Touched())
    assert (shown.blank, shown.notices, shown.closes_in, shown.patient) == (False, (), None, "Jeanne VAUQUELIN")
    assert shown.kept[0].id == kept
    assert desk.wait(899).stage == "consented"
    over = desk.wait(1)
    assert (over.stage, over.blank, over.patient, over.kept, over.ended) == ("erased", False, "", (), "idle")
    assert [(one.device, one.reason) for one in over.unsent] == [("Cuff", "unconfirmed")], "what was lost is named"
    assert json.loads((tmp_path / "retention.jsonl").read_text())["record"] == (over.slip or "").replace(" ", "")


def test_who_waits_for_the_doctor_is_asked_in_time_and_keeps_the_place_with_one_touch(tmp_path: Path) -> None:
    """The doctor may take 45 minutes. Each time the booth has asked, by sound and text, with three minutes left; nothing else is needed."""
    desk = Desk(tmp_path)
    desk.to_consented()
    kept = desk.measure()
    desk.tap(screen.Confirm(kept, accepted=True), screen.Wait())
    desk.ports.posted.clear()
    for _ in range(4):
        chimes = desk.ports.chimes
        blank = desk.wait(190)
        assert (blank.blank, blank.ticket, blank.patient, blank.kept) == (True, "K47", "", ())
        asked = [desk.wait(30) for _ in range(22)]
        assert [view.closes_in for view in asked] == [None] * 17 + [3, 3, 2, 2, 1]
        assert desk.ports.chimes == chimes + 5
        assert desk.tap(screen.Touched()).stage == "waiting"
    assert desk.clock.seconds > 45 * 60
    assert (desk.view.kept[0].id, desk.view.closes_in) == (kept, None)
    assert desk.ports.posted == [], "the place in the waiting room was never given up"
    desk.tap(screen.End(copy=True))
    lines = [entry["kind"] for entry in json.loads(desk.ports.copies[-1])["entries"]]
    assert lines.count("still-there") == 4


def test_the_doctor_who_comes_is_heard(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    doctor = Doctor(desk)
    desk.to_consented()
    desk.tap(screen.Wait())
    assert desk.wait(400).blank
    chimes = desk.ports.chimes
    doctor.join()
    desk.booth.tick()
    assert (desk.view.stage, desk.view.blank, desk.ports.chimes) == ("in-call", False, chimes + 1)


def test_a_consultation_that_is_closed_for_idleness_leaves_the_waiting_room(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.tap(screen.Wait())
    chimes = desk.ports.chimes
    assert desk.wait(901).ended == "idle"
    assert desk.ports.chimes == chimes + 1
    assert isinstance(desk.ports.posted[-1], station.CloseRoom)
    assert desk.tap(screen.NextPatient()).ended == ""


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
