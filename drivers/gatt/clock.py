"""A device's clock: read, and the bytes that set it.

Protocol: Current Time Service 1.1 (0x1805), Current Time 0x2A2B (read, notified, written); Date Time 0x2A08 (read and written on devices
that have it beside their measurement); Elapsed Time Service 1.0 (0x183F), Current Elapsed Time 0x2BF2; GATT Specification Supplement 3.63, 3.70
and 3.62. What was read becomes `device_time` of a live Reading without a zone, None where the device does not know it. Setting is the
link's decision; `current_time` and `date_time` make the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import Fields, bits
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

#: the characteristics that tell a local time, the finer one first
SOURCES = ("2A2B", "2A08")
MANUAL, EXTERNAL_REFERENCE = 0x01, 0x02
_DAYS = ("unknown", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_REASON = {0: "manual-time-update", 1: "external-reference-time-update", 2: "change-of-time-zone", 3: "change-of-dst"}
#: Elapsed Time Service 1.0: seconds count from here
EPOCH_2000 = datetime(2000, 1, 1)  # noqa: DTZ001 - the device's clock has no zone
TICKS, UTC, ZONE, TIMELINE = 0x01, 0x02, 0x10, 0x20
_RESOLUTION = (("1-s", "1"), ("100-ms", "0.1"), ("1-ms", "0.001"), ("100-us", "0.0001"))
_TIME_FLAGS = ((TICKS, "tick-counter"), (UTC, "utc"), (ZONE, "time-zone-used"), (TIMELINE, "current-timeline"))
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
_CLOCK_STATUS = {0: "clock-needs-set"}
_CLOCK_CAPABILITIES = {0: "clock-applies-dst", 1: "clock-manages-time-zone"}


def date_time(when: datetime) -> bytes:
    """The 7 bytes of Date Time (0x2A08) for `when`, a local time."""
    return when.year.to_bytes(2, "little") + bytes((when.month, when.day, when.hour, when.minute, when.second))


def current_time(when: datetime, reason: int = MANUAL | EXTERNAL_REFERENCE) -> bytes:
    """The 10 bytes of Current Time (0x2A2B) that set a device's clock to `when`, a local time; fractions are of 1/256 s."""
    return date_time(when) + bytes((when.isoweekday(), when.microsecond * 256 // 1_000_000, reason))


def told(source: str, data: bytes) -> datetime | None:
    """The local time that Current Time (0x2A2B, with its 256ths of a second) or Date Time (0x2A08) tells; None when it has none."""
    fields = Fields(data)
    try:
        time = fields.date_time("date and time")
        if time is None or source != "2A2B":
            return time
        fields.u8("day of week")
        return time + timedelta(seconds=fields.u8("fractions of a second") / 256)
    except DecodeError:
        return None


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
        """A time to set, in the form of Current Time or of Date Time, and nothing else."""
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
