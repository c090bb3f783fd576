"""What fails must fail alone: call process, screen, station, instruments. Needs F002-01, F002-12, F000-24, F004-20, F004-23."""

import os
import signal
from pathlib import Path

from protocol import screen
from protocol.specialist import CallFailed, DeviceLost, Values
from simulators.processes import House
from tests.end_to_end.rig import Screen, booth, enter, specialist


async def test_a_killed_call_process_comes_back_and_values_never_stop(tmp_path: Path) -> None:
    async with booth(tmp_path) as (house, helper):
        await helper.to_waiting()
        async with specialist(house) as doctor:
            await enter(doctor, helper)
            await house.control.ask(play="oximeter", script="normal")
            await doctor.until(lambda: [message for message in doctor.heard if isinstance(message, Values)])
            first = (await house.control.ask(status=True))["call_pid"]
            os.kill(first, signal.SIGKILL)
            await doctor.until(lambda: [message for message in doctor.heard if isinstance(message, CallFailed)])
            heard = len([message for message in doctor.heard if isinstance(message, Values)])
            await doctor.until(lambda: len([message for message in doctor.heard if isinstance(message, Values)]) > heard + 2)
            await house.until(lambda status: status["call_pid"] not in (first, None))
            assert helper.view is not None
            assert helper.view.stage == "in-call"


async def test_a_new_screen_shows_what_the_old_one_showed(tmp_path: Path) -> None:
    async with booth(tmp_path) as (house, helper):
        await helper.to_waiting()
        again = Screen(house.run / "agent.sock")
        await again.until(lambda: again.view is not None)
        assert again.view == helper.view
        again.close()
        helper.tap(screen.End())
        await helper.stage("erased")


async def test_garbage_from_a_screen_changes_nothing(tmp_path: Path) -> None:
    async with booth(tmp_path) as (_, helper):
        await helper.until(lambda: helper.view and helper.view.station == "connected")
        for packet in (b"\xff", b"\x80", b"\x81\xa4type\xa4none", os.urandom(1000)):
            helper.send_raw(packet)
        helper.tap(screen.End())
        helper.tap(screen.OpenSession())
        await helper.until(lambda: helper.view and helper.view.opened)


async def test_a_station_that_is_down_at_start_is_said_and_found_later(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        await house.start_station()
        station, port = house.processes.pop("station"), house.origin.rsplit(":", 1)[1]
        await house.enrol("Pharmacie du Pont")
        station.terminate()
        await station.communicate()
        await house.start_agent(enrol=False)
        helper = Screen(house.run / "agent.sock")
        await helper.until(lambda: helper.view is not None and helper.view.station == "connecting")
        helper.tap(screen.OpenSession())
        await helper.until(lambda: helper.view and helper.view.opened)
        await house.start_station(int(port))
        await helper.until(lambda: helper.view and helper.view.station == "connected")
        assert helper.view is not None
        assert helper.view.opened
        helper.close()
    finally:
        await house.stop()


async def test_an_instrument_that_vanishes_is_told_to_both_and_written_down(tmp_path: Path) -> None:
    async with booth(tmp_path) as (house, helper):
        await helper.to_waiting()
        async with specialist(house) as doctor:
            await enter(doctor, helper)
            await house.control.ask(play="oximeter", script="vanishes")
            lost = await doctor.until(lambda: [message for message in doctor.heard if isinstance(message, DeviceLost)])
            await helper.until(lambda: helper.lost)
            assert helper.lost[0].device == lost[0].device
            helper.tap(screen.End())
            await helper.stage("erased")
            await doctor.until(lambda: doctor.mail)
            assert b'"device-lost"' in doctor.mail[-1][1]
