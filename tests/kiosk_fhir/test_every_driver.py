"""Every result that a driver reads from recorded bytes becomes FHIR that all judges take. Need F004-21."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from drivers.driver import DecodeError, Driver, load
from drivers.measurement import Reading
from kiosk_fhir import bundle, codes
from kiosk_fhir.errors import MappingError
from tests.drivers.frames import expectations, run
from tests.kiosk_fhir.judging import FhirResources, Judge, Medplum, Pyrofile
from tests.kiosk_fhir.sessions import CONTEXT, EFFECTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(600)
#: what a settled Reading may be refused for: nothing in it is a result, or it is a meter's control
EXPECTED = ("measurements", "reading")


@pytest.fixture(scope="module")
def judges() -> Iterator[list[Judge]]:
    medplum = Medplum()
    yield [FhirResources(), Pyrofile(), medplum]
    medplum.close()


def settled(driver: type[Driver]) -> Iterator[Reading]:
    """The settled Readings of a driver's fixture, each kind of content once."""
    seen = set()
    for expected in expectations(driver):
        try:
            items = run(driver, expected.frame)
        except DecodeError:
            continue
        for item in items:
            if isinstance(item, Reading) and item.settled and (item.measurements or item.waveforms):
                kind = (frozenset((one.vital, one.unit, type(one.value)) for one in item.measurements), item.flags)
                if kind not in seen:
                    seen.add(kind)
                    yield item


@pytest.mark.parametrize("driver", [pytest.param(driver, id=name) for name, driver in load().items()])
def test_what_a_driver_settles_becomes_fhir_that_all_judges_take(judges: list[Judge], driver: type[Driver]) -> None:
    made = []
    for reading in settled(driver):
        try:
            made.append(json.loads(bundle.settled(reading, CONTEXT, effective=EFFECTIVE)))
        except MappingError as error:
            if error.field not in EXPECTED:
                raise
    assert [fault for judge in judges for faults in judge.faults(made) for fault in faults] == []


@pytest.mark.parametrize("driver", [pytest.param(driver, id=name) for name, driver in load().items()])
def test_every_unit_that_a_driver_sends_is_in_the_table(driver: type[Driver]) -> None:
    for expected in expectations(driver):
        try:
            items = run(driver, expected.frame)
        except DecodeError:
            continue
        for item in items:
            for one in (*item.measurements, *item.waveforms) if isinstance(item, Reading) else ():
                assert one.vital in codes.LIVE_ONLY or codes.term(one.vital, one.unit, frozenset()), one
