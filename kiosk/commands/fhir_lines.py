"""The lines of `telecabine decode`, back as Readings."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads it at run time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import msgspec

from drivers.driver import load
from drivers.measurement import Absent, Measurement, Reading

if TYPE_CHECKING:
    from drivers.measurement import Instant

#: GATT characteristics whose values are live, never a result
LIVE_SOURCES = frozenset({"2A36", "2A5F", "2A1E", "2A37"})
#: what a serial oximeter or monitor streams; a line does not say whether it settled
_STREAMED = frozenset({"spo2", "heart-rate"})
_CURVES = frozenset({"pleth", "ecg"})


class LineError(ValueError):
    """A line that is not one of `telecabine decode`."""


class Row(msgspec.Struct, frozen=True):
    """One vital of a line; `value` is text, with the device's digits."""

    vital: str
    unit: str
    value: str | None = None
    absent: Absent | None = None


class Line(msgspec.Struct, frozen=True):
    """One frame as `telecabine decode` says it."""

    source: str
    driver: str
    measurements: tuple[Row, ...] = ()
    time: datetime | None = None
    user: int | None = None
    sequence: int | None = None
    flags: tuple[str, ...] = ()
    rejected: str | None = None


def parse(text: bytes) -> Line:
    """One line.

    Raises:
        LineError: it is not one of `telecabine decode`.
    """
    try:
        return msgspec.json.decode(text, type=Line)
    except msgspec.ValidationError as error:
        raise LineError(str(error).replace("`$.", "`")) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise LineError("not JSON") from None


def reading(line: Line, received: Instant, index: int) -> Reading:
    """The Reading of a line. The samples of curves are left out: a line does not say how far apart they are.

    The frame's bytes are not in a line, so there is no hash; `index` tells two lines apart that carry neither time nor sequence.

    Raises:
        LineError: a value is not a decimal number.
    """
    rows = [row for row in line.measurements if row.vital not in _CURVES]
    measurements = tuple(Measurement(row.vital, _value(row), row.unit) for row in rows)
    return Reading(
        driver=line.driver,
        source=line.source,
        received=received,
        raw_sha256="",
        measurements=measurements,
        settled=not _live(line, {row.vital for row in rows}),
        device_time=None if line.time is None else line.time.replace(tzinfo=None),
        user=line.user,
        sequence=index if line.sequence is None and line.time is None else line.sequence,
        flags=line.flags,
    )


def _value(row: Row) -> Decimal | Absent:
    if row.value is None:
        return row.absent or Absent.UNKNOWN
    try:
        return Decimal(row.value)
    except InvalidOperation:
        raise LineError(f"the value of {row.vital} is not a decimal number") from None


def _live(line: Line, vitals: set[str]) -> bool:
    driver = load().get(line.driver)
    streamed = driver is not None and driver.stream and not _STREAMED.isdisjoint(vitals) and "systolic" not in vitals
    return line.source in LIVE_SOURCES or streamed
