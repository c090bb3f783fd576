"""Third-party vectors of serial protocols, each through `telecabine decode`. Needs F004-06, F004-07, F004-08, F004-10.

`tests/vectors/serial.json` is data only: bytes and values from public specifications, manuals, captures and test suites, each row with its
source and licence. A row's keys are translated here to the vocabulary of vitals and flags; a row agrees when all its keys do.
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.driver import load
from drivers.measurement import Frame, Reading
from drivers.wire import astm, lifescan_ascii, lifescan_binary, nonin_waveform, taidoc
from kiosk.commands.decode import decode
from tests.drivers.frames import RECEIVED, run

ROWS = json.loads((Path(__file__).parent.parent / "vectors/serial.json").read_text(encoding="utf-8"))
DRIVERS = {
    "cms50-5byte": "contec-cms50",
    "cms50-stored-3byte": "contec-cms50-stored",
    "nonin-df2": "nonin-df2",
    "masimo-ascii": "masimo-ascii",
    "detecto-csv": "detecto",
    "healthometer-esc": "healthometer",
    "adam-print": "adam",
    "ricelake-print": "ricelake",
    "accutorr-ascii": "accutorr",
    "astm-e1381 frame": "astm",
    "astm-e1394 R record": "astm",
    "lifescan-ascii line": "lifescan-ascii",
    "lifescan-binary": "lifescan-binary",
    "freestyle-optium clock": "freestyle",
    "taidoc-frame": "taidoc",
}
#: rows that the booth reads on purpose otherwise than the source, with the sentence of the specification that it follows
POLICY: dict[str, str] = {
    "V228": "'pulse 255 and spo2 127 are the BCI 'invalid' sentinels': no number",
    "V236": "'pulse 255 and spo2 127 are the BCI 'invalid' sentinels', in the recording too: no number",
}
VITALS = {
    "spo2": "spo2",
    "pulse_rate": "pulse-rate",
    "waveform": "pleth",
    "signal_strength": "signal-strength",
    "perfusion_index": "perfusion-index",
    "weight": "weight",
    "height_cm": "height",
    "bmi": "bmi",
    "systolic": "systolic",
    "map": "mean-arterial-pressure",
    "diastolic": "diastolic",
    "value": "glucose",
}
FLAGS = {
    "finger_out": "finger-out",
    "dropping_spo2": "dropping-spo2",
    "beep": "beep",
    "probe_error": "probe-error",
    "searching": "searching",
}
UNITS = {"kg": "kg", "lb": "[lb_av]", "metric": "kg", "mg/dL": "mg/dL"}
ASTM_MARKERS = {"B": "before-meal", "X": "marker-x"}


def rows(*protocols: str) -> Any:
    return pytest.mark.parametrize(
        "row", [pytest.param(row, id=row["id"]) for row in ROWS if row["characteristic_or_protocol"] in protocols]
    )


def decoded(row: dict[str, Any]) -> list[dict[str, Any]]:
    name = DRIVERS[row["characteristic_or_protocol"]]
    return list(decode(load()[name], name, [bytes.fromhex(row["hex"])]))


def of(item: dict[str, Any], vital: str) -> dict[str, Any]:
    return next(one for one in item["measurements"] if one["vital"] == vital)


def numbers_agree(row: dict[str, Any], item: dict[str, Any]) -> set[str]:
    """Compare the keys that are numbers and return them."""
    expected = row["expected"]
    for key in VITALS.keys() & expected.keys():
        got = of(item, VITALS[key])["value"]
        if expected[key] is None or (row["id"] in POLICY and key in ("spo2", "pulse_rate") and expected[key] in (127, 255)):
            assert got is None, key
        else:
            assert got is not None, key
            assert math.isclose(float(got), expected[key], rel_tol=2e-3), key
    return VITALS.keys() & expected.keys()


def moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


def compare(row: dict[str, Any], item: dict[str, Any]) -> set[str]:
    """Compare all keys that the JSON of `telecabine decode` can hold and return them."""
    expected = row["expected"]
    seen = numbers_agree(row, item)
    for key in FLAGS.keys() & expected.keys():
        assert (FLAGS[key] in item["flags"]) is expected[key], key
    for key in {"timestamp", "datetime"} & expected.keys():
        assert item["time"] == moment(expected[key])
        seen = seen | {key}
    for key in {"unit", "units"} & expected.keys():
        vital = "glucose" if "test" in expected else "weight"
        assert of(item, vital)["unit"] == UNITS[expected[key]]
        seen = seen | {key}
    if "exceptions" in expected:
        assert item["flags"] == [name.replace("_", "-") for name in expected["exceptions"]]
    return seen | FLAGS.keys() & expected.keys() | {"exceptions"} & expected.keys()


def test_every_row_of_a_serial_protocol_has_its_test() -> None:
    others = {"nonin-df2 status byte", "taidoc-datetime", "lifescan-ascii checksum", "CRC16/CCITT-FALSE"}
    assert {row["characteristic_or_protocol"] for row in ROWS} == DRIVERS.keys() | others
    assert len(ROWS) == len({row["id"] for row in ROWS}) == 49
    assert len(POLICY) <= 10


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS if row["expected"].get("error")])
def test_what_must_be_rejected_is_rejected_and_says_no_number(row: dict[str, Any]) -> None:
    items = decoded(row)
    assert any(item["rejected"] for item in items)
    assert not any(item["measurements"] or item["time"] for item in items)


def good(*protocols: str) -> Any:
    return pytest.mark.parametrize(
        "row",
        [
            pytest.param(row, id=row["id"])
            for row in ROWS
            if row["characteristic_or_protocol"] in protocols and "error" not in row["expected"]
        ],
    )


@good("cms50-5byte", "cms50-stored-3byte", "masimo-ascii")
def test_oximeters(row: dict[str, Any]) -> None:
    (item,) = decoded(row)
    # the bar graph is the pleth once more, on the device's own screen: the driver leaves it out
    assert compare(row, item) == row["expected"].keys() - {"bar"}
    assert item["rejected"] is None


@good("healthometer-esc", "adam-print")
def test_scales_that_know_a_patient_id_keep_it_out_of_the_json_and_of_repr(row: dict[str, Any]) -> None:
    (item,) = decoded(row)
    assert compare(row, item) == row["expected"].keys() - {"patient_id"}
    patient = row["expected"]["patient_id"]
    name = DRIVERS[row["characteristic_or_protocol"]]
    (reading,) = run(load()[name], Frame(name, bytes.fromhex(row["hex"]), RECEIVED))
    assert isinstance(reading, Reading)
    assert reading.patient == patient
    assert patient not in repr(reading)
    assert patient not in json.dumps(item)


@good("ricelake-print")
def test_scale_with_a_mode(row: dict[str, Any]) -> None:
    (item,) = decoded(row)
    assert compare(row, item) == {"weight", "unit"}
    assert item["flags"] == [row["expected"]["mode"].casefold()]


@good("detecto-csv")
def test_scale_with_feet_and_inches(row: dict[str, Any]) -> None:
    (item,) = decoded(row)
    expected = row["expected"]
    assert compare(row, item) == {"weight", "unit", "bmi"}
    assert item["time"] == datetime.strptime(f"{expected['date']} {expected['time']}", "%m/%d/%y %H:%M").isoformat()  # noqa: DTZ007
    feet, inches = expected["height"].rstrip('"').split("'")
    assert (float(of(item, "height")["value"]), of(item, "height")["unit"]) == (int(feet) * 12 + float(inches), "[in_i]")


@good("accutorr-ascii")
def test_monitor(row: dict[str, Any]) -> None:
    (item,) = decoded(row)
    expected = row["expected"]
    assert compare(row, item) == expected.keys() - {"status", "minutes_since_nibp"}
    assert f"blood-pressure-{expected['minutes_since_nibp']}-min-ago" in item["flags"]
    assert [f"status-{at}-{word}" for at, word in enumerate(expected["status"], 1) if int(word)] == item["flags"][:-1]


@good("astm-e1381 frame")
def test_astm_header(row: dict[str, Any]) -> None:
    expected = row["expected"]
    (item,) = decoded(row)
    assert item["time"] == moment(expected["datetime"])
    data = bytes.fromhex(row["hex"])
    text = data[data.index(b"\x02") + 1 : data.index(b"\r")].decode()
    found = astm.header(text[1:])
    assert (int(text[0]), text[1]) == (expected["frame_no"], expected["record_type"])
    assert (found.product, found.serial, found.results) == (expected["product"], expected["serial"], expected["total_results"])
    assert (found.low, found.high) == (expected["low_limit"], expected["high_limit"])


@good("astm-e1394 R record")
def test_astm_result(row: dict[str, Any]) -> None:
    expected = row["expected"]
    (item,) = decoded(row)
    assert compare(row, item) == {"value", "unit", "datetime"}
    assert item["sequence"] == expected["sequence"]
    assert set(item["flags"]) == {ASTM_MARKERS[marker] for marker in expected["markers"].split("/")} | {"sequence-restarts"}
    assert (expected["record_type"], expected["test"]) == ("R", "Glucose")  # anything else is refused


@good("freestyle-optium clock")
def test_freestyle_clock(row: dict[str, Any]) -> None:
    (item,) = decoded(row)
    assert compare(row, item) == {"datetime"}


@good("lifescan-binary")
def test_lifescan_packet(row: dict[str, Any]) -> None:
    expected, data = row["expected"], bytes.fromhex(row["hex"])
    (item,) = decoded(row)
    assert item["rejected"] is None
    assert item["flags"] == ["link-send", "link-expect"]
    assert lifescan_binary.packet(expected["link_control"], bytes.fromhex(expected["payload"])) == data
    assert lifescan_binary.crc(data[:-2]) == expected["crc"]


@good("taidoc-frame")
def test_taidoc_frame(row: dict[str, Any]) -> None:
    expected = row["expected"]
    (item,) = decoded(row)
    assert item["rejected"] is None
    assert item["flags"] == [f"from-{expected['direction']}", f"command-{expected['command']:02x}"]
    assert taidoc.command(expected["command"]).hex() == row["hex"]


@rows("taidoc-datetime")
def test_taidoc_date(row: dict[str, Any]) -> None:
    found = taidoc.date_time(bytes.fromhex(row["hex"]))
    assert found is not None
    assert found.isoformat() == moment(row["expected"]["datetime"])


@rows("nonin-df2 status byte")
def test_nonin_status_byte(row: dict[str, Any]) -> None:
    flags = nonin_waveform.status_flags(int(row["hex"], 16))
    ((key, value),) = row["expected"].items()
    name = f"perfusion-{value}" if key == "perfusion" else key.replace("_", "-")
    assert flags == (name,)


@rows("lifescan-ascii checksum")
def test_lifescan_checksum(row: dict[str, Any]) -> None:
    assert lifescan_ascii.checksum(bytes.fromhex(row["hex"])) == row["expected"]["checksum"]


@rows("CRC16/CCITT-FALSE")
def test_lifescan_crc(row: dict[str, Any]) -> None:
    assert lifescan_binary.crc(bytes.fromhex(row["hex"])) == row["expected"]["crc"]
