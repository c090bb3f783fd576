"""Instruments that are asked: the whole exchange over every radio, from the first command to the patient's result."""

import asyncio
import io
from datetime import timedelta
from decimal import Decimal

from drivers.device import ClockReading, Device
from drivers.measurement import Absent, Frame
from kiosk import known_devices
from kiosk.commands.capture import capture
from kiosk.consultation.measuring import BoothClockUnsure, Live, Rejected
from kiosk.links.link import ClockSet, SystemClock
from simulators.shipped_frames import frames
from tests.kiosk.links.booth import BM85, CUFF, FINGER, OMRON, OMRON_WITH_KEY, SENSOR, Booth, known, link, serving
from tests.kiosk.links.events import running

GONE = (False, "the device ended the connection")


def numbers(reading) -> dict[str, Decimal | Absent]:
    return {measurement.vital: measurement.value for measurement in reading.measurements}


# --- Generic Health Sensor ----------------------------------------------------------------------------------------------------------------


async def test_a_health_sensors_new_records_are_fetched_before_it_sends_live_values(booth_hardware):
    """It would answer that it is busy; its time stamps count UTC, and its clock is right by them (F004-06)."""
    booth = Booth({SENSOR: 2})
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("health-sensor", "new")
        await events.until(lambda: events.states(SENSOR)[-1:] == [GONE], 20)
    assert events.transfers(SENSOR) == ["", "success"]
    assert booth.settled() == [3, 4, None]
    assert [result.reading.source for result in booth.results()] == ["2BDD", "2BDD", "2B8B"]
    stored = booth.results()[0]
    assert numbers(stored.reading) == {"systolic": Decimal(100), "diastolic": Decimal(60), "mean-arterial-pressure": Decimal(80)}
    assert abs(stored.effective - SystemClock().now().wall) < timedelta(seconds=20)
    assert booth.marks == {SENSOR: 4}
    assert not booth.measuring.unattributed
    assert not events.of(ClockSet)


async def test_a_health_sensor_that_has_nothing_new_says_so_and_sends_live_values(booth_hardware):
    booth = Booth({SENSOR: 2})
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("health-sensor", "normal")
        await events.until(lambda: events.states(SENSOR)[-1:] == [GONE], 20)
    assert events.transfers(SENSOR) == ["", "no-records-found"]
    assert booth.settled() == [None]
    assert booth.marks == {SENSOR: 2}


async def test_a_health_sensor_that_was_never_read_leaves_its_newest_record_to_the_helper(booth_hardware):
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("health-sensor", "silent")
        await events.until(lambda: events.states(SENSOR)[-1:] == [GONE], 20)
    assert [(entry.reading.sequence, entry.reason) for entry in booth.measuring.unattributed] == [(4, "no-high-water-mark")]
    assert booth.marks == {SENSOR: 4}


async def test_a_sensor_that_knows_no_newest_record_is_asked_for_all_once(booth_hardware):
    """The other vendor's: all of its memory the first time, then what is new, and all again when it was emptied."""
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("health-sensor", "other")
        await events.until(lambda: events.states(SENSOR)[-1:] == [GONE], 20)
        assert [entry.reading.sequence for entry in booth.measuring.unattributed] == [1, 2, 3]
        assert booth.marks == {SENSOR: 3}
        before = len(events.frames("2BDD"))
        await booth_hardware.play("health-sensor", "other")
        await events.until(lambda: events.transfers(SENSOR)[2:] == ["", "no-records-found"], 20)
        assert len(events.frames("2BDD")) == before
        await events.until(lambda: events.states(SENSOR)[-1:] == [GONE], 20)
        await booth_hardware.play("health-sensor", "other-emptied")
        await events.until(lambda: events.transfers(SENSOR)[4:] == ["", "success"], 20)
    assert booth.marks == {SENSOR: 1}


async def test_a_sensors_clock_of_elapsed_time_is_read_for_its_readings_and_set_after_them(booth_hardware):
    """It counts the seconds of UTC and takes a time in its own form only."""
    booth = Booth({SENSOR: 2})
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("health-sensor", "wrong-clock")
        await events.until(lambda: events.of(ClockSet) and len(events.of(ClockReading)) == 2, 20)
    before, after = events.of(ClockReading)
    assert before.error() > timedelta(days=300)
    assert abs(after.error()) < timedelta(seconds=5)
    (result,) = booth.results()
    assert abs(result.effective - SystemClock().now().wall) < timedelta(seconds=30)


async def test_a_booth_whose_own_clock_nobody_vouches_for_sets_no_other_and_says_so_once(booth_hardware):
    booth = Booth(right=False)
    async with serving(booth_hardware, booth) as events:
        for number in (1, 2):
            await booth_hardware.play("cuff", "normal" if number == 1 else "failed")  # both have the time of their capture, years ago
            await events.until(lambda: len(booth.results()) == number and not events.states(CUFF)[-1][0], 20)  # noqa: B023 - called at once
    assert not events.of(ClockSet)
    assert [outcome for outcome in booth.outcomes if isinstance(outcome, BoothClockUnsure)] == [BoothClockUnsure(CUFF)]


# --- Omron ---------------------------------------------------------------------------------------------------------------------------------


