"""A device's clock: read, and the bytes that set it.

Protocol: Current Time Service 1.1 (0x1805), Current Time 0x2A2B (read, notified, written); Date Time 0x2A08 (read and written on devices
that have it beside their measurement); Elapsed Time Service 1.0 (0x183F), Current Elapsed Time 0x2BF2; GATT Specification Supplement 3.63, 3.70
and 3.62. What was read becomes `device_time` of a live Reading without a zone, None where the device does not know it. Whether a clock is set
is not decided here; `setting` makes the bytes, an elapsed time in the form in which the device tells its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC as UTC_ZONE
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.device import ClockReading
from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import Fields, bits
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Instant, Reading

#: the characteristics that tell a time, the finer one first
SOURCES = ("2A2B", "2A08", "2BF2")
MANUAL, EXTERNAL_REFERENCE = 0x01, 0x02
_DAYS = ("unknown", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_REASON = {0: "manual-time-update", 1: "external-reference-time-update", 2: "change-of-time-zone", 3: "change-of-dst"}
#: Elapsed Time Service 1.0: seconds count from here
EPOCH_2000 = datetime(2000, 1, 1)  # noqa: DTZ001 - the device's clock has no zone
TICKS, UTC, ZONE, TIMELINE = 0x01, 0x02, 0x10, 0x20
_RESOLUTION = (("1-s", "1"), ("100-ms", "0.1"), ("1-ms", "0.001"), ("100-us", "0.0001"))
_TIME_FLAGS = ((TICKS, "tick-counter"), (UTC, "utc"), (ZONE, "time-zone-used"), (TIMELINE, "current-timeline"))
#: the flags octet of an elapsed time, its six octets and those of source and zone; two more when it is read
ELAPSED = 9
NETWORK_TIME = 1
_SYNC = (
    "unknown",
    "network-time-protocol",
    "gps",
    "radio-time-signal",
    "manual",
    "atomic-clock",
    "cellular-network",
    "none",
)
NEEDS_SET = 0x01
_CLOCK_STATUS = {0: "clock-needs-set"}
_CLOCK_CAPABILITIES = {0: "clock-applies-dst", 1: "clock-manages-time-zone"}


def date_time(when: datetime) -> bytes:
    """The 7 bytes of Date Time (0x2A08) for `when`, a local time."""
    return when.year.to_bytes(2, "little") + bytes((when.month, when.day, when.hour, when.minute, when.second))


def current_time(when: datetime, reason: int = MANUAL | EXTERNAL_REFERENCE) -> bytes:
    """The 10 bytes of Current Time (0x2A2B) that set a device's clock to `when`, a local time; fractions are of 1/256 s."""
    return date_time(when) + bytes((when.isoweekday(), when.microsecond * 256 // 1_000_000, reason))


def told(source: str, data: bytes) -> datetime | None:
    """The time that a characteristic of SOURCES tells (Current Time with its 256ths of a second); None when it has none.

    It is a local time; that of an elapsed time which counts UTC and names no zone is UTC.
    """
    fields = Fields(data)
    try:
        if source == "2BF2":
            return _elapsed_local(fields)
        time = fields.date_time("date and time")
        if time is None or source != "2A2B":
            return time
        fields.u8("day of week")
        return time + timedelta(seconds=fields.u8("fractions of a second") / 256)
    except DecodeError:
        return None


def _elapsed_local(fields: Fields) -> datetime | None:
    stamp = elapsed_time(fields)
    return None if fields.u8("clock status") & NEEDS_SET else stamp.local


def reading(device: str, source: str, data: bytes, received: Instant, *, writable: bool) -> ClockReading:
    """What a clock said when it was read. A tick counter has no time and takes none."""
    form = data[0] if source == "2BF2" and data else 0
    settable = source if writable and not form & TICKS else ""
    return ClockReading(device, told(source, data), received, settable, form, utc=form & (UTC | ZONE) == UTC)


def setting(clock: ClockReading, when: datetime) -> bytes:
    """The bytes for `clock.settable` that make it `when` (zone-aware, of a clock that is right) on the device."""
    local = when.replace(tzinfo=None)
    if clock.settable == "2BF2":
        return _elapsed_bytes(clock.form, when)
    return current_time(local) if clock.settable == "2A2B" else date_time(local)


def _elapsed_bytes(form: int, when: datetime) -> bytes:
    base = when.astimezone(UTC_ZONE).replace(tzinfo=None) if form & UTC else when.replace(tzinfo=None)
    count = (base - EPOCH_2000) // timedelta(microseconds=10 ** (6, 5, 3, 2)[form >> 2 & 3])
    offset = when.utcoffset() or timedelta()
    quarters = offset // timedelta(minutes=15) if form & ZONE else 0
    return bytes((form,)) + count.to_bytes(6, "little") + bytes((NETWORK_TIME,)) + quarters.to_bytes(1, "little", signed=True)


@dataclass(frozen=True, slots=True)
class ElapsedTime:
    """Time flags, value and source as the Elapsed Time and the Generic Health Sensor services write them. `seconds` is exact."""

    seconds: Decimal
    zone_minutes: int
    flags: tuple[str, ...]
    local: datetime | None


def elapsed_time(fields: Fields) -> ElapsedTime:
    """Read the nine bytes of a time stamp; `local` is None for a tick counter and for a time past the calendar."""
    flags = fields.u8("time flags")
    name, step = _RESOLUTION[flags >> 2 & 3]
    seconds = int.from_bytes(fields.take(6, "time value"), "little") * Decimal(step)
    source, quarters = fields.u8("time sync source"), int.from_bytes(fields.take(1, "time zone offset"), "little", signed=True)
    names = tuple(text for bit, text in _TIME_FLAGS if flags & bit)
    sync = _SYNC[source] if source < len(_SYNC) else f"reserved-{source}"
    zone = quarters * 15
    local = None if flags & TICKS else _calendar(seconds, zone if flags & UTC and flags & ZONE else 0)
    return ElapsedTime(seconds, zone, (*names, f"resolution-{name}", f"time-source-{sync}"), local)


def _calendar(seconds: Decimal, zone_minutes: int) -> datetime | None:
    try:
        return EPOCH_2000 + timedelta(seconds=int(seconds), microseconds=int(seconds % 1 * 1_000_000), minutes=zone_minutes)
    except OverflowError:
        return None


class Clock(Driver):
    """The clock of any device."""

    name = "clock"
    models = ("any device with a clock to read",)
    link = Gatt(service="", notify=("2A2B",), read=("2A08", "2BF2"))
    measures = ("fraction-of-second", "elapsed-time", "time-zone-offset")
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode the current time (2A2B), a date and time (2A08) or the elapsed time (2BF2)."""
        fields = Fields(frame.data)
        if frame.source == "2BF2":
            yield self._elapsed(frame, fields)
            return
        when = fields.date_time("date and time")
        if frame.source == "2A08":
            fields.end("date and time")
            yield self.reading(frame, settled=False, device_time=when)
            return
        day, fraction, reason = fields.u8("day of week"), fields.u8("fractions of a second"), fields.u8("adjust reason")
        fields.end("current time")
        if day >= len(_DAYS):
            raise DecodeError(f"day of week {day}: 1 to 7, or 0 for unknown")
        part = Measurement("fraction-of-second", Decimal(fraction) / 256, "s")
        names = (f"day-of-week-{_DAYS[day]}", *bits(reason, _REASON))
        yield self.reading(frame, (part,), settled=False, device_time=when, flags=names)

    def allows(self, command: bytes) -> bool:
        """A time to set, in the form of Current Time, of Date Time or of an elapsed time, and nothing else."""
        if len(command) == ELAPSED:
            return not command[0] & (TICKS | 0xC0) and elapsed_time(Fields(command)).local is not None
        if len(command) not in (7, 10) or (len(command) == 10 and not 1 <= command[7] <= 7):
            return False
        return Fields(command).date_time("date and time") is not None

    def _elapsed(self, frame: Frame, fields: Fields) -> Reading:
        stamp = elapsed_time(fields)
        status, capabilities = fields.u8("clock status"), fields.u8("clock capabilities")
        fields.end("current elapsed time")
        values = [Measurement("elapsed-time", stamp.seconds, "s"), Measurement("time-zone-offset", Decimal(stamp.zone_minutes), "min")]
        names = (*stamp.flags, *bits(status, _CLOCK_STATUS), *bits(capabilities, _CLOCK_CAPABILITIES))
        return self.reading(frame, tuple(values), settled=False, device_time=stamp.local, flags=names)
