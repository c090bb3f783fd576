"""Each script of the simulated booth, through the real links and the real drivers."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from drivers.device import ClockReading, Device
from drivers.measurement import Absent, Reading
from kiosk.links.ble_connection import Limits
from kiosk.links.link import LinkState, SystemClock
from kiosk.links.serial_line import SerialLimits
from kiosk.links.supervisor import BackOff
from simulators.booth import SERIAL, SimulatedBooth
from tests.kiosk.links.events import Events, running

CUFF, OXIMETER, THERMOMETER = (f"ble:F0:00:00:00:00:0{n}" for n in (1, 2, 3))
PATIENT, FAST = Limits(give_up_s=30.0), Limits(stale_s=0.3, give_up_s=30.0)
CONTEC = "serial:usb-Simulated_CMS50D-if00-port0"


async def at_once(seconds: float) -> None:
    """Keeps the order of a script, not its time; live streams still give the loop a breath."""
    await asyncio.sleep(min(seconds, 0.02))


@pytest.fixture
async def booth(tmp_path):
    booth = SimulatedBooth(SystemClock(), tmp_path, at_once)
    yield booth
    await booth.close()


def values(reading: Reading) -> dict[str, str]:
    return {m.vital: m.value if isinstance(m.value, Absent) else f"{m.value:f} {m.unit}" for m in reading.measurements}


async def play(booth: SimulatedBooth, device: str, script: str, key: str) -> Events:
    async with running(*booth.links(PATIENT)) as events:
        async with asyncio.timeout(20):
            await booth.play(device, script)
        await events.until(lambda: events.states(key)[-1:] and not events.states(key)[-1][0])
    return events


async def test_a_cuff_measures_and_its_time_is_now(tmp_path):
    """Blood pressure from the cuff's own bytes, on the booth's time (F004-07)."""
    booth = SimulatedBooth(SystemClock(), tmp_path)
    before = SystemClock().now().wall.replace(tzinfo=None)
    events = await play(booth, "cuff", "normal", CUFF)
    (reading,) = [r for r in events.readings("blood-pressure") if r.settled]
    assert values(reading) == {
        "systolic": "124 mm[Hg]",
        "diastolic": "86 mm[Hg]",
        "mean-arterial-pressure": "97 mm[Hg]",
        "pulse-rate": "51 /min",
    }
    (clock,) = events.of(ClockReading)
    assert clock.device == CUFF
    corrected = reading.device_time + clock.offset()
    assert before - timedelta(seconds=1) <= corrected <= SystemClock().now().wall.replace(tzinfo=None)
    assert events.states(CUFF) == [(True, "connected"), (False, "the device ended the connection")]
    learnt = next(event for event in events.of(Device) if event.key == CUFF)
    assert (learnt.model, learnt.serial, learnt.system_id, learnt.battery) == ("Tensiomètre (simulé)", "SIM-0001", "F00000FFFE000001", 87)


async def test_a_failed_measurement_brings_no_number(booth):
    events = await play(booth, "cuff", "failed", CUFF)
    (reading,) = [r for r in events.readings("blood-pressure") if r.settled]
    assert set(values(reading).values()) == {Absent.NOT_A_NUMBER}


async def test_an_old_reading_keeps_its_old_time(booth):
    events = await play(booth, "cuff", "stale", CUFF)
    (reading,) = [r for r in events.readings("blood-pressure") if r.settled]
    (clock,) = events.of(ClockReading)
    assert (reading.device_time + clock.offset()).year == 2024


@pytest.mark.parametrize(("device", "key", "driver"), [("cuff", CUFF, "blood-pressure"), ("thermometer", THERMOMETER, "thermometer")])
async def test_a_device_that_vanishes_leaves_nothing_but_a_link_that_is_down(booth, device, key, driver):
    events = await play(booth, device, "vanishes", key)
    assert not [r for r in events.readings(driver) if r.settled]
    assert events.states(key) == [(True, "connected"), (False, "the device ended the connection")]


@pytest.mark.parametrize(("script", "value"), [("normal", Decimal("36.4")), ("canary", Decimal("36.8437"))])
async def test_a_thermometer_measures(booth, script, value):
    events = await play(booth, "thermometer", script, THERMOMETER)
    (reading,) = [r for r in events.readings("thermometer") if r.settled]
    assert [m.value for m in reading.measurements] == [value]
    assert "site-ear" in reading.flags


async def test_an_oximeter_streams_until_it_is_switched_off(booth):
    """Saturation and heart rate, live (F004-06)."""
    async with running(*booth.links(PATIENT)) as events:
        booth.play("oximeter", "normal")
        await events.until(lambda: len(events.frames("2A5F")) >= 7)
        await booth.off("oximeter")
        await events.until(lambda: events.states(OXIMETER)[-1] == (False, "the device ended the connection"))
        live = [values(r)["spo2"] for r in events.readings("pulse-oximeter") if r.measurements]
        assert live[:3] == ["95 %", "100.0 %", "99.0 %"]
        booth.play("oximeter", "normal")
        seen = len(events.frames("2A5F"))
        await events.until(lambda: len(events.frames("2A5F")) > seen)
        assert events.states(OXIMETER)[-1] == (True, "connected")


async def test_an_oximeter_that_falls_silent_has_no_signal_though_it_stays_connected(booth):
    async with running(*booth.links(FAST)) as events:
        booth.play("oximeter", "silent")
        await events.until(lambda: events.states(OXIMETER)[-1:] == [(False, "no signal")])
        assert len(events.frames("2A5F")) == 4
        booth.play("oximeter", "normal")
        await events.until(lambda: events.states(OXIMETER)[-1] == (True, "live again"))


async def test_a_serial_oximeter_streams_sixty_frames_a_second(booth):
    async with running(*booth.links(PATIENT)) as events:
        booth.play(SERIAL, "normal")
        await events.until(lambda: sum(map(len, events.frames("contec-cms50"))) >= 5 * 60)
        readings = events.readings("contec-cms50")
    assert all(isinstance(reading, Reading) for reading in readings)
    assert {values(reading)["spo2"] for reading in readings} <= {"97 %", "98 %"}
    assert {values(reading)["pulse-rate"] for reading in readings} <= {f"{rate} /min" for rate in range(70, 76)}
    curve = [sample for reading in readings for wave in reading.waveforms for sample in wave.samples]
    assert max(curve) - min(curve) > 80


async def test_a_finger_out_is_no_number_and_a_pulled_cable_no_signal(booth):
    async with running(*booth.links(PATIENT, SerialLimits(0.3, BackOff(0.01, 0.02)))) as events:
        booth.play(SERIAL, "finger-out")
        await events.until(lambda: len(events.frames("contec-cms50")) >= 3)
        readings = events.readings("contec-cms50")
        assert {m.value for r in readings for m in r.measurements if m.vital in ("spo2", "pulse-rate")} <= set(Absent)
        assert all("finger-out" in reading.flags for reading in readings)
        booth.play(SERIAL, "unplugged")
        await events.until(lambda: not events.states(CONTEC)[-1][0])
        booth.play(SERIAL, "normal")
        await events.until(lambda: events.states(CONTEC)[-1][0])
    assert [up for up, _ in events.states(CONTEC)][-3:] == [True, False, True]


async def test_an_unknown_script_is_refused_by_name(booth):
    with pytest.raises(ValueError, match="no script 'explodes'"):
        booth.play("cuff", "explodes")


async def test_nothing_is_emitted_for_devices_that_are_off(booth):
    async with running(*booth.links()) as events:
        await events.until(lambda: events.states(CONTEC))
    assert events.all == [LinkState(booth.serial_device, up=False, reason="not plugged in", at=events.all[0].at)]
