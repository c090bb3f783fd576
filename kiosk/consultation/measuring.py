"""From a link's events to what the booth may say: Frame -> driver -> Reading -> attribution -> plausibility -> live, pending or unattributed.

Sans-IO: events come in, outcomes go out; nothing here branches on the type of a device.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from drivers.device import ClockReading
from drivers.driver import DecodeError
from drivers.gatt.clock import setting
from drivers.gatt.record_access import Result
from drivers.measurement import Frame, Reading, Refused
from kiosk.consultation.attribution import Attributed, Attributor
from kiosk.consultation.plausibility import DEFAULTS, NONE, remarks
from kiosk.consultation.shown import without_zeros
from kiosk.decoders import Decoders
from kiosk.links.link import ClockSet, Event, LinkState, RecordTransfer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime, tzinfo

    from drivers.device import Device
    from drivers.measurement import Instant
    from kiosk.consultation.plausibility import Table


#: a device's clock that is farther off is set
CLOCK_WRONG = timedelta(seconds=30)
_WHOLE = frozenset({Result.SUCCESS.value, Result.NO_RECORDS.value})


@dataclass(frozen=True, slots=True)
class Live:
    """A live reading of this patient; `remarks` are plausibility flags."""

    reading: Reading
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """A result of this patient, for the helper to confirm. `effective` is zone-aware, `corrected` by the device's clock offset."""

    id: str
    reading: Reading
    effective: datetime
    corrected: bool
    remarks: tuple[str, ...]
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Unattributed:
    """A reading that is not this patient's until the helper says so; `reason` is a text key.

    It may name a reading that was Settled before: what came after it showed that it is one of several records of nobody knows when.
    """

    id: str
    reading: Reading
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """What is known of a device, or whether it is there, changed. `reason` is a text key when it went away."""

    device: Device
    up: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A frame or a piece of a stream that a driver refused: counted, and in the record."""

    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class BoothClockUnsure:
    """The clock of `device` is wrong and is left so: nobody vouches for the booth's own. Said once, until the booth's clock is right again."""

    device: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the booth owes the device, on the characteristic or protocol `source`: one of its driver's commands."""

    device: str
    source: str
    data: bytes


Outcome: TypeAlias = Live | Settled | Unattributed | DeviceChanged | Rejected | Answer | BoothClockUnsure


def _reading_id(reading: Reading) -> str:
    said = f"{reading.device}|{reading.source}|{reading.raw_sha256}|{reading.device_time}|{reading.sequence}|{reading.received.monotonic}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


