"""What virtual instruments do, by name: a good measurement, a failed one, a device that vanishes, an old reading.

The bytes are third-party captures and specification examples (data/frames.json, with their sources). One frame is composed: the canary 36.8437 Cel.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from importlib import resources
from itertools import cycle
from typing import TYPE_CHECKING

from drivers.gatt.record_access import report_last
from drivers.ieee11073 import Fields
from drivers.vendors import viatom
from simulators.instruments import current_time

if TYPE_CHECKING:
    from simulators.instruments import Instrument, Presence

#: FLOAT with exponent -4 and mantissa 368437: a value that no other source would send
CANARY = bytes((0x00,)) + (368437).to_bytes(3, "little") + bytes((0xFC,))
#: seconds an instrument stays reachable after its result, as cuffs do
LINGER_S = 0.5
Pause = Callable[[float], Awaitable[None]]
Script = Callable[["Instrument", "Presence", Pause], Awaitable[None]]


@cache
def frames() -> dict[str, bytes]:
    """The shipped frames, by id."""
    rows = json.loads(resources.files("simulators").joinpath("data/frames.json").read_text(encoding="utf-8"))
    return {row["id"]: bytes.fromhex(row["hex"]) for row in rows}


def _stamp_to_now(instrument: Instrument, frame: bytes, offset: int = 7) -> None:
    """Put the instrument on the frame's own timeline: its clock says now what stands at `offset` (in 2A35 after three SFLOATs)."""
    stamp = Fields(frame[offset:]).date_time("time stamp")
    if stamp is None:
        raise ValueError("the frame has no time stamp")
    instrument.set_time(stamp)


def measurement(source: str, frame: str | bytes, *, own_time: bool = False) -> Script:
    """Switch on anew, send one result, stay a moment, switch off."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        data = frames()[frame] if isinstance(frame, str) else frame
        await presence.vanish()  # each result has a connection of its own, in which its clock is read
        if own_time:
            _stamp_to_now(instrument, data)
        else:
            instrument.set_right_time()
        await presence.appear()
        await presence.subscribed(source)
        await presence.push(source, data)
        await pause(LINGER_S)
        await presence.vanish()

    return play


def measured_now(frame: str) -> Script:
    """The same pressures as measured at this moment: composed, since a captured stamp twice is one reading sent twice."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        instrument.set_right_time()
        data = frames()[frame]
        stamped = data[:7] + current_time(instrument.time())[:7] + data[14:]
        await measurement("2A35", stamped)(instrument, presence, pause)

    return play


def vanishing(source: str) -> Script:
    """Switch on, let the booth subscribe, and be gone before any result."""

    async def play(_: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.appear()
        await presence.subscribed(source)
        await pause(LINGER_S)
        await presence.vanish()

    return play


def stream(source: str, ids: tuple[str, ...], period_s: float, count: int | None = None, *, then_silent: bool = False) -> Script:
    """Send frame after frame; after `count` of them be gone, or stay connected and silent. After a lost connection, wait for the next."""

    async def play(_: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.appear()
        left: Iterator[str] = cycle(ids)
        for sent, frame in enumerate(left):
            if sent == count:
                break
            await presence.appear()
            await presence.subscribed(source)
            await presence.push(source, frames()[frame])
            await pause(period_s)
        if then_silent:
            await asyncio.Event().wait()
        await presence.vanish()

    return play


def answering(source: str, frame: str) -> Script:
    """Answer every command with the same frame, until stopped."""

    async def play(instrument: Instrument, presence: Presence, _: Pause) -> None:
        await presence.appear()
        while True:
            await instrument.written.get()
            await presence.push(source, frames()[frame])

    return play


def records(measured: str, reply: str) -> Script:
    """A glucose meter after a measurement: it waits to be asked for its newest record, and refuses who did not subscribe before asking."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        _stamp_to_now(instrument, frames()[measured], 3)
        await presence.appear()
        if await instrument.written.get() != report_last():
            raise ValueError("this meter is asked for its newest record only")
        for source, frame in (("2A18", measured), ("2A52", reply)):
            async with asyncio.timeout(0):
                await presence.subscribed(source)
            await presence.push(source, frames()[frame])
        await pause(LINGER_S)
        await presence.vanish()

    return play


def weighing(weight: str, composition: str) -> Script:
    """A scale that sends the weight in one profile and the body composition in another."""

    async def play(_: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.appear()
        for source, frame in (("2A9D", weight), ("2A9C", composition)):
            await presence.subscribed(source)
            await presence.push(source, frames()[frame])
        await pause(LINGER_S)
        await presence.vanish()

    return play


_LIVE = ("V088", "V086", "V089")
SCRIPTS: dict[str, dict[str, Script]] = {
    "cuff": {
        "normal": measurement("2A35", "V145", own_time=True),
        "failed": measurement("2A35", "V153", own_time=True),
        "stale": measurement("2A35", "V145"),
        "again": measured_now("V145"),
        "vanishes": vanishing("2A35"),
    },
    "oximeter": {
        "normal": stream("2A5F", _LIVE, 0.5),
        "silent": stream("2A5F", _LIVE, 0.5, count=4, then_silent=True),
        "vanishes": stream("2A5F", _LIVE, 0.5, count=4),
    },
    "ring": {"normal": answering(viatom.NOTIFY, "o2ring-reading")},
    "meter": {"normal": records("V163", "V053")},
    "scale": {"normal": weighing("V306", "V312")},
    "thermometer": {
        "normal": measurement("2A1C", "V107"),
        "canary": measurement("2A1C", CANARY),
        "stale": measurement("2A1C", "V108"),
        "vanishes": vanishing("2A1C"),
    },
}
