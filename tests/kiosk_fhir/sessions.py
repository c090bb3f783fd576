"""A session and readings to map, as a booth would have them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson

from drivers.device import ClockReading, Device
from drivers.measurement import Instant, Measurement, Reading
from kiosk_fhir.context import Booth, Context, Patient, Professional

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk_fhir.wire import Resource

PHD = Path(__file__).parent.parent / "vectors/phd"
PARIS = ZoneInfo("Europe/Paris")
RECEIVED = Instant(100.0, datetime(2026, 1, 12, 10, 15, 41, 120_000, tzinfo=PARIS))
EFFECTIVE = datetime(2026, 1, 12, 10, 15, 30, tzinfo=PARIS)
DEVICE_TIME = datetime.fromisoformat("2026-01-12T10:13:28")
CUFF = Device(
    "ble:00:1C:05:FF:E8:74",
    "blood-pressure",
    "Tensiomètre",
    "A&D",
    "UA-651BLE",
    "5190900083",
    "r2.1",
    address="00:1C:05:FF:E8:74",
    system_id="74E8FFFEFF051C00",
)
CONTEXT = Context(
    "2f1c",
    datetime(2026, 1, 12, 10, 0, tzinfo=PARIS),
    Patient("p-17", "DUPONT", ("Jeanne", "Marie"), "1970-05-21", "female"),
    Booth("cabine-1", "Cabine 1", "Pharmacie du Marché", "690000000", "ECDE3D4E58532D31", "0.1.0"),
    Professional("Anne Martin", "10101201234", "Pharmacien"),
    Professional("Dr Paul Durand", "10100473148", "Cardiologue"),
    CUFF,
    production=False,
)
CLOCK = ClockReading(CUFF.key, datetime.fromisoformat("2026-01-12T10:13:39"), RECEIVED)
WITH_CLOCK = replace(CONTEXT, clock=CLOCK)


def reading(*measurements: tuple[str, Any, str], **fields: Any) -> Reading:
    """A settled Reading; a text value becomes a Decimal with its digits."""
    values = tuple(Measurement(vital, Decimal(value) if type(value) is str else value, unit) for vital, value, unit in measurements)
    made: dict[str, Any] = {"driver": "test", "source": "test", "received": RECEIVED, "raw_sha256": "ab" * 32, **fields}
    return Reading(measurements=values, **made)


def pressure(unit: str = "mm[Hg]", systolic: str = "128", diastolic: str = "79", **fields: Any) -> Reading:
    """A blood pressure of two components."""
    return reading(("systolic", systolic, unit), ("diastolic", diastolic, unit), **fields)


def contents(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """The resources as dicts (numbers as floats: for structure only)."""
    return [orjson.loads(one.json) for one in resources]
