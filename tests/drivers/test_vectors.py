"""Third-party bytes and what they mean, row by row, through the JSON of `telecabine decode`. Needs F004-03, F004-05, F004-06, F004-07, F004-10."""

import json
import math
import random
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from drivers.checksums import crc16_ccitt_false, crc16_kermit, crc16_mcrf4xx
from drivers.driver import for_source, load
from drivers.ieee11073 import medfloat, sfloat
from drivers.measurement import Absent
from drivers.vendors.microlife import Microlife, set_time
from drivers.vendors.omron_name import omron_name
from kiosk.commands.decode import decode
from tests.drivers.vocabulary import PROTOCOLS, Json, Row, number, value

ROWS: list[Row] = json.loads((Path(__file__).parent.parent / "vectors" / "bluetooth.json").read_text())

#: rows whose outcome is another one here, and why
POLICY = {
    "V084": (
        "refused",
        "the E2E-CRC that ends the record does not fit it; Continuous Glucose Monitoring Service 1.0.2, E2E-CRC field: it is there for the "
        "receiver to verify the record, so a number from a record that fails is not shown",
    ),
}


def rows(*protocols: str) -> list[Any]:
    return [pytest.param(row, id=row["id"]) for row in ROWS if row["characteristic_or_protocol"] in protocols]


def telecabine_decode(source: str, driver: str | None, digits: str) -> list[Json]:
    chosen = load()[driver] if driver else for_source(source)
    assert chosen is not None, source
    return list(decode(chosen, source, [bytes.fromhex(digits)]))


def agrees(expected: Any, got: Any) -> bool:
    """Only the keys that are present; numbers within the rounding of the sources; a date without a year is no usable time."""
    if isinstance(expected, dict) and "year" in expected and expected["year"] is None:
        return got is None
    if isinstance(expected, dict):
        return isinstance(got, dict) and all(
            agrees(each, got[key]) for key, each in expected.items() if key not in ("meaning", "direction")
        )
    if isinstance(expected, list):
        return isinstance(got, list) and len(expected) == len(got) and all(map(agrees, expected, got))
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return bool(expected == got)
    return isinstance(got, (int, float)) and math.isclose(expected, got, rel_tol=2e-3, abs_tol=1e-9)


def test_every_row_is_run_and_at_most_ten_differ_by_policy() -> None:
    elsewhere = {"2AA7", "IEEE11073-SFLOAT", "IEEE11073-FLOAT", "Omron local name", "microlife-set-time"}
    checksums = {"CRC16/MCRF4XX", "CRC16/CCITT-FALSE", "CRC16/KERMIT"}
    assert {row["characteristic_or_protocol"] for row in ROWS} <= set(PROTOCOLS) | elsewhere | checksums
    assert len({row["id"] for row in ROWS}) == len(ROWS) == 178
    assert len(POLICY) <= 10


@pytest.mark.parametrize("row", rows(*PROTOCOLS))
def test_a_row_decodes_as_its_source_says(row: Row) -> None:
    source, driver, convert = PROTOCOLS[row["characteristic_or_protocol"]]
    found = telecabine_decode(source, driver, row["hex"])
    if isinstance(row["expected"], dict) and "error" in row["expected"]:
        assert found
        assert all(item["rejected"] and not item["measurements"] for item in found)
        return
    (said,) = found
    assert said["rejected"] is None
    assert agrees(row["expected"], convert(said, row)), said


@pytest.mark.parametrize("row", rows("2AA7"))
def test_continuous_glucose_records(row: Row) -> None:
    found = telecabine_decode("2AA7", None, row["hex"])
    if row["id"] in POLICY or "error" in row["expected"]:
        assert [bool(item["rejected"]) for item in found] == [True]
        return
    said = [{"glucose_mg_dl": value(item, "glucose"), "time_offset_min": item["sequence"]} for item in found]
    assert agrees(row["expected"], said)


@pytest.mark.parametrize("row", rows("omron-link-frame"))
def test_the_record_in_an_omron_frame_means_what_it_means_alone(row: Row) -> None:
    (framed,) = telecabine_decode("omron-eeprom", None, row["hex"])
    if "data" not in row["expected"]:
        assert framed["measurements"] == []
        return
    (alone,) = telecabine_decode("omron-eeprom", None, row["expected"]["data"])
    assert framed["measurements"] == alone["measurements"] != []
    assert framed["time"] == alone["time"]


