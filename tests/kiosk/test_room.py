"""The check of picture and sound before the call, at the desk and on drawn pictures. Needs F002-17, F002-23."""

import math
from array import array
from pathlib import Path

import av
import pytest

from kiosk.booth import room
from kiosk.call.surroundings import HEIGHT, OVAL, WIDTH, level, light
from protocol import engine, screen
from tests.kiosk.booth_rig import Desk
from tests.kiosk.specialist_rig import Doctor

NOTHING = engine.Room(None, None, None, None, None)


def drawn(face: int, around: int, pattern: int = 30) -> av.VideoFrame:
    """A gray picture with a face of this luma in the outline."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "gray")
    plane, rows = frame.planes[0], bytearray()
    across, down, wide, high = OVAL
    for y in range(HEIGHT):
        inside = [(((x + 0.5) / WIDTH - across) / wide) ** 2 + (((y + 0.5) / HEIGHT - down) / high) ** 2 <= 1 for x in range(WIDTH)]
        row = bytes(max(0, min(255, face + (pattern if (x + y) % 2 else -pattern))) if there else around for x, there in enumerate(inside))
        rows += row.ljust(plane.line_size, b"\0")
    plane.update(bytes(rows).ljust(plane.buffer_size, b"\0"))
    return frame


@pytest.mark.parametrize(
    ("face", "around", "pattern", "says"),
    [
        (130, 110, 30, "light-good"),
        (20, 15, 10, "too-dark"),
        (70, 220, 30, "against-light"),
        (250, 250, 3, "too-bright"),
        (120, 120, 0, "picture-flat"),
    ],
)
def test_the_light_in_a_picture_is_judged(face: int, around: int, pattern: int, says: str) -> None:
    found = light(drawn(face, around, pattern))
    check = room.light(engine.Room(*found, None, None))
    assert (check.says, check.good) == (says, says == "light-good")


def test_loudness_is_in_decibels_below_full_scale() -> None:
    tone = array("h", (round(32767 * math.sin(at / 7)) for at in range(4800)))
    assert level(tone) == pytest.approx(-3.0, abs=0.1)
    assert level(array("h", (sample // 10 for sample in tone))) == pytest.approx(-23.0, abs=0.2)
    assert level(array("h", bytes(960))) == -96.0


def says(desk: Desk) -> dict[str, str]:
    return {check.what: check.says for check in desk.view.room.checks}


def test_it_begins_with_a_touch_and_shows_this_screen_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.tap(screen.CheckRoom(on=True)).room == screen.RoomView()  # not before the consent
    desk.to_consented()
    desk.tap(screen.CheckRoom(on=True))
    assert desk.ports.called[-1] == engine.Sources(camera=False, microphone=False, exam="", seen="booth")
    desk.booth.from_call(engine.Room(0.5, 0.5, 0.1, -96.0, -96.0))
    desk.booth.tick()
    assert says(desk)["sound"] == "microphone-muted"
    desk.booth.from_call(engine.Room(0.1, 0.1, 0.1, -40.0, -45.0))
    desk.booth.tick()
    assert says(desk) == {"light": "too-dark", "sound": "sound-speak", "noise": "noise-good"}
    desk.booth.from_call(engine.Room(0.5, 0.5, 0.1, -20.0, -36.0))
    desk.booth.from_call(engine.Room(0.5, 0.5, 0.1, -36.0, -36.0))  # a voice was heard: it need not go on
    desk.booth.tick()
    assert says(desk) == {"light": "light-good", "sound": "sound-heard", "noise": "too-noisy"}
    desk.tap(screen.CheckRoom(on=False))
    assert desk.ports.called[-1] == engine.Sources(camera=False, microphone=False)
    assert desk.view.room == screen.RoomView()
    assert [entry["data"]["sound"] for entry in desk.booth._case.record.entries if entry["kind"] == "room-checked"] == ["sound-heard"]


def test_a_specialist_who_comes_and_the_end_put_the_camera_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.tap(screen.Wait(), screen.CheckRoom(on=True))
    Doctor(desk).join()
    assert desk.view.room == screen.RoomView()
    assert engine.Sources(camera=False, microphone=False) in desk.ports.called
    assert desk.tap(screen.CheckRoom(on=True)).notices[:1] == ("not-now",)

    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other")
    other.to_consented()
    other.tap(screen.CheckRoom(on=True), screen.End())
    assert other.ports.called[-1] == engine.Sources(camera=False, microphone=False) or engine.Hangup() in other.ports.called
    assert other.view.room == screen.RoomView()
