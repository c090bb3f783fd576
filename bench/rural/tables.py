"""From results (one JSON line a run) to the tables of docs/rural-link.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parents[2] / "docs/rural-link.md"
BEGIN, END = "<!-- begin: made by ./run bench rural -->", "<!-- end -->"
NAMES = {"telecabine": "telecabine", "telecabine-stock": "aiortc's own encoders and rate control", "chromium": "Chromium pair"}
#: share of the processors' time that the machine below may take away in a run whose figures are to be trusted
QUIET = 0.05


@dataclass(frozen=True)
class Wanted:
    """What a good run is. Pictures to the specialist (and, if `both`, to the booth): fps, rows, longest gap, median latency, and how late at
    the end; values: 95th or 99th percentile and the oldest. In ms; None is not asked.
    """

    fps: float = 0
    rows: int = 0
    gap: float | None = None
    latency: float | None = None
    late_at_end: float | None = None
    values_p99: float | None = None
    oldest: float | None = None
    first_720: float | None = None
    sound: float | None = None
    both: bool = False

    def text(self) -> str:
        """In words."""
        parts = (
            f"at least {self.fps:g} pictures a second of {self.rows} rows{' both ways' if self.both else ''}" if self.fps else "",
            f"no gap above {self.gap:g} ms" if self.gap else "",
            f"median latency up to {self.latency:g} ms" if self.latency else "",
            f"720 rows within {self.first_720:g} s" if self.first_720 else "",
            f"no picture later than {self.late_at_end:g} ms from 3 s after the dip" if self.late_at_end else "",
            f"values p99 up to {self.values_p99:g} ms" if self.values_p99 else "",
            f"no value older than {self.oldest:g} ms" if self.oldest else "",
            f"{self.sound:.0%} of the sound played, or off" if self.sound else "",
        )
        return ", ".join(part for part in parts if part)

    def met(self, run: dict[str, Any]) -> bool:
        """Whether a run is that."""
        if "failed" in run:
            return False
        ends = [run["to_specialist"], run["to_booth"]] if self.both else [run["to_specialist"]]
        sound = run.get("sound")
        return (
            all(one["fps"] >= self.fps and one["height"] >= self.rows for one in ends)
            and all(_within(one["latency_p50_ms"], self.latency) for one in ends)
            and all(_within(one["longest_gap_ms"], self.gap) for one in ends[:1])
            and (
                self.late_at_end is None
                or all(_within(run[end].get("late_at_end_ms"), self.late_at_end) for end in ("to_specialist", "to_booth"))
            )
            and _within(run["to_specialist"].get("first_720_s"), self.first_720)
            and _within(run["values_p99_ms"], self.values_p99)
            and _within(run["values_max_ms"], self.oldest)
            and (self.sound is None or sound is None or sound >= self.sound or sound < 0.1)
        )


def _within(value: float | None, most: float | None) -> bool:
    return most is None or (value is not None and value <= most)


WANTED = {
    "300": Wanted(fps=20, rows=180, gap=500, values_p99=250),
    "500": Wanted(fps=20, rows=360, gap=500, values_p99=250),
    "dip": Wanted(late_at_end=1000, oldest=2000),
    "loss10": Wanted(fps=20, rows=360, latency=300, both=True),
    "clean": Wanted(fps=25, rows=720, gap=500, values_p99=250, first_720=10),
    "64k": Wanted(values_p99=1000, sound=0.9),
}


def read(results: Path) -> list[dict[str, Any]]:
    """The runs of a file; none if there is no file."""
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.exists() else []


def span(values: list[float | None]) -> str:
    """Least to most."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return "-"
    return f"{known[0]:g}" if known[0] == known[-1] else f"{known[0]:g} to {known[-1]:g}"


def percent(share_: float | None) -> float | None:
    """Whole percents."""
    return None if share_ is None else round(100 * share_)


def share(runs: list[dict[str, Any]], wanted: Wanted) -> str:
    """Good ones of all."""
    return f"{sum(map(wanted.met, runs))}/{len(runs)}"


def late(run: dict[str, Any]) -> list[float]:
    """How late pictures were at the end, at both ends, where it is known."""
    return [value for end in ("to_specialist", "to_booth") if (value := run[end].get("late_at_end_ms")) is not None]


def table(runs: list[dict[str, Any]], profile: str) -> str:
    """One profile's table."""
    head = (
        "engine", "good/runs", "good/runs on a quiet machine", "fps to specialist", "rows", "longest gap ms", "latency p50 ms", "kbit/s",
        "fps to booth", "latest at the end ms", "values p50 ms", "values p99 ms", "oldest value ms", "sound %", "CPU %", "taken away %",
    )  # fmt: skip
    wanted = WANTED[profile]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for engine, name in NAMES.items():
        mine = [run for run in runs if run["profile"] == profile and run["engine"] == engine]
        whole = [run for run in mine if "failed" not in run]
        if not mine:
            continue
        sights = [run["to_specialist"] for run in whole]
        cells = (
            name, share(mine, wanted), share([run for run in mine if run.get("steal", 1) <= QUIET], wanted), span([one["fps"] for one in sights]), span([one["height"] for one in sights]),
            span([one["longest_gap_ms"] for one in sights]), span([one["latency_p50_ms"] for one in sights]),
            span([run["kbps"] for run in whole]), span([run["to_booth"]["fps"] for run in whole]),
            span([max(lates) if (lates := late(run)) else None for run in whole]),
            span([run["values_p50_ms"] for run in whole]), span([run["values_p99_ms"] for run in whole]),
            span([run["values_max_ms"] for run in whole]), span([percent(run.get("sound")) for run in whole]),
            span([run["cpu_percent"] for run in whole]), span([percent(run.get("steal")) for run in whole]),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(results: Path) -> None:
    """Put the tables between the marks of the document."""
    runs = read(results)
    parts = [
        f"### {profile}\n\nGood: {wanted.text()}.\n\n{table(runs, profile)}"
        for profile, wanted in WANTED.items()
        if any(run["profile"] == profile for run in runs)
    ]
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}", encoding="utf-8")
