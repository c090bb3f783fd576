"""Conversions. Expected values: devices reference factors worked by hand, and NIST SP 811. Need F004-07."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.units import UnitError, convert, dimension, exact

PAIRS = [("kPa", "mm[Hg]"), ("[degF]", "Cel"), ("[lb_av]", "kg"), ("m", "cm"), ("[in_i]", "cm"), ("kg/L", "mg/dL"), ("mol/L", "mmol/L")]


@pytest.mark.parametrize(
    ("value", "unit", "target", "expected"),
    [
        ("16.0", "kPa", "mm[Hg]", "120.0"),
        ("10.7", "kPa", "mm[Hg]", "80.3"),
        ("98.6", "[degF]", "Cel", "37.00"),
        ("36.60", "Cel", "[degF]", "97.88"),
        ("100", "[lb_av]", "kg", "45.4"),
        ("1.75", "m", "cm", "175"),
        ("70.0", "[in_i]", "cm", "177.8"),
        ("0.00126", "kg/L", "mg/dL", "126"),
        ("0.0056", "mol/L", "mmol/L", "5.6"),
        ("2.00", "Cel", "Cel", "2.00"),
        ("1E+2", "kPa", "mm[Hg]", "8E+2"),
        ("-40", "[degF]", "Cel", "-40.0"),
    ],
)
def test_known_values_convert_and_are_rounded_once(value: str, unit: str, target: str, expected: str) -> None:
    converted = convert(Decimal(value), unit, target)
    assert converted == Decimal(expected)
    if "E" not in expected:
        assert str(converted) == expected


@given(st.sampled_from(PAIRS), st.integers(-2047, 2047), st.integers(-8, 7))
def test_what_the_device_said_comes_back(pair: tuple[str, str], mantissa: int, exponent: int) -> None:
    value = Decimal(mantissa).scaleb(exponent)
    converted = convert(value, *pair)
    back = exact(converted, pair[1], pair[0])
    assert abs(back - exact(value, pair[0], pair[0])) * 2 <= Decimal(1).scaleb(exponent)


@pytest.mark.parametrize(("unit", "target"), [("kPa", "Cel"), ("mmHg", "kPa"), ("kPa", "bar"), ("mg/dL", "mmol/L")])
def test_an_impossible_conversion_says_why(unit: str, target: str) -> None:
    with pytest.raises(UnitError, match=r"unknown unit|is a "):
        convert(Decimal(1), unit, target)


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(UnitError):
        convert(Decimal("NaN"), "kPa", "mm[Hg]")


def test_the_kind_of_a_unit_is_known() -> None:
    assert dimension("[in_i]") == "length"
    assert dimension("furlong") is None
