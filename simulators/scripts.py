"""What virtual instruments do, by name: a good measurement, a failed one, a device that vanishes, an old reading.

The bytes are third-party captures and specification examples (data/frames.json, with their sources). One frame is composed: the canary 36.8437 Cel.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from itertools import cycle
from typing import TYPE_CHECKING

from drivers.gatt.record_access import ABORT, REPORT
from drivers.ieee11073 import Fields
from drivers.vendors import omron_memory, polar_ecg, viatom
from simulators.exchanges import drain, heartbeats, memory, memory_with_key, observations, wants_rest
from simulators.instruments import LINGER_S, current_time
from simulators.meter import CONTROL, NOT_COMPLETED, Meter, reply, taken
from simulators.shipped_frames import frames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.instruments import Instrument, Pause, Presence, Script

#: FLOAT with exponent -4 and mantissa 368437: a value that no other source would send
CANARY = bytes((0x00,)) + (368437).to_bytes(3, "little") + bytes((0xFC,))


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
        if own_time and instrument.model.clock:
            await instrument.stay_for_its_time()
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


def _switched_on(instrument: Instrument, new: tuple[int, ...], *, simple: bool = False, emptied: bool = False) -> Meter:
    """A meter with two old records, unless it was `emptied`, and under each of the numbers `new` the same result as measured this moment."""
    oldest, old = frames()["V051"], frames()["V163"]
    if new:
        instrument.set_right_time()
    else:
        _stamp_to_now(instrument, old, 3)
    drain(instrument)
    held = [] if emptied else [oldest, old]
    return Meter([*held, *(taken(old, number, instrument.time()) for number in new)], simple=simple)


def records(*new: int, simple: bool = False, emptied: bool = False, newest_first: bool = False, lost_after: int | None = None) -> Script:
    """A glucose meter that answers until its records are told; it refuses who did not subscribe before asking.

    After `lost_after` records it is out of reach, in the middle of its report.
    """

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.vanish()
        meter = _switched_on(instrument, new, simple=simple, emptied=emptied)
        await presence.appear()
        told = False
        while not told:
            *found, end = meter.answer((await instrument.written.get())[1])
            for source, frame in (*(found[::-1] if newest_first else found)[:lost_after], end):
                if source == CONTROL and lost_after is not None and found:
                    await presence.vanish()
                    return
                async with asyncio.timeout(0):
                    await presence.subscribed(source)
                await presence.push(source, frame)
            told = meter.told(end[1])
        await pause(LINGER_S)
        await presence.vanish()

    return play


def mute() -> Script:
    """A meter that takes questions and never answers."""

    async def play(instrument: Instrument, presence: Presence, _: Pause) -> None:
        await presence.vanish()
        _switched_on(instrument, ())
        await presence.appear()
        await asyncio.Event().wait()

    return play


def stuck(*new: int) -> Script:
    """A meter that stops after the first record of its report, and reports nothing more to anybody until that report was aborted."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.vanish()
        meter = _switched_on(instrument, new)
        await presence.appear()
        found: list[tuple[str, bytes]] = []
        while len(found) < 2:
            found = meter.answer((await instrument.written.get())[1])
            await presence.push(*found[0])
        while (await instrument.written.get())[1][0] != ABORT:
            await presence.push(CONTROL, reply(REPORT, NOT_COMPLETED))
        await records(*new)(instrument, presence, pause)

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


def strapped_on(rate: str, curve: str, period_s: float) -> Script:
    """A chest strap that tells its rate, and its electrocardiogram from when it is asked to until it is asked to stop."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        await presence.appear()
        await presence.subscribed("2A37")
        asked = False
        while True:
            await presence.push("2A37", frames()[rate])
            while not instrument.written.empty():
                asked = instrument.written.get_nowait()[1] == polar_ecg.START
            if asked:
                await presence.push(polar_ecg.DATA, frames()[curve])
            await pause(period_s)

    return play


def weighing_in_passing(*ids: str) -> Script:
    """A scale without connections: each weight, stamped with this moment, stands in its advertisements for a while."""

    async def play(instrument: Instrument, presence: Presence, pause: Pause) -> None:
        instrument.set_right_time()
        await presence.appear()
        for data in (frames()[one] for one in ids):
            stamped = data[:2] + current_time(instrument.time())[:7] + data[9:]
            await presence.push(instrument.model.advertises, stamped)
            await pause(LINGER_S)
        await pause(LINGER_S)
        await presence.vanish()

    return play


_LIVE = ("V088", "V086", "V089")
#: when the captured records were measured, as their sources say
_V164, _7600T = datetime(2026, 6, 17, 19, 35, 30), datetime(2026, 6, 14, 23, 45, 2)  # noqa: DTZ001 - clocks without a zone
_KEY = omron_memory.KEY_OF_BOOTHS
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
    "meter": {
        "normal": records(),
        "new": records(7, 8, 9),
        "lost": records(7, 8, 9, lost_after=2),
        "lost-newest-first": records(7, 8, 9, newest_first=True, lost_after=2),
        "simple": records(7, simple=True),
        "emptied": records(1, 2, emptied=True),
        "emptied-and-new": records(1, 2, 3, emptied=True),
        "stuck": stuck(7, 8, 9),
        "mute": mute(),
    },
    "scale": {"normal": weighing("V306", "V312")},
    "chest-strap": {"normal": strapped_on("V020", "V204", 0.5)},
    "health-sensor": {
        "normal": observations(),
        "new": observations(3, 4),
        "silent": observations(3, 4, live=0),
        "wrong-clock": observations(clock=datetime(2024, 3, 1, 12, 0)),  # noqa: DTZ001
        "other": observations(3, other=True),
        "other-emptied": observations(1, other=True, emptied=True),
    },
    "omron-cuff": {"normal": memory(_V164, "V164", "V170", "V171"), "damaged": memory(_V164, "V164", "V170", "V171", broken=2)},
    "omron-cuff-with-key": {
        "normal": memory_with_key(_7600T, "omron-7600t-record", 23, known=_KEY),
        "pairing": memory_with_key(_7600T, "omron-7600t-record", 23, pairing=True),
        "strange": memory_with_key(_7600T, "omron-7600t-record", 23),
    },
    "finger-oximeter": {"normal": heartbeats("V238", "V239", "V240", period_s=0.5)},
    "cuff-bm85": {"normal": wants_rest("V149")},
    "bathroom-scale": {"normal": weighing_in_passing("V188", "V190")},
    "thermometer": {
        "normal": measurement("2A1C", "V107"),
        "canary": measurement("2A1C", CANARY),
        "stale": measurement("2A1C", "V108"),
        "vanishes": vanishing("2A1C"),
    },
}
