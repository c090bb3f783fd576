"""Values that can hardly be are flagged, never changed. Need F004-04."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.driver import load
from drivers.measurement import Absent, Frame, Instant, Measurement, Reading
from drivers.units import convert
from drivers.vitals import VITALS
from kiosk.consultation.plausibility import DEFAULTS, REMARKS, LimitsError, remarks, table
from tests.drivers.frames import run

NOW = Instant(0.0, datetime(2026, 1, 12, 10, 0, tzinfo=UTC))


def reading(*measurements: tuple[str, str | Absent, str]) -> Reading:
    values = (Measurement(vital, value if isinstance(value, Absent) else Decimal(value), unit) for vital, value, unit in measurements)
    return Reading("driver", "source", NOW, "hash", "device", tuple(values))


def pressures(systolic: str, mean: str | Absent, diastolic: str, unit: str = "mm[Hg]") -> Reading:
    return reading(("systolic", systolic, unit), ("mean-arterial-pressure", mean, unit), ("diastolic", diastolic, unit))


@pytest.mark.parametrize(
    ("vital", "value", "unit", "expected"),
    [
        ("systolic", "39.9", "mm[Hg]", "implausible-low"),
        ("systolic", "40", "mm[Hg]", ""),
        ("systolic", "300", "mm[Hg]", ""),
        ("systolic", "301", "mm[Hg]", "implausible-high"),
        ("systolic", "16.0", "kPa", ""),
        ("systolic", "121", "kPa", "implausible-high"),
        ("diastolic", "201", "mm[Hg]", "implausible-high"),
        ("spo2", "69", "%", "unusual-low"),
        ("spo2", "70", "%", ""),
        ("spo2", "101", "%", "implausible-high"),
        ("spo2", "0", "%", "no-value"),
        ("spo2-fast", "0.0", "%", "no-value"),
        ("pulse-rate", "0", "/min", "no-value"),
        ("heart-rate", "0", "/min", "no-value"),
        ("pulse-rate", "19", "/min", "implausible-low"),
        ("temperature", "45", "Cel", ""),
        ("temperature", "113.0", "[degF]", ""),
        ("temperature", "113.1", "[degF]", "implausible-high"),
        ("temperature", "36.8", "[degF]", "implausible-low"),
        ("weight", "0.00", "kg", "implausible-low"),
        ("weight", "881.84", "[lb_av]", ""),
        ("weight", "881.85", "[lb_av]", "implausible-high"),
        ("weight", "-10.0", "[lb_av]", "implausible-low"),
        ("height", "15.7", "[in_i]", "implausible-low"),
        ("height", "15.8", "[in_i]", ""),
        ("glucose", "0.00126", "kg/L", ""),
        ("glucose", "0.00009", "kg/L", "implausible-low"),
        ("glucose", "0.056", "mol/L", "implausible-high"),
        ("glucose", "5.6", "mmol/L", ""),
        ("rr-interval", "0.199", "s", "implausible-low"),
        ("weight", "70", "%", "implausible-unit"),
        ("temperature", "37", "no unit", "implausible-unit"),
        ("perfusion-index", "99", "%", ""),
    ],
)
def test_the_default_table(vital: str, value: str, unit: str, expected: str) -> None:
    item = reading((vital, value, unit))
    assert remarks(item) == ((expected,) if expected else ())
    assert item.measurements[0].value == Decimal(value)


@pytest.mark.parametrize("absent", list(Absent))
def test_what_is_absent_is_no_remark(absent: Absent) -> None:
    assert remarks(reading(("spo2", absent, "%"), ("systolic", absent, "mm[Hg]"))) == ()
    assert remarks(pressures("120", absent, "80")) == ()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (pressures("120", "93", "80"), ()),
        (pressures("72", "77", "81"), ("systolic-below-diastolic",)),
        (pressures("80", "80", "80"), ("systolic-below-diastolic",)),
        (pressures("120", "45", "80"), ("implausible-mean-pressure",)),
        (pressures("120", "120", "80"), ("implausible-mean-pressure",)),
        (pressures("120", "80", "80"), ("implausible-mean-pressure",)),
        (pressures("120", "0", "80"), ("no-value",)),
        (pressures("120", "115", "111"), ("implausible-pulse-pressure",)),
        (pressures("120", "115", "110"), ()),
        (pressures("16.0", "12.4", "10.7", "kPa"), ()),
        (pressures("16.0", "15.5", "15.0", "kPa"), ("implausible-pulse-pressure",)),
        (pressures("121", "107", "106", "kPa"), ("implausible-high",)),
    ],
)
def test_pressures_are_looked_at_together(item: Reading, expected: tuple[str, ...]) -> None:
    assert remarks(item) == expected


def test_a_manuals_example_with_a_mean_below_the_diastolic_is_decoded_and_flagged() -> None:
    rows = json.loads((Path(__file__).parents[2] / "vectors/serial.json").read_text(encoding="utf-8"))
    (data,) = (bytes.fromhex(row["hex"]) for row in rows if row["id"] == "V280")
    (item,) = run(load()["accutorr"], Frame("accutorr", data, NOW))
    assert isinstance(item, Reading)
    assert remarks(item) == ("implausible-mean-pressure",)


@given(value=st.decimals("-1000", "2000", places=2), vital=st.sampled_from(["weight", "temperature", "height"]))
def test_the_unit_in_which_a_value_comes_changes_no_judgement(value: Decimal, vital: str) -> None:
    unit, other = {"weight": ("kg", "g"), "temperature": ("Cel", "K"), "height": ("cm", "mm")}[vital]
    assert remarks(reading((vital, str(value), unit))) == remarks(reading((vital, str(convert(value, unit, other)), other)))


def test_a_table_of_the_settings_takes_the_place_of_the_default() -> None:
    child = table({"pulse-rate": {"/min": {"low": "40", "high": "250", "usual_high": "180"}}})
    assert remarks(reading(("pulse-rate", "30", "/min")), child) == ("implausible-low",)
    assert remarks(reading(("pulse-rate", "180", "/min")), child) == ()
    assert remarks(reading(("pulse-rate", "181", "/min")), child) == ("unusual-high",)
    assert remarks(reading(("pulse-rate", "200", "/min")), child) == ("unusual-high",)
    assert remarks(reading(("spo2", "60", "%")), child) == ("unusual-low",)


@pytest.mark.parametrize(
    "settings",
    [
        {"puls": {"/min": {"low": "1", "high": "2"}}},
        {"pulse-rate": {"bpm": {"low": "1", "high": "2"}}},
        {"pulse-rate": {"/min": {"low": "1"}}},
        {"pulse-rate": {"/min": {"low": "1", "high": "2", "max": "3"}}},
        {"pulse-rate": {"/min": {"low": "one", "high": "2"}}},
        {"pulse-rate": {"/min": {"low": "3", "high": "2"}}},
        {"pulse-rate": {"/min": {"low": "1", "high": "NaN"}}},
        {"pulse-rate": {"/min": {"low": "1", "high": "2", "usual_low": "5"}}},
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_plain_words(settings: dict[str, dict[str, dict[str, str]]]) -> None:
    with pytest.raises(LimitsError, match=r"^plausibility of "):
        table(settings)


def test_the_table_speaks_of_vitals_that_exist_and_every_remark_has_a_key() -> None:
    assert set(DEFAULTS) <= set(VITALS)
    assert len(set(REMARKS)) == len(REMARKS)
