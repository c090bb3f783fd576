"""A Reading becomes exact FHIR Observations. Needs F004-07, F004-21."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from drivers.ieee11073 import sfloat
from drivers.measurement import Absent, Instant, Waveform
from drivers.vitals import VITALS
from kiosk_fhir import codes
from kiosk_fhir.body import Placement
from kiosk_fhir.errors import MappingError
from kiosk_fhir.observation import build
from tests.kiosk_fhir.sessions import CONTEXT, DEVICE_TIME, EFFECTIVE, WITH_CLOCK, contents, pressure, reading


def mapped(*args: Any, **kwargs: Any) -> list[dict[str, Any]]:
    return contents(build(args[0], args[1] if len(args) > 1 else CONTEXT, **{"effective": EFFECTIVE, **kwargs}))


def raw(*args: Any, **kwargs: Any) -> str:
    return b"".join(one.json for one in build(args[0], CONTEXT, **{"effective": EFFECTIVE, **kwargs})).decode()


def codings(concept: dict[str, Any]) -> set[str]:
    return {coding["code"] for coding in concept["coding"]}


def test_a_blood_pressure_is_one_observation_with_components_and_its_pulse_another() -> None:
    made = mapped(
        reading(
            ("systolic", "128", "mm[Hg]"),
            ("diastolic", "79", "mm[Hg]"),
            ("mean-arterial-pressure", "94", "mm[Hg]"),
            ("pulse-rate", "72", "/min"),
        )
    )
    panel, pulse = made
    assert codings(panel["code"]) == {"85354-9", "150020"}
    assert [codings(component["code"]) for component in panel["component"]] == [
        {"8480-6", "150021"},
        {"8462-4", "150022"},
        {"8478-0", "150023"},
    ]
    assert [component["valueQuantity"]["code"] for component in panel["component"]] == ["mm[Hg]"] * 3
    assert codings(pulse["code"]) == {"8867-4", "149546"}, "a cuff's pulse, not an oximeter's"
    assert panel["effectiveDateTime"] == "2026-01-12T10:15:30+01:00"
    assert panel["issued"] == "2026-01-12T09:15:41.120Z"
    assert panel["performer"][0]["display"] == "Anne Martin"


def test_a_saturation_carries_both_loinc_codes_and_the_spot_modality() -> None:
    saturation, pulse = mapped(reading(("spo2", "97", "%"), ("pulse-rate", "96", "/min"), source="2A5E"))
    assert codings(saturation["code"]) == {"2708-6", "59408-5", "150456"}
    assert codings(pulse["code"]) == {"8867-4", "149530"}
    assert [codings(one["component"][0]["valueCodeableConcept"]) for one in (saturation, pulse)] == [{"150588"}, {"150588"}]


@pytest.mark.parametrize(
    ("word", "written"),
    [
        (0x0002, "2"),
        (0xF014, "2.0"),
        (0xE0C8, "2.00"),
        (0x1002, "20"),
        (0x2002, "200"),
        (0x00C8, "200"),
        (0x04D2, "1234"),
        (0x0B2E, "-1234"),
    ],
)
def test_the_precision_of_the_device_is_kept(word: int, written: str) -> None:
    """Values of the Personal Health Device guide, FLOATS.md."""
    value = sfloat(word)
    assert isinstance(value, Decimal)
    assert f'"value":{written},' in raw(reading(("temperature", value, "Cel")))


def test_every_sfloat_is_written_with_its_own_digits() -> None:
    """All 65536 words: a number is written as itself, a special value never as a number."""
    for word in range(0x10000):
        value = sfloat(word)
        text = raw(reading(("weight", value, "kg")))
        found = re.search(r'"value":(-?[0-9.]+),"unit"', text)
        if isinstance(value, Absent):
            assert found is None
            assert f'"code":"{value}"' in text
            continue
        assert found is not None
        assert found[1] == format(value, "f")
        assert Decimal(found[1]) == value
        assert max(0, -value.as_tuple().exponent) == len(found[1].partition(".")[2])  # type: ignore[operator] # an int: finite


@pytest.mark.parametrize("absent", list(Absent))
def test_an_absent_value_says_why_and_gives_no_number(absent: Absent) -> None:
    (single,) = mapped(reading(("temperature", absent, "Cel")))
    assert "valueQuantity" not in single
    assert codings(single["dataAbsentReason"]) == {absent.value}


def test_kilopascals_become_the_unit_of_the_profile_and_the_original_stands_beside() -> None:
    (panel,) = mapped(pressure("kPa", "16.0", "10.7"))
    quantity = panel["component"][0]["valueQuantity"]
    assert (quantity["value"], quantity["code"]) == (120.0, "mm[Hg]")
    assert '"value":16.0,' in raw(pressure("kPa", "16.0", "10.7"))
    assert quantity["extension"][0]["valueQuantity"]["code"] == "kPa"


def test_a_bluetooth_glucose_in_kilograms_per_litre_is_written_in_milligrams_per_decilitre() -> None:
    assert '"value":126,"unit":"mg/dL"' in raw(reading(("glucose", "0.00126", "kg/L")))
    assert '"value":5.6,"unit":"mmol/L"' in raw(reading(("glucose", "0.0056", "mol/L")))


@pytest.mark.parametrize(("unit", "value"), [("[degF]", "98.6"), ("Cel", "36.60")])
def test_units_that_a_profile_allows_stay_as_they_were_sent(unit: str, value: str) -> None:
    assert f'"value":{value},' in raw(reading(("temperature", value, unit)))
    assert "translation" not in raw(reading(("temperature", value, unit)))


@pytest.mark.parametrize(
    ("flag", "status", "interpretation", "absent", "test"),
    [
        ("invalid-measurement-detected", "entered-in-error", None, "error", False),
        ("questionable-measurement-detected", "final", "questionable", None, False),
        ("calibration-ongoing", "final", "calibration-ongoing", None, False),
        ("early-estimated-data", "preliminary", "early-indication", None, False),
        ("measurement-unavailable", "final", None, "not-performed", False),
        ("data-for-testing", "final", None, None, True),
        ("data-for-demonstration", "final", None, None, True),
    ],
)
def test_what_the_device_thinks_of_its_measurement_is_said(
    flag: str, status: str, interpretation: str | None, absent: str | None, test: bool
) -> None:
    (single,) = mapped(reading(("spo2", "97", "%"), flags=(flag,)))
    assert single["status"] == status
    assert [codings(one) for one in single.get("interpretation", [])] == ([{interpretation}] if interpretation else [])
    assert ("valueQuantity" in single) == (absent is None)
    assert codings(single.get("dataAbsentReason", {"coding": []})) == ({absent} if absent else set())
    assert [label["code"] for label in single["meta"].get("security", [])] == (["HTEST"] if test else [])


def test_status_bits_are_an_observation_of_their_own_numbered_as_the_guide_numbers_them() -> None:
    """Bluetooth's bit 12 "unknown sensor" is the guide's bit 3: only names may be compared."""
    made = mapped(reading(("spo2", "97", "%"), flags=("unknown-sensor-connected", "low-perfusion-detected")))
    saturation, bits = made
    assert bits["derivedFrom"] == [{"reference": f"urn:uuid:{saturation['id']}"}]
    assert [component["code"]["coding"][0] for component in bits["component"]] == [
        {"system": "http://terminology.hl7.org/CodeSystem/ASN1ToHL7", "code": "150604.3", "display": "sensor-unsupported"},
        {"system": "http://terminology.hl7.org/CodeSystem/ASN1ToHL7", "code": "150604.10", "display": "signal-low-perfusion"},
    ]
    _, bits = mapped(pressure(flags=("improper-position", "body-movement")))
    assert [codings(component["code"]) for component in bits["component"]] == [{"8410608.0"}, {"8410608.5"}]


def test_a_flag_without_a_code_is_not_lost() -> None:
    (panel,) = mapped(pressure(flags=("user-unknown",)))
    assert "user-unknown" in panel["note"][0]["text"]


def test_a_value_typed_by_hand_is_told_from_a_measured_and_from_a_rejected_one() -> None:
    (typed,) = mapped(pressure(driver="manual", source="manual", raw_sha256=""), replace(CONTEXT, device=None))
    (rejected,) = mapped(pressure(), rejected=True)
    assert "device" not in typed
    assert len(typed["category"]) == 1
    assert "Saisie manuelle" in typed["note"][0]["text"]
    assert rejected["status"] == "entered-in-error"
    assert "device" in rejected
    assert rejected["id"] == mapped(pressure())[0]["id"], "a rejection replaces what was sent"


def test_a_time_corrected_from_the_device_clock_refers_to_what_that_clock_said() -> None:
    (panel,) = mapped(pressure(device_time=DEVICE_TIME), WITH_CLOCK, corrected=True)
    urls = {extension["url"].rpartition("/")[2] for extension in panel["extension"]}
    assert urls == {"observation-gatewayDevice", "CoincidentTimeStampReference"}
    assert panel["identifier"][0]["value"].endswith("-150020-821528008"), "seconds since 2000 as the device said them, not corrected"


def test_the_helper_may_say_where_and_how() -> None:
    (panel,) = mapped(pressure(), placement=Placement("left-arm", "sitting", "Oscillométrie"))
    assert codings(panel["bodySite"]) == {"368208006"}
    assert panel["method"]["text"] == "Oscillométrie"
    assert panel["extension"][-1]["url"].endswith("observation-bodyPosition")


def test_a_thermometer_that_says_its_site_gives_site_and_type() -> None:
    (single,) = mapped(reading(("temperature", "36.6", "Cel"), flags=("site-armpit",)))
    assert codings(single["code"]) == {"8310-5", "188452"}
    assert codings(single["bodySite"]) == {"91470000"}
    assert "note" not in single


def test_a_curve_becomes_strips_of_ten_seconds_with_the_raw_samples() -> None:
    samples = (*range(1499), None)
    wave = Waveform("pleth", samples, Decimal(1) / 60, Decimal("0.5"), "1", Decimal(-3))
    made = contents(build(reading(waveforms=(wave,)), CONTEXT, effective=EFFECTIVE))
    data = [one["valueSampledData"] for one in made]
    assert [len(one["data"].split()) for one in data] == [600, 600, 300]
    assert data[0]["data"].startswith("0 1 2 ")
    assert data[2]["data"].endswith(" 1498 E")
    assert (data[0]["factor"], data[0]["origin"]["value"], data[0]["period"]) == (0.5, -3, 16.6666666667)
    assert [one["effectiveDateTime"][14:19] for one in made] == ["15:30", "15:40", "15:50"]


@pytest.mark.parametrize("vital", VITALS)
def test_every_vital_maps_or_is_named_as_live_only(vital: str) -> None:
    assert (vital in codes.VITALS) != (vital in codes.LIVE_ONLY)


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("effective", lambda: build(pressure(), CONTEXT, effective=None)),  # type: ignore[arg-type] # what a careless caller does
        ("effective", lambda: build(pressure(), CONTEXT, effective=datetime.fromisoformat("2026-01-12T10:15:30"))),
        ("received", lambda: build(pressure(received=Instant(0.0, DEVICE_TIME)), CONTEXT, effective=EFFECTIVE)),
        ("reading", lambda: build(reading(("glucose", "99", "mg/dL"), flags=("control-solution",)), CONTEXT, effective=EFFECTIVE)),
        ("device", lambda: build(pressure(), replace(CONTEXT, device=None), effective=EFFECTIVE)),
        ("consultation", lambda: replace(CONTEXT, consultation="")),
        ("measurements.charm", lambda: build(reading(("charm", "3", "1")), CONTEXT, effective=EFFECTIVE)),
        ("measurements.systolic", lambda: build(pressure("Cel"), CONTEXT, effective=EFFECTIVE)),
        ("measurements.weight", lambda: build(reading(("weight", "1E+40", "kg")), CONTEXT, effective=EFFECTIVE)),
        ("measurements.systolic", lambda: build(pressure("kPa", "NaN"), CONTEXT, effective=EFFECTIVE)),
        ("measurements", lambda: build(reading(("cuff-pressure", "90", "mm[Hg]")), CONTEXT, effective=EFFECTIVE)),
        ("reading", lambda: build(pressure(settled=False), CONTEXT, effective=EFFECTIVE)),
        ("clock", lambda: build(pressure(), CONTEXT, effective=EFFECTIVE, corrected=True)),
        ("placement.site", lambda: build(pressure(), CONTEXT, effective=EFFECTIVE, placement=Placement("nose"))),
    ],
)
def test_what_is_missing_or_impossible_is_named_and_nothing_is_built(field: str, make: Any) -> None:
    with pytest.raises(MappingError) as caught:
        make()
    assert caught.value.field == field


def test_a_mapping_error_and_every_repr_show_no_value() -> None:
    with pytest.raises(MappingError) as caught:
        build(reading(("weight", "7.7777E+40", "kg")), CONTEXT, effective=EFFECTIVE)
    assert "7777" not in str(caught.value)
    shown = repr(CONTEXT) + repr(build(pressure(), CONTEXT, effective=EFFECTIVE))
    assert not re.search("DUPONT|Jeanne|1970|128", shown)
