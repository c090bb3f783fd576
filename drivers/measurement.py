"""The core types between a link and the rest of the booth: Frame, Measurement, Waveform, Reading.

All are frozen; what comes with every frame is a `msgspec.Struct`, which costs a fraction of a frozen dataclass. A number is a `Decimal` with the digits that the device sent, or an `Absent` reason; it never passes through a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


class Absent(StrEnum):
    """Why there is no number. The values are codes of FHIR's `data-absent-reason`."""

    NOT_A_NUMBER = "not-a-number"
    POSITIVE_INFINITY = "positive-infinity"
    NEGATIVE_INFINITY = "negative-infinity"
    ERROR = "error"
    NOT_PERFORMED = "not-performed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Instant:
    """When the booth received something: `monotonic` in seconds of the booth's steady clock, `wall` in zone-aware time."""

    monotonic: float
    wall: datetime


class Frame(msgspec.Struct, frozen=True, gc=False):
    """Bytes as a link yields them.

    `source` is a GATT characteristic in upper-case short form ("2A35"; a 128-bit UUID in lower case where it is not a SIG one) or the name
    of a serial protocol ("contec-cms50"). `device` is the link's stable key of the device. For a stream, `data` is any piece of it.
    """

    source: str
    data: bytes
    received: Instant
    device: str = ""


class Measurement(msgspec.Struct, frozen=True, gc=False):
    """One vital: `vital` from `drivers.vitals`, `value` as sent or why absent, `unit` in UCUM as sent."""

    vital: str
    value: Decimal | Absent
    unit: str


@dataclass(frozen=True, slots=True)
class Waveform:
    """Consecutive samples of one curve. A sample in `unit` is `raw * scale + offset`; None is a sample that the device marks as missing.

    `period` is the time between samples in seconds. `first` is the device's own number of the first sample where it sends one.
    """

    vital: str
    samples: tuple[int | None, ...]
    period: Decimal
    scale: Decimal
    unit: str
    offset: Decimal | None = None
    first: int | None = None


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What one frame says: one blood pressure stays one Reading.

    `settled` is False for live values (a running oximeter, a cuff that inflates), True for a result that may become an Observation.
    `device_time` is the device's own clock, without zone, None when unusable. `flags` are kebab-case names of set bits. `raw_sha256` is
    the hash of the frame's bytes. `patient` is the patient id that the instrument itself sent (a scale with a keyboard): it is compared with
    the open consultation and never shown, logged or sent, so it is left out of `repr`.
    """

    driver: str
    source: str
    received: Instant
    raw_sha256: str
    device: str = ""
    measurements: tuple[Measurement, ...] = ()
    waveforms: tuple[Waveform, ...] = ()
    settled: bool = True
    device_time: datetime | None = None
    user: int | None = None
    sequence: int | None = None
    flags: tuple[str, ...] = ()
    patient: str = ""

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name != "patient")
        return f"Reading({', '.join(shown)})"


@dataclass(frozen=True, slots=True)
class Refused:
    """A piece of a stream that is not a frame: `reason` in plain words, `data` the bytes left out. Counted, never guessed at."""

    reason: str
    data: bytes
