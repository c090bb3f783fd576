"""The contract that every driver keeps; a new driver is tested by adding its `.frames` file. Needs F004-03, F004-05, F004-06, F004-07, F004-10."""

import contextlib

import pytest
from msgspec.structs import replace

from drivers.driver import DecodeError, Driver, load
from drivers.measurement import Frame, Refused
from drivers.vitals import VITALS
from tests.drivers.frames import FRAMES, expectations, run, says

every_driver = pytest.mark.parametrize("driver", [pytest.param(driver, id=name) for name, driver in load().items()])


@every_driver
def test_recorded_frames_say_what_is_written(driver: type[Driver]) -> None:
    for expected in expectations(driver):
        if expected.refused is not None:
            continue
        found = [text for item in run(driver, expected.frame) for text in says(item)]
        assert sorted(found) == sorted(expected.says), expected.frame.data.hex(" ")


@every_driver
def test_frames_that_must_be_refused_are_refused_with_the_reason(driver: type[Driver]) -> None:
    refused = [expected for expected in expectations(driver) if expected.refused is not None]
    assert refused, "a fixture holds at least one frame that must be refused"
    for expected in refused:
        assert expected.refused is not None
        try:
            reasons = [item.reason for item in run(driver, expected.frame) if isinstance(item, Refused)]
        except DecodeError as error:
            reasons = [str(error)]
        assert any(expected.refused in reason for reason in reasons), (expected.frame.data.hex(" "), reasons)


@every_driver
def test_every_declared_vital_is_in_the_fixture_and_in_the_vocabulary(driver: type[Driver]) -> None:
    written = {text.split()[0] for expected in expectations(driver) for text in expected.says}
    assert set(driver.measures) <= written
    assert set(driver.measures) <= set(VITALS)


@every_driver
def test_the_fixture_names_its_source_and_the_module_its_protocol(driver: type[Driver]) -> None:
    first = (FRAMES / f"{driver.name}.frames").read_text().splitlines()[0]
    assert first.startswith("# source: ")
    module = __import__(driver.__module__, fromlist=["_"])
    assert "Protocol:" in module.__doc__
    assert driver.models


@every_driver
def test_a_damaged_frame_decodes_or_is_refused_and_nothing_else(driver: type[Driver]) -> None:
    for frame in {(e.frame.source, e.frame.data): e.frame for e in expectations(driver)}.values():
        damaged = [frame.data[:end] for end in range(len(frame.data))]
        damaged += [
            frame.data[:at] + bytes((frame.data[at] ^ flip,)) + frame.data[at + 1 :]
            for at in range(min(len(frame.data), 64))
            for flip in range(1, 256)
        ]
        for data in damaged:
            with contextlib.suppress(DecodeError):
                run(driver, replace(frame, data=data))


@every_driver
def test_a_stream_says_the_same_byte_by_byte(driver: type[Driver]) -> None:
    if not driver.stream:
        return
    for expected in expectations(driver):
        frame = expected.frame
        bytewise = [Frame(frame.source, bytes((byte,)), frame.received, frame.device) for byte in frame.data]
        assert [text for item in run(driver, frame) for text in says(item)] == [
            text for item in run(driver, *bytewise) for text in says(item)
        ]


def test_no_two_drivers_claim_one_source() -> None:
    owners: dict[str, str] = {}
    for driver in load().values():
        if driver.quirk:
            continue
        for source in driver.link.sources:
            assert source not in owners, (source, owners.get(source), driver.name)
            owners[source] = driver.name