class Measuring:
    """The devices of the booth and the window of the open session.

    `marks` are the highest record numbers of an earlier run by device, `zone` is the booth's, `limits` what is plausible. With `set_clocks`
    a device whose clock is wrong is told the time, once its reading is decided: never before, since the reading is placed by the wrong clock;
    and never while `booth_is_right` says that the booth's own clock is not known to be right.
    """

    def __init__(
        self,
        marks: Mapping[str, int] | None = None,
        zone: tzinfo | None = None,
        limits: Table = DEFAULTS,
        *,
        set_clocks: bool = True,
        booth_is_right: Callable[[], bool] = lambda: True,
    ) -> None:
        self._limits, self._set_clocks, self._booth_is_right = limits, set_clocks, booth_is_right
        self._said_wrong = False
        self._child: Table = NONE
        self._decoders = Decoders()
        self._attributor = Attributor(marks, zone)
        self._up: set[str] = set()
        self._clocks: dict[str, ClockReading] = {}
        #: devices of which this connection brought a settled reading, whose records are being fetched, whose clock was set
        self._decided: set[str] = set()
        self._fetching: set[str] = set()
        self._told: set[str] = set()
        self._unattributed: dict[str, Unattributed] = {}
        self.devices: dict[str, Device] = {}
        self.refused = 0

    @property
    def marks(self) -> dict[str, int]:
        """The highest record number of each device that numbers its records for good: to be kept for the next run."""
        return self._attributor.marks

    def is_up(self, key: str) -> bool:
        """Whether the device is connected."""
        return key in self._up

    def measures(self, key: str) -> tuple[str, ...]:
        """What the device's driver says that it measures."""
        device = self.devices.get(key)
        return () if device is None else self._decoders.measures(device)

    def clock(self, key: str) -> ClockReading | None:
        """The device's clock as read at its last connection."""
        return self._clocks.get(key)

    def open(self, now: Instant) -> None:
        """A session begins: what began before is not its patient's."""
        self._child = NONE
        self._unattributed.clear()
        self._attributor.open(now)

    def remember(self, devices: Iterable[Device], clocks: Iterable[ClockReading]) -> None:
        """What was known before a restart; what is heard since is newer."""
        self.devices = {device.key: device for device in devices} | self.devices
        self._clocks = {clock.device: clock for clock in clocks} | self._clocks

    def patient(self, ids: Iterable[str]) -> None:
        """Every identifier under which the session's patient may have been typed into an instrument."""
        self._attributor.patient(ids)

    def child(self, limits: Table) -> None:
        """What is plausible at the patient's age, beside what is for everybody; nothing for an adult."""
        self._child = limits

    def remarks(self, reading: Reading) -> tuple[str, ...]:
        """What can hardly be in this reading of this patient."""
        return remarks(reading, self._limits, self._child)

    def close(self) -> None:
        """The session is over; nothing of it is remembered."""
        self._child = NONE
        self._unattributed.clear()
        self._attributor.close()

    def take(self, event: Event) -> list[Outcome]:
        """What one event of a link means."""
        if isinstance(event, Frame):
            return self._frame(event)
        if isinstance(event, LinkState):
            return self._link(event)
        if isinstance(event, ClockReading):
            self._clocks[event.device] = event
            self._attributor.clock(event)
            return []
        if isinstance(event, ClockSet):
            self._attributor.clock_set(event.device)
            return []
        if isinstance(event, RecordTransfer):
            return self._transfer(event)
        self.devices[event.key] = event
        self._attributor.device(event)
        return [DeviceChanged(event, event.key in self._up, "")]

    def attach(self, reading_id: str) -> Settled | None:
        """The helper says that an unattributed reading is this patient's: it counts from its reception, and is marked as attached by hand."""
        entry = self._unattributed.pop(reading_id, None)
        if entry is None:
            return None
        reading = entry.reading
        return Settled(entry.id, reading, reading.received.wall, corrected=False, remarks=self.remarks(reading), attached=True)

    @property
    def unattributed(self) -> tuple[Unattributed, ...]:
        """What waits for the helper's word, oldest first."""
        return tuple(self._unattributed.values())

    def _link(self, state: LinkState) -> list[Outcome]:
        key, outcomes = state.device.key, list[Outcome]()
        self.devices[key] = state.device
        self._attributor.device(state.device)
        for about in (self._decided, self._fetching, self._told):
            about.discard(key)
        if state.up:
            self._up.add(key)
            self._attributor.connected(key, state.at)
        else:
            self._up.discard(key)
            outcomes = [outcome for driver in self._decoders.ended(key) for item in driver.finish() for outcome in self._item(key, item)]
        return [*outcomes, DeviceChanged(state.device, state.up, "" if state.up else state.reason)]

    def _transfer(self, event: RecordTransfer) -> list[Outcome]:
        self._attributor.transfer(event.device, whole=event.result in _WHOLE if event.result else None)
        if not event.result:
            self._fetching.add(event.device)
            return []
        self._fetching.discard(event.device)
        anew = [self._list(entry.reading, entry.reason) for entry in self._attributor.retracted()]
        return [*anew, *self._clock_to_set(event.device, event.at)]

    def _clock_to_set(self, device: str, now: Instant) -> list[Outcome]:
        """Tell the device the time where its clock is wrong, its readings are decided and no more are on their way."""
        clock = self._clocks.get(device)
        if (
            not self._set_clocks
            or clock is None
            or not clock.settable
            or device not in self._decided
            or device in self._fetching | self._told
        ):
            return []
        error = clock.error()
        if error is not None and abs(error) <= CLOCK_WRONG:
            return []
        if not self._booth_is_right():
            said, self._said_wrong = self._said_wrong, True
            return [] if said else [BoothClockUnsure(device)]
        self._said_wrong = False
        self._told.add(device)
        self._attributor.clock_told(device)
        return [Answer(device, clock.settable, setting(clock, now.wall))]

    def _frame(self, frame: Frame) -> list[Outcome]:
        device = self.devices.get(frame.device)  # a link tells who it is before its first frame
        driver = None if device is None else self._decoders.of(device, frame.source)
        if driver is None:
            self.refused += 1
            return [Rejected(frame.device, "a frame of an unknown device")]
        said: list[Outcome] = []
        try:
            said = [outcome for item in list(driver.receive(frame)) for outcome in self._item(frame.device, item)]
        except DecodeError as error:
            self.refused += 1
            said = [Rejected(frame.device, str(error))]
        return [*(Answer(frame.device, frame.source, data) for data in driver.replies()), *said]

    def _item(self, device: str, item: Reading | Refused) -> list[Outcome]:
        if isinstance(item, Refused):
            self.refused += 1
            return [Rejected(device, item.reason)]
        if "device-clock" in item.flags:
            self.take(ClockReading(device, item.device_time, item.received))
        if not item.measurements and not item.waveforms:
            return []
        item = without_zeros(item)
        outcomes = self._judged(item)
        if item.settled:
            self._decided.add(device)
            outcomes += self._clock_to_set(device, item.received)
        return outcomes

    def _judged(self, item: Reading) -> list[Outcome]:
        decision = self._attributor.decide(item)
        outcomes: list[Outcome] = [self._list(entry.reading, entry.reason) for entry in self._attributor.retracted()]
        if isinstance(decision, Attributed):
            if not item.settled:
                return [*outcomes, Live(item, self.remarks(item))]
            return [*outcomes, Settled(_reading_id(item), item, decision.effective, decision.corrected, self.remarks(item))]
        if not item.settled or decision.reason == "duplicate":
            return outcomes
        return [*outcomes, self._list(item, decision.reason)]

    def _list(self, reading: Reading, reason: str) -> Unattributed:
        entry = Unattributed(_reading_id(reading), reading, reason)
        self._unattributed[entry.id] = entry
        return entry
