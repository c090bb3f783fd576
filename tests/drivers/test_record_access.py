"""The record access procedure: commands, replies, abort, time-out, high-water mark. Needs F004-06."""

import pytest

from drivers.driver import DecodeError
from drivers.gatt.record_access import (
    TIME_OUT_S,
    Procedure,
    Questions,
    Reply,
    Result,
    abort,
    count_all,
    count_from,
    report_all,
    report_from,
    report_last,
)

#: Glucose Service 1.0.1 table 3.15 and 3.16, byte by byte
COMMANDS = [
    (report_all(), "0101"),
    (report_last(), "0106"),
    (report_from(258), "0103010201"),
    (count_all(), "0401"),
    (count_from(258), "0403010201"),
    (report_from(12, filter_type=4), "0103040c00"),
    (report_from(7, width=4), "01030107000000"),
    (abort(), "0300"),
]


@pytest.mark.parametrize(("command", "digits"), COMMANDS)
def test_commands_are_the_bytes_of_the_specification_and_allowed(command: bytes, digits: str) -> None:
    assert command.hex() == digits
    assert Procedure().start(command, now=0.0) == command


def test_a_report_ends_with_its_reply_and_another_may_follow() -> None:
    procedure = Procedure()
    procedure.start(report_all(), now=10.0)
    assert procedure.running
    assert procedure.receive(bytes.fromhex("06000101")) == Reply(request=1, result=Result.SUCCESS)
    assert not procedure.running
    procedure.start(count_all(), now=11.0)
    assert procedure.receive(bytes.fromhex("05000201")) == Reply(number=258)
    assert not procedure.running


def test_no_records_is_an_answer_not_a_fault() -> None:
    procedure = Procedure()
    procedure.start(report_from(7), now=0.0)
    assert procedure.receive(bytes.fromhex("06000106")) == Reply(request=1, result=Result.NO_RECORDS)


def test_a_second_command_is_refused_while_one_runs() -> None:
    procedure = Procedure()
    procedure.start(report_all(), now=0.0)
    with pytest.raises(RuntimeError, match="runs already"):
        procedure.start(report_last(), now=1.0)


def test_an_answer_to_something_else_does_not_end_what_runs() -> None:
    procedure = Procedure()
    assert procedure.receive(bytes.fromhex("06000101")) is None
    procedure.start(count_all(), now=0.0)
    assert procedure.receive(bytes.fromhex("06000101")) is None
    assert procedure.receive(bytes.fromhex("1100ffff")) is None
    assert procedure.running


def test_rubbish_from_the_device_leaves_the_procedure_as_it_was() -> None:
    procedure = Procedure()
    procedure.start(report_all(), now=0.0)
    with pytest.raises(DecodeError):
        procedure.receive(bytes.fromhex("0600"))
    assert procedure.running


def test_silence_ends_in_a_time_out_and_every_record_moves_it() -> None:
    procedure = Procedure()
    procedure.start(report_all(), now=100.0)
    assert procedure.expire(100.0 + TIME_OUT_S - 0.001) is None
    procedure.record(now=120.0)
    assert procedure.expire(100.0 + TIME_OUT_S) is None
    assert procedure.deadline == 120.0 + TIME_OUT_S
    assert procedure.expire(120.0 + TIME_OUT_S) == Reply(request=1, result=Result.TIMED_OUT)
    assert procedure.expire(1000.0) is None


def test_abort_ends_the_report_when_the_device_confirms() -> None:
    procedure = Procedure()
    procedure.start(report_all(), now=0.0)
    assert procedure.abort(now=5.0).hex() == "0300"
    assert procedure.deadline == 5.0 + TIME_OUT_S
    assert procedure.receive(bytes.fromhex("06000301")) == Reply(request=1, result=Result.ABORTED)
    assert not procedure.running


def test_an_abort_that_fails_or_comes_too_late_is_said() -> None:
    procedure = Procedure()
    procedure.start(report_all(), now=0.0)
    procedure.abort(now=1.0)
    assert procedure.receive(bytes.fromhex("06000307")) == Reply(request=3, result=Result.ABORT_UNSUCCESSFUL)
    procedure.start(report_all(), now=2.0)
    procedure.abort(now=3.0)
    assert procedure.receive(bytes.fromhex("06000101")) == Reply(request=1, result=Result.SUCCESS)
    assert procedure.receive(bytes.fromhex("06000301")) is None


@pytest.mark.parametrize(
    "command", ["0201", "0206", "0203010100", "", "01", "0102", "010101", "0103", "0103020100", "0301", "ff01", "1001"]
)
def test_deleting_and_unknown_commands_never_start(command: str) -> None:
    with pytest.raises(ValueError, match="never sent"):
        Procedure().start(bytes.fromhex(command), now=0.0)


def test_what_came_since_is_asked_by_number_in_the_words_of_each_service() -> None:
    """Two bytes and a plain report in the glucose services; four and a combined report in Generic Health Sensor."""
    glucose, sensor = Questions(), Questions(4)
    assert [question.hex() for question in (glucose.count(6), glucose.since(6))] == [count_from(6).hex(), report_from(6).hex()]
    assert [question.hex() for question in (glucose.newest(), glucose.every())] == ["0106", "0101"]
    assert glucose.since(0x10000) == report_from(0xFFFF)
    assert [question.hex() for question in (sensor.count(6), sensor.since(6))] == ["04030106000000", "07030106000000"]
    assert [question.hex() for question in (sensor.newest(), sensor.every())] == ["0706", "0701"]
    assert sensor.count(1 << 32) == count_from(0xFFFFFFFF, width=4)
    for question in (glucose.newest(), glucose.since(1), sensor.newest(), sensor.since(1), sensor.every()):
        assert Procedure().start(question, now=0.0) == question
