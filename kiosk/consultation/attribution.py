"""Whose reading is it? A settled reading counts only if it began inside the open session, by the booth's steady clock (design rule 1).

Pure: the instants come in with the readings. Time is compared on the steady clock, so that a step of the booth's wall clock, a summer time
change or a device's wrong zone moves nothing: what a device says (`device_time`) is placed by the moment at which the booth read its clock.
What is not attributed is never sent by itself; the helper may attach it by hand.

Reasons (text keys) are REASONS.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from drivers.driver import Driver

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drivers.device import ClockReading, Device
    from drivers.measurement import Instant, Reading

REASONS: Final = (
    "no-session",
    "stored-reading",
    "demonstration-data",
    "control-solution",
    "unknown-user",
    "other-user",
    "other-patient-id",
    "patient-id-unconfirmed",
    "duplicate",
    "old-reading",
    "before-session",
    "future-reading",
    "clock-unknown",
    "several-records",
    "no-high-water-mark",
)
#: flags that make a reading nobody's, and the reason
_NOBODYS = {
    "data-from-measurement-storage": "stored-reading",
    "data-for-demonstration": "demonstration-data",
    "data-for-testing": "demonstration-data",
    "control-solution": "control-solution",
    "user-unknown": "unknown-user",
}
#: flags of a record whose time is not on the clock that the booth reads
_NO_TIME = frozenset({"time-fault", "not-current-timeline"})
#: seconds; device clocks tell whole seconds
RESOLUTION_S = 1.0
#: settled readings of one kind that come closer than this on one connection are a transfer of records: nobody measures so fast
BURST_S = 5.0
#: a clock that was read longer than this before the connection is of an earlier one, and may have been set since
CLOCK_AGE_S = 60.0
#: cuff pressures farther apart than this are of two inflations, and a result comes no later than this after the last one
INFLATION_S = 30.0
#: how many readings of all devices are remembered to know one that is sent again
REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Attributed:
    """The open session's patient. `effective` is zone-aware, worked out from a device clock that is off when it is `corrected`.

    Without a clock that can be used `effective` is the reception.
    """

    reading: Reading
    effective: datetime
    corrected: bool


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Nobody's until the helper says so; `reason` is a text key."""

    reading: Reading
    reason: str


@dataclass(frozen=True, slots=True)
class _Timing:
    """When a reading began on the steady clock, None when its device does not tell; `sure` when the booth has read the device's clock."""

    began: float | None
    sure: bool


@dataclass(slots=True)
class _Burst:
    last: float
    count: int = 1
    weak: list[Reading] = field(default_factory=list)


@dataclass(slots=True)
class _Inflation:
    first: float
    last: float


