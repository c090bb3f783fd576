"""One contract for BLE links over every radio. No test here knows which radio runs."""

import asyncio
import time
from datetime import timedelta
from decimal import Decimal

import pytest

from drivers.device import ClockReading, Device
from drivers.measurement import Frame
from drivers.vendors import polar_ecg, viatom
from kiosk.consultation.measuring import Live, Measuring, Settled
from kiosk.links.ble import BleLink
from kiosk.links.ble_connection import Limits
from kiosk.links.link import ClockSet, LinkState, NotAllowedError, NotConnectedError, SystemClock
from simulators.scripts import CANARY
from simulators.shipped_frames import frames
from tests.kiosk.links.booth import CUFF, LIMITS, METER, OXIMETER, RING, SCALE, THERMOMETER, WEIGHER, Booth, known, link, serving
from tests.kiosk.links.events import running


async def test_every_frame_arrives_as_it_was_sent(booth_hardware):
    """Blood pressure, temperature and saturation, byte for byte the same over every radio (F004-03)."""
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("cuff", "normal")
        await booth_hardware.play("thermometer", "canary")
        await booth_hardware.play("oximeter", "normal")
        await events.until(lambda: events.frames("2A35") and events.frames("2A1C") and len(events.frames("2A5F")) >= 3)
        assert events.frames("2A35") == [frames()["V145"]]
        assert events.frames("2A1C") == [CANARY]
        assert events.frames("2A5F")[:3] == [frames()[one] for one in ("V088", "V086", "V089")]
        assert events.frames("2A49") == [b"\x07\x00"]
        await events.until(lambda: any(device.key == OXIMETER for device in events.of(Device)))
        clock = next(clock for clock in events.of(ClockReading) if clock.device == CUFF)
        assert clock.device_time.year == 2024
        learnt = next(device for device in events.of(Device) if device.key == OXIMETER)
        assert (learnt.manufacturer, learnt.serial, learnt.battery) == ("telecabine, simulated", "SIM-0002", 87)


async def test_state_is_told_once_down_and_once_back(booth_hardware):
    async with running(link(booth_hardware)) as events:
        for _ in range(2):
            await booth_hardware.play("oximeter", "normal")
            await events.until(lambda: events.states(OXIMETER)[-1:] == [(True, "connected")])
            await booth_hardware.off("oximeter")
            await events.until(lambda: events.states(OXIMETER)[-1] == (False, "the device ended the connection"))
    assert [up for up, _ in events.states(OXIMETER)] == [True, False, True, False]


async def test_a_silent_stream_has_no_signal(booth_hardware):
    async with running(link(booth_hardware, limits=Limits(stale_s=0.3, give_up_s=30.0))) as events:
        await booth_hardware.play("oximeter", "silent")
        await events.until(lambda: events.states(OXIMETER)[-1:] == [(False, "no signal")])
        assert len(events.frames("2A5F")) == 4


async def test_a_stream_that_stays_silent_is_connected_anew(booth_hardware):
    async with running(link(booth_hardware, limits=Limits(stale_s=0.2, give_up_s=0.4))) as events:
        await booth_hardware.play("oximeter", "silent")
        await events.until(lambda: events.states(OXIMETER)[-1:] == [(False, "no signal")])
        await booth_hardware.play("oximeter", "normal")
        await events.until(lambda: events.states(OXIMETER)[-1][0])
        await events.until(lambda: len(events.frames("2A5F")) > 4)


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("org.bluez.Error.InProgress", "br-connection-busy", 2),
        ("org.bluez.Error.Failed", "le-connection-abort-by-local", 2),
        ("org.bluez.Error.Failed", "Software_caused_connection_abort", 3),
        ("org.bluez.Error.NotReady", "", 1),
    ],
)
async def test_a_connection_that_fails_is_tried_again(booth_hardware, name, text, count):
    await booth_hardware.fail("Connect", name, text, count)
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("thermometer", "normal")
        await events.until(lambda: events.frames("2A1C"), 20)
        assert events.frames("2A1C") == [frames()["V107"]]


