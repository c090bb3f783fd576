"""`python -m bench.rural [--cells 300,500] [--engines telecabine,chromium] [--runs N] [--minutes M] [--out FILE]`: run cells, interleaved.

One JSON line a run is added to FILE; what is there counts, so that a long set can be made in short sessions. Then the tables of
docs/rural-link.md are made from all lines of FILE; `--runs 0` only makes the tables.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.rural import encoders, tables
from bench.rural.booths import ENGINES
from bench.rural.cells import PROFILES, SECONDS
from bench.rural.run import Bench, as_line

#: s beside those that are measured, after which a run has failed: one that never begins would hold up all others
PATIENCE = 60


def missing(cells: list[str], engines: list[str], runs: int, out: Path) -> tuple[str, str] | None:
    """Cell and engine of the run that is wanted most: the fewest so far, in the order given; None when each has `runs`."""
    done = Counter((run["profile"], run["engine"]) for run in tables.read(out))
    wanted = [(done[cell, engine], cell, engine) for cell in cells for engine in engines if done[cell, engine] < runs]
    return min(wanted, key=lambda one: one[0])[1:] if wanted else None


async def measure(cells: list[str], engines: list[str], runs: int, out: Path, minutes: float) -> None:
    """Append one line a run, until each cell has its runs or the time is over."""
    end = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(Path(folder)) as bench:
            while time.monotonic() < end and (wanted := missing(cells, engines, runs, out)):
                cell, engine = wanted
                try:
                    async with asyncio.timeout(SECONDS[cell] + PATIENCE):
                        line = as_line(await bench.call(engine, PROFILES[cell], cell, SECONDS[cell]))
                except (TimeoutError, AssertionError, ConnectionError) as error:
                    line = f'{{"engine": "{engine}", "profile": "{cell}", "failed": "{type(error).__name__}"}}'
                with out.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


def main() -> int:
    """Entry point."""
    options = argparse.ArgumentParser(prog="bench rural", description=__doc__)
    options.add_argument("--cells", default="300,500")
    options.add_argument("--engines", default="telecabine,chromium")
    options.add_argument("--runs", type=int, default=10, help="runs that each cell has in the end; those in FILE count")
    options.add_argument("--minutes", type=float, default=600, help="begin no run after this time")
    options.add_argument("--encoders", action="store_true", help="measure the encoders alone too")
    options.add_argument("--out", type=Path, default=Path("bench/rural/results.jsonl"))
    given = options.parse_args()
    cells, engines = given.cells.split(","), given.engines.split(",")
    for named, known in ((cells, PROFILES), (engines, ENGINES)):
        if strange := [name for name in named if name not in known]:
            options.error(f"{', '.join(strange)}: not one of {', '.join(known)}")
    if given.runs:
        asyncio.run(measure(cells, engines, given.runs, given.out, given.minutes))
    if given.encoders:
        with given.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"encoders": encoders.measure()}) + "\n")
    tables.write(given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
