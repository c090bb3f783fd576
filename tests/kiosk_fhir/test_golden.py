"""Our mapping says what the published examples of the HL7 Personal Health Device guide say of the same measurements."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from drivers.device import ClockReading, Device
from drivers.measurement import Absent, Instant
from kiosk_fhir import device
from kiosk_fhir.observation import build
from tests.kiosk_fhir.sessions import CONTEXT, CUFF, EFFECTIVE, PHD, WITH_CLOCK, contents, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

NONIN = Device(
    "ble:00:1C:05:FF:E8:74",
    "pulse-oximeter",
    "",
    "Nonin_Medical_Inc.",
    "Model 3230",
    "501900083",
    "r2.1",
    "r1.0",
    "r1.5 9.7",
    "00:1C:05:FF:E8:74",
    "74E8FFFEFF051C00",
)
STAMPED = {"device_time": datetime.fromisoformat("2018-11-11T11:38:15")}
#: what the booth cannot know, or says in another way
NOT_OURS = ("Accuracy", "Confidence95", "SimpleAlerting")


def own_facts(node: dict[str, Any], path: str) -> Iterator[tuple[str, ...]]:
    """What one object itself says: a coding, a quantity, an identifier, an extension's name, plain values."""
    if "code" in node and "system" in node:
        yield path, node["system"], node["code"], str(node.get("value", ""))
    elif "system" in node and "value" in node:
        yield path, node["system"], node["value"]
    for name in ("valueBoolean", "status", "manufacturer", "modelNumber", "serialNumber"):
        if name in node:
            yield path, name, str(node[name])


def facts(node: Any, path: str = "") -> Iterator[tuple[str, ...]]:
    """Every fact of a resource, by its place without list positions."""
    if isinstance(node, list):
        for one in node:
            yield from facts(one, path)
    elif isinstance(node, dict):
        yield from own_facts(node, path)
        for name, value in node.items():
            if name not in ("meta", "extension"):
                yield from facts(value, f"{path}.{name}")
        for extension in node.get("extension", ()):
            if not extension["url"].endswith(NOT_OURS):
                yield path, extension["url"]


def missing(name: str, *ours: dict[str, Any]) -> set[tuple[str, ...]]:
    example = json.loads((PHD / f"{name}.json").read_text(), parse_float=Decimal)
    said = set().union(*(facts(one) for one in ours))
    return {fact for fact in facts(example) if fact not in said}


def mapped(*values: tuple[str, Any, str], **fields: Any) -> list[dict[str, Any]]:
    made = build(reading(*values, **{**STAMPED, **fields}), WITH_CLOCK, effective=EFFECTIVE)
    return [json.loads(one.json, parse_float=Decimal) for one in made]


@pytest.mark.parametrize(
    ("name", "values", "fields"),
    [
        (
            "compound-numeric-blood-pressure",
            (("systolic", "116", "mm[Hg]"), ("diastolic", "71", "mm[Hg]"), ("mean-arterial-pressure", "86", "mm[Hg]")),
            {},
        ),
        ("temperature-observation", (("temperature", "36.5", "Cel"),), {}),
        ("numeric-observation-not-a-number", (("perfusion-index", Absent.NOT_A_NUMBER, "%"),), {"device_time": None}),
        ("numeric-spotnumeric", (("pulse-rate", "48.0", "/min"), ("spo2", "97", "%")), {"source": "2A5E"}),
        ("glucose-observation", (("glucose", "99", "mg/dL"),), {"flags": ("type-undetermined-plasma",)}),
    ],
)
def test_a_measurement_of_the_guide_is_said_as_the_guide_says_it(name: str, values: Any, fields: Any) -> None:
    left = missing(name, *mapped(*values, **fields))
    assert {fact for fact in left if fact[0] != ".identifier"} == set()


def test_the_status_word_of_the_guide() -> None:
    made = mapped(("systolic", "116", "mm[Hg]"), ("diastolic", "71", "mm[Hg]"), flags=("body-movement", "improper-position"))
    assert missing("bpm-status", made[-1]) == set()


def test_the_instrument_of_the_guide() -> None:
    context = replace(CONTEXT, device=NONIN, clock=replace(WITH_CLOCK.clock, device=NONIN.key) if WITH_CLOCK.clock else None)
    (made,) = contents([device.instrument(context, ("spo2",))])
    left = missing("phd-74E8FFFEFF051C00.001C05FFE874", made)
    # certifications, regulation status and finer capabilities of the clock are not in the Device Information Service
    assert {fact for fact in left if fact[0].split(".")[1] != "property" and "532352" not in fact} == set()


@pytest.mark.parametrize(
    ("name", "device_time"), [("coin-example-timefault", None), ("coin-example-1", datetime.fromisoformat("2018-11-19T20:20:22"))]
)
def test_the_coincident_time_of_the_guide(name: str, device_time: datetime | None) -> None:
    clock = ClockReading(CUFF.key, device_time, Instant(0.0, EFFECTIVE))
    (made,) = contents([device.coincident(replace(CONTEXT, clock=clock))])
    left = {fact for fact in missing(name, made) if "68220" not in fact and "component" not in fact[0]}
    assert left == set()
    assert ("valueDateTime" in made) == (device_time is not None)