async def test_a_refused_pairing_is_said_in_words_and_tried_rarely(booth_hardware):
    await booth_hardware.fail("Connect", "org.bluez.Error.AuthenticationFailed", "Authentication_Failed", 1)
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("thermometer", "normal")
        await events.until(lambda: events.states(THERMOMETER))
        assert events.states(THERMOMETER) == [(False, "the device refused the pairing; pair it again")]
        await booth_hardware.play("oximeter", "normal")
        await events.until(lambda: events.frames("2A5F"))
        assert len(events.states(THERMOMETER)) == 1


@pytest.mark.parametrize("name", ["org.bluez.Error.InProgress", "org.bluez.Error.NotReady"])
async def test_a_scan_that_fails_to_start_starts_later(booth_hardware, name):
    await booth_hardware.fail("StartDiscovery", name, "", 2)
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("thermometer", "normal")
        await events.until(lambda: events.frames("2A1C"), 20)


async def test_a_killed_bluetooth_service_is_no_signal_within_3_s_and_live_within_10_s_of_its_return(booth_hardware):
    """A dead bluetoothd gives no disconnect callback: the link must find out by itself."""
    async with running(link(booth_hardware, limits=Limits())) as events:
        await booth_hardware.play("oximeter", "normal")
        await events.until(lambda: len(events.frames("2A5F")) >= 3)
        killed = time.monotonic()
        await booth_hardware.kill()
        await events.until(lambda: not events.states(OXIMETER)[-1][0], 5)
        assert events.states(OXIMETER)[-1] == (False, "the Bluetooth service stopped")
        assert time.monotonic() - killed < 3
        seen, returned = len(events.frames("2A5F")), time.monotonic()
        await booth_hardware.revive()
        await events.until(lambda: len(events.frames("2A5F")) > seen, 15)
        assert time.monotonic() - returned < 10
        assert events.states(OXIMETER)[-1][0]


async def test_an_adapter_that_is_pulled_out_and_put_back_serves_again(booth_hardware):
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("oximeter", "normal")
        await events.until(lambda: events.frames("2A5F"))
        await booth_hardware.unplug_adapter()
        await events.until(lambda: events.states(CUFF) and not events.states(OXIMETER)[-1][0])
        assert events.states(CUFF) == [(False, "the Bluetooth adapter was removed")]
        seen = len(events.frames("2A5F"))
        await booth_hardware.plug_adapter()
        await booth_hardware.play("oximeter", "normal")
        await events.until(lambda: len(events.frames("2A5F")) > seen, 20)


async def test_a_look_alike_is_not_connected(booth_hardware, caplog):
    cuff, *others = known()
    pinned = Device("ble:AA:BB:CC:DD:EE:FF", cuff.driver, name=cuff.name, address="AA:BB:CC:DD:EE:FF")
    async with running(link(booth_hardware, [pinned, *others])) as events:
        await booth_hardware.play("cuff", "normal")
        await booth_hardware.play("thermometer", "normal")
        await events.until(lambda: events.frames("2A1C"))
        await events.until(lambda: "has the name of a known device but is not it" in caplog.text)
    assert not events.frames("2A35")
    assert not [state for state in events.of(LinkState) if state.device.driver == "blood-pressure"]
    assert caplog.text.count("is not it") == 1


async def test_another_instrument_under_the_pinned_address_is_refused(booth_hardware):
    cuff = Device(OXIMETER, "pulse-oximeter", name="SIM-PLX", address="F0:00:00:00:00:02", serial="SOMEBODY-ELSE")
    async with running(link(booth_hardware, [cuff])) as events:
        await booth_hardware.play("oximeter", "normal")
        await events.until(lambda: events.states(OXIMETER)[-1:] and not events.states(OXIMETER)[-1][0])
    assert "another instrument answers" in events.states(OXIMETER)[-1][1]
    assert not events.frames("2A5F")


