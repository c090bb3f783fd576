"""Measurements made up by chance, of every kind that a booth may meet. The same seed gives the same."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drivers.driver import load
from drivers.ieee11073 import sfloat
from drivers.measurement import Absent, Measurement, Reading, Waveform
from kiosk_fhir import body, codes, status
from kiosk_fhir.body import Placement
from tests.kiosk_fhir.sessions import CONTEXT, DEVICE_TIME, EFFECTIVE, RECEIVED, WITH_CLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk_fhir.context import Context

CURVES = ("pleth", "ecg")
#: what a helper or an instrument may add to a value
WAYS = ("plain", "absent", "stored time", "corrected time", "manual", "rejected", "live", "placed", "flagged")
_DEVICE_FLAGS = (*status.BITS, *status.SAID_ELSEWHERE, "user-unknown", "device-clock-not-set", "bit-9")


@dataclass(frozen=True)
class Case:
    """One Reading and what is said of it."""

    way: str
    reading: Reading
    context: Context
    said: dict[str, Any]


def _value(chance: random.Random) -> Decimal:
    while True:
        value = sfloat(chance.randrange(0x10000))
        if isinstance(value, Decimal):
            return value


def _measurements(chance: random.Random, term: codes.Term, unit: str, *, absent: bool) -> tuple[Measurement, ...]:
    def one(vital: str, in_unit: str) -> Measurement:
        return Measurement(vital, chance.choice(list(Absent)) if absent and chance.random() < 0.7 else _value(chance), in_unit)

    if term.panel:
        return tuple(one(vital, unit) for vital in ("systolic", "diastolic", "mean-arterial-pressure"))
    company = {"spo2": "%", "systolic": "mm[Hg]"}
    found = (one(term.vital, unit),)
    return (*found, one(term.with_vital, company[term.with_vital])) if term.with_vital else found


def cases(count: int, seed: int) -> Iterator[Case]:
    """`count` cases: every line of the table in every unit and every way in turn, the rest by chance."""
    chance = random.Random(seed)
    drivers = [name for name, driver in load().items() if not driver.stream]
    every = [(term, unit, way) for way in WAYS for term in codes.TERMS for unit in term.units]
    for number in range(count):
        term, unit, way = every[number % len(every)]
        received = replace(RECEIVED, wall=RECEIVED.wall + timedelta(milliseconds=chance.randrange(10**9)))
        fields: dict[str, Any] = {"driver": chance.choice(drivers), "source": chance.choice(("2A35", "2A5E", "2A1C", "serial"))}
        fields |= {"received": received, "raw_sha256": f"{chance.getrandbits(256):064x}"}
        if term.vital in CURVES:
            samples = tuple(chance.choice((None, chance.randrange(-2000, 2000))) for _ in range(chance.randrange(1, 700)))
            scale, period = Decimal(chance.randrange(1, 999)).scaleb(-3), Decimal(chance.choice((1, 2, 4, 20))).scaleb(-3)
            fields["waveforms"] = (Waveform(term.vital, samples, period, scale, unit, chance.choice((None, Decimal(-2048)))),)
        else:
            fields["measurements"] = _measurements(chance, term, unit, absent=way == "absent")
        context, said = _way(chance, way, fields)
        yield Case(way, Reading(**fields), context, {"effective": EFFECTIVE - timedelta(seconds=chance.randrange(10**6)), **said})


def _way(chance: random.Random, way: str, fields: dict[str, Any]) -> tuple[Context, dict[str, Any]]:
    """Change the Reading's fields for one way; the context and what is said besides."""
    context, said = CONTEXT, {}
    if way in ("stored time", "corrected time"):
        fields |= {"device_time": DEVICE_TIME - timedelta(seconds=chance.randrange(10**8)), "sequence": chance.choice((None, 7))}
        context, said = (WITH_CLOCK, {"corrected": True}) if way == "corrected time" else (CONTEXT, {})
    elif way == "manual":
        fields |= {"driver": "manual", "source": "manual", "raw_sha256": ""}
        context = replace(CONTEXT, device=None)
    elif way == "rejected":
        said = {"rejected": True}
    elif way == "live":
        fields["settled"] = False
        said = {"preliminary": True}
    elif way == "placed":
        said = {"placement": Placement(chance.choice(list(body.SITES)), chance.choice(list(body.POSITIONS)), "Oscillométrie")}
    elif way == "flagged":
        fields["flags"] = tuple(dict.fromkeys(chance.choices(_DEVICE_FLAGS, k=4)))
    return context, said
