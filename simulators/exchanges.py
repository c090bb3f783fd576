"""What the instruments do that are asked and answer: memories that are read, streams that are kept alive, a cuff that wants to be left in peace.

Bytes as in `simulators.scripts`: captured or published ones, with another time where a time must be now.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from simulators import health_sensor, omron
from simulators.health_sensor import Sensor, segments, stamped
from simulators.instruments import LINGER_S, current_time
from simulators.shipped_frames import frames

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from simulators.instruments import Instrument, Pause, Presence, Script

#: the oximeter stops this many seconds after the last sign of life of its listener
HEARTBEAT_S = 2.0
_START, _HEARTBEAT, _STOP = bytes.fromhex("9b011c"), bytes.fromhex("9a1a"), bytes.fromhex("9b7f1a")
OXIMETER = "FF02"
#: where a HEM-7142T2 has its records and its clock, and a HEM-7600T
_MODERN, _MODERN_CLOCK, _CLASSIC, _CLASSIC_CLOCK, _RECORD = 0x02E8, 0x028C, 0x02AC, 0x0274, 14


def drain(instrument: Instrument) -> None:
    """Forget what was written to it before it was switched on."""
    while not instrument.written.empty():
        instrument.written.get_nowait()


def observations(*new: int, other: bool = False, emptied: bool = False, live: int = 1, clock: datetime | None = None) -> Script:
    """A health sensor with two old records, unless `emptied`, and one of this moment under each number in `new`; `live` values once asked.

    Its clock is right, unless it says `clock`: then it stays until it is told the time.
    """

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.vanish()
        saturation, pressure = frames()["V295"], frames()["V297"]
        drain(instrument)
        old = {} if emptied else {1: saturation, 2: pressure}
        instrument.set_right_time() if clock is None else instrument.set_time(clock)
        sensor = Sensor({**old, **{number: stamped(pressure, instrument.time()) for number in new}}, other=other)
        await presence.appear()
        while not sensor.live:
            for source, answer in sensor.take(*await instrument.written.get()):
                await presence.push(source, answer)
        for _ in range(live):
            for piece in segments(stamped(pressure, instrument.time()), counter=62):
                await presence.push(health_sensor.LIVE, piece)
        if clock is not None:
            await instrument.stay_for_its_time(longest_s=10 * LINGER_S)
        await pause(LINGER_S)
        await presence.vanish()

    return play


def memory(measured: datetime, *records: str, broken: int = 0) -> Script:
    """A HEM-7142T2 that measured the first of these records at `measured`, which is now on its clock; its first `broken` records come damaged."""
    held = {_MODERN + slot * _RECORD: record for slot, record in enumerate(records)}

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        stored = {address: frames()[record] for address, record in held.items()}
        cuff = omron.OmronCuff(stored, whole=True)
        await _read(instrument, presence, pause, measured, _Shelf(cuff, _MODERN_CLOCK, omron.modern_clock, broken))

    return play


def memory_with_key(measured: datetime, record: str, slot: int, *, known: bytes = b"", pairing: bool = False) -> Script:
    """A HEM-7600T with this record in that slot, which opens to whoever has the key `known`, and takes a new one while it is `pairing`."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        cuff = omron.OmronCuff({_CLASSIC + slot * _RECORD: frames()[record]}, whole=False, key=known, pairing=pairing)
        await _read(instrument, presence, pause, measured, _Shelf(cuff, _CLASSIC_CLOCK, omron.classic_clock))

    return play


@dataclass
class _Shelf:
    """A cuff, where its time stands and in which form, and how many of its records are to come damaged."""

    cuff: omron.OmronCuff
    clock_at: int
    clock: Callable[[datetime], bytes]
    broken: int = 0


async def _read(instrument: Instrument, presence: Presence, pause: Pause, measured: datetime, shelf: _Shelf) -> None:
    """Switch on, answer until the session is closed, stay a moment, switch off."""
    await presence.vanish()
    drain(instrument)
    instrument.set_time(measured)
    await presence.appear()
    while not shelf.cuff.closed:
        source, command = await instrument.written.get()
        shelf.cuff.memory[shelf.clock_at] = shelf.clock(instrument.time())
        for channel, answer in shelf.cuff.take(source, command):
            damaged = shelf.broken > 0 and len(answer) == _RECORD + 8
            shelf.broken -= damaged
            await presence.push(channel, answer[:-1] + bytes((answer[-1] ^ damaged,)))
    await pause(LINGER_S)
    await presence.vanish()


def heartbeats(*ids: str, period_s: float) -> Script:
    """An oximeter that starts when it is told to, and stops when it is told to or when it has heard nothing for `HEARTBEAT_S`."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.vanish()
        drain(instrument)
        await presence.appear()
        while (await instrument.written.get())[1] != _START:
            pass
        loop = asyncio.get_running_loop()
        heard = loop.time()
        for frame in cycle(ids):
            while not instrument.written.empty():
                _, command = instrument.written.get_nowait()
                heard = loop.time() if command == _HEARTBEAT else 0.0 if command == _STOP else heard
            if loop.time() - heard > HEARTBEAT_S:
                break
            await presence.push(OXIMETER, frames()[frame])
            await pause(period_s)
        await asyncio.Event().wait()  # connected and silent

    return play


def wants_rest(frame: str) -> Script:
    """A cuff that sends its result, stamped with this moment, only to a booth that left it in peace before subscribing; else it stays silent."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.vanish()
        instrument.set_right_time()
        await presence.appear()
        if await presence.subscribed("2A35") < instrument.model.rest_s:
            await asyncio.Event().wait()
        data = frames()[frame]
        await presence.push("2A35", data[:7] + current_time(instrument.time())[:7] + data[14:])
        await pause(LINGER_S)
        await presence.vanish()

    return play