async def test_a_ring_answers_what_it_is_asked_and_is_asked_nothing_else(booth_hardware):
    """The driver keeps the stream alive by polling; a command outside its allow-list never leaves."""
    ring = link(booth_hardware)
    async with running(ring) as events:
        await booth_hardware.play("ring", "normal")
        await events.until(lambda: events.frames(viatom.NOTIFY))
        assert events.frames(viatom.NOTIFY)[0] == frames()["o2ring-reading"]
        seen = len(events.frames(viatom.NOTIFY))
        await ring.write(RING, viatom.NOTIFY, viatom.ring_command(viatom.PING))
        await events.until(lambda: len(events.frames(viatom.NOTIFY)) > seen)
        with pytest.raises(NotAllowedError):
            await ring.write(RING, viatom.WRITE, bytes.fromhex("aa18e700000000ff"))
        with pytest.raises(NotConnectedError):
            await ring.write(CUFF, "2A35", b"")
    (reading, *_) = events.readings("viatom")
    assert [measurement.value for measurement in reading.measurements][:2] == [Decimal(97), Decimal(72)]


async def test_a_glucose_meter_is_asked_for_its_newest_record_once_subscribed(booth_hardware):
    """Subscribe first, then ask: a meter refuses the other order (F004-08)."""
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("meter", "normal")
        await events.until(lambda: events.frames("2A18"))
        await events.until(lambda: events.states(METER)[-1] == (False, "the device ended the connection"))
    (reading,) = [reading for reading in events.readings("glucose") if reading.settled]
    (clock,) = events.of(ClockReading)
    assert reading.sequence == 6
    assert events.transfers(METER) == ["", "success"]
    assert abs((reading.device_time + clock.offset()) - clock.received.wall.replace(tzinfo=None)).total_seconds() < 30


async def test_what_is_new_in_a_meter_comes_once_and_what_was_read_before_is_not_asked_for(booth_hardware):
    """Count, then greater-or-equal above the mark; at the next connection nothing is new (F004-08)."""
    booth = Booth({METER: 6})
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("meter", "new")
        await events.until(lambda: events.transfers(METER)[-1:] == ["success"])
        assert len(events.frames("2A18")) == 3
        await booth_hardware.play("meter", "new")
        await events.until(lambda: events.transfers(METER)[-1:] == ["no-records-found"])
    assert booth.settled() == [7, 8, 9]
    assert booth.marks == {METER: 9}
    assert not booth.measuring.unattributed


@pytest.mark.parametrize(("script", "first"), [("lost", [7, 8]), ("lost-newest-first", [9, 8])])
async def test_a_link_lost_in_mid_transfer_loses_no_record_and_doubles_none(booth_hardware, script, first):
    booth = Booth({METER: 6})
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("meter", script)
        await events.until(lambda: events.states(METER)[-1:] == [(False, "the device ended the connection")])
        assert booth.settled() == first
        assert booth.marks == {METER: 6}
        await booth_hardware.play("meter", "new")
        await events.until(lambda: events.transfers(METER)[-1] == "success")
    assert sorted(booth.settled()) == [7, 8, 9]
    assert booth.marks == {METER: 9}
    assert not booth.measuring.unattributed


async def test_a_meter_that_was_emptied_counts_anew_and_the_helper_is_asked_once(booth_hardware):
    """Its numbers are below the mark: no record of it may be taken for an old one and left out in silence."""
    booth = Booth({METER: 6})
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("meter", "emptied")
        await events.until(lambda: events.transfers(METER)[-1:] == ["no-records-found"])
        assert [(entry.reading.sequence, entry.reason) for entry in booth.measuring.unattributed] == [(2, "no-high-water-mark")]
        assert booth.marks == {METER: 2}
        await booth_hardware.play("meter", "emptied-and-new")
        await events.until(lambda: events.transfers(METER)[-1] == "success")
    assert booth.settled() == [3]


