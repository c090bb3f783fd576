"""Curves on the sealed line as binary frames: the recorded ones, which the page's own code runs too. Needs F004-05."""

import json
import random
from pathlib import Path

import pytest

from kiosk.secure.padding import bucket, padded
from protocol import specialist
from protocol.codec import ProtocolError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/curve-frame.json").read_text())
GOOD = [(bytes.fromhex(row["frame"]), specialist.from_booth.decode(json.dumps(row["curve"]))) for row in VECTORS["good"]]


@pytest.mark.parametrize(("frame", "curve"), GOOD)
def test_a_curve_is_written_and_read_as_recorded(frame, curve):
    assert specialist.from_booth.compact(curve) == frame
    assert specialist.from_booth.decode(padded(frame)) == curve


@pytest.mark.parametrize("frame", VECTORS["bad"])
def test_what_is_no_frame_is_refused(frame):
    with pytest.raises(ProtocolError):
        specialist.from_booth.decode(bytes.fromhex(frame))


def test_damaged_frames_are_read_or_refused_and_nothing_else():
    chance = random.Random(3)
    for _ in range(5000):
        frame = bytearray(chance.choice(GOOD)[0])
        for _ in range(chance.randrange(1, 4)):
            frame[chance.randrange(len(frame))] = chance.randrange(256)
        try:
            assert isinstance(specialist.from_booth.decode(bytes(frame[: chance.randrange(1, len(frame) + 1)])), specialist.Curve)
        except ProtocolError:
            continue


@pytest.mark.parametrize(("samples", "period"), [(tuple(range(40, 44)), 1000 / 60), (tuple(range(-500, 500, 40)), 2.0)])
def test_a_batch_of_a_pulse_wave_or_an_electrocardiogram_needs_the_smallest_bucket(samples, period):
    """50 ms of 60 Hz and of 500 Hz: 128 octets on the line, where JSON takes 192 and 384."""
    curve = specialist.Curve("serial:usb-Contec_CMS50D-if00-port0", "pleth", 123456, samples, period, 1764316800123.5)
    assert bucket(len(specialist.from_booth.compact(curve))) == 128
    assert bucket(len(specialist.from_booth.encode(curve))) >= 192


def test_what_no_frame_holds_goes_as_json():
    curve = specialist.Curve("ble:x", "pleth", 1, (1 << 40,), 1.0, 1.0)
    assert specialist.from_booth.decode(specialist.from_booth.compact(curve)) == curve
    assert specialist.from_booth.compact(curve)[:1] == b"{"