@pytest.mark.parametrize("row", rows("IEEE11073-SFLOAT", "IEEE11073-FLOAT"))
def test_a_medical_float_comes_out_with_the_digits_it_was_sent_with(row: Row) -> None:
    short = row["characteristic_or_protocol"] == "IEEE11073-SFLOAT"
    source, digits = ("2A35", "00" + 3 * row["hex"]) if short else ("2A1C", "00" + row["hex"])
    (said,) = telecabine_decode(source, None, digits)
    assert agrees(row["expected"]["value"], number(said["measurements"][0]))
    if "fhir_decimal" in row["expected"]:
        assert said["measurements"][0]["value"] == row["expected"]["fhir_decimal"]


@pytest.mark.parametrize("row", rows("CRC16/MCRF4XX", "CRC16/CCITT-FALSE", "CRC16/KERMIT"))
def test_a_checksum(row: Row) -> None:
    algorithms = {"CRC16/MCRF4XX": crc16_mcrf4xx, "CRC16/CCITT-FALSE": crc16_ccitt_false, "CRC16/KERMIT": crc16_kermit}
    assert algorithms[row["characteristic_or_protocol"]](bytes.fromhex(row["hex"])) == row["expected"]["crc"]


@pytest.mark.parametrize("row", rows("Omron local name"))
def test_a_local_name_of_omron(row: Row) -> None:
    found = omron_name(bytes.fromhex(row["hex"]).decode("ascii"))
    assert found is not None
    mode = "pairing" if found.pairing else "transfer"
    assert {"pairing_mode": mode, "model_id": found.model, "mac": found.address} == row["expected"]


@pytest.mark.parametrize("row", rows("microlife-set-time"))
def test_setting_the_clock_of_a_microlife_cuff(row: Row) -> None:
    command = set_time(datetime.fromisoformat(row["expected"]["datetime"]))
    assert command.hex() == row["hex"]
    assert Microlife().allows(command)


# --- all numbers against the formula, in exact fractions: no code and no rounding shared with the decoder


def reference(word: int, mantissa_bits: int, exponent_bits: int) -> Fraction | str:
    """IEEE 11073-20601: two's complement exponent above two's complement mantissa; five mantissas with exponent 0 are no numbers."""
    mantissa, exponent = word % (1 << mantissa_bits), word >> mantissa_bits
    half = 1 << mantissa_bits - 1
    if exponent == 0 and abs(mantissa - half) <= 2:
        return ["+INF", "NaN", "NRes", "reserved", "-INF"][mantissa - half + 2]
    mantissa -= (1 << mantissa_bits) if mantissa >= half else 0
    exponent -= (1 << exponent_bits) if exponent >= 1 << exponent_bits - 1 else 0
    return Fraction(mantissa) * Fraction(10) ** exponent


NO_NUMBERS = {
    "NaN": Absent.NOT_A_NUMBER,
    "NRes": Absent.ERROR,
    "reserved": Absent.ERROR,
    "+INF": Absent.POSITIVE_INFINITY,
    "-INF": Absent.NEGATIVE_INFINITY,
}


def same(expected: Fraction | str, got: Decimal | Absent, exponent: int) -> bool:
    if isinstance(expected, str):
        return got is NO_NUMBERS[expected]
    return isinstance(got, Decimal) and Fraction(got) == expected and got.as_tuple().exponent == exponent


def test_all_65536_sfloats() -> None:
    wrong = [
        word for word in range(1 << 16) if not same(reference(word, 12, 4), sfloat(word), (word >> 12) - 16 if word >> 15 else word >> 12)
    ]
    assert wrong == []


def test_a_fixed_sample_of_floats_and_their_special_values() -> None:
    chance = random.Random(11073)
    words = [chance.getrandbits(32) for _ in range(20_000)] + [0x007FFFFD + step for step in range(7)]
    for word in words:
        assert same(reference(word, 24, 8), medfloat(word), (word >> 24) - 256 if word >> 31 else word >> 24), hex(word)
