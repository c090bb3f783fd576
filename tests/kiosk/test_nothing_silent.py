"""Nothing is lost silently: results that nobody confirmed, a missing camera, the patient's copy. Needs F004-20, F000-48, F000-29, F000-31, F000-32."""

import json
from pathlib import Path
from typing import Any

import pytest

from drivers.device import Device
from drivers.measurement import Frame
from kiosk.consultation.record import faults
from kiosk.links.link import ClockSet, LinkState, RecordTransfer
from kiosk_fhir.check import check_bundle
from protocol import engine, screen, specialist, station
from tests.kiosk.booth_rig import CUFF, KEYS, PRESSURE, Desk
from tests.kiosk.specialist_rig import Doctor


def record(desk: Desk) -> list[dict[str, Any]]:
    assert faults(desk.ports.copies[-1], KEYS.public) == []
    return json.loads(desk.ports.copies[-1])["entries"]  # type: ignore[no-any-return]


def test_a_result_that_nobody_confirmed_is_in_the_record_and_on_the_slip(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.measure()
    view = desk.tap(screen.End(copy=True))
    assert view.unsent == (screen.Unsent("Cuff", ("systolic", "diastolic", "mean-arterial-pressure"), "unconfirmed"),)
    (line,) = [line for line in record(desk) if line["kind"] == "unsent"]
    assert line["data"]["reason"] == "unconfirmed"
    assert line["data"]["device"] == "Cuff"
    assert line["data"]["values"] == {"systolic": "124 mmHg", "diastolic": "86 mmHg", "mean-arterial-pressure": "99 mmHg"}
    assert desk.tap(screen.NextPatient()).unsent == ()


def test_a_confirmed_result_that_no_specialist_came_for_is_named_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.tap(screen.Confirm(desk.measure(), accepted=True))
    assert [entry.reason for entry in desk.tap(screen.End()).unsent] == ["no-specialist"]


def test_what_was_rejected_or_sent_is_counted_not_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    doctor = Doctor(desk)
    desk.to_consented()
    desk.tap(screen.Confirm(desk.measure(), accepted=False), screen.Wait())
    doctor.join()
    desk.clock.seconds += 60
    desk.tap(screen.Confirm(desk.measure(), accepted=True))
    ended = desk.tap(screen.End())
    assert (ended.unsent, ended.outcomes) == ((), {"result": {"kept": 1, "rejected": 1}})
    assert desk.tap(screen.NextPatient()).outcomes == {}


@pytest.mark.parametrize("reason", ["camera-lost", "no-camera"])
def test_a_missing_camera_is_named_and_the_consultation_goes_on(tmp_path: Path, reason: str) -> None:
    desk = Desk(tmp_path)
    desk.booth.from_call(engine.Device("camera", reason))
    assert desk.to_consented().notices == (reason,)
    desk.booth.from_call(engine.Device("microphone", "microphone-lost"))
    assert desk.tap(screen.Touched()).notices == (reason, "microphone-lost")
    assert desk.tap(screen.Wait()).stage == "waiting"
    desk.booth.from_call(engine.Device("camera", ""))
    assert desk.tap(screen.Touched()).notices == ("microphone-lost",)
    desk.tap(screen.End(copy=True))
    assert [line["data"]["reason"] for line in record(desk) if line["kind"] == "incident"] == ["microphone-lost"]


def test_sound_by_another_card_than_the_settings_name_is_said_each_time_and_the_consultation_goes_on(tmp_path: Path) -> None:
    """A node of PipeWire that is not there: without the echo canceller, and nobody would know."""
    desk = Desk(tmp_path)
    for _ in range(2):
        desk.to_consented()
        desk.tap(screen.CheckRoom(on=True))
        desk.booth.from_call(engine.Device("speaker-node", "speaker-elsewhere"))
        desk.booth.from_call(engine.Device("speaker", ""))
        desk.booth.from_call(engine.Device("microphone-node", ""))
        view = desk.tap(screen.Touched())
        assert (view.notices, view.room.checks[-1]) == (("speaker-elsewhere",), screen.Check("card", "sound-elsewhere", good=False))
        desk.tap(screen.CheckRoom(on=False), screen.Wait())
        desk.booth.from_call(engine.Device("speaker-node", "speaker-elsewhere"))  # looked for again as the specialist comes
        assert desk.tap(screen.End(copy=True)).stage == "erased"
        told = [line["data"] for line in record(desk) if line["kind"] in ("incident", "room-checked")]
        assert told == [
            {"reason": "speaker-elsewhere", "device": "speaker"},
            {"light": "light-waiting", "sound": "sound-waiting", "card": "sound-elsewhere"},
        ]
        desk.tap(screen.NextPatient())


def test_a_meter_without_anything_new_is_said_and_what_was_done_to_an_instrument_is_in_the_record(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.booth.from_link(RecordTransfer("ble:meter", "", desk.clock.now()))
    desk.booth.from_link(RecordTransfer("ble:meter", "no-records-found", desk.clock.now()))
    assert (desk.tap().notices, desk.view.about) == (("no-new-record",), {"no-new-record": "ble:meter"})
    desk.booth.from_link(ClockSet(CUFF.key, desk.clock.now()))
    desk.tap(screen.End(copy=True))
    told = [(line["kind"], line["data"]) for line in record(desk) if line["kind"] in ("records-read", "clock-set")]
    assert told == [("records-read", {"device": "ble:meter", "result": "no-records-found"}), ("clock-set", {"device": CUFF.key})]


#: Bluetooth SIG Blood Pressure Service 1.1.1, 3.1.1: no value (NaN) for all three
NO_PRESSURE = bytes((0, 0xFF, 0x07, 0xFF, 0x07, 0xFF, 0x07))


def test_a_device_that_cannot_measure_is_named_until_it_has_measured(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.booth.from_link(LinkState(CUFF, True, "connected", desk.clock.now()))
    desk.booth.from_link(Frame("2A35", NO_PRESSURE, desk.clock.now(), CUFF.key))
    assert (desk.tap().notices, desk.view.about) == (("measurement-failed",), {"measurement-failed": "Cuff"})
    oximeter = Device("ble:oximeter", "pulse-oximeter", name="Oximeter")
    desk.booth.from_link(LinkState(oximeter, True, "connected", desk.clock.now()))
    desk.booth.from_link(Frame("2A5F", bytes((0, 98, 0, 72, 0)), desk.clock.now(), oximeter.key))
    assert desk.tap().notices == ("measurement-failed",), "another device has measured"
    desk.measure()
    assert (desk.view.notices, desk.view.about) == ((), {})


def test_what_the_specialist_asks_for_is_said_until_it_is_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    doctor = Doctor(desk)
    desk.to_consented()
    desk.tap(screen.Wait())
    doctor.join()
    for vital, others in (("temperature", ("asked-temperature",)), ("blood-pressure", ())):
        doctor.say(specialist.Ask(vital))
        assert f"asked-{vital}" in desk.tap().notices
        desk.clock.seconds += 60
        desk.measure()
        assert tuple(key for key in desk.view.notices if key.startswith("asked-")) == others
    oximeter = Device("ble:oximeter", "pulse-oximeter", name="Oximeter")
    desk.booth.from_link(LinkState(oximeter, True, "connected", desk.clock.now()))
    doctor.say(specialist.Ask("spo2"))
    for saturation, said in (((0xFF, 0x07), True), ((98, 0), False)):
        desk.booth.from_link(Frame("2A5F", bytes((0, *saturation, 72, 0)), desk.clock.now(), oximeter.key))
        assert ("asked-spo2" in desk.tap().notices) is said


def test_the_line_is_as_good_as_the_call_measures_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    assert desk.view.link is None
    desk.booth.station_up()
    for loss, delay, link in ((0.0, 40.0, "good"), (0.02, 40.0, "fair"), (0.0, 300.0, "fair"), (0.06, 40.0, "poor"), (0.0, 600.0, "poor")):
        desk.booth.from_call(engine.Statistics(25, 25, 300, 300, loss, delay, 0))
        desk.booth.tick()
        assert desk.view.link == link
    assert desk.wait(6).link is None


def test_each_instrument_says_what_to_do_with_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.measure()
    assert [(line.state, line.message) for line in desk.view.devices] == [("ready", "put-on-cuff")]
    desk.booth.from_link(LinkState(CUFF, False, "connection lost", desk.clock.now()))
    assert [(line.state, line.message) for line in desk.tap(screen.Touched()).devices] == [("absent", "device-lost")]
    desk.booth.from_link(LinkState(CUFF, True, "connected", desk.clock.now()))
    desk.booth.from_link(Frame("2A36", PRESSURE, desk.clock.now(), CUFF.key))
    assert [(line.state, line.message) for line in desk.tap(screen.Touched()).devices] == [("measuring", "device-measuring")]
    assert [line.state for line in desk.wait(4).devices] == ["ready"]


def test_the_expected_wait_is_what_others_waited_less_what_is_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    assert desk.tap(screen.Wait()).wait is None
    for consultation, wait in (("another", None), ("c0ffee00-0000", (4, 13))):
        desk.booth.from_station(station.Wait(consultation, 290_000, 730_000))
        desk.booth.tick()
        assert desk.view.wait == wait
    assert desk.wait(120).wait == (2, 11)
    desk.tap(screen.Touched())
    assert desk.wait(140).wait == (0, 8)
    desk.tap(screen.Touched())
    desk.wait(140)
    desk.tap(screen.Touched())
    desk.wait(140)
    desk.tap(screen.Touched())
    desk.wait(140)
    desk.tap(screen.Touched())
    assert desk.wait(100).wait is None


def test_the_copy_is_made_for_who_wants_it_and_its_fate_is_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    assert desk.tap(screen.End()).copy == ""
    assert desk.ports.copies == []
    desk.tap(screen.NextPatient())
    desk.to_consented()
    assert desk.tap(screen.End(copy=True)).copy == "printing"
    desk.booth.copy_printed(done=False)
    assert desk.tap(screen.Touched()).copy == "failed"
    desk.tap(screen.NextPatient())
    desk.booth.copy_printed(done=True)
    assert desk.tap(screen.Touched()).copy == ""


def test_behind_a_pseudonym_the_specialist_breaks_the_glass_with_a_reason(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    doctor = Doctor(desk)
    desk.to_consented()
    desk.tap(screen.Pseudonym(wanted=True), screen.Wait())
    doctor.join()
    seen = doctor.situation
    assert (seen.patient, seen.birth_date, seen.pseudonym, seen.identity) == ("Patient K47", "1950", True, "provisional")
    desk.tap(screen.Confirm(desk.measure(), accepted=True))
    (bundle,) = doctor.mail("observation")
    check_bundle(json.loads(bundle))
    assert b"auquelin" not in bundle
    assert b"1950-04-02" not in bundle
    doctor.say(specialist.BreakGlass("  "))
    assert doctor.situation.patient == "Patient K47"
    doctor.say(specialist.BreakGlass("Malaise: prévenir les secours"))
    assert (doctor.situation.patient, doctor.situation.birth_date, doctor.situation.pseudonym) == ("Jeanne VAUQUELIN", "1950-04-02", False)
    view = desk.tap(screen.Touched())
    assert (view.notices, view.revealed) == (("name-revealed", "no-organisation"), "Malaise: prévenir les secours")
    desk.tap(screen.End(copy=True))
    (line,) = [line for line in record(desk) if line["kind"] == "break-glass"]
    assert line["data"] == {"reason": "Malaise: prévenir les secours", "by": "Dr Essai"}


def test_what_is_written_while_the_helper_is_out_stays_between_the_two(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    doctor = Doctor(desk)
    desk.to_consented()
    desk.tap(screen.Wait())
    doctor.join()
    desk.tap(screen.Confirm(desk.measure(), accepted=True), screen.Say("Bonjour"))
    alone = desk.tap(screen.Person("helper", here=False))
    assert (alone.alone, alone.kept, alone.unattributed) == (True, (), ())
    doctor.say(specialist.Text(text="Nous sommes seuls.", at=1))
    doctor.say(specialist.Draft(text="Dites-moi"))
    assert [line.text for line in desk.tap(screen.Touched()).texts] == ["Bonjour", "Nous sommes seuls.", "Dites-moi …"]
    back = desk.tap(screen.Person("helper", here=True))
    assert ([line.text for line in back.texts], len(back.kept), back.alone) == (["Bonjour"], 1, False)


def test_the_name_of_a_patient_stands_in_no_representation(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    messages = (desk.booth._case.session, screen.Guardian("Vauquelin", "Jeanne", "parent"), specialist.BreakGlass("Vauquelin"))
    assert "auquelin" not in repr(messages)
