"""A serial line on a real pseudo-terminal: read, lost, found again, never taken twice."""

import asyncio
import itertools
from pathlib import Path

import pytest
import serial

from drivers.device import Device
from drivers.driver import load
from drivers.measurement import Frame, Instant, Reading
from kiosk.links.link import NotAllowedError, NotConnectedError, SystemClock
from kiosk.links.serial_line import SerialLimits, SerialLink
from kiosk.links.supervisor import BackOff
from simulators.serial_devices import PseudoTerminal, stream
from tests.kiosk.links.events import Events, running

KEY = "serial:usb-scale"
QUICK = SerialLimits(0.3, BackOff(0.005, 0.02))


@pytest.fixture
def line(tmp_path):
    line = PseudoTerminal(tmp_path / "usb-scale")
    yield line
    line.unplug()


def link(line: PseudoTerminal, driver: str = "mt-sics", limits: SerialLimits = QUICK) -> SerialLink:
    return SerialLink(Device(KEY, driver), line.path, SystemClock(), limits)


def weights(events: Events) -> list[str]:
    """Each connection has a driver of its own, as in the booth: what an unplugged line left half sent is not joined to the next."""
    found = []
    driver = load()["mt-sics"]()
    for event in events.all:
        if isinstance(event, Frame):
            items = driver.receive(event)
        else:
            driver, items = load()["mt-sics"](), ()
        found += [f"{m.value:f}" for item in items if isinstance(item, Reading) and item.settled for m in item.measurements]
    return found


async def test_a_line_that_is_not_there_comes_up_when_it_is_plugged_in(line):
    async with running(link(line)) as events:
        await events.until(lambda: events.states(KEY))
        assert events.states(KEY) == [(False, "not plugged in")]
        line.plug()
        await events.until(lambda: _push(line, events))
        line.send(b"S S     70.25 kg\r\n")
        await events.until(lambda: weights(events) == ["70.25"])
        assert events.states(KEY)[-1] == (True, "live")


async def test_silence_is_no_signal_and_never_the_last_value(line):
    line.plug()
    async with running(link(line)) as events:
        await events.until(lambda: _push(line, events))
        await events.until(lambda: events.states(KEY)[-1] == (False, "no signal"))
        line.send(b"S S     70.25 kg\r\n")
        await events.until(lambda: events.states(KEY)[-1] == (True, "live"))


def _push(line: PseudoTerminal, events: Events) -> bool:
    """Send until the first byte is heard: the line may not be open yet."""
    line.send(b"\r\n")
    asyncio.get_running_loop().call_later(0.01, events.wake)
    return bool(events.of(Frame))


@pytest.mark.parametrize("times", [5])
async def test_a_line_unplugged_and_plugged_in_again_loses_no_settled_reading(line, times):
    """The scale prints when the patient stands still and the technician's cable is in; the cable goes in the middle of other prints."""
    async with running(link(line)) as events:
        await unplug_again_and_again(line, events, times)


async def unplug_again_and_again(line: PseudoTerminal, events: Events, times: int) -> None:
    expected = []
    for number in range(times):
        line.plug()
        heard = len(events.of(Frame))
        await events.until(lambda: _push_more(line, events, heard), 30)  # noqa: B023 - called before the loop goes on
        weight = f"{60 + number / 100:.2f}"
        expected.append(weight)
        line.send(f"S S     {weight} kg\r\n".encode())
        await events.until(lambda: weights(events) == expected, 30)
        line.send(b"S S     99.9"[: 1 + number % 12])
        line.unplug()
        downs = [up for up, _ in events.states(KEY)].count(False)
        await events.until(lambda: not events.states(KEY)[-1][0], 30)
        assert [up for up, _ in events.states(KEY)].count(False) >= downs
    assert weights(events) == expected


def _push_more(line: PseudoTerminal, events: Events, heard: int) -> bool:
    line.send(b"\r\n")
    asyncio.get_running_loop().call_later(0.01, events.wake)
    return len(events.of(Frame)) > heard


async def test_a_line_has_one_reader(line):
    line.plug()
    async with running(link(line)) as events:
        await events.until(lambda: _push(line, events))
        with pytest.raises(serial.SerialException):
            serial.Serial(str(line.path), exclusive=True)
        async with running(link(line)) as others:
            await others.until(lambda: others.states(KEY) == [(False, "another program uses the line")])


async def test_only_what_the_driver_allows_is_written(line):
    scale = link(line)
    allowed = load()["mt-sics"]().commands()[0]
    with pytest.raises(NotConnectedError):
        await scale.write(KEY, "mt-sics", allowed)
    line.plug()
    async with running(scale) as events:
        await events.until(lambda: _push(line, events))
        line.received()
        with pytest.raises(NotAllowedError):
            await scale.write(KEY, "mt-sics", b"Z\r\n")
        await scale.write(KEY, "mt-sics", allowed)
        assert line.received() == allowed


async def test_a_stream_that_must_be_kept_alive_is(line):
    line.plug()
    declared = load()["contec-cms50-9"].link
    async with running(link(line, "contec-cms50-9")):
        sent = b""
        async with asyncio.timeout(declared.keep_alive_s + 10):
            while declared.keep_alive not in sent[len(b"".join(declared.opening)) :]:
                await asyncio.sleep(0)
                sent += line.received()
    assert sent.startswith(b"".join(declared.opening))


def test_a_driver_without_a_serial_line_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not a driver of a serial line"):
        SerialLink(Device(KEY, "blood-pressure"), Path(tmp_path), SystemClock())


def test_the_composed_stream_is_frames_of_the_device():
    clock = SystemClock().now()
    data = b"".join(itertools.islice(stream(), 600))
    readings = list(load()["contec-cms50"]().receive(Frame("contec-cms50", data, Instant(0.0, clock.wall))))
    assert len(readings) == 600
    assert all(isinstance(reading, Reading) for reading in readings)
