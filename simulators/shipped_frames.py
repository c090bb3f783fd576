"""The shipped frames: third-party captures and examples of specifications, each with its source."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


@cache
def frames() -> dict[str, bytes]:
    """All of them, by id."""
    rows = json.loads(resources.files("simulators").joinpath("data/frames.json").read_text(encoding="utf-8"))
    return {row["id"]: bytes.fromhex(row["hex"]) for row in rows}
