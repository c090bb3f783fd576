"""From results (one JSON line a run) to the tables of docs/rural-link.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.rural.cells import WRITING

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENT = Path(__file__).parents[2] / "docs/rural-link.md"
BEGIN, END = "<!-- begin: made by ./run bench rural -->", "<!-- end -->"
NAMES = {
    "telecabine": "telecabine",
    "telecabine-stock": "aiortc's own encoders and rate control",
    "chromium": "Chromium pair",
    "qtwebengine": "QtWebEngine",
    "webrtcbin": "GStreamer webrtcbin",
}
#: s within which both screens must say that the sound is off
SAID = 3.0
#: share of the processors' time that the machine below may take away in a run whose figures are to be trusted
QUIET = 0.05


@dataclass(frozen=True)
class Wanted:
    """What a good run is. Pictures to the specialist (and, if `both`, to the booth): fps, rows, longest gap, median latency, and how late at
    the end; values: 95th or 99th percentile and the oldest; text: when each character left and the 95th percentile of when it came, both ways.
    In ms; None is not asked.
    """

    fps: float = 0
    rows: int = 0
    gap: float | None = None
    latency: float | None = None
    late_at_end: float | None = None
    values_p95: float | None = None
    values_p99: float | None = None
    oldest: float | None = None
    text_left: float | None = None
    written: float | None = None
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
            f"no picture later than {self.late_at_end:g} ms from the 19th second on" if self.late_at_end else "",
            f"values p95 up to {self.values_p95:g} ms" if self.values_p95 else "",
            f"values p99 up to {self.values_p99:g} ms" if self.values_p99 else "",
            f"no value older than {self.oldest:g} ms" if self.oldest else "",
            f"each character leaves within {self.text_left:g} ms" if self.text_left else "",
            f"characters come within {self.written:g} ms (p95) both ways" if self.written else "",
            f"{self.sound:.0%} of the sound played, or off and said so within {SAID:g} s" if self.sound else "",
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
            and _within(run["values_p95_ms"], self.values_p95)
            and _within(run["values_p99_ms"], self.values_p99)
            and _within(run["values_max_ms"], self.oldest)
            and _within(run["text_left_ms"], self.text_left)
            and all(_within(run[name], self.written) for name in ("text_p95_ms", "text_back_p95_ms"))
            and (self.sound is None or (sound is not None and sound >= self.sound) or _within(run["sound_off_s"], SAID))
        )


def _within(value: float | None, most: float | None) -> bool:
    return most is None or (value is not None and value <= most)


WANTED = {
    "300": Wanted(fps=20, rows=180, gap=500, values_p99=250),
    "500": Wanted(fps=20, rows=360, gap=500, values_p99=250),
    "dip": Wanted(late_at_end=1000, oldest=2000),
    "loss10": Wanted(fps=20, rows=360, latency=300, both=True),
    "clean": Wanted(fps=25, rows=720, gap=500, values_p99=250, first_720=10),
    "64k": Wanted(values_p95=1000, text_left=500, written=1500, sound=0.9),
    "bursts": Wanted(fps=20, rows=360, latency=300, both=True),
    "outage": Wanted(late_at_end=1000, oldest=5000),
    "3g": Wanted(fps=15, rows=180, oldest=2000),
}


#: where the processor's work is compared, and what it is
PROCESSOR = {"sending": "sending 720p30", "clean": "sending 720p30 and showing 360p30"}
#: where the pair is the measure: column -> the most, and whether times or more
BESIDE = {
    "500": {"latency p50 ms": (1.15, "times"), "values p99 ms": (1.2, "times")},
    "clean": {"latency p50 ms": (30, "more")},
}


def read(results: Path) -> list[dict[str, Any]]:
    """The runs of a file; none if there is no file."""
    return [line for line in _lines(results) if "profile" in line]


def _lines(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.exists() else []


def processor(results: Path) -> str:
    """The processor's work for a call with 720 rows, one way and both, and for the encoder alone; "" where it was not measured."""
    text = "\n\n".join(found for cell, what in PROCESSOR.items() if (found := _work(results, cell, what)))
    alone = [line["encoders"] for line in _lines(results) if "encoders" in line]
    if alone:
        names = ["| encoder alone, 720p30 at 1.2 Mbit/s | ms of processor a picture |", "|---|---|"]
        text += "\n\n" + "\n".join([*names, *(f"| {name} | {span([one[name] for one in alone if name in one])} |" for name in alone[-1])])
    return f"### Processor\n\n{text}"


