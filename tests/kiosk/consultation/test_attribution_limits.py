"""Whose reading is it, to the second: on both sides of every window of time, and what is left of a session when it closes.

Needs F004-04, SYS-03.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drivers.device import Device
from drivers.driver import load
from kiosk.consultation.attribution import Attributor
from tests.kiosk.consultation.attributing import (
    CUFF,
    LOCAL,
    METER,
    OXIMETER,
    SCALE,
    at,
    attributed,
    clock,
    glucose,
    opened,
    pressure,
    reading,
    reason,
    told,
)

if TYPE_CHECKING:
    from drivers.measurement import Reading

# --- the moment at which the session opened -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("began", "why"), [(-2, "old-reading"), (-1, ""), (0, "")])
def test_a_reading_may_have_begun_one_second_before_the_session_since_device_clocks_tell_whole_seconds(began: int, why: str) -> None:
    attributor = opened()
    attributor.clock(clock(LOCAL, at(0)))
    assert reason(attributor.decide(reading(at(10), device_time=told(began)))) == why


@pytest.mark.parametrize(("began", "why"), [(12, ""), (13, "future-reading")])
def test_a_reading_may_be_stamped_two_seconds_after_its_reception_and_no_more(began: int, why: str) -> None:
    attributor = opened()
    attributor.clock(clock(LOCAL, at(0)))
    assert reason(attributor.decide(reading(at(10), device_time=told(began)))) == why


@pytest.mark.parametrize(("off", "corrected"), [(1, False), (2, True), (-1, False), (-2, True)])
def test_a_clock_is_off_when_it_is_by_more_than_the_second_that_it_tells(off: int, corrected: bool) -> None:
    attributor = opened()
    attributor.clock(clock(told(off), at(0)))
    decision = attributed(attributor.decide(reading(at(20), device_time=told(10 + off))))
    assert (decision.effective, decision.corrected) == (at(10).wall, corrected)


# --- a clock that nobody read -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "effective"), [(29, 29), (32, 32), (33, 30)])
def test_an_unread_clock_places_a_reading_unless_it_is_ahead_by_more_than_two_seconds(said: int, effective: int) -> None:
    assert attributed(opened().decide(reading(at(30), device_time=told(said)))).effective == at(effective).wall


def test_an_unread_clock_that_is_ahead_places_no_reading_among_several() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(30), device_time=told(400))))
    assert reason(attributor.decide(reading(at(31), value="121", device_time=told(401)))) == "several-records"


@pytest.mark.parametrize(("received", "effective"), [(61, 61), (62, 0)])
def test_the_minute_of_a_print_is_over_one_second_after_its_sixty(received: int, effective: int) -> None:
    load()
    attributor = opened(-200)
    printed = reading(at(received), device=SCALE, vital="weight", value="70", driver="detecto", device_time=LOCAL)
    assert attributed(attributor.decide(printed)).effective == at(effective).wall


def test_prints_of_one_minute_that_come_at_once_are_several_records() -> None:
    load()
    attributor = opened()
    first, second = (
        reading(at(45 + n), device=SCALE, vital="weight", value=str(70 + n), driver="detecto", device_time=LOCAL) for n in range(2)
    )
    attributed(attributor.decide(first))
    assert reason(attributor.decide(second)) == "several-records"


# --- a clock that was read, set or told ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("connected", "placed"), [(60, True), (61, False)])
def test_a_clock_counts_for_a_connection_up_to_a_minute_after_it_was_read(connected: int, placed: bool) -> None:
    attributor = opened()
    attributor.clock(clock(told(-3600), at(0)))
    attributor.connected(CUFF, at(connected))
    decision = attributor.decide(reading(at(100), device_time=told(90 - 3600)))
    assert reason(decision) == ("" if placed else "old-reading")


@pytest.mark.parametrize(("ahead", "why"), [(2, ""), (3, "old-reading")])
def test_a_device_that_was_told_the_time_is_by_its_old_clock_while_that_can_be(ahead: int, why: str) -> None:
    """Its clock is an hour slow: stamped later than its reception by that clock, a reading must be by the new one, and an hour old."""
    attributor = opened()
    attributor.clock(clock(told(-3600), at(0)))
    attributor.clock_told(CUFF)
    assert reason(attributor.decide(reading(at(30), device_time=told(30 + ahead - 3600)))) == why


def test_the_next_connection_of_a_device_that_was_told_the_time_goes_by_what_is_read_then() -> None:
    attributor = opened()
    attributor.clock_told(CUFF)
    attributor.clock(clock(told(-3600), at(0)))
    attributor.connected(CUFF, at(1))
    assert reason(attributor.decide(reading(at(30), device_time=told(29)))) == "future-reading"


def test_a_clock_that_was_never_read_before_it_was_set_is_known_once_it_is_read() -> None:
    attributor = opened()
    attributor.clock_set(CUFF)
    attributor.clock(clock(LOCAL, at(0)))
    attributed(attributor.decide(reading(at(30), device_time=told(20))))
    attributed(attributor.decide(reading(at(31), value="121", device_time=told(25))))


def test_a_device_without_any_time_places_nothing_until_the_connection_after_its_clock_was_set() -> None:
    """What it stamped before nobody can tell, so that two readings at once are several records."""
    attributor = opened()
    attributor.clock(clock(None, at(0)))
    attributed(attributor.decide(reading(at(10), device_time=told(9))))
    attributor.clock_set(CUFF)
    attributor.clock(clock(told(20), at(20)))
    attributed(attributor.decide(reading(at(30), value="121", device_time=told(29))))
    assert reason(attributor.decide(reading(at(31), value="122", device_time=told(30)))) == "several-records"
    attributor.connected(CUFF, at(40))
    attributed(attributor.decide(reading(at(50), value="123", device_time=told(49))))
    attributed(attributor.decide(reading(at(51), value="124", device_time=told(50))))


# --- bursts -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("apart", "why"), [(5.0, "several-records"), (5.5, "")])
def test_readings_that_come_within_five_seconds_are_several_records(apart: float, why: str) -> None:
    attributor = opened()
    first = reading(at(30))
    attributed(attributor.decide(first))
    assert reason(attributor.decide(reading(at(30 + apart), value="121"))) == why
    assert [entry.reading for entry in attributor.retracted()] == ([first] if why else [])


def test_a_burst_goes_on_while_its_readings_come_within_five_seconds_of_each_other() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(30))))
    assert [reason(attributor.decide(reading(at(30 + 4 * n), value=str(120 + n)))) for n in (1, 2, 3)] == ["several-records"] * 3


def test_the_same_values_twice_on_one_connection_are_two_records_and_no_repetition() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(30))))
    assert reason(attributor.decide(reading(at(31)))) == "several-records"


def test_a_reading_after_a_connection_is_of_no_burst_before_it_and_other_devices_bursts_go_on() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(30))))
    attributed(attributor.decide(reading(at(30), device=SCALE, vital="weight", value="70")))
    attributor.connected(CUFF, at(31))
    attributed(attributor.decide(reading(at(32), value="121")))
    assert reason(attributor.decide(reading(at(32), device=SCALE, vital="weight", value="71"))) == "several-records"


@pytest.mark.parametrize(("again", "why"), [(35.0, "duplicate"), (35.5, "")])
def test_the_same_bytes_without_clock_are_a_repetition_within_five_seconds_across_a_reconnection(again: float, why: str) -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(30))))
    attributor.connected(CUFF, at(32))
    assert reason(attributor.decide(reading(at(again)))) == why


def test_the_last_record_sent_again_before_the_new_one_makes_no_burst_and_a_third_one_does() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(30))))
    attributor.connected(CUFF, at(31))
    assert reason(attributor.decide(reading(at(32)))) == "duplicate"
    new = reading(at(33), value="121")
    attributed(attributor.decide(new))
    assert reason(attributor.decide(reading(at(34), value="122"))) == "several-records"
    assert [entry.reading for entry in attributor.retracted()] == [new]


def test_a_repetition_in_the_midst_of_a_burst_does_not_end_it() -> None:
    attributor = opened()
    stamped = told(20)
    attributed(attributor.decide(reading(at(30), device_time=stamped)))
    assert reason(attributor.decide(reading(at(31), device_time=stamped))) == "duplicate"
    assert reason(attributor.decide(reading(at(32), value="121", device_time=told(21)))) == "several-records"


def test_a_value_without_time_that_comes_again_as_a_numbered_record_is_a_record() -> None:
    attributor = Attributor({CUFF: 41})
    attributor.open(at(0))
    attributed(attributor.decide(reading(at(30))))
    attributed(attributor.decide(reading(at(60), sequence=42)))


@pytest.mark.parametrize(("says", "why"), [(61, "duplicate"), (60, ""), (0, "")])
def test_the_same_time_twice_is_another_measurement_when_it_began_after_the_first_had_come(says: int, why: str) -> None:
    """Its clock was set back: what it says at 62 s puts the second copy at, or after, the 31 s at which the first had come."""
    attributor = opened()
    attributor.clock(clock(LOCAL, at(0)))
    attributed(attributor.decide(reading(at(31), device_time=told(30))))
    attributor.connected(CUFF, at(62))
    attributor.clock(clock(told(says), at(62)))
    assert reason(attributor.decide(reading(at(93), device_time=told(30)))) == why


def test_of_the_readings_seen_the_latest_five_hundred_and_twelve_are_known_again() -> None:
    attributor = opened()
    attributor.clock(clock(LOCAL, at(0)))

    def send(number: int) -> str:
        return reason(attributor.decide(reading(at(6000), value=str(number), device_time=told(10 + number))))

    assert {send(number) for number in range(513)} == {""}
    assert [send(number) for number in (1, 512, 0)] == ["duplicate", "duplicate", ""]


# --- inflations ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "why"), [(10, "before-session"), (11, "")])
def test_cuff_pressures_up_to_thirty_seconds_apart_are_of_one_inflation(last: int, why: str) -> None:
    attributor = Attributor()
    attributor.decide(pressure(-20))
    attributor.open(at(0))
    attributor.decide(pressure(last))
    assert reason(attributor.decide(reading(at(15)))) == why


@pytest.mark.parametrize(("received", "why"), [(29, "before-session"), (30, "")])
def test_a_result_comes_up_to_thirty_seconds_after_the_last_pressure_of_its_inflation(received: int, why: str) -> None:
    attributor = Attributor()
    attributor.decide(pressure(-1))
    attributor.open(at(0))
    assert reason(attributor.decide(reading(at(received)))) == why


def test_an_inflation_that_begins_as_the_session_opens_is_of_its_patient() -> None:
    attributor = opened()
    attributor.decide(pressure(0))
    attributed(attributor.decide(reading(at(20))))


def test_a_result_without_a_session_is_nobodys_whatever_inflated() -> None:
    attributor = Attributor()
    attributor.decide(pressure(0))
    assert reason(attributor.decide(reading(at(20)))) == "no-session"


def test_what_a_cuff_streams_besides_its_pressure_is_no_inflation() -> None:
    attributor = Attributor()
    attributor.decide(reading(at(-5), vital="spo2", value="97", settled=False))
    attributor.open(at(0))
    attributed(attributor.decide(reading(at(10))))


def test_another_result_of_a_device_that_measures_several_things_is_not_of_the_cuff_that_inflates() -> None:
    attributor = Attributor()
    attributor.decide(pressure(-5))
    attributor.open(at(0))
    attributed(attributor.decide(reading(at(5), vital="spo2", value="97")))
    assert reason(attributor.decide(reading(at(10)))) == "before-session"


# --- an emptied device --------------------------------------------------------------------------------------------------------------------


def fetch(attributor: Attributor, *records: Reading, whole: bool = True) -> list[str]:
    """One transfer of stored records, and what was decided of each."""
    attributor.transfer(METER, whole=None)
    decided = [reason(attributor.decide(record)) for record in records]
    attributor.transfer(METER, whole=whole)
    return decided


def retracted(attributor: Attributor) -> list[tuple[Reading, str]]:
    return [(entry.reading, entry.reason) for entry in attributor.retracted()]


def test_of_a_device_that_was_emptied_the_helper_is_asked_and_its_next_record_counts() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    older, newest = glucose(30, 1, "98"), glucose(31, 2, "99")
    assert fetch(attributor, older, newest) == ["duplicate", "duplicate"], "as far as one can tell before the transfer is whole"
    assert retracted(attributor) == [(newest, "no-high-water-mark")]
    assert retracted(attributor) == [], "it is said once"
    assert attributor.marks == {METER: 2}
    assert fetch(attributor, glucose(90, 1, "98"), glucose(91, 2, "99"), glucose(92, 3, "100")) == ["duplicate", "duplicate", ""]
    assert retracted(attributor) == []


def test_a_number_that_was_seen_before_the_device_was_emptied_means_another_record_after_it() -> None:
    attributor = Attributor({METER: 1})
    attributor.open(at(0))
    assert fetch(attributor, glucose(20, 2), glucose(29, 3, "115")) == ["", ""]
    assert fetch(attributor, glucose(60, 1, "120")) == ["duplicate"]
    attributor.retracted()
    assert fetch(attributor, glucose(90, 2, "125")) == [""]
    assert fetch(attributor, glucose(120, 1, "130")) == ["duplicate"], "and emptied once more"
    attributor.retracted()
    assert fetch(attributor, glucose(150, 2, "135")) == [""]


def test_an_emptied_device_is_nobodys_for_the_reason_that_its_record_gives() -> None:
    attributor = Attributor({METER: 41})
    control = glucose(10, 1, flags=("control-solution",))
    fetch(attributor, control)
    assert retracted(attributor) == [(control, "no-session")]
    attributor.open(at(20))
    attributor.transfer(METER, whole=None)
    again = glucose(30, 0, flags=("control-solution",))
    attributor.decide(again)
    attributor.transfer(METER, whole=True)
    assert retracted(attributor) == [(again, "control-solution")]


def test_a_record_that_an_emptied_device_sends_twice_is_asked_about_as_it_came_first() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    first, again = glucose(30, 1), glucose(31, 1)
    fetch(attributor, first, again)
    assert [entry.reading.received for entry in attributor.retracted()] == [first.received]


@pytest.mark.parametrize("whole", [True, False])
def test_a_device_that_has_its_last_record_still_or_sent_none_was_not_emptied(whole: bool) -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    fetch(attributor, glucose(30, 41), whole=whole)
    fetch(attributor, whole=whole)
    attributor.transfer(METER, whole=whole)
    assert retracted(attributor) == []
    assert attributor.marks == {METER: 41}


def test_a_lost_link_does_not_make_a_device_an_emptied_one() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    assert fetch(attributor, glucose(30, 2), whole=False) == ["duplicate"]
    assert retracted(attributor) == []
    assert attributor.marks == {METER: 41}


def test_the_first_transfer_of_a_device_sets_its_mark_and_takes_nothing_back() -> None:
    attributor = opened()
    assert fetch(attributor, glucose(30, 7)) == ["no-high-water-mark"]
    assert retracted(attributor) == []
    assert attributor.marks == {METER: 7}


# --- what a session leaves ----------------------------------------------------------------------------------------------------------------


def test_what_was_to_be_taken_back_is_forgotten_with_its_session() -> None:
    attributor = opened()
    attributor.decide(reading(at(30)))
    attributor.decide(reading(at(31), value="121"))
    attributor.close()
    assert attributor.retracted() == ()


def test_a_burst_across_two_sessions_takes_nothing_back_from_the_one_that_closed() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(30))))
    attributor.close()
    attributor.open(at(31))
    assert reason(attributor.decide(reading(at(32), value="121"))) == "several-records"
    assert attributor.retracted() == ()


def test_the_next_patient_may_be_another_user_of_the_same_device() -> None:
    attributor = opened()
    attributed(attributor.decide(reading(at(10), user=1)))
    attributor.open(at(60))
    attributed(attributor.decide(reading(at(70), value="121", user=2)))


def test_a_meal_that_comes_after_its_session_is_nobodys() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    attributed(attributor.decide(glucose(30, 42)))
    attributor.open(at(60))
    assert reason(attributor.decide(glucose(61, 42, settled=False, flags=("context",)))) == "stored-reading"


# --- what goes by number, user or flag ----------------------------------------------------------------------------------------------------


def test_a_meal_follows_only_a_record_whose_number_is_for_good() -> None:
    attributor = opened()
    attributed(attributor.decide(glucose(30, None)))
    attributed(attributor.decide(glucose(60, 1, value="99", flags=("sequence-restarts",))))
    for number in (None, 1):
        assert reason(attributor.decide(glucose(61, number, settled=False, flags=("context",)))) == "stored-reading"


def test_a_meal_does_not_follow_a_record_that_was_taken_back() -> None:
    attributor = Attributor({METER: 41})
    attributor.open(at(0))
    attributed(attributor.decide(glucose(30, 42)))
    assert reason(attributor.decide(glucose(31, 43, value="99"))) == "several-records"
    assert reason(attributor.decide(glucose(32, 42, settled=False, flags=("context",)))) == "stored-reading"


def test_a_reading_that_names_no_user_counts_on_a_device_of_several() -> None:
    attributor = opened()
    attributor.device(Device(CUFF, "blood-pressure", user=1))
    attributed(attributor.decide(reading(at(10))))
    attributed(attributor.decide(reading(at(40), device=OXIMETER, vital="spo2", value="97", user=2)))
    attributed(attributor.decide(reading(at(70), device=OXIMETER, vital="spo2", value="98")))