class Attributor:
    """Decides for one booth. `marks` are the highest sequence numbers seen, by device, from an earlier run; `zone` is the booth's own.

    Without `zone`, the zone of the received instants is the booth's.
    """

    def __init__(self, marks: Mapping[str, int] | None = None, zone: tzinfo | None = None) -> None:
        self._marks = dict(marks or {})
        self._zone = zone
        self._opened: Instant | None = None
        self._patients: frozenset[str] = frozenset()
        self._devices: dict[str, Device] = {}
        self._users: dict[str, int] = {}
        self._clocks: dict[str, ClockReading] = {}
        #: clocks as they were before the booth set them, until the next connection
        self._before: dict[str, ClockReading] = {}
        #: devices that were told the time on this connection
        self._told: set[str] = set()
        #: the highest number of a transfer under way and its record: the mark once it is whole
        self._rising: dict[str, tuple[int, Reading] | None] = {}
        #: how often a device was emptied and counted anew: its numbers mean other records since
        self._emptied: Counter[str] = Counter()
        self._connected: dict[str, float] = {}
        self._bursts: dict[tuple[str, frozenset[str]], _Burst] = {}
        self._inflations: dict[str, _Inflation] = {}
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._retracted: list[Unattributed] = []
        self._records: set[tuple[str, int | None]] = set()

    @property
    def marks(self) -> dict[str, int]:
        """The highest sequence number seen of each device that numbers its records for good: to be kept for the next run."""
        return dict(self._marks)

    def open(self, now: Instant) -> None:
        """A session begins."""
        self.close()
        self._opened = now

    def close(self) -> None:
        """No session is open, and its patient is forgotten."""
        self._opened = None
        self._patients = frozenset()
        self._users.clear()
        self._records.clear()
        self._retracted.clear()
        for burst in self._bursts.values():
            burst.weak.clear()

    def patient(self, ids: Iterable[str]) -> None:
        """Every identifier under which the open session's patient may have been typed into an instrument."""
        self._patients = frozenset(map(_plain_id, ids)) - {""}

    def device(self, device: Device) -> None:
        """What is known of a device, its configured user among it."""
        self._devices[device.key] = device

    def clock(self, reading: ClockReading) -> None:
        """A device's clock was read: the coincident time that places its readings."""
        self._clocks[reading.device] = reading

    def clock_told(self, device: str) -> None:
        """The booth tells a device the time: it may stamp by it before `clock_set` says that it took it."""
        self._told.add(device)

    def clock_set(self, device: str) -> None:
        """The booth set a device's clock: until its next connection nobody knows by which of the two times a reading was stamped."""
        clock = self._clocks.get(device)
        if clock is not None:
            self._before.setdefault(device, clock)

    def transfer(self, device: str, *, whole: bool | None) -> None:
        """The stored records of a device are being fetched (None), or all have come (True), or not all (False).

        Its mark moves at the end of a whole transfer: records may come newest first, and what a lost connection held back is still new. Where
        the newest number is below the mark, the device was emptied and counts anew: the helper is asked about that record (`retracted`).
        """
        if whole is None:
            self._rising[device] = None
            return
        newest = self._rising.pop(device, None)
        if not whole or newest is None:
            return
        number, reading = newest
        if number < self._marks.get(device, number):
            self._emptied.update((device,))
            self._retracted.append(Unattributed(reading, self._reason(reading) or "no-high-water-mark"))
        self._marks[device] = number

    def connected(self, device: str, at: Instant) -> None:
        """A device connected: its clock counts if it was read for this connection, and what comes next may be its history."""
        self._connected[device] = at.monotonic
        self._before.pop(device, None)
        self._told.discard(device)
        clock = self._clocks.get(device)
        if clock is not None and at.monotonic - clock.received.monotonic > CLOCK_AGE_S:
            del self._clocks[device]
        for key in [key for key in self._bursts if key[0] == device]:
            del self._bursts[key]

    def retracted(self) -> tuple[Unattributed, ...]:
        """Readings that were attributed and must not be, now that more of a transfer is known; each is said once."""
        retracted, self._retracted = tuple(self._retracted), []
        return retracted

    def decide(self, reading: Reading) -> Attributed | Unattributed:
        """Whose it is. Live readings are the open session's by their reception; settled ones must have begun in it."""
        if not reading.settled:
            self._note_inflation(reading)
            reason = self._reason(reading) or self._context_of_nobody(reading)
            return Unattributed(reading, reason) if reason else Attributed(reading, reading.received.wall, corrected=False)
        timing = self._timing(reading)
        seen = self._seen_before(reading, timing)
        new_record = self._above_mark(reading)
        burst = self._burst(reading)
        began_before = self._inflated_before(reading)
        reason = (
            self._reason(reading)
            or ("duplicate" if seen or new_record is False else "")
            or ("before-session" if began_before else "")
            or ("no-high-water-mark" if _persistent(reading) and new_record is None else "")
            or self._too_early(reading, timing)
        )
        return self._settle(reading, timing, burst, reason)

    def _settle(self, reading: Reading, timing: _Timing, burst: _Burst, reason: str) -> Attributed | Unattributed:
        if reason == "duplicate":
            burst.count -= 1
        else:
            self._retracted += [Unattributed(weak, "several-records") for weak in burst.weak]
            self._records -= {(weak.device, weak.sequence) for weak in burst.weak}
            burst.weak.clear()
        if reason:
            return Unattributed(reading, reason)
        if not timing.sure:
            if burst.count > 1:
                return Unattributed(reading, "several-records")
            burst.weak.append(reading)
        if _persistent(reading):
            self._records.add((reading.device, reading.sequence))
        if timing.began is None:
            return Attributed(reading, reading.received.wall, corrected=False)
        effective = reading.received.wall - timedelta(seconds=reading.received.monotonic - timing.began)
        said = reading.device_time
        corrected = said is None or abs(self._as_told(reading, effective) - said) > timedelta(seconds=_step(reading))
        return Attributed(reading, effective, corrected)

    # --- what the reading itself says -------------------------------------------------------------------------------------------------

    def _reason(self, reading: Reading) -> str:
        if self._opened is None:
            return "no-session"
        for flag in reading.flags:
            if flag in _NOBODYS:
                return _NOBODYS[flag]
        return self._wrong_user(reading) or self._wrong_patient(reading)

    def _wrong_user(self, reading: Reading) -> str:
        if reading.user is None:
            return ""
        device = self._devices.get(reading.device)
        configured = device.user if device is not None else None
        expected = self._users.setdefault(reading.device, reading.user) if configured is None else configured
        return "" if reading.user == expected else "other-user"

    def _wrong_patient(self, reading: Reading) -> str:
        typed = _plain_id(reading.patient)
        if not typed:
            return ""
        if not self._patients:
            return "patient-id-unconfirmed"
        return "" if typed in self._patients else "other-patient-id"

    def _context_of_nobody(self, reading: Reading) -> str:
        """The meal and the medication of a glucose record follow the record: they are of nobody when it is."""
        followed = "context" not in reading.flags or (reading.device, reading.sequence) in self._records
        return "" if followed else "stored-reading"

    # --- when it began ----------------------------------------------------------------------------------------------------------------

    def _as_told(self, reading: Reading, wall: datetime) -> datetime:
        """`wall` as the device would write it: in the booth's zone, or in UTC where its time stamps count that and name no zone."""
        if "utc" in reading.flags and "time-zone-used" not in reading.flags:
            return wall.astimezone(UTC).replace(tzinfo=None)
        return (wall if self._zone is None else wall.astimezone(self._zone)).replace(tzinfo=None)

    def _timing(self, reading: Reading) -> _Timing:
        said, received, step = reading.device_time, reading.received.monotonic, _step(reading)
        if said is None or not _NO_TIME.isdisjoint(reading.flags):
            return _Timing(None, sure=False)
        began_if_right = self._by_the_booth(reading, said)
        clock = self._clocks.get(reading.device)
        before = self._before.get(reading.device, clock)
        if clock is not None and clock.device_time is not None and before is not None and before.device_time is not None:
            by_now, by_then = said - clock.device_time, said - before.device_time
            began = min(clock.received.monotonic + by_now.total_seconds(), before.received.monotonic + by_then.total_seconds())
            if reading.device in self._told and began > received + step + RESOLUTION_S:
                began = began_if_right  # stamped by the new time, which the booth has not read back yet
            return _Timing(began, sure=True)
        if began_if_right > received + step + RESOLUTION_S:
            return _Timing(None, sure=False)  # a time that is still to come: the clock is wrong, and by how much nobody knows
        if step > RESOLUTION_S and began_if_right >= received - step - RESOLUTION_S:
            return _Timing(None, sure=False)  # this very minute: the reception says it better
        return _Timing(began_if_right, sure=False)

    def _by_the_booth(self, reading: Reading, said: datetime) -> float:
        """When it began if its device's clock, which `said` so, is the booth's."""
        return reading.received.monotonic + (said - self._as_told(reading, reading.received.wall)).total_seconds()

    def _too_early(self, reading: Reading, timing: _Timing) -> str:
        if timing.began is None or self._opened is None:
            return ""
        step, opened = _step(reading), self._opened.monotonic
        slack = step if step > RESOLUTION_S else 0.0
        if timing.began > reading.received.monotonic + step + RESOLUTION_S:
            return "future-reading"
        if timing.began + slack < opened - RESOLUTION_S:
            return "old-reading"
        return "clock-unknown" if timing.began - slack < opened - RESOLUTION_S else ""

    def _note_inflation(self, reading: Reading) -> None:
        if not any(measurement.vital == "cuff-pressure" for measurement in reading.measurements):
            return
        now, known = reading.received.monotonic, self._inflations.get(reading.device)
        if known is None or now - known.last > INFLATION_S:
            self._inflations[reading.device] = _Inflation(now, now)
        else:
            known.last = now

    def _inflated_before(self, reading: Reading) -> bool:
        """Whether the cuff pressures that led to this result began before the session."""
        if not any(measurement.vital == "systolic" for measurement in reading.measurements):
            return False
        inflation = self._inflations.pop(reading.device, None)
        if inflation is None or self._opened is None or reading.received.monotonic - inflation.last > INFLATION_S:
            return False
        return inflation.first < self._opened.monotonic

    # --- what came before -------------------------------------------------------------------------------------------------------------

    def _above_mark(self, reading: Reading) -> bool | None:
        """Whether a numbered record is above its device's mark, which rises; None where there is no mark yet, or no number."""
        if not _persistent(reading) or reading.sequence is None:
            return None
        mark, number = self._marks.get(reading.device), reading.sequence
        if reading.device in self._rising:
            newest = self._rising[reading.device]
            if newest is None or number > newest[0]:
                self._rising[reading.device] = number, reading
        else:
            self._marks[reading.device] = number if mark is None else max(mark, number)
        return None if mark is None else number > mark

    def _seen_before(self, reading: Reading, timing: _Timing) -> bool:
        numbered, by_values = _persistent(reading), _values_key(reading)
        key, now = _number_key(reading, self._emptied[reading.device]) if numbered else by_values, reading.received.monotonic
        known = self._seen.pop(key, None)
        self._seen[key] = now
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        if numbered:  # by its number, or when it was measured: a sensor sends a value live and keeps it as a record
            return known is not None or (reading.device_time is not None and by_values in self._seen)
        if known is None:
            return False
        if reading.device_time is not None:
            # the same time twice, but begun after the first copy had come: its clock was set back and this is another measurement
            return not (timing.sure and timing.began is not None and timing.began > known)
        return self._connected.get(reading.device, known) > known and now - known <= BURST_S

    def _burst(self, reading: Reading) -> _Burst:
        key = (reading.device, frozenset(measurement.vital for measurement in reading.measurements))
        now, burst = reading.received.monotonic, self._bursts.get(key)
        if burst is None or now - burst.last > BURST_S:
            burst = self._bursts[key] = _Burst(now)
        else:
            burst.last, burst.count = now, burst.count + 1
        return burst


def _step(reading: Reading) -> float:
    driver = Driver.registry.get(reading.driver)
    return float(driver.clock_step_s) if driver is not None else RESOLUTION_S


def _persistent(reading: Reading) -> bool:
    """Whether its number is for good: such records go by it, never by time alone."""
    return reading.sequence is not None and "sequence-restarts" not in reading.flags


def _number_key(reading: Reading, emptied: int) -> str:
    """One way to say "the same record": its number for good. Hashed, since it outlives the session."""
    return hashlib.sha256(repr(("number", reading.device, reading.source, emptied, reading.sequence)).encode()).hexdigest()


def _values_key(reading: Reading) -> str:
    """Another: its time and values, whichever characteristic brought them."""
    values = tuple((m.vital, str(m.value), m.unit) for m in reading.measurements)
    return hashlib.sha256(repr(("values", reading.device, reading.device_time, reading.user, values)).encode()).hexdigest()


def _plain_id(printed: str) -> str:
    """An identifier as compared: without spaces, case and leading zeros, which keyboards of scales add; all zeros is no identifier."""
    return "".join(printed.split()).casefold().lstrip("0")