def _work(results: Path, cell: str, what: str) -> str:
    """The table of one cell; "" without a run."""
    whole = [run for run in read(results) if run["profile"] == cell and "failed" not in run]
    mine = {engine: [run["cpu_percent"] for run in whole if run["engine"] == engine] for engine in NAMES}
    rows = [f"| {NAMES[engine]} | {len(found)} | {span(found)} | {median(found):g} |" for engine, found in mine.items() if found]
    if not rows:
        return ""
    text = "\n".join([f"| call process or browser, {what} | runs | CPU % of one core | median |", "|---|---|---|---|", *rows])
    ours, stock = mine["telecabine"], mine["telecabine-stock"]
    return text + (f"\n\nOf aiortc's own: {median(ours) / median(stock):.2f} (wanted: at most 0.7)." if ours and stock else "")


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


#: column -> its value in a run, of the runs that did not fail; the last ones only where somebody writes
COLUMNS: dict[str, Callable[[dict[str, Any]], float | None]] = {
    "fps to specialist": lambda run: run["to_specialist"]["fps"],
    "rows": lambda run: run["to_specialist"]["height"],
    "longest gap ms": lambda run: run["to_specialist"]["longest_gap_ms"],
    "latency p50 ms": lambda run: run["to_specialist"]["latency_p50_ms"],
    "kbit/s": lambda run: run["kbps"],
    "with headers": lambda run: run.get("link_kbps"),
    "fps to booth": lambda run: run["to_booth"]["fps"],
    "rows to booth": lambda run: run["to_booth"]["height"],
    "latest at the end ms": lambda run: max(late(run), default=None),
    "values p50 ms": lambda run: run["values_p50_ms"],
    "values p95 ms": lambda run: run["values_p95_ms"],
    "values p99 ms": lambda run: run["values_p99_ms"],
    "oldest value ms": lambda run: run["values_max_ms"],
    "sound %": lambda run: percent(run["sound"]),
    "CPU %": lambda run: run["cpu_percent"],
    "taken away %": lambda run: percent(run["steal"]),
}
WRITTEN: dict[str, Callable[[dict[str, Any]], float | None]] = {
    "last character left after ms": lambda run: run["text_left_ms"],
    "text p95 ms": lambda run: run["text_p95_ms"],
    "text to booth p95 ms": lambda run: run["text_back_p95_ms"],
    "sound off, said after s": lambda run: run["sound_off_s"],
}


def table(runs: list[dict[str, Any]], profile: str) -> str:
    """One profile's table."""
    columns = COLUMNS | (WRITTEN if profile in WRITING else {})
    head = ("engine", "good/runs", "good/runs on a quiet machine", *columns)
    wanted = WANTED[profile]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for engine, name in NAMES.items():
        mine = [run for run in runs if run["profile"] == profile and run["engine"] == engine]
        whole = [run for run in mine if "failed" not in run]
        quiet = [run for run in mine if run.get("steal", 1) <= QUIET]
        if mine:
            cells = (name, share(mine, wanted), share(quiet, wanted), *(span([value(run) for run in whole]) for value in columns.values()))
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def beside(runs: list[dict[str, Any]], profile: str) -> str:
    """The medians beside the pair's, where that is asked; "" elsewhere."""
    if profile not in BESIDE:
        return ""
    mine, pair = ([run for run in runs if run["profile"] == profile and run["engine"] == one] for one in ("telecabine", "chromium"))
    parts = []
    for column, (wanted, what) in BESIDE[profile].items():
        ours, theirs = (
            _median([value for run in some if "failed" not in run and (value := COLUMNS[column](run)) is not None]) for some in (mine, pair)
        )
        if ours is None or theirs is None:
            continue
        found = ours / theirs if what == "times" else ours - theirs
        parts.append(f"{column} {ours:g} beside {theirs:g}: {found:.2f} times (wanted: at most {wanted:g})" if what == "times"
                     else f"{column} {ours:g} beside {theirs:g}: {found:+.0f} ms (wanted: at most +{wanted:g})")  # fmt: skip
    return f"Medians beside the pair's: {'; '.join(parts)}.\n\n" if parts else ""


def _median(values: list[float]) -> float | None:
    return median(values) if values else None


def write(results: Path) -> None:
    """Put the tables between the marks of the document."""
    runs = read(results)
    parts = [
        f"### {profile}\n\nGood: {wanted.text()}.\n\n{beside(runs, profile)}{table(runs, profile)}"
        for profile, wanted in WANTED.items()
        if any(run["profile"] == profile for run in runs)
    ]
    parts.append(processor(results))
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}", encoding="utf-8")
