"""The full counts behind the claims about FHIR: measurements of every kind through every judge, storms of faults over a push.

Each function does one slice: it raises when a claim fails, and returns the figures.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

import aiohttp

from kiosk.fhir_push.deliver import Patience, deliver
from kiosk.fhir_push.queue import Queue
from kiosk.fhir_push.server import Server
from tests.kiosk_fhir.faults import KINDS, Line, bad_line
from tests.kiosk_fhir.generated import cases
from tests.kiosk_fhir.judging import FhirResources, Medplum, Pyrofile
from tests.kiosk_fhir.servers import count as count_on
from tests.kiosk_fhir.servers import sekmet
from tests.kiosk_fhir.test_properties import check, judged
from tests.kiosk_fhir.test_push import WEIGHTS, Waits
from tests.proofs._sliced import Sliced

MEASUREMENTS, STORMS, SLICES = 10_000, 200, 20


def measurements(seed: int, count: int = MEASUREMENTS // SLICES) -> dict[str, float]:
    """Map `count` measurements of every kind: each number keeps its digits, and no judge finds a fault."""
    start, ways = time.monotonic(), Counter[str]()
    medplum = Medplum()
    judges = (FhirResources(), Pyrofile(), medplum)
    try:
        for case in cases(count, seed):
            check(case)
            faults = judged(judges, (case,))
            if faults:
                raise AssertionError(faults)
            ways[case.way] += 1
    finally:
        medplum.close()
    return {"measurements": count, "judgements": count * len(judges), **dict(ways), "seconds": time.monotonic() - start}


def storms(seed: int, count: int = STORMS // SLICES) -> dict[str, float]:
    """Push through `count` storms of faults to a real server: everything is there, once."""
    chance, start, requests = random.Random(seed), time.monotonic(), 0
    with tempfile.TemporaryDirectory() as name, sekmet(Path(name)) as base:
        for number in range(count):
            faults = chance.choices([kind for kind in KINDS if kind not in ("slow", "redirect")], k=chance.randrange(1, 30))
            line = Line(base, faults)
            left = asyncio.run(_storm(line, Path(name) / f"{number}.sqlite"))
            requests += line.seen
            if left or count_on(base, "Observation") != len(WEIGHTS):
                raise AssertionError((number, faults, left))
    return {"storms": count, "requests": requests, "seconds": time.monotonic() - start}


async def _storm(line: Line, path: Path) -> int:
    queue = Queue(path)
    try:
        async with bad_line(line) as base, aiohttp.ClientSession() as session:
            for body in WEIGHTS:
                queue.add(body, "the server")
            server = Server(session, base, None, lambda: 0.0, 30.0)
            return await deliver(queue, "the server", server, Patience(99, Waits(), lambda: 1.0), say=lambda _: None)
    finally:
        queue.close()


PROOFS = {
    "measurements": Sliced({str(seed): partial(measurements, seed) for seed in range(SLICES)}),
    "storms": Sliced({str(seed): partial(storms, seed) for seed in range(SLICES)}),
}
