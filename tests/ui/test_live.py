"""Numbers expire, curves move, pictures come from the ring, and what is no message does no harm."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtGui import QImage

from protocol.screen import Curve, LinkLost, Value, to_screen
from tests.ui.booth import CALL, FAILED, OXIMETRY, Booth

if TYPE_CHECKING:
    from pathlib import Path


def grey(booth: Booth, path: Path) -> bool:
    """Whether the first value of the first device is drawn without any dark ink."""
    booth.hand.grab(path)
    picture = QImage(str(path)).copy(50, 285, 70, 50)
    darkest = min(picture.pixelColor(x, y).lightness() for x in range(picture.width()) for y in range(picture.height()))
    return darkest > 110


@pytest.fixture
def measuring(booth: Booth) -> Booth:
    oximeter = next(line for line in booth.agent.view.devices if line.key == "oximeter")
    booth.agent.show(stage="consented", devices=(oximeter,))
    booth.hand.until_screen("measure")
    return booth


def test_live_values_grey_and_vanish_by_the_age_of_the_message(measuring: Booth, tmp_path: Path) -> None:
    """3 s without data: grey; 10 s: "—", never 0 and never the old number. The age is the message's, not the screen's."""
    hand, agent = measuring.hand, measuring.agent
    agent.live("oximeter", OXIMETRY)
    hand.until("live-oximeter-spo2", lambda seen: seen.text == "98", "98")
    assert not grey(measuring, tmp_path / "fresh.png")
    agent.live("oximeter", (Value("spo2", "97", None, "%"),))
    hand.until("live-oximeter-spo2", lambda seen: seen.text == "97", "97")
    started = time.monotonic()
    hand.until("device-oximeter", lambda seen: "Plus de données" in seen.text, "the grey value")
    assert 2.5 < time.monotonic() - started < 5
    assert hand.read("live-oximeter-spo2").text == "97"
    assert grey(measuring, tmp_path / "stale.png")
    hand.until("live-oximeter-spo2", lambda seen: seen.text == "—", "the end of the value")
    assert 9 < time.monotonic() - started < 13


def test_a_value_that_arrives_late_is_late(measuring: Booth) -> None:
    measuring.agent.live("oximeter", OXIMETRY, age=11)
    measuring.hand.until("live-oximeter-spo2", lambda seen: seen.text == "—", "no value")


def test_a_lost_device_greys_at_once_and_flags_are_said(measuring: Booth) -> None:
    hand, agent = measuring.hand, measuring.agent
    agent.live("oximeter", (Value("spo2", None, "not-performed", "%"),), ("searching", "beep", "finger-out"))
    hand.until("device-oximeter", lambda seen: "Recherche du pouls. Ne bougez pas." in seen.text, "the flag in words")
    assert hand.read("live-oximeter-spo2").text == "—"
    agent.live("oximeter", OXIMETRY)
    hand.until("live-oximeter-spo2", lambda seen: seen.text == "98", "98")
    agent.say(LinkLost("oximeter", "connection-lost"))
    hand.until("device-oximeter", lambda seen: "Plus de données" in seen.text, "the loss")


def test_a_number_is_shown_as_sent_and_an_absent_one_never_as_zero(measuring: Booth) -> None:
    """Decimal digits untouched (only the French comma); NaN is "—" with its reason."""
    measuring.agent.live("oximeter", (Value("spo2", "98.0", None, "%"), Value("pulse-rate", "0071", None, "/min")))
    measuring.hand.until("live-oximeter-spo2", lambda seen: seen.text == "98,0", "98,0")
    assert measuring.hand.read("live-oximeter-pulse-rate").text == "0071"
    measuring.agent.show(kept=(FAILED,))
    measuring.hand.until("kept-failed", lambda seen: seen.visible, "the failed measurement")


def test_values_of_the_patient_before_are_gone(measuring: Booth) -> None:
    hand, agent = measuring.hand, measuring.agent
    agent.live("oximeter", OXIMETRY)
    hand.until("live-oximeter-spo2", lambda seen: seen.text == "98", "98")
    agent.show(stage="erased")
    agent.show(stage="consented")
    hand.until_screen("measure")
    hand.until("live-oximeter-spo2", lambda seen: seen.text in ("—", ""), "no value of the patient before")


def test_the_strip_draws_and_empties(measuring: Booth) -> None:
    hand = measuring.hand
    measuring.agent.live("oximeter", OXIMETRY)
    measuring.agent.say(Curve("oximeter", "pleth", (10, 60, None, 90, 20, 30), 1 / 60))
    hand.until("strip-oximeter", lambda seen: seen.visible, "the strip")
    hand.until("strip-oximeter", lambda seen: not seen.visible, "no strip after 3 s")


def test_the_picture_comes_from_the_ring(booth: Booth, tmp_path: Path) -> None:
    """Painted as written (BGRA); a new ring of another size works; frozen after 2 s; nothing after the call process is gone, then again."""
    hand, video = booth.hand, booth.video
    booth.agent.show(stage="in-call", call=msgspec.structs.replace(CALL, verified=True))
    hand.until_screen("call")
    assert hand.read("video").text == "none"

    def middle(name: str) -> tuple[int, int, int]:
        hand.grab(tmp_path / name)
        color = QImage(str(tmp_path / name)).pixelColor(430, 400)
        return color.red(), color.green(), color.blue()

    video.ring(640, 480)
    video.paint(200, 100, 50)
    hand.until("video", lambda seen: seen.text == "live", "the picture")
    assert middle("first.png") == (50, 100, 200)
    video.ring(320, 180)
    video.paint(10, 20, 30)
    hand.until("video", lambda seen: seen.text == "live", "the second picture")
    assert middle("second.png") == (30, 20, 10)
    hand.until("video", lambda seen: seen.text == "frozen", "the frozen mark")
    video.hang_up()
    hand.until("video", lambda seen: seen.text == "none", "no picture")
    video.accept()
    video.ring(640, 480)
    video.paint(1, 2, 3)
    hand.until("video", lambda seen: seen.text == "live", "the picture again")
    assert middle("third.png") == (3, 2, 1)


def test_packets_that_are_no_messages_do_not_disturb(booth: Booth) -> None:
    """Each is dropped with one line that holds nothing of it; the screen goes on."""
    view = to_screen.encode(booth.agent.view)
    bad = [b"\xc1", b"", b"\x00" * 1000, view[:-3], view.replace(b"idle", b"idel"), view + b"\x00", msgspec.msgpack.encode({"type": "end"})]
    for data in bad:
        if data:
            booth.agent.raw(data)
    booth.video.raw(b"\x93\x01")
    booth.video.ring(64, 48, claimed_slots=400)
    booth.video.ring(64, 48, claimed_slots=8)
    booth.video.paint(1, 1, 1)
    booth.agent.show(pharmacy="Pharmacie de la Gare")
    booth.hand.until("pharmacy", lambda seen: seen.text == "Pharmacie de la Gare", "the next view")
    lines = (booth.folder / "log").read_text(encoding="utf-8").splitlines()
    sizes = [len(data) for data in bad if data]
    assert [line for line in lines if "agent" in line] == [
        f"telecabine-ui: a packet of {size} bytes from the agent is not a message" for size in sizes
    ]
    assert len([line for line in lines if "from the call is not usable" in line]) == 4
    assert len(lines) == len(sizes) + 4
    booth.expected_log = "\n".join(lines) + "\n"
