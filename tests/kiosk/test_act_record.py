"""The act record writes itself: what CSP R.6316-4 asks for, technical incidents included. Needs SYS-20, F004-02, F004-19, F004-20, F001-06."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.measurement import Frame
from kiosk.consultation.record import faults
from kiosk.links.link import LinkState
from protocol import engine, screen, specialist
from tests.kiosk.booth_rig import CUFF, JEANNE, KEYS, PRESSURE, START, Desk
from tests.kiosk.specialist_rig import Doctor

GOOD = engine.Statistics(sent_fps=25, received_fps=25, sent_kbps=800, received_kbps=800, loss=0.0, round_trip_ms=40, freeze_ms=40)


def changed(**figures: float) -> engine.Statistics:
    return engine.Statistics(**({name: getattr(GOOD, name) for name in GOOD.__struct_fields__} | figures))


@pytest.fixture
def called(tmp_path: Path) -> tuple[Desk, Doctor]:
    """A patient in a call."""
    desk = Desk(tmp_path)
    doctor = Doctor(desk)
    desk.to_consented()
    desk.tap(screen.Wait())
    doctor.join()
    return desk, doctor


def lines(desk: Desk) -> list[dict[str, Any]]:
    """The record of the consultation that ends now, whole and signed."""
    desk.tap(screen.End(copy=True))
    record = desk.ports.copies[-1]
    assert faults(record, KEYS.public) == []
    return json.loads(record)["entries"]  # type: ignore[no-any-return]


def incidents(desk: Desk) -> list[str]:
    return [line["data"]["reason"] for line in lines(desk) if line["kind"] == "incident"]


def test_it_holds_what_the_law_asks_for(called: tuple[Desk, Doctor]) -> None:
    desk, doctor = called
    desk.clock.seconds += 300
    name = desk.view.call.specialist
    assert name
    doctor.say(specialist.Report(text="Dyspnée d'effort.", conclusion="À revoir", prescriptions="Radiographie du thorax"))
    written = {line["kind"]: line["data"] for line in lines(desk)}
    assert (written["identity"]["family"], written["identity"]["given"], written["identity"]["birth_date"]) == (
        "Vauquelin",
        "Jeanne",
        "1950-04-02",
    )
    assert (written["joined"]["specialist"], len(written["joined"]["key"])) == (name, 64)
    assert (written["opened"]["booth"], written["opened"]["helper"]) == ("Pharmacie du Bourg", "Zoë")
    assert (written["report"]["text"], written["report"]["conclusion"]) == ("Dyspnée d'effort.", "À revoir")
    assert written["report"]["prescriptions"] == "Radiographie du thorax"
    assert written["report"]["author"] == name


def test_what_was_agreed_to_is_in_it_with_the_version_that_was_read_first(tmp_path: Path) -> None:
    """Notice before consent, versioned; act, sharing and photos apart, each refused, given and taken back. Needs F000-13, F004-27."""
    desk = Desk(tmp_path)
    desk.tap(screen.OpenSession(), JEANNE, screen.StopList(emergency=False))
    assert desk.tap(screen.Consent("act", given=True)).notices == ("not-now",), "nothing was read yet"
    desk.tap(screen.Informed("2026-11"), screen.Consent("photos", given=False), screen.Consent("sharing", given=False))
    assert desk.tap(screen.Consent("act", given=True)).stage == "informed", "without sharing nobody sees anything"
    assert desk.tap(screen.Consent("sharing", given=True), screen.Consent("photos", given=True)).stage == "consented"
    assert desk.tap(screen.Consent("photos", given=False)).stage == "consented"
    assert desk.tap(screen.Consent("sharing", given=False)).stage == "erased", "taken back, it is over"
    desk.tap(screen.NextPatient(), screen.OpenSession(), JEANNE, screen.StopList(emergency=False), screen.Informed("2026-11"))
    desk.tap(screen.Consent("sharing", given=False), screen.Consent("sharing", given=True), screen.Consent("act", given=True))
    written = [(line["kind"], line["data"]) for line in lines(desk)]
    assert ("information", {"version": "2026-11"}) in written
    given = [(data["subject"], data["given"]) for kind, data in written if kind == "consent"]
    assert given == [("sharing", False), ("sharing", True), ("act", True)]
    assert {data["information"] for kind, data in written if kind == "consent"} == {"2026-11"}


def test_every_line_has_its_date_and_hour_in_order(called: tuple[Desk, Doctor]) -> None:
    desk, _ = called
    desk.clock.seconds += 300
    times = [datetime.fromisoformat(line["at"]) for line in lines(desk)]
    assert times == sorted(times)
    assert times[0] == START
    assert (times[-1] - START).total_seconds() == 300
    assert all(time.utcoffset() is not None for time in times)


def test_technical_incidents_are_written_without_anybody(called: tuple[Desk, Doctor]) -> None:
    desk, _ = called
    desk.measure()
    desk.booth.from_call(changed(freeze_ms=2001))
    desk.booth.from_call(GOOD)
    desk.booth.from_call(changed(loss=0.051))
    desk.booth.from_call(GOOD)
    desk.booth.from_link(LinkState(CUFF, False, "no signal", desk.clock.now()))
    desk.booth.from_link(Frame("2A35", b"\x1e", desk.clock.now(), CUFF.key))
    desk.tap(screen.Identical(same=False))
    assert incidents(desk) == ["freeze", "loss", "device-lost", "reading-refused", "key-mismatch"]


def test_what_is_within_the_limits_is_no_incident(called: tuple[Desk, Doctor]) -> None:
    desk, _ = called
    desk.booth.from_call(changed(freeze_ms=2000, loss=0.05))
    assert incidents(desk) == []


def test_trouble_that_lasts_is_one_incident_and_trouble_that_comes_back_another(called: tuple[Desk, Doctor]) -> None:
    desk, _ = called
    for figures in (2500, 2600, 40, 2500):
        desk.booth.from_call(changed(freeze_ms=figures))
    desk.booth.from_link(LinkState(CUFF, True, "connected", desk.clock.now()))
    for data in (b"\x1e", b"\x1e", PRESSURE, b"\x1e"):
        desk.clock.seconds += 61
        desk.booth.from_link(Frame("2A35", data, desk.clock.now(), CUFF.key))
    assert incidents(desk) == ["freeze", "freeze", "reading-refused", "reading-refused"]
