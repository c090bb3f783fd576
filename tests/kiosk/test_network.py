"""The network test at the desk: before the call alone, once by itself, in words on the screen, and in the act record. Needs F002-20, SYS-20."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.network_test.figures import Figures
from kiosk.network_test.ramp import Rate
from protocol import engine, screen, specialist, station
from tests.kiosk.booth_rig import Desk
from tests.kiosk.specialist_rig import Doctor

SERVERS = (
    station.IceServer("turn:r:3478?transport=udp", "1:test", "secret"),
    station.IceServer("turns:r:443?transport=tcp", "1:test", "secret"),
)
SLOW = Figures("", Rate(296, floor=False), Rate(4100, floor=True), 87.4)
FINE = Figures("", Rate(2400, floor=True), Rate(4100, floor=True), 30.0)
DEAD = engine.RelayTried("turns:r:443?transport=tcp", "TLS 443", "relay-certificate", "certificate not trusted")
WORKS = engine.RelayTried("turn:r:3478?transport=udp", "UDP 3478")


def desk_at(tmp_path: Path) -> Desk:
    """A booth whose patient has agreed, at a station."""
    desk = Desk(tmp_path)
    desk.booth.station_up()
    desk.to_consented()
    return desk


def lines(desk: Desk, kind: str) -> list[dict[str, Any]]:
    return [entry["data"] for entry in desk.booth._case.record.entries if entry["kind"] == kind]


def test_it_begins_by_itself_once_the_patient_has_agreed_and_the_station_is_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    assert desk.ports.network_tests == []
    assert desk.view.network.says == "network-no-station"
    desk.booth.station_up()
    assert desk.wait(0).network == screen.NetworkView(says="network-running", running=True)
    assert desk.ports.network_tests == [True]
    desk.booth.network_measured(SLOW, SERVERS)
    assert desk.wait(0).network.running  # the relays are tried after it
    asked = next(message for message in desk.ports.called if isinstance(message, engine.TryRelays))
    assert [server.urls for server in asked.ice_servers] == [server.urls for server in SERVERS]
    desk.booth.from_call(engine.RelaysTried((WORKS, DEAD), 50, 49))
    assert desk.wait(0).network == screen.NetworkView(
        says="network-slow",
        up=screen.LineRate(296, floor=False),
        down=screen.LineRate(4100, floor=True),
        round_trip_ms=87,
        loss_percent=2,
        relays=(screen.RelayLine("UDP 3478", "relay-works"), screen.RelayLine("TLS 443", "relay-certificate")),
    )
    desk.wait(300)
    assert desk.ports.network_tests.count(True) == 1
    assert lines(desk, "network-tested") == [
        {
            "verdict": "network-slow",
            "up_kbps": "296",
            "down_kbps": "≥ 4100",
            "round_trip_ms": 87,
            "loss_percent": 2,
            "relays": [{"UDP 3478": "relay-works"}, {"TLS 443": "relay-certificate"}],
        }
    ]
    assert "network-slow" not in [line["reason"] for line in lines(desk, "incident")]
    written = json.dumps(desk.booth._case.record.entries[-1])
    assert not [word for word in ("Vauquelin", "Jeanne", "secret", "1:test", "turn:r") if word in written]


def test_what_somebody_must_do_something_about_is_a_notice_and_an_incident(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.booth.network_measured(FINE, SERVERS)
    silent = engine.RelayTried(SERVERS[0].urls, "UDP 3478", "relay-silent", "no answer")
    desk.booth.from_call(engine.RelaysTried((silent, DEAD)))
    assert "check-network-relays" in desk.wait(0).notices
    assert [line["reason"] for line in lines(desk, "incident")] == ["network-relays"]
    desk.tap(screen.TestNetwork())
    assert "check-network-relays" not in desk.view.notices
    desk.booth.network_measured(FINE, ())
    assert desk.wait(0).network.good
    assert not [key for key in desk.view.notices if "network" in key]


def test_a_specialist_who_comes_ends_it_at_once_and_it_never_begins_beside_one(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.tap(screen.Wait())
    desk.booth.from_station(station.Joined("c0ffee00-0000", "Dr Essai", ()))
    assert desk.ports.network_tests == [True, False]
    desk.booth.network_measured(SLOW, ())  # what was on its way already
    assert lines(desk, "network-tested") == []
    Doctor(desk).join()
    assert desk.tap(screen.TestNetwork()).notices[:1] == ("not-now",)
    assert desk.view.network == screen.NetworkView()
    assert desk.ports.network_tests == [True, False]


def test_it_is_not_done_before_the_consent_and_is_ended_with_the_consultation(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.booth.station_up()
    assert desk.tap(screen.TestNetwork()).notices[:1] == ("not-now",)
    desk.to_consented()
    assert desk.ports.network_tests == [True]
    desk.tap(screen.End())
    assert desk.ports.network_tests == [True, False]


def test_the_check_on_the_screen_measures_again_what_was_not_measured_well(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.booth.network_measured(Figures("network-busy"), ())
    assert desk.wait(0).network == screen.NetworkView(says="network-busy")
    desk.tap(screen.CheckRoom(on=True))
    assert desk.ports.network_tests == [True, False, True]
    desk.booth.network_measured(FINE, ())
    desk.tap(screen.CheckRoom(on=False), screen.CheckRoom(on=True))
    assert desk.ports.network_tests == [True, False, True, False]


def test_a_call_process_that_says_nothing_of_the_relays_is_not_waited_for_and_that_is_said(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.booth.network_measured(FINE, SERVERS)
    assert desk.wait(11).network.running
    assert desk.wait(2).network.says == "network-good"
    assert desk.view.network.relays == (screen.RelayLine("", "relay-untried"),)
    assert lines(desk, "network-tested")[0]["relays"] == "relay-untried"
    desk.booth.from_call(engine.RelaysTried((DEAD,)))  # too late
    assert desk.wait(0).network.says == "network-good"


def test_a_measurement_that_does_not_end_is_given_up(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    assert desk.wait(31).network.running
    assert desk.wait(2).network == screen.NetworkView(says="network-unknown")
    assert desk.ports.network_tests == [True, False]


def test_a_station_that_comes_back_is_measured_again(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.booth.network_measured(Figures("network-no-station"), ())
    assert desk.wait(0).network.says == "network-no-station"
    desk.booth.station_down("connecting")
    desk.booth.station_up()
    assert desk.wait(0).network.running
    desk.booth.station_down("tls-expired")  # why is another notice's to say
    desk.booth.network_measured(Figures("network-no-station"), ())
    assert desk.wait(0).network == screen.NetworkView()


def test_the_check_opened_while_a_specialist_comes_in_is_no_refusal(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.tap(screen.Wait())
    desk.booth.from_station(station.Joined("c0ffee00-0000", "Dr Essai", ()))
    assert desk.tap(screen.CheckRoom(on=True)).notices == ()
    assert desk.ports.network_tests == [True, False]


def begun(tmp_path: Path, figures: Figures) -> tuple[Desk, Doctor]:
    """A line that was measured so, and a page that has made an offer."""
    desk = desk_at(tmp_path)
    desk.booth.network_measured(figures, ())
    desk.tap(screen.Wait())
    doctor = Doctor(desk)
    doctor.join()
    doctor.say(specialist.Offer(sdp="v=0\r\n"))
    return desk, doctor


def test_on_a_line_too_thin_for_a_picture_the_call_begins_with_stills_and_the_page_knows_before_anything_flows(tmp_path: Path) -> None:
    """F002-01: a browser would begin with three times what such a line carries, and texts would wait for seconds."""
    desk, doctor = begun(tmp_path, Figures("", Rate(49, floor=False), Rate(58, floor=False), 152))
    assert next(message for message in desk.ports.called if isinstance(message, engine.Prepare)).thin
    assert specialist.Media(picture="stills", sound="thin") in doctor.heard
    assert [kind for kind in desk.ports.called if isinstance(kind, engine.Offer)], "the page was told before its offer was answered"
    desk.booth.from_call(engine.State("connected", ""))
    assert desk.view.call.message == "picture-stills"
    assert [line["picture"] for line in lines(desk, "incident") if line["reason"] == "link-gives-way"] == ["stills"]
    desk.booth.from_call(engine.Statistics(0, 0, 0, 0, 0, None, 0))
    assert doctor.heard[-1] == specialist.Media(picture="moving", sound="full"), "the line has grown"
    assert desk.wait(0).call.message == ""


@pytest.mark.parametrize("figures", [SLOW, Figures("", Rate(80, floor=True), Rate(90, floor=True), 30), Figures("network-unknown")])
def test_on_any_other_line_it_begins_as_always(tmp_path: Path, figures: Figures) -> None:
    """A line that was not full may carry more than was measured."""
    desk, doctor = begun(tmp_path, figures)
    assert not next(message for message in desk.ports.called if isinstance(message, engine.Prepare)).thin
    assert not [message for message in doctor.heard if isinstance(message, specialist.Media)]
