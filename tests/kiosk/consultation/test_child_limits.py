"""What can hardly be at a child's age is flagged, never changed. Need F004-14."""

from datetime import date
from decimal import Decimal

import pytest

from kiosk.consultation import child_limits
from kiosk.consultation.plausibility import DEFAULTS, LimitsError, Table, remarks
from tests.kiosk.consultation.test_plausibility import pressures, reading


def at(age: int | None) -> Table:
    return child_limits.at(age, child_limits.DEFAULTS)


@pytest.mark.parametrize(
    ("vital", "value", "unit", "age", "expected"),
    [
        ("weight", "80", "kg", 4, "unlikely-for-age"),
        ("weight", "80", "kg", 17, ""),
        ("weight", "80", "kg", None, ""),
        ("weight", "17.5", "kg", 4, ""),
        ("weight", "38.5", "[lb_av]", 4, ""),
        ("weight", "180", "[lb_av]", 4, "unlikely-for-age"),
        ("weight", "0.8", "kg", 0, ""),
        ("weight", "0.8", "kg", None, "implausible-low"),
        ("weight", "0.3", "kg", 0, "implausible-low"),
        ("height", "175", "cm", 5, "unlikely-for-age"),
        ("height", "30", "cm", 0, ""),
        ("height", "30", "cm", 6, "implausible-low"),
        ("weight", "18.5", "kg", 0, "unlikely-for-age"),
        ("weight", "18.5", "kg", 1, ""),
        ("weight", "61", "kg", 5, "unlikely-for-age"),
        ("weight", "61", "kg", 6, ""),
        ("weight", "121", "kg", 11, "unlikely-for-age"),
        ("weight", "121", "kg", 12, ""),
        ("weight", "14", "kg", 17, "unlikely-for-age"),
        ("weight", "14", "kg", 18, ""),
        ("pulse-rate", "30", "/min", 0, "unlikely-for-age"),
        ("pulse-rate", "30", "/min", 30, ""),
        ("pulse-rate", "0", "/min", 0, "no-value"),
        ("temperature", "38.9", "Cel", 0, ""),
        ("spo2", "60", "%", 3, "unusual-low"),
    ],
)
def test_the_default_tables(vital: str, value: str, unit: str, age: int | None, expected: str) -> None:
    item = reading((vital, value, unit))
    assert remarks(item, DEFAULTS, at(age)) == ((expected,) if expected else ())
    assert item.measurements[0].value == Decimal(value)


def test_a_pressure_of_a_grown_up_is_unlikely_for_an_infant_and_low_ones_are_not() -> None:
    assert remarks(pressures("170", "120", "95"), DEFAULTS, at(0)) == ("unlikely-for-age",)
    assert remarks(pressures("38", "28", "18"), DEFAULTS) == ("implausible-low",)
    assert remarks(pressures("38", "28", "18"), DEFAULTS, at(0)) == ()


def test_the_defaults_leave_room_around_the_growth_standards() -> None:
    """WHO 2006 and 2007, boys and girls, -3 SD and +3 SD in kg and cm at 0, 1 and 5 years: nobody of them is flagged."""
    for age, weights, heights in (
        (0, ("2.0", "13.3"), ("43.6", "82.9")),
        (1, ("6.3", "17.1"), ("66.3", "97.0")),
        (5, ("12.1", "29.5"), ("95.2", "123.9")),
    ):
        for weight, height in zip(weights, heights, strict=True):
            assert remarks(reading(("weight", weight, "kg"), ("height", height, "cm")), DEFAULTS, at(age)) == ()


@pytest.mark.parametrize(
    ("born", "age"), [("2015-01-12", 11), ("2015-01-13", 10), ("2015-02", 10), ("2015", 10), ("2026-01-01", 0), ("2027", 0), ("", None)]
)
def test_the_age_of_a_date_that_is_not_whole_is_the_youngest_it_can_be(born: str, age: int | None) -> None:
    assert child_limits.youngest(born, date(2026, 1, 12)) == age


def test_the_tables_are_a_setting() -> None:
    made = child_limits.tables(
        {"3": {"temperature": {"Cel": {"low": "30", "high": "42"}}}, "6": {"weight": {"kg": {"low": "2", "high": "90"}}}}
    )
    assert remarks(reading(("temperature", "43", "Cel")), DEFAULTS, child_limits.at(2, made)) == ("unlikely-for-age",)
    assert remarks(reading(("temperature", "43", "Cel")), DEFAULTS, child_limits.at(4, made)) == ()
    assert remarks(reading(("weight", "80", "kg")), DEFAULTS, child_limits.at(4, made)) == ()
    assert remarks(reading(("height", "175", "cm")), DEFAULTS, child_limits.at(4, made)) == ("unlikely-for-age",)


@pytest.mark.parametrize("age", ["1", "18"])
def test_the_first_and_the_last_year_of_a_child_may_be_set(age: str) -> None:
    assert child_limits.tables({age: {"weight": {"kg": {"low": "5", "high": "6"}}}})[int(age)]["weight"][0].high == 6


@pytest.mark.parametrize("age", ["0", "19", "-1", "six", "1.5", "", "\N{ARABIC-INDIC DIGIT THREE}", "\N{SUPERSCRIPT TWO}"])
def test_an_age_that_cannot_be_used_is_refused_in_plain_words(age: str) -> None:
    with pytest.raises(LimitsError, match=r"^plausibility under .*whole number of years"):
        child_limits.tables({age: {}})
