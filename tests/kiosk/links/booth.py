"""The booth's devices over some radio, and what the agent does with their links' events."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kiosk.answers import Answers
from kiosk.consultation.measuring import Answer, Measuring, Outcome, Settled
from kiosk.links.ble import BleLink
from kiosk.links.ble_connection import Limits
from kiosk.links.link import SystemClock
from simulators.instruments import MODELS, Instrument
from tests.kiosk.links.events import Events, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from drivers.device import Device
    from kiosk.links.link import Event
    from tests.kiosk.links.hardware import Hardware

CUFF, OXIMETER, THERMOMETER, RING, METER, SCALE, WEIGHER = (f"ble:F0:00:00:00:00:0{n}" for n in range(1, 8))
SENSOR, OMRON, OMRON_WITH_KEY, FINGER, BM85 = (f"ble:F0:00:00:00:00:0{n}" for n in "9ABCD")
LIMITS = Limits(give_up_s=30.0)


def known() -> list[Device]:
    return [Instrument(model, SystemClock()).known for model in MODELS]


def link(hardware: Hardware, devices: list[Device] | None = None, limits: Limits = LIMITS) -> BleLink:
    return BleLink(hardware.radio, SystemClock(), known() if devices is None else devices, limits)


class Booth:
    """What the agent does with a link's events: readings attributed, marks kept, answers given."""

    def __init__(self, marks: dict[str, int] | None = None, *, right: bool = True) -> None:
        self.marks = {} if marks is None else marks
        self.measuring, self.answers = Measuring(self.marks, booth_is_right=lambda: right), Answers()
        self.measuring.open(SystemClock().now())
        self.outcomes: list[Outcome] = []

    def take(self, event: Event) -> None:
        for outcome in self.measuring.take(event):
            self.outcomes.append(outcome)
            if isinstance(outcome, Answer):
                self.answers.send(outcome.device, outcome.source, outcome.data)
        self.marks.update(self.measuring.marks)

    def results(self) -> list[Settled]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Settled)]

    def settled(self) -> list[int | None]:
        return [outcome.reading.sequence for outcome in self.outcomes if isinstance(outcome, Settled)]


@asynccontextmanager
async def serving(hardware: Hardware, booth: Booth, limits: Limits = LIMITS) -> AsyncIterator[Events]:
    ble = BleLink(hardware.radio, SystemClock(), known(), limits, booth.marks)
    booth.answers.links = (ble,)
    async with running(ble, also=booth.take) as events:
        yield events
