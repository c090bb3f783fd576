"""The simulated meter's answers are those of public test suites, and the questions are the specification's."""

import json
from pathlib import Path

import pytest

from drivers.gatt.record_access import abort, count_all, count_from, report_all, report_from, report_last
from simulators.meter import Meter, number
from simulators.shipped_frames import frames

VECTORS = {
    row["id"]: bytes.fromhex(row["hex"])
    for row in json.loads((Path(__file__).parents[1] / "vectors" / "bluetooth.json").read_text())
    if row["characteristic_or_protocol"] == "2A52"
}
HELD = [frames()["V051"], frames()["V163"]]


def told(command: bytes, held: list[bytes] | None = None) -> tuple[list[int], bytes]:
    *records, (_, reply) = Meter(HELD if held is None else held).answer(command)
    return [number(record) for _, record in records], reply


@pytest.mark.parametrize(
    ("command", "records"), [(report_all(), [1, 6]), (report_last(), [6]), (report_from(2), [6]), (report_from(1), [1, 6])]
)
def test_a_report_brings_its_records_oldest_first_and_then_success(command, records):
    assert told(command) == (records, VECTORS["V053"])


def test_nothing_found_is_said():
    assert told(report_from(7)) == ([], VECTORS["V057"])
    assert told(report_all(), []) == ([], VECTORS["V057"])


def test_a_count_is_a_number():
    assert told(count_all()) == ([], bytes.fromhex("05000200"))
    assert told(count_from(2)) == ([], bytes.fromhex("05000100"))


@pytest.mark.parametrize(("command", "reply"), [("0201", "06000202"), ("0105", "06000104"), (abort().hex(), "06000301")])
def test_erasing_and_unknown_questions_are_refused_and_an_abort_confirmed(command, reply):
    assert told(bytes.fromhex(command)) == ([], bytes.fromhex(reply))