async def test_a_meter_that_knows_one_question_only_is_asked_that_one(booth_hardware):
    """Some meters answer nothing but "report the last record"."""
    booth = Booth({METER: 6})
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("meter", "simple")
        await events.until(lambda: events.transfers(METER)[-1:] == ["success"])
    assert booth.settled() == [7]


async def test_a_meter_that_never_answers_is_given_up_and_asked_again(booth_hardware):
    booth = Booth({METER: 6})
    async with serving(booth_hardware, booth, Limits(records_s=0.3)) as events:
        await booth_hardware.play("meter", "mute")
        await events.until(lambda: events.states(METER)[-1:] == [(False, "the device did not answer in time")])
        assert "timed-out" in events.transfers(METER)
        await booth_hardware.play("meter", "new")
        await events.until(lambda: events.transfers(METER)[-1] == "success")
    assert booth.settled() == [7, 8, 9]


async def test_a_report_that_the_booth_leaves_is_aborted(booth_hardware):
    """The meter reports to nobody again before its report is ended."""
    booth = Booth({METER: 6})
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("meter", "stuck")
        await events.until(lambda: events.frames("2A18"))
    async with serving(booth_hardware, booth) as events:
        await events.until(lambda: events.transfers(METER)[-1:] == ["success"], 20)
    assert booth.settled() == [7, 8, 9]


async def test_a_wrong_clock_is_set_after_its_reading_was_taken_and_never_before(booth_hardware):
    """The result keeps the time that the wrong clock gives it; the next connection finds the clock right."""
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("cuff", "normal")
        await events.until(lambda: events.of(ClockSet))
        await events.until(lambda: len(events.of(ClockReading)) >= 2)
    told = [
        event for event in events.all if isinstance(event, ClockReading | ClockSet) or (isinstance(event, Frame) and event.source == "2A35")
    ]
    assert [type(event) for event in told[:4]] == [ClockReading, Frame, ClockSet, ClockReading]
    before, after = (event for event in told[:4] if isinstance(event, ClockReading))
    assert abs(before.offset()) > timedelta(days=300)
    assert abs(after.offset()) < timedelta(seconds=10)
    (settled,) = [outcome for outcome in booth.outcomes if isinstance(outcome, Settled)]
    assert settled.corrected
    assert abs(settled.effective - SystemClock().now().wall) < timedelta(seconds=60)


async def test_a_clock_that_is_right_is_left_alone(booth_hardware):
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("cuff", "again")
        await events.until(lambda: [outcome for outcome in booth.outcomes if isinstance(outcome, Settled)])
        await events.until(lambda: not events.states(CUFF)[-1][0])
    assert not events.of(ClockSet)


async def test_a_scale_with_two_profiles_loses_the_values_of_none(booth_hardware):
    """It advertises its weight; its body composition comes over the same connection and is this patient's as well."""
    measuring = Measuring()
    measuring.open(SystemClock().now())
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("scale", "normal")
        await events.until(lambda: events.frames("2A9C"))
        await events.until(lambda: events.states(SCALE)[-1] == (False, "the device ended the connection"))
    settled = [outcome.reading for event in events.all for outcome in measuring.take(event) if isinstance(outcome, Settled)]
    assert [(reading.driver, reading.source) for reading in settled] == [("weight-scale", "2A9D"), ("body-composition", "2A9C")]
    assert [measurement.vital for reading in settled for measurement in reading.measurements] == [
        *("weight", "bmi", "height"),
        *("body-fat", "fat-free-mass", "soft-lean-mass", "body-water-mass"),
    ]
    assert not measuring.refused


async def test_a_scale_that_only_advertises_is_up_while_it_is_heard_and_its_weight_counts(booth_hardware):
    """Weight and impedance from advertisements, without a connection; silence is no signal."""
    booth = Booth()
    async with serving(booth_hardware, booth, Limits(unheard_s=1.0)) as events:
        await booth_hardware.play("bathroom-scale", "normal")
        await events.until(lambda: events.states(WEIGHER)[-1:] == [(False, "no signal")], 20)
    assert events.states(WEIGHER) == [(True, "heard"), (False, "no signal")]
    (settled,) = [outcome.reading for outcome in booth.outcomes if isinstance(outcome, Settled)]
    assert [(m.vital, f"{m.value:f}", m.unit) for m in settled.measurements] == [("weight", "85.150", "kg"), ("impedance", "428", "Ohm")]
    assert not booth.measuring.refused