async def test_an_omron_cuff_is_unlocked_and_its_memory_read_and_the_newest_record_alone_is_kept(booth_hardware):
    """A HEM-7142T2 with three captured records: its own clock says that the newest was measured just now (F004-10)."""
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("omron-cuff", "normal")
        await events.until(lambda: events.states(OMRON)[-1:] == [GONE], 20)
    (result,) = booth.results()
    assert numbers(result.reading) == {"systolic": Decimal(126), "diastolic": Decimal(88), "pulse-rate": Decimal(84)}
    assert (result.reading.user, result.corrected) == (1, True)
    assert abs(result.effective - SystemClock().now().wall) < timedelta(seconds=30)
    assert booth.measuring.clock(OMRON).device_time.date().isoformat() == "2026-06-17"
    assert not booth.measuring.unattributed
    assert not booth.measuring.refused


async def test_a_damaged_reply_is_asked_for_again(booth_hardware):
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("omron-cuff", "damaged")
        await events.until(lambda: events.states(OMRON)[-1:] == [GONE], 20)
    assert len([outcome for outcome in booth.outcomes if isinstance(outcome, Rejected)]) == 2
    (result,) = booth.results()
    assert numbers(result.reading)["systolic"] == Decimal(126)


async def test_a_technician_captures_what_a_cuff_sends_when_it_is_asked(booth_hardware, tmp_path):
    """`telecabine capture` asks as the booth does: the file holds a capture of V164's record in its frame."""
    known_devices.remember(tmp_path, next(device for device in known() if device.key == OMRON))
    await booth_hardware.play("omron-cuff", "normal")
    output = io.StringIO()
    assert await capture(booth_hardware.radio, OMRON, "", tmp_path, 4, output, io.StringIO()) == 0
    assert frames()["V164"].hex(" ") in output.getvalue()


async def test_an_older_omron_cuff_opens_by_the_key_of_its_pairing_and_sends_in_pieces(booth_hardware):
    """A HEM-7600T with one captured record among a hundred slots."""
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("omron-cuff-with-key", "normal")
        await events.until(lambda: events.states(OMRON_WITH_KEY)[-1:] == [GONE], 30)
    (result,) = booth.results()
    assert numbers(result.reading) == {"systolic": Decimal(145), "diastolic": Decimal(91), "pulse-rate": Decimal(72)}
    assert abs(result.effective - SystemClock().now().wall) < timedelta(seconds=30)


async def test_an_omron_cuff_that_does_not_know_the_booth_says_what_to_do(booth_hardware):
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("omron-cuff-with-key", "strange")
        await events.until(lambda: events.states(OMRON_WITH_KEY)[-1:] and not events.states(OMRON_WITH_KEY)[-1][0], 20)
    assert events.states(OMRON_WITH_KEY)[-1] == (False, "the device does not know this booth; pair it again")


# --- EMAY, Contec CMS50D-BT ----------------------------------------------------------------------------------------------------------------


async def test_an_oximeter_that_wants_signs_of_life_gets_them(booth_hardware):
    """It starts when told to and would stop two seconds after the last heartbeat; without a pulse there is no number."""
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("finger-oximeter", "normal")
        await events.until(lambda: _lasted(events) > 2.5, 20)
        assert events.states(FINGER) == [(True, "connected")]
    live = [numbers(outcome.reading) for outcome in booth.outcomes if isinstance(outcome, Live)]
    assert live[:3] == [
        {"spo2": Decimal(99), "pulse-rate": Decimal(83)},
        {"spo2": Decimal(98), "pulse-rate": Decimal(62)},
        {"spo2": Decimal(98), "pulse-rate": Absent.NOT_PERFORMED},
    ]


def _lasted(events) -> float:
    came = [frame.received.monotonic for frame in events.of(Frame) if frame.source == "FF02"]
    return came[-1] - came[0] if came else 0.0


# --- Beurer --------------------------------------------------------------------------------------------------------------------------------


async def test_a_beurer_cuff_is_left_in_peace_and_its_own_layout_read(booth_hardware):
    """A captured frame of a BM85: pulse and status with the high byte first, a user although its flag is clear."""
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("cuff-bm85", "normal")
        await events.until(lambda: events.states(BM85)[-1:] == [GONE], 20)
    (result,) = booth.results()
    assert numbers(result.reading) == {
        "systolic": Decimal(106),
        "diastolic": Decimal(71),
        "mean-arterial-pressure": Absent.NOT_PERFORMED,
        "pulse-rate": Decimal(63),
    }
    assert result.reading.user == 0


async def test_the_same_cuff_is_silent_to_whoever_subscribes_at_once(booth_hardware):
    hasty = Device(BM85, "blood-pressure", name="BM85", address="F0:00:00:00:00:0D")
    async with running(link(booth_hardware, [hasty])) as events:
        await booth_hardware.play("cuff-bm85", "normal")
        await events.until(lambda: events.states(BM85)[-1:] == [(True, "connected")])
        await asyncio.wait_for(_described(events), 10)
    assert not events.frames("2A35")


async def _described(events) -> None:
    await events.until(lambda: [device for device in events.of(Device) if device.key == BM85])
