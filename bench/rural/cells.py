"""The cells of the bench."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LINK = {"delay": 20, "queue": 300}


def both(**profile: float) -> dict[str, Any]:
    """The same in both directions."""
    return {"both": {**LINK, **profile}}


def recorded(name: str, **profile: float) -> dict[str, Any]:
    """A line whose rate was recorded, sample after sample."""
    samples = json.loads((Path(__file__).parent / "recorded" / f"{name}.json").read_text(encoding="utf-8"))["samples"]
    schedule, at = [], 0.0
    for lasts, rate in samples:
        schedule.append((at, both(rate=1000 * rate, **profile)))
        at += lasts / 1000
    return {**schedule[0][1], "schedule": schedule[1:]}


PROFILES: dict[str, dict[str, Any]] = {
    "300": both(rate=300_000),
    "500": both(rate=500_000),
    "dip": {**both(rate=500_000), "schedule": [(10, both(rate=100_000)), (16, both(rate=500_000))]},
    "loss10": {"both": {"delay": 30, "loss": 0.10}},
    "clean": {"both": {"delay": 1}},
    "sending": {"both": {"delay": 1}},
    "64k": {"both": {"rate": 64_000, "delay": 75, "queue": 300, "loss": 0.05}},
    "bursts": {"both": {"delay": 30, "loss": 0.05, "burst": 5}},
    "outage": {**both(rate=500_000), "schedule": [(10, both(rate=500_000, loss=1)), (13, both(rate=500_000))]},
    "3g": recorded("hsdpa", delay=50),
}
#: s that a run is measured
SECONDS = dict.fromkeys(PROFILES, 20.0) | dict.fromkeys(("dip", "64k", "outage", "3g"), 30.0)
#: where the specialist sends no picture: the processor's work for the booth's own
SENDING = {"sending"}
#: where the booth tests the line before the call, as it always does: in the others it finds nothing that it would act on
TESTED = {"64k"}
#: where somebody writes at both ends, three characters a second
WRITING = {"64k"}
#: s after the start: the dip is over, and pictures must no longer be late
RECOVERED = 19.0
