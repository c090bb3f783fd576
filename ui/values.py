"""What a number looks like: tiles, freshness, times. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocol.screen import Value

#: seconds without data after which a live value greys, and after which it is gone
STALE, GONE = 3.0, 10.0

Freshness: TypeAlias = Literal["live", "stale", "gone"]


class Tile(Struct, frozen=True):
    """One number on the screen: `text` decimal with a point, or "" with `absent` a text key; a blood pressure is one tile "128/76"."""

    vital: str
    text: str
    absent: str
    unit: str


def freshness(received: float, now: float) -> Freshness:
    """How a live value of that age looks. Both in seconds of one monotonic clock."""
    age = now - received
    return "live" if age < STALE else "stale" if age < GONE else "gone"


def tiles(values: Sequence[Value]) -> list[Tile]:
    """The tiles of these values, in their order; systolic and diastolic share one, which is absent when either is."""
    by_vital = {value.vital: value for value in values}
    systolic, diastolic = by_vital.get("systolic"), by_vital.get("diastolic")
    result = []
    for value in values:
        if systolic and diastolic and value is systolic:
            absent = systolic.absent or diastolic.absent or ""
            whole = systolic.value is not None and diastolic.value is not None
            result.append(
                Tile("blood-pressure", f"{systolic.value}/{diastolic.value}" if whole else "", "" if whole else absent, systolic.unit)
            )
        elif not (systolic and diastolic and value is diastolic):
            result.append(Tile(value.vital, value.value or "", "" if value.value else value.absent or "unknown", value.unit))
    return result


def day(text: str) -> str:
    """An ISO date, partial or not, as people write it: "14/07/1953", "07/1953", "1953"."""
    return "/".join(reversed(text.split("-")))


def clock(text: str | None, form: str = "%H:%M:%S") -> str:
    """Local "10:42:03" of an ISO time; any other text unchanged; "" for None. A time without zone is shown as it is."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment.astimezone() if moment.tzinfo else moment).strftime(form)
