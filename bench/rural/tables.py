"""From results (one JSON line a run) to the tables of docs/rural-link.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parents[2] / "docs/rural-link.md"
BEGIN, END = "<!-- begin: made by ./run bench rural -->", "<!-- end -->"
NAMES = {"telecabine": "telecabine", "telecabine-stock": "aiortc's own encoders and rate control", "chromium": "Chromium pair"}
#: per profile, what a good run is: fps to the specialist, rows, longest gap in ms, 99th percentile of the values' age in ms
GOOD = {
    "300": (20, 180, 500, 250),
    "500": (20, 360, 500, 250),
    "dip": (15, 180, 2000, 2000),
    "loss10": (20, 360, 1000, 1000),
    "clean": (25, 720, 500, 250),
}


def good(run: dict[str, Any]) -> bool:
    """Whether a run meets its profile's figures."""
    if "failed" in run:
        return False
    fps, rows, gap, age = GOOD[run["profile"]]
    sight = run["to_specialist"]
    oldest = run["values_p99_ms"]
    return bool(sight["fps"] >= fps and sight["height"] >= rows and sight["longest_gap_ms"] <= gap and oldest is not None and oldest <= age)


def span(values: list[float | None]) -> str:
    """Least to most."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return "-"
    return f"{known[0]:g}" if known[0] == known[-1] else f"{known[0]:g} to {known[-1]:g}"


def table(runs: list[dict[str, Any]], profile: str) -> str:
    """One profile's table."""
    head = (
        "engine", "good/runs", "fps to specialist", "rows", "longest gap ms", "latency p50 ms", "kbit/s",
        "fps to booth", "values p50 ms", "values p99 ms", "CPU %", "load of the machine",
    )  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for engine, name in NAMES.items():
        mine = [run for run in runs if run["profile"] == profile and run["engine"] == engine]
        whole = [run for run in mine if "failed" not in run]
        if not mine:
            continue
        sights = [run["to_specialist"] for run in whole]
        cells = (
            name, f"{sum(map(good, mine))}/{len(mine)}", span([one["fps"] for one in sights]), span([one["height"] for one in sights]),
            span([one["longest_gap_ms"] for one in sights]), span([one["latency_p50_ms"] for one in sights]),
            span([run["kbps"] for run in whole]), span([run["to_booth"]["fps"] for run in whole]),
            span([run["values_p50_ms"] for run in whole]), span([run["values_p99_ms"] for run in whole]),
            span([run["cpu_percent"] for run in whole]), span([round(run["load"], 1) for run in whole]),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(results: Path) -> None:
    """Put the tables between the marks of the document."""
    runs = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    parts = [f"### {profile}\n\n{table(runs, profile)}" for profile in GOOD if any(run["profile"] == profile for run in runs)]
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}", encoding="utf-8")
