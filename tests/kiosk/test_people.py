"""Who is in the booth is seen by all and recorded."""

from pathlib import Path

import pytest

from protocol import screen
from tests.kiosk.booth_rig import Desk


def test_who_comes_and_leaves_is_shown_recorded_and_survives_a_power_cut(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    assert desk.view.present == ("patient", "helper")
    assert desk.tap(screen.Person("companion", here=True)).notices == ("companion-joined",)
    assert desk.tap(screen.Person("second-professional", here=True)).notices == ("professional-joined",)
    left = desk.tap(screen.Person("helper", here=False))
    assert (left.present, left.notices) == (("patient", "companion", "second-professional"), ("person-left",))
    desk = desk.restart()
    assert desk.again().present == left.present
    back = desk.tap(screen.Person("companion", here=False), screen.Person("helper", here=True))
    assert (back.present, back.notices) == (("patient", "second-professional", "helper"), ())


@pytest.mark.parametrize(("role", "here"), [("companion", False), ("helper", True)])
def test_nobody_comes_or_leaves_twice(tmp_path: Path, role: str, here: bool) -> None:
    desk = Desk(tmp_path)
    person = screen.Person(role, here=here)  # type: ignore[arg-type]
    assert desk.tap(person).notices == ("not-now",)
    desk.to_consented()
    assert desk.tap(person).notices == ("not-now",)
    assert desk.view.present == ("patient", "helper")
