"""What holds of every measurement. A fixed sample; `./run proofs fhir` runs the full counts. Need F004-21."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from drivers.measurement import Absent
from kiosk_fhir import bundle
from kiosk_fhir.observation import build
from tests.kiosk_fhir.generated import CURVES, Case, cases
from tests.kiosk_fhir.judging import FhirResources, Judge, Medplum, Pyrofile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

pytestmark = pytest.mark.timeout(600)
SAMPLE = 300
JUDGED = 40


def quantities(node: Any) -> Iterator[dict[str, Any]]:
    """Every quantity of a resource, the originals beside converted ones included."""
    if isinstance(node, dict):
        if "value" in node and node.get("system") == "http://unitsofmeasure.org":
            yield node
        for value in node.values():
            yield from quantities(value)
    elif isinstance(node, list):
        for value in node:
            yield from quantities(value)


def check(case: Case) -> None:
    """Every number of the device is there with its own digits, none is made up, and the same Reading gives the same bytes."""
    made = build(case.reading, case.context, **case.said)
    again = build(case.reading, case.context, **case.said)
    assert [one.json for one in made] == [one.json for one in again]
    assert len({one.id for one in made}) == len(made)
    parsed = [json.loads(one.json, parse_float=Decimal, parse_int=Decimal) for one in made]
    written = {(str(one["value"]), one["code"]) for resource in parsed for one in quantities(resource)}
    for measurement in case.reading.measurements:
        if isinstance(measurement.value, Absent) or measurement.vital in CURVES:
            continue
        if not {"invalid-measurement-detected", "invalid", "measurement-unavailable", "not-available"} & set(case.reading.flags):
            assert (str(Decimal(format(measurement.value, "f"))), measurement.unit) in written
    assert all(one["status"] == "entered-in-error" for one in parsed if case.way == "rejected")
    assert all(one["status"] == "preliminary" for one in parsed if case.way == "live")
    assert all("device" not in one for one in parsed if case.way == "manual")


def judged(judges: Iterable[Judge], sample: Iterable[Case]) -> dict[str, list[str]]:
    """The faults that the judges find, by case."""
    found: dict[str, list[str]] = {}
    for number, case in enumerate(sample):
        made = json.loads(bundle.settled(case.reading, case.context, **case.said))
        faults = [f"{judge.name}: {fault}" for judge in judges for fault in judge.faults([made])[0]]
        if faults:
            found[f"{number} {case.way} {case.reading.measurements}"] = faults
    return found


def test_every_number_keeps_its_digits_in_every_kind_of_measurement() -> None:
    for case in cases(SAMPLE, seed=4):
        check(case)


def test_every_kind_of_measurement_passes_all_judges() -> None:
    medplum = Medplum()
    try:
        every = list(cases(SAMPLE, seed=11))
        assert judged((FhirResources(), Pyrofile(), medplum), every[:: SAMPLE // JUDGED]) == {}
    finally:
        medplum.close()
