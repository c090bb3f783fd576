"""The cells of the bench."""

from __future__ import annotations

from typing import Any

LINK = {"delay": 20, "queue": 300}


def both(**profile: float) -> dict[str, Any]:
    """The same in both directions."""
    return {"both": {**LINK, **profile}}


PROFILES: dict[str, dict[str, Any]] = {
    "300": both(rate=300_000),
    "500": both(rate=500_000),
    "dip": {**both(rate=500_000), "schedule": [(10, both(rate=100_000)), (16, both(rate=500_000))]},
    "loss10": {"both": {"delay": 30, "loss": 0.10}},
    "clean": {"both": {"delay": 1}},
    "sending": {"both": {"delay": 1}},
    "64k": {"both": {"rate": 64_000, "delay": 75, "queue": 300, "loss": 0.05}},
}
#: s that a run is measured
SECONDS = {"300": 20.0, "500": 20.0, "dip": 30.0, "loss10": 20.0, "clean": 20.0, "sending": 20.0, "64k": 30.0}
#: where the specialist sends no picture: the processor's work for the booth's own
SENDING = {"sending"}
#: where somebody writes at both ends, three characters a second
WRITING = {"64k"}
#: s after the start: the dip is over, and pictures must no longer be late
RECOVERED = 19.0
