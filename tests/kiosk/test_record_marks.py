"""A restarted booth still knows which stored records it has seen."""

import asyncio
import contextlib
import json

import pytest

from drivers.device import ClockReading, Device
from drivers.ieee11073 import Fields
from drivers.measurement import Frame
from kiosk.agent import Agent
from kiosk.consultation.measuring import Measuring, Settled, Unattributed
from kiosk.links.link import LinkState, SystemClock
from kiosk.record_marks import RecordMarks
from kiosk.settings import Settings
from simulators.shipped_frames import frames

METER = Device("ble:meter", "glucose")


class Meter:
    """A link with one meter that sends its newest record; it is its own LinkSource."""

    def __init__(self):
        self.sent = asyncio.Event()

    async def start(self, clock, marks):
        self.clock = clock
        return [self]

    async def stop(self):
        pass

    async def run(self, emit):
        now = self.clock.now()
        emit(LinkState(METER, True, "connected", now))
        emit(Frame("2A18", frames()["V163"], now, METER.key))
        self.sent.set()
        await asyncio.Event().wait()

    async def write(self, device, source, data):
        raise NotImplementedError


async def test_the_number_of_the_newest_record_outlives_the_agent(tmp_path):
    state = tmp_path / "state"
    settings = Settings("pharmacy", "ws://127.0.0.1:9/", str(state), str(tmp_path / "run"))
    meter = Meter()
    running = asyncio.create_task(Agent(settings, meter, ["sleep", "60"]).run())
    async with asyncio.timeout(10):
        await meter.sent.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert json.loads((state / "record-marks.json").read_text()) == {"ble:meter": 6}
    assert RecordMarks(state).kept == {"ble:meter": 6}


@pytest.mark.parametrize(("kept", "outcome"), [({"ble:meter": 5}, Settled), ({"ble:meter": 6}, None), ({}, Unattributed)])
def test_a_record_is_judged_by_the_mark_of_the_last_run(tmp_path, kept, outcome):
    """Above the mark it is new, at the mark it was seen, and without a mark nobody knows: the helper is asked."""
    RecordMarks(tmp_path).keep(kept)
    measuring, now = Measuring(RecordMarks(tmp_path).kept), SystemClock().now()
    measuring.open(now)
    measuring.take(ClockReading(METER.key, Fields(frames()["V163"][3:]).date_time("base time"), now))
    measuring.take(LinkState(METER, True, "connected", now))
    outcomes = measuring.take(Frame("2A18", frames()["V163"], now, METER.key))
    assert [type(one) for one in outcomes] == ([] if outcome is None else [outcome])


def test_a_damaged_file_asks_the_helper_again_and_stops_nothing(tmp_path, caplog):
    (tmp_path / "record-marks.json").write_bytes(b'{"ble:meter": "si')
    marks = RecordMarks(tmp_path)
    assert marks.kept == {}
    assert "damaged" in caplog.text
    marks.keep({"ble:meter": 7})
    assert RecordMarks(tmp_path).kept == {"ble:meter": 7}
