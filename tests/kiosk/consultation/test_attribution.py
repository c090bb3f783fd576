"""Whose reading is it? Every row of the checklist: nothing of another person, another time or a control solution reaches the open session.

Needs F004-04, SYS-03.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.device import Device
from drivers.driver import load
from drivers.measurement import Frame, Instant, Reading
from kiosk.consultation.attribution import Attributed, Attributor
from tests.drivers.frames import run
from tests.kiosk.consultation.attributing import (
    CUFF,
    LOCAL,
    METER,
    NOON,
    OXIMETER,
    SCALE,
    at,
    attributed,
    clock,
    glucose,
    opened,
    reading,
    reason,
)

# --- (a) the session's window -------------------------------------------------------------------------------------------------------------


def test_without_a_session_nothing_is_anybodys() -> None:
    attributor = Attributor()
    assert reason(attributor.decide(reading(at(0)))) == "no-session"
    assert reason(attributor.decide(reading(at(0), settled=False))) == "no-session"
    attributor.open(at(0))
    attributor.close()
    assert reason(attributor.decide(reading(at(5)))) == "no-session"


def test_live_values_are_the_open_sessions_by_their_reception() -> None:
    decision = attributed(opened().decide(reading(at(3), device=OXIMETER, vital="spo2", settled=False)))
    assert (decision.effective, decision.corrected) == (at(3).wall, False)


def test_a_settled_reading_without_clock_alone_on_the_line_counts_from_its_reception() -> None:
    decision = attributed(opened().decide(reading(at(30))))
    assert (decision.effective, decision.corrected) == (at(30).wall, False)


def test_a_cuff_that_was_inflating_before_the_session_opened_measured_somebody_else() -> None:
    attributor = Attributor()
    for second in (-20, -10, -1):
        attributor.decide(reading(at(second), vital="cuff-pressure", settled=False))
    attributor.open(at(0))
    attributor.decide(reading(at(4), vital="cuff-pressure", settled=False))
    assert reason(attributor.decide(reading(at(10)))) == "before-session"
    attributor.decide(reading(at(60), vital="cuff-pressure", settled=False))
    attributed(attributor.decide(reading(at(90), value="121")))


# --- (b) from memory, demonstration, (control solution) -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "why"),
    [
        ("data-from-measurement-storage", "stored-reading"),
        ("data-for-demonstration", "demonstration-data"),
        ("data-for-testing", "demonstration-data"),
        ("control-solution", "control-solution"),
    ],
)
@pytest.mark.parametrize("settled", [True, False])
def test_what_the_device_itself_says_is_no_patients(flag: str, why: str, settled: bool) -> None:
    assert reason(opened().decide(reading(at(5), flags=(flag,), settled=settled))) == why


def test_the_memory_bit_of_a_real_driver_is_understood() -> None:
    frames = {"2A5E": "02 62 00 48 00 00 02", "nonin-df13": "00 02 00 0d 00 0e 20 26 01 12 10 15 29 00 02 10 01 2c 00 5c 42 03"}
    for source, digits in frames.items():
        driver = load()["pulse-oximeter" if source == "2A5E" else source]
        (item,) = run(driver, Frame(source, bytes.fromhex(digits), at(5), OXIMETER))
        assert isinstance(item, Reading)
        assert item.settled
        assert reason(opened().decide(item)) == "stored-reading"


# --- (c) bursts after connect, clock skew -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("skew", [0, 3600, -3600, 86400 * 700, -86400 * 5845], ids=str)
def test_history_is_told_from_the_new_reading_by_the_devices_own_clock_however_wrong(skew: int) -> None:
    attributor = opened()
    off = timedelta(seconds=skew)
    attributor.clock(clock(LOCAL + off + timedelta(seconds=60), at(60)))
    attributor.connected(CUFF, at(60.5))
    old = [reading(at(61), value=str(110 + day), device_time=LOCAL + off - timedelta(days=day)) for day in (2, 1)]
    before = reading(at(61), value="119", device_time=LOCAL + off - timedelta(seconds=30))
    new = reading(at(61), device_time=LOCAL + off + timedelta(seconds=40))
    assert [reason(attributor.decide(item)) for item in (*old, before)] == ["old-reading"] * 3
    decision = attributed(attributor.decide(new))
    assert abs(decision.effective - at(40).wall) < timedelta(milliseconds=2)
    assert decision.effective.tzinfo is not None
    assert decision.corrected is bool(skew)
    assert attributor.retracted() == ()


def test_the_new_reading_may_come_first_and_the_old_ones_last() -> None:
    attributor = opened()
    attributor.clock(clock(LOCAL, at(0)))
    attributed(attributor.decide(reading(at(50), device_time=LOCAL + timedelta(seconds=45))))
    assert reason(attributor.decide(reading(at(50), value="99", device_time=LOCAL - timedelta(hours=2)))) == "old-reading"
    assert attributor.retracted() == ()


def test_the_second_in_which_the_session_opens_counts_for_clocks_of_whole_seconds() -> None:
    attributor = Attributor()
    attributor.open(at(0.9))
    attributor.clock(clock(LOCAL, at(0)))
    attributed(attributor.decide(reading(at(3), device_time=LOCAL)))
    assert reason(attributor.decide(reading(at(3), value="121", device_time=LOCAL - timedelta(seconds=1)))) == "old-reading"


def test_a_clock_that_says_a_time_to_come_was_set_since_it_was_read() -> None:
    attributor = opened()
    attributor.clock(clock(LOCAL, at(0)))
    assert reason(attributor.decide(reading(at(10), device_time=LOCAL + timedelta(hours=1)))) == "future-reading"


def test_a_clock_read_for_an_earlier_connection_is_not_trusted() -> None:
    attributor = opened()
    attributor.clock(clock(LOCAL + timedelta(hours=5), at(0)))
    attributor.connected(CUFF, at(900))
    decision = attributed(attributor.decide(reading(at(901), device_time=LOCAL + timedelta(seconds=890))))
    assert not decision.corrected


def test_a_clock_of_minutes_cannot_tell_the_minute_in_which_the_session_opened() -> None:
    def decide(minutes: int) -> str:
        attributor = Attributor()
        attributor.open(at(30))
        attributor.clock(clock(LOCAL, at(0), METER))
        taken = LOCAL + timedelta(minutes=minutes)
        return reason(attributor.decide(reading(at(300), device=METER, vital="glucose", driver="taidoc", device_time=taken)))

    load()
    assert [decide(minutes) for minutes in (-2, 0, 1, 2)] == ["old-reading", "clock-unknown", "clock-unknown", ""]


def test_a_print_of_this_very_minute_counts_from_its_reception() -> None:
    attributor = Attributor()
    attributor.open(at(30))
    decision = attributed(attributor.decide(reading(at(45), device=SCALE, vital="weight", value="70", driver="detecto", device_time=LOCAL)))
    assert (decision.effective, decision.corrected) == (at(45).wall, False)
    old = reading(at(100), device=SCALE, vital="weight", value="71", driver="detecto", device_time=LOCAL - timedelta(minutes=5))
    assert reason(attributor.decide(old)) == "old-reading"


# --- (e) unusable clocks ------------------------------------------------------------------------------------------------------------------


def test_several_records_without_a_usable_clock_are_nobodys_the_first_one_too() -> None:
    attributor = opened()
    attributor.connected(CUFF, at(60))
    first, *others = [reading(at(61 + n / 10), value=str(120 + n)) for n in range(3)]
    attributed(attributor.decide(first))
    assert [reason(attributor.decide(item)) for item in others] == ["several-records"] * 2
    assert [(entry.reading, entry.reason) for entry in attributor.retracted()] == [(first, "several-records")]
    assert attributor.retracted() == ()


def test_a_clock_that_nobody_read_places_no_reading_among_several() -> None:
    attributor = opened()
    old, new = LOCAL - timedelta(days=1), LOCAL + timedelta(seconds=20)
    assert reason(attributor.decide(reading(at(30), value="99", device_time=old))) == "old-reading"
    assert reason(attributor.decide(reading(at(31), device_time=new))) == "several-records"


def test_a_clock_that_nobody_read_and_that_is_ahead_is_no_clock() -> None:
    decision = attributed(opened().decide(reading(at(30), device_time=LOCAL + timedelta(minutes=7))))
    assert (decision.effective, decision.corrected) == (at(30).wall, False)


def test_two_measurements_far_apart_or_of_two_kinds_are_not_a_burst() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(30))))
    attributed(attributor.decide(reading(at(31), vital="weight", value="70")))
    attributed(attributor.decide(reading(at(120), value="121")))
    assert attributor.retracted() == ()


# --- a clock that the booth has set -----------------------------------------------------------------------------------------------------


def set_clock(wrong_by: timedelta) -> Attributor:
    """A cuff that connected with its clock wrong; the booth set it twenty seconds later."""
    attributor = opened()
    attributor.clock(clock(LOCAL + wrong_by, at(0)))
    attributor.connected(CUFF, at(1))
    attributor.clock_set(CUFF)
    attributor.clock(clock(LOCAL + timedelta(seconds=20), at(20)))
    return attributor


def test_a_record_stamped_by_the_clock_before_it_was_set_is_no_newer_for_it() -> None:
    """Measured an hour ago, which the clock that was an hour ahead wrote down as now."""
    assert reason(set_clock(timedelta(hours=1)).decide(reading(at(40), device_time=LOCAL + timedelta(seconds=30)))) == "old-reading"


def test_a_measurement_after_the_clock_was_set_counts_by_the_new_time() -> None:
    decision = attributed(set_clock(timedelta(hours=-1)).decide(reading(at(90), device_time=LOCAL + timedelta(seconds=60))))
    assert (decision.effective, decision.corrected) == (at(60).wall, False)


def test_the_next_connection_knows_the_set_clock_alone() -> None:
    attributor = set_clock(timedelta(hours=1))
    attributor.clock(clock(LOCAL + timedelta(seconds=100), at(100)))
    attributor.connected(CUFF, at(101))
    attributed(attributor.decide(reading(at(140), device_time=LOCAL + timedelta(seconds=130))))


def test_a_reading_stamped_by_the_new_time_before_it_was_read_back_is_no_future_one() -> None:
    """The clock was an hour behind; the booth tells it the time, and the next reading comes before the booth has looked again."""
    attributor = opened()
    attributor.clock(clock(LOCAL - timedelta(hours=1), at(0)))
    attributor.connected(CUFF, at(1))
    new = reading(at(30), device_time=LOCAL + timedelta(seconds=29))
    assert reason(attributor.decide(new)) == "future-reading"
    attributor.clock_told(CUFF)
    assert attributed(attributor.decide(reading(at(30), value="121", device_time=LOCAL + timedelta(seconds=29)))).effective == at(29).wall
    still_old = reading(at(31), value="122", device_time=LOCAL - timedelta(hours=1) - timedelta(seconds=40))
    assert reason(attributor.decide(still_old)) == "old-reading"


def test_a_time_stamp_in_utc_without_a_zone_is_compared_with_utc() -> None:
    """Ten in Paris is nine in UTC: a sensor whose clock nobody read, and which says that it counts UTC."""
    attributor = opened()
    said = (NOON + timedelta(seconds=10)).astimezone(UTC).replace(tzinfo=None)
    decision = attributed(attributor.decide(reading(at(20), device_time=said, flags=("utc",))))
    assert (decision.effective, decision.corrected) == (at(10).wall, False)
    assert reason(attributor.decide(reading(at(30), value="121", device_time=said))) == "old-reading"
    assert reason(attributor.decide(reading(at(40), value="122", device_time=said, flags=("utc", "time-zone-used")))) == "old-reading"


# --- (d) users ----------------------------------------------------------------------------------------------------------------------------


def test_the_configured_user_counts_and_another_or_an_unknown_one_needs_the_helper() -> None:
    attributor = opened()
    attributor.device(Device(CUFF, "blood-pressure", user=1))
    attributed(attributor.decide(reading(at(10), user=1)))
    assert reason(attributor.decide(reading(at(40), user=2))) == "other-user"
    assert reason(attributor.decide(reading(at(70), flags=("user-unknown",)))) == "unknown-user"


def test_on_a_device_without_configured_user_a_change_of_user_needs_the_helper() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(10), user=1)))
    assert reason(attributor.decide(reading(at(40), user=2))) == "other-user"


def test_user_255_of_a_cuff_is_unknown() -> None:
    (item,) = run(load()["blood-pressure"], Frame("2A35", bytes.fromhex("08 72 00 50 00 5d 00 ff"), at(5), CUFF))
    assert isinstance(item, Reading)
    assert reason(opened().decide(item)) == "unknown-user"


# --- (f) glucose by its number ------------------------------------------------------------------------------------------------------------


def test_glucose_counts_above_the_mark_only_whatever_its_time_says() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    attributor.clock(clock(LOCAL, at(0), METER))
    inside = LOCAL + timedelta(seconds=20)
    assert reason(attributor.decide(glucose(30, 41, device_time=inside))) == "duplicate"
    attributed(attributor.decide(glucose(30, 42, device_time=inside)))
    assert attributor.marks == {METER: 42}
    assert reason(attributor.decide(glucose(60, 42, device_time=inside))) == "duplicate"


def test_the_mark_rises_when_a_transfer_is_whole_so_that_a_lost_link_hides_no_record() -> None:
    """Newest first, and the link is lost before the older one: it is still new at the next connection."""
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    attributor.clock(clock(LOCAL, at(0), METER))
    inside = LOCAL + timedelta(seconds=20)
    attributor.transfer(METER, whole=None)
    attributed(attributor.decide(glucose(30, 43, device_time=inside)))
    assert attributor.marks == {METER: 41}
    attributor.transfer(METER, whole=None)
    assert reason(attributor.decide(glucose(60, 43, device_time=inside))) == "duplicate"
    attributed(attributor.decide(glucose(61, 42, value="99", device_time=inside)))
    attributor.transfer(METER, whole=True)
    assert attributor.marks == {METER: 43}


def test_a_transfer_that_failed_moves_no_mark() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    attributor.transfer(METER, whole=None)
    attributor.decide(glucose(30, 42))
    attributor.transfer(METER, whole=False)
    assert attributor.marks == {METER: 41}


def test_a_number_above_the_mark_is_not_enough_when_the_clock_says_that_it_is_old() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    attributor.clock(clock(LOCAL, at(0), METER))
    assert reason(attributor.decide(glucose(30, 42, device_time=LOCAL - timedelta(hours=3)))) == "old-reading"


def test_a_meter_that_was_never_read_has_no_mark_and_is_left_to_the_helper_once() -> None:
    attributor = opened()
    assert reason(attributor.decide(glucose(30, 40))) == "no-high-water-mark"
    attributor.open(at(100))
    attributed(attributor.decide(glucose(130, 41, value="99")))


def test_several_new_numbers_without_a_clock_are_nobodys() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    first = glucose(30, 42)
    attributed(attributor.decide(first))
    assert reason(attributor.decide(glucose(30.2, 43, value="99"))) == "several-records"
    assert [entry.reading for entry in attributor.retracted()] == [first]


def test_a_value_that_a_sensor_sent_live_is_not_new_when_it_comes_again_as_a_stored_record() -> None:
    attributor = Attributor({CUFF: 41})
    attributor.open(at(0))
    attributor.clock(clock(LOCAL, at(0)))
    measured = LOCAL + timedelta(seconds=20)
    attributed(attributor.decide(reading(at(21), device_time=measured)))
    assert reason(attributor.decide(reading(at(60), device_time=measured, sequence=42))) == "duplicate"
    attributed(attributor.decide(reading(at(61), device_time=measured, sequence=43, value="121")))


def test_a_stored_observation_that_is_no_result_is_nobodys_and_never_shown_as_live() -> None:
    """A saturation in the course of a night, kept by the sensor under record number 7."""
    streamed = "07000000 01 0c00 0100 b84b0200 2002 62000000"
    (found,) = run(load()["health-sensor"], Frame("2BDD", bytes.fromhex(streamed), at(10)))
    assert isinstance(found, Reading)
    assert found.settled
    early = "07000000 01 0e00 0900 b84b0200 2000 2002 62000000"
    (unsettled,) = run(load()["health-sensor"], Frame("2BDD", bytes.fromhex(early), at(10)))
    assert isinstance(unsettled, Reading)
    assert not unsettled.settled
    assert reason(opened().decide(unsettled)) == "stored-reading"


def test_a_number_that_restarts_with_every_transfer_is_no_mark() -> None:
    attributor = Attributor()
    attributor.open(at(0))
    attributor.clock(clock(LOCAL, at(0), METER))
    taken = LOCAL + timedelta(minutes=2)
    item = glucose(200, 1, device_time=taken, flags=("sequence-restarts",))
    attributed(attributor.decide(item))
    assert attributor.marks == {}


def test_the_meal_of_a_record_follows_its_record() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    attributor.clock(clock(LOCAL, at(0), METER))

    def meal(sequence: int) -> str:
        return reason(attributor.decide(glucose(31, sequence, settled=False, flags=("context",))))

    attributor.decide(glucose(30, 42, device_time=LOCAL - timedelta(hours=3)))
    attributor.decide(glucose(30, 43, device_time=LOCAL + timedelta(seconds=20)))
    assert [meal(sequence) for sequence in (41, 42, 43)] == ["stored-reading", "stored-reading", ""]


@pytest.mark.parametrize("flag", ["time-fault", "not-current-timeline"])
def test_a_time_that_is_not_on_the_devices_present_clock_places_nothing(flag: str) -> None:
    attributor = opened()
    attributor.clock(clock(LOCAL, at(0)))
    decision = attributed(attributor.decide(reading(at(30), device_time=LOCAL - timedelta(days=9), flags=(flag,))))
    assert (decision.effective, decision.corrected) == (at(30).wall, False)
    assert reason(attributor.decide(reading(at(31), value="99", device_time=LOCAL, flags=(flag,)))) == "several-records"


# --- (g) the scale's own patient id -------------------------------------------------------------------------------------------------------


def weight(seconds: float, patient: str) -> Reading:
    return reading(at(seconds), device=SCALE, vital="weight", value="70.5", driver="healthometer", patient=patient)


def test_a_patient_id_that_was_typed_on_the_scale_is_compared_with_the_session() -> None:
    attributor = opened()
    assert reason(attributor.decide(weight(10, "1234567890"))) == "patient-id-unconfirmed"
    attributor.patient(["0000 123 45", "A-17"])
    assert reason(attributor.decide(weight(20, "1234567890"))) == "other-patient-id"
    attributed(attributor.decide(weight(30, "12345")))
    attributed(attributor.decide(weight(40, "a-17 ")))
    attributed(attributor.decide(weight(50, "0000000000")))
    attributor.open(at(100))
    assert reason(attributor.decide(weight(110, "12345"))) == "patient-id-unconfirmed", "the next session is of another patient"


# --- (h) duplicates -----------------------------------------------------------------------------------------------------------------------


def test_a_reading_that_comes_again_after_a_reconnection_counts_once() -> None:
    attributor = opened()
    stamped = LOCAL + timedelta(seconds=20)
    attributor.clock(clock(LOCAL, at(0)))
    attributed(attributor.decide(reading(at(30), device_time=stamped)))
    attributor.clock(clock(LOCAL + timedelta(seconds=40), at(40)))
    attributor.connected(CUFF, at(40))
    assert reason(attributor.decide(reading(at(41), device_time=stamped))) == "duplicate"
    attributed(attributor.decide(reading(at(90), device_time=LOCAL + timedelta(seconds=85))))


def test_a_duplicate_after_the_devices_clock_was_put_right_counts_once() -> None:
    attributor = opened()
    slow = timedelta(minutes=-5)
    attributor.clock(clock(LOCAL + slow, at(0)))
    stamped = LOCAL + slow + timedelta(seconds=20)
    attributed(attributor.decide(reading(at(30), device_time=stamped)))
    attributor.connected(CUFF, at(400))
    attributor.clock(clock(LOCAL + timedelta(seconds=400), at(400)))
    assert reason(attributor.decide(reading(at(401), device_time=stamped))) == "duplicate"


def test_the_same_bytes_without_clock_right_after_a_reconnection_count_once_and_later_again() -> None:
    attributor = opened()
    attributor.connected(CUFF, at(29))
    attributed(attributor.decide(reading(at(30))))
    attributor.connected(CUFF, at(32))
    assert reason(attributor.decide(reading(at(32.5)))) == "duplicate"
    attributed(attributor.decide(reading(at(90))))


def test_a_duplicate_is_not_a_second_record_of_a_burst() -> None:
    attributor = opened()
    attributor.connected(CUFF, at(29))
    attributed(attributor.decide(reading(at(30), device_time=LOCAL + timedelta(seconds=20))))
    assert reason(attributor.decide(reading(at(31), device_time=LOCAL + timedelta(seconds=20)))) == "duplicate"
    assert attributor.retracted() == ()


# --- the booth's own clock, summer time, year 0 -------------------------------------------------------------------------------------------

seconds = st.integers(-7200, 7200).map(float)


@given(taken=st.integers(-600, 590), skew=st.integers(-(10**8), 10**8), step=seconds)
def test_no_step_of_the_booths_wall_clock_and_no_skew_of_the_devices_moves_a_reading_into_the_session(
    taken: int, skew: int, step: float
) -> None:
    attributor = opened()
    off = timedelta(seconds=skew)
    attributor.clock(clock(LOCAL + off + timedelta(seconds=590), at(590)))
    decision = attributor.decide(reading(at(600, step), device_time=LOCAL + off + timedelta(seconds=taken)))
    assert isinstance(decision, Attributed) is (taken >= -1)
    if isinstance(decision, Attributed):
        assert abs(decision.effective - (NOON + timedelta(seconds=taken + step))) < timedelta(milliseconds=2), "as the clock is right now"


@pytest.mark.parametrize(
    "night", [datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 10, 25, 0, 59, tzinfo=UTC)], ids=["spring", "autumn"]
)
@pytest.mark.parametrize("follows", [True, False], ids=["device-follows", "device-does-not"])
def test_a_session_across_the_change_of_summer_time(night: datetime, follows: bool) -> None:
    paris = ZoneInfo("Europe/Paris")

    def instant(passed: float) -> Instant:
        return Instant(passed, (night + timedelta(seconds=passed)).astimezone(paris))

    def device_clock(passed: float) -> datetime:
        local = (night + timedelta(seconds=passed)).astimezone(paris).replace(tzinfo=None)
        return local if follows else night.astimezone(paris).replace(tzinfo=None) + timedelta(seconds=passed)

    attributor = Attributor(zone=paris)
    attributor.open(instant(0))
    attributor.clock(clock(device_clock(100), instant(100)))
    decision = attributed(attributor.decide(reading(instant(140), device_time=device_clock(130))))
    assert abs(decision.effective - instant(130).wall) < timedelta(milliseconds=2)
    old = attributor.decide(reading(instant(141), value="99", device_time=device_clock(130) - timedelta(hours=2)))
    assert reason(old) == "old-reading"


def test_a_booth_whose_clock_runs_in_utc_reads_a_device_of_local_time() -> None:
    attributor = Attributor(zone=ZoneInfo("Europe/Paris"))
    instants = [Instant(moment.monotonic, moment.wall.astimezone(UTC)) for moment in (at(0), at(30))]
    attributor.open(instants[0])
    decision = attributed(attributor.decide(reading(instants[1], device_time=LOCAL + timedelta(seconds=20))))
    assert decision.effective == at(20).wall
    assert not decision.corrected


def test_a_year_zero_is_no_clock_and_the_year_2000_an_old_one() -> None:
    frame = Frame("2A35", bytes.fromhex("02 72 00 50 00 5d 00 00 00 01 0c 0a 00 00"), at(5), CUFF)
    (item,) = run(load()["blood-pressure"], frame)
    assert isinstance(item, Reading)
    assert item.device_time is None
    assert attributed(opened().decide(item)).effective == at(5).wall
    assert reason(opened().decide(reading(at(5), device_time=datetime(2000, 1, 1, 0, 4)))) == "old-reading"  # noqa: DTZ001


def test_what_is_remembered_across_sessions_is_bounded_and_says_nothing_of_anybody() -> None:
    attributor = opened()
    for n in range(2000):
        attributor.decide(reading(at(10 + 10 * n), value=str(n)))
    kept = attributor._seen
    assert len(kept) <= 512
    assert all(len(key) == 64 for key in kept)
    attributor.patient(["patient-4711"])
    attributor.close()
    assert "patient-4711" not in str(vars(attributor))
