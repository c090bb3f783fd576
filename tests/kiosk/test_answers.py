"""An instrument that waits for an acknowledgement gets it, over a real terminal line: frame, driver, booth's answer, bytes back."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.device import Device
from drivers.measurement import Instant
from kiosk.answers import Answers
from kiosk.consultation.measuring import Answer, Measuring
from kiosk.links.link import Event, SystemClock
from kiosk.links.serial_line import SerialLink

if TYPE_CHECKING:
    import pytest

MEASUREMENT = bytes.fromhex("00 02 00 0d 00 0e 20 26 01 12 10 15 29 00 02 00 00 48 00 61 52 03")


async def test_a_spot_check_is_acknowledged_on_its_line() -> None:
    oximeter, line = pty.openpty()
    tty.setraw(line)
    device = Device("serial:oximeter", "nonin-df13")
    link, measuring, answers = SerialLink(device, Path(os.ttyname(line)), SystemClock()), Measuring(), Answers()
    measuring.open(Instant(0.0, datetime(2026, 1, 1, tzinfo=UTC)))
    answers.links = (link,)

    def take(event: Event) -> None:
        for outcome in measuring.take(event):
            if isinstance(outcome, Answer):
                answers.send(outcome.device, outcome.source, outcome.data)

    running = asyncio.create_task(link.run(take))
    loop, received, acknowledged = asyncio.get_running_loop(), bytearray(), asyncio.Event()

    def heard() -> None:
        received.extend(os.read(oximeter, 64))
        if received.endswith(b"\x02\x70\x02\x02\x0d\x03"):
            os.write(oximeter, MEASUREMENT)
        if received.endswith(b"\x06"):
            acknowledged.set()

    loop.add_reader(oximeter, heard)
    try:
        async with asyncio.timeout(20):
            await acknowledged.wait()
    finally:
        loop.remove_reader(oximeter)
        running.cancel()
        os.close(oximeter)
        os.close(line)
    assert bytes(received) == b"\x02\x72\x00\x03" + b"\x02\x70\x02\x02\x0d\x03" + b"\x06"


async def test_an_answer_that_no_link_may_send_is_dropped_and_said(caplog: pytest.LogCaptureFixture) -> None:
    answers = Answers()
    answers.links = (SerialLink(Device("serial:oximeter", "nonin-df13"), Path("/dev/null"), SystemClock()),)
    answers.send("serial:oximeter", "nonin-df13", b"\x02\x72\x06\x00\x00\x00\x00\x00\x00\x03")
    answers.send("serial:another", "nonin-df13", b"\x06")
    await asyncio.gather(*answers._under_way)
    assert ["never sends this" in record.getMessage() for record in caplog.records] == [True, True]
