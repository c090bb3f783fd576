"""From a link's events to outcomes: what a transfer of records, a device's clock on a serial line and a line that falls quiet mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from drivers.device import ClockReading, Device
from drivers.measurement import Frame, Instant, Measurement, Reading
from kiosk.booth.view import numbers
from kiosk.consultation.measuring import Answer, DeviceChanged, Measuring, Outcome, Settled, Unattributed
from kiosk.links.link import LinkState

START = datetime(2026, 1, 12, 10, 0, tzinfo=UTC)


def at(seconds: float) -> Instant:
    return Instant(seconds, START + timedelta(seconds=seconds))


def booth(driver: str, key: str = "device") -> tuple[Measuring, Device]:
    measuring, device = Measuring(), Device(key, driver)
    measuring.open(at(0))
    measuring.take(LinkState(device, True, "connected", at(10)))
    return measuring, device


def frames(measuring: Measuring, source: str, *pieces: tuple[float, str]) -> list[Outcome]:
    return [o for seconds, digits in pieces for o in measuring.take(Frame(source, bytes.fromhex(digits), at(seconds), "device"))]


def test_the_first_of_several_records_without_clock_is_taken_back() -> None:
    measuring, _ = booth("blood-pressure")
    first, *others = frames(measuring, "2A35", (20, "00 72 00 50 00 5d 00"), (20.2, "00 73 00 50 00 5d 00"))
    assert isinstance(first, Settled)
    assert [type(outcome) for outcome in others] == [Unattributed, Unattributed]
    assert {outcome.id for outcome in measuring.unattributed} == {outcome.id for outcome in others if isinstance(outcome, Unattributed)}
    assert first.id in {outcome.id for outcome in measuring.unattributed}
    attached = measuring.attach(first.id)
    assert attached is not None
    assert attached.attached


def test_a_duplicate_is_neither_a_result_nor_a_question_to_the_helper() -> None:
    measuring, device = booth("blood-pressure")
    stamped = "02 72 00 50 00 5d 00 ea 07 01 0c 0a 00 0f"
    (first,) = frames(measuring, "2A35", (20, stamped))
    assert isinstance(first, Settled)
    measuring.take(LinkState(device, True, "connected", at(30)))
    assert frames(measuring, "2A35", (31, stamped)) == []


def test_a_meters_clock_on_a_serial_line_places_its_newest_result() -> None:
    measuring, _ = booth("lifescan-binary")
    clock, result = "02 0c 02 05 06 40 d6 f0 52 03 5d d4", "02 10 01 05 06 40 d6 f0 52 6f 00 00 00 03 25 c1"
    (acknowledgement,) = frames(measuring, "lifescan-binary", (15, clock))
    assert isinstance(acknowledgement, Answer)
    read = measuring.clock("device")
    assert isinstance(read, ClockReading)
    assert read.device_time == datetime(2014, 2, 4, 12, 0)  # noqa: DTZ001
    _, settled = frames(measuring, "lifescan-binary", (16, result))
    assert isinstance(settled, Settled)
    assert (settled.effective, settled.corrected) == (at(15).wall, True)


@pytest.mark.parametrize(
    ("sent", "unit", "shown_as"),
    [("0.00111", "kg/L", ("111", "mg/dL")), ("0.0062", "mol/L", ("6.2", "mmol/L")), ("1.11", "mmol/L", ("1.11", "mmol/L"))],
)
def test_glucose_is_shown_as_a_meter_shows_it(sent: str, unit: str, shown_as: tuple[str, str]) -> None:
    """An Accu-Chek Guide sends 0.00111 kg/L and shows 111 mg/dL: the same number, its point moved, no digit lost."""
    (number,) = numbers(Reading("glucose", "2A18", at(0), "hash", "device", (Measurement("glucose", Decimal(sent), unit),)))
    assert (number.value, number.unit) == shown_as


def test_a_print_under_way_is_completed_when_the_line_falls_quiet() -> None:
    measuring, device = booth("adam")
    assert frames(measuring, "adam", (20, b"Weight: 61.50 kg\r\n".hex())) == []
    settled, changed = measuring.take(LinkState(device, False, "no signal", at(23)))
    assert isinstance(settled, Settled)
    assert settled.effective == at(20).wall
    assert isinstance(changed, DeviceChanged)


def test_a_scales_patient_id_is_compared_with_the_sessions() -> None:
    measuring, _ = booth("healthometer")
    measuring.patient(["42"])
    other, mine = (b"\x1bR\x1bI%s\x1bW70.50\x1bNm\x1bE" % patient for patient in (b"0000000043", b"0000000042"))
    refused, taken = frames(measuring, "healthometer", (20, other.hex()), (40, mine.hex()))
    assert isinstance(refused, Unattributed)
    assert refused.reason == "other-patient-id"
    assert isinstance(taken, Settled)
