"""FHIR: what mapping costs beside the library that everyone uses, what it costs to have it loaded. Run: `python -m bench.fhir`."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson
from fhir.resources.R4B.observation import Observation

from drivers.device import ClockReading, Device
from drivers.measurement import Instant, Measurement, Reading
from kiosk_fhir import bundle, observation
from kiosk_fhir.context import Booth, Context, Patient, Professional

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
#: what the mapping may cost, and how much faster than the library it must be
LIMIT_US, FASTER = 30.0, 30.0
_PARIS = ZoneInfo("Europe/Paris")
_AT = datetime(2026, 1, 12, 10, 15, 30, tzinfo=_PARIS)
_PROBE = """
import sys, time
sys.path[:0] = {paths!r}
start = time.perf_counter()
import {module}
seconds = time.perf_counter() - start
pages = int(open("/proc/self/statm").read().split()[1])
print(seconds, pages * 4096 / 2**20)
"""


def session() -> tuple[Context, list[Reading]]:
    """A session, and blood pressures of two components that all differ, so that nothing can be remembered."""
    cuff = Device(
        "ble:cuff", "blood-pressure", "", "A&D", "UA-651BLE", "519", "r2", address="00:1C:05:FF:E8:74", system_id="74E8FFFEFF051C00"
    )
    clock = ClockReading(cuff.key, datetime.fromisoformat("2026-01-12T10:13:39"), Instant(0.0, _AT))
    context = Context("c", _AT, Patient("p"), Booth("cabine-1", system_id="ECDE3D4E58532D31"), Professional("A. M."), None, cuff, clock)
    readings = []
    for number in range(1000):
        received = Instant(0.0, _AT + timedelta(seconds=number))
        values = (
            Measurement("systolic", Decimal(100 + number % 80), "mm[Hg]"),
            Measurement("diastolic", Decimal(60 + number % 40), "mm[Hg]"),
        )
        stamp = datetime.fromisoformat("2026-01-12T10:13:28") + timedelta(seconds=number)
        readings.append(Reading("blood-pressure", "2A35", received, f"{number:064x}", cuff.key, values, device_time=stamp))
    return context, readings


def microseconds(work: Callable[[int], object], count: int) -> float:
    """The processor's time for one call: the best of seven rounds, in microseconds."""
    rounds = []
    for _ in range(7):
        start = time.process_time()
        for number in range(count):
            work(number)
        rounds.append((time.process_time() - start) / count * 1e6)
    return min(rounds)


def loading(module: str) -> tuple[float, float]:
    """Seconds to import `module` in a new interpreter (median of five), and the megabytes it then has."""
    command = [sys.executable, "-c", _PROBE.format(paths=[str(ROOT), str(ROOT / "fhir")], module=module)]
    runs = [[float(part) for part in subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()] for _ in range(5)]
    return statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)


def run() -> list[dict[str, Any]]:
    """Every figure: name, value, unit, its peer or limit in the same run, and the ratio of peer to value."""
    context, readings = session()
    finished = [orjson.loads(observation.build(one, context, effective=_AT, corrected=True)[0].json) for one in readings]

    def mapping(number: int) -> object:
        return observation.build(readings[number], context, effective=_AT, corrected=True)

    def whole(number: int) -> object:
        return bundle.settled(readings[number], context, effective=_AT, corrected=True)

    def library(number: int) -> object:
        return Observation.model_validate(finished[number]).model_dump_json()

    mapped, bundled = microseconds(mapping, 1000), microseconds(whole, 300)
    peer, bare = microseconds(library, 60), microseconds(lambda number: orjson.dumps(finished[number]), 1000)
    ours, nothing, theirs = loading("kiosk_fhir.bundle"), loading("decimal"), loading("fhir.resources.R4B.observation")
    rows = [
        ("blood pressure of two components, Reading to signed-ready bytes", mapped, "us", "fhir.resources, validate and dump", peer),
        ("the same", mapped, "us", "limit", LIMIT_US),
        ("the same", mapped, "us", "orjson alone, of the finished dict", bare),
        ("one transaction Bundle of nine resources", bundled, "us", "fhir.resources, the Observation alone", peer),
        ("import of kiosk_fhir", ours[0] * 1000, "ms", "import of fhir.resources", theirs[0] * 1000),
        ("memory with kiosk_fhir", ours[1], "MB", "with fhir.resources", theirs[1]),
        ("memory with kiosk_fhir", ours[1], "MB", "a bare interpreter", nothing[1]),
    ]
    return [
        {
            "name": name,
            "value": round(value, 2),
            "unit": unit,
            "peer": peer_name,
            "peer_value": round(against, 2),
            "ratio": round(against / value, 2),
        }
        for name, value, unit, peer_name, against in rows
    ]


if __name__ == "__main__":
    print("\n".join(json.dumps(row) for row in run()))
