"""The simulated booth's instruments through the real links, drivers and attribution: fresh results are the patient's, an old one is not."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from kiosk.consultation.measuring import Measuring, Settled, Unattributed
from kiosk.links.ble_connection import Limits
from kiosk.links.link import SystemClock
from simulators.booth import SimulatedBooth
from tests.kiosk.links.events import running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kiosk.links.events import Events

PLAYED = (
    ("cuff", "normal", ""),
    ("cuff", "failed", ""),
    ("cuff", "normal", ""),
    ("thermometer", "stale", "old-reading"),
    ("thermometer", "canary", ""),
)


async def _at_once(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.02))


def _results(events: Events) -> int:
    """How many results came."""
    return len(events.frames("2A35")) + len(events.frames("2A1C"))


async def test_what_the_instruments_send_one_after_the_other(tmp_path: Path) -> None:
    booth, measuring = SimulatedBooth(SystemClock(), tmp_path, _at_once), Measuring()
    measuring.open(SystemClock().now())
    try:
        async with running(*booth.links(Limits(stale_s=0.3, give_up_s=30.0))) as events:
            for number, (device, script, _) in enumerate(PLAYED, 1):
                async with asyncio.timeout(20):
                    await booth.play(device, script)
                    await events.until(partial(lambda wanted: _results(events) == wanted, number))
    finally:
        await booth.close()
    outcomes = [outcome for event in events.all for outcome in measuring.take(event)]
    said = [
        outcome.reason if isinstance(outcome, Unattributed) else "" for outcome in outcomes if isinstance(outcome, Settled | Unattributed)
    ]
    assert said == [reason for _, _, reason in PLAYED]