async def test_a_chest_strap_tells_its_rate_and_its_electrocardiogram(booth_hardware):
    """The strap is asked for the curve once both are listened to; both are live values of one device."""
    booth = Booth()
    async with serving(booth_hardware, booth) as events:
        await booth_hardware.play("chest-strap", "normal")
        await events.until(lambda: events.frames(polar_ecg.DATA) and events.frames("2A37"), 20)
    live = [outcome.reading for outcome in booth.outcomes if isinstance(outcome, Live)]
    assert [f"{m.value:f}" for reading in live for m in reading.measurements][:1] == ["100"]
    assert next(wave.samples for reading in live for wave in reading.waveforms) == (-32766, 32770)


async def test_a_connection_that_a_dead_process_left_is_ended_and_the_device_found(booth_hardware):
    heard = asyncio.get_running_loop().create_future()
    await booth_hardware.play("oximeter", "normal")
    async with booth_hardware.radio.scanner(lambda peer, _: None if heard.done() else heard.set_result(peer)):
        left = booth_hardware.radio.client(await heard, lambda: None)
        await left.connect()
    async with running(link(booth_hardware)) as events:
        await events.until(lambda: events.frames("2A5F"), 20)
    assert not left.is_connected
    await left.disconnect()


async def test_a_scanner_that_hears_nothing_starts_anew_and_still_hears(booth_hardware, caplog):
    async with running(link(booth_hardware, limits=Limits(silent_s=0.3))) as events:
        await asyncio.wait_for(_logged(caplog, "heard nothing", 3), 20)
        await booth_hardware.play("thermometer", "normal")
        await events.until(lambda: events.frames("2A1C"), 20)


async def _logged(caplog, text: str, times: int) -> None:
    while caplog.text.count(text) < times:  # noqa: ASYNC110 - logging has no event to wait for
        await asyncio.sleep(0.05)


async def test_closing_the_link_leaves_no_connection_behind(booth_hardware):
    async with running(link(booth_hardware)) as events:
        await booth_hardware.play("oximeter", "normal")
        await events.until(lambda: events.frames("2A5F"))
    async with running(link(booth_hardware)) as again:
        async with asyncio.timeout(10):
            await booth_hardware.play("oximeter", "normal")
        await again.until(lambda: again.frames("2A5F"))


class SlowGoodbyes:
    """A radio whose clients leave when `may_leave` is set, as slowly as BlueZ does it at worst."""

    def __init__(self, radio):
        self._radio, self.may_leave = radio, asyncio.Event()

    def __getattr__(self, name):
        return getattr(self._radio, name)

    def client(self, peer, lost):
        return SlowToLeave(self._radio.client(peer, lost), self.may_leave)


class SlowToLeave:
    def __init__(self, client, may_leave):
        self._client, self._may_leave = client, may_leave

    def __getattr__(self, name):
        return getattr(self._client, name)

    async def disconnect(self):
        await self._may_leave.wait()
        await self._client.disconnect()


async def test_nobody_waits_for_a_disconnection(booth_hardware):
    """The thermometer measures twice and the cuff once while no goodbye has come to its end."""
    radio = SlowGoodbyes(booth_hardware.radio)
    async with running(BleLink(radio, SystemClock(), known(), LIMITS)) as events:
        for number in (1, 2):
            await booth_hardware.play("thermometer", "normal")
            await events.until(lambda: len(events.frames("2A1C")) == number and not events.states(THERMOMETER)[-1][0], 20)  # noqa: B023
        await booth_hardware.play("cuff", "normal")
        await events.until(lambda: events.frames("2A35"), 20)
        radio.may_leave.set()
