"""A fixed sample of damaged and random frames over every driver: a Reading, a Refused or a DecodeError, and nothing else. Needs F004-10."""

import random
from collections.abc import Iterator

import pytest

from drivers.driver import DecodeError, Driver, load
from drivers.measurement import Absent, Frame, Reading, Refused
from drivers.vitals import VITALS
from tests.drivers.frames import RECEIVED, expectations

FRAMES = 3000


def damaged(driver: type[Driver], chance: random.Random, count: int = FRAMES) -> Iterator[Frame]:
    """Frames of the fixture with bytes changed, cut, doubled or put in; every eighth frame is random."""
    known = [expected.frame for expected in expectations(driver)]
    sources = driver.link.sources
    for number in range(count):
        if number % 8 == 0:
            yield Frame(chance.choice(sources), chance.randbytes(chance.randrange(64)), RECEIVED)
            continue
        frame = chance.choice(known)
        data = bytearray(frame.data)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data) + 1)
            kind = chance.randrange(4)
            if kind == 0 and at < len(data):
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at : at + chance.randrange(1, 4)]
            elif kind == 2:
                data[at:at] = chance.randbytes(chance.randrange(1, 4))
            else:
                data[at:at] = data[at : at + chance.randrange(1, 9)]
        yield Frame(chance.choice((frame.source, *sources)), bytes(data), RECEIVED)


@pytest.mark.parametrize("driver", [pytest.param(driver, id=name) for name, driver in load().items()])
def test_damaged_and_random_frames_end_in_a_reading_or_a_typed_refusal(driver: type[Driver]) -> None:
    instance, said = driver(), 0
    for frame in damaged(driver, random.Random(f"{driver.name} 1")):
        try:
            found = list(instance.receive(frame))
        except DecodeError:
            continue
        for item in found:
            assert isinstance(item, (Reading, Refused))
            if isinstance(item, Reading):
                said += 1
                assert all(measurement.vital in VITALS for measurement in item.measurements)
                assert all(isinstance(each.value, Absent) or each.value.is_finite() for each in item.measurements)
    list(instance.finish())
    assert said, "some of the damaged frames still decode: the sample reaches the decoder"
