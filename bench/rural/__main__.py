"""`python -m bench.rural [--cells 300,500] [--engines telecabine,chromium] [--runs N] [--out FILE]`: run cells, interleaved, one JSON line a run.

Then the tables of docs/rural-link.md are made from all lines of FILE; `--runs 0` only makes the tables.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench.rural import tables
from bench.rural.cells import PROFILES, SECONDS
from bench.rural.run import Bench, as_line


async def measure(cells: list[str], engines: list[str], runs: int, out: Path) -> None:
    """Append one line a run."""
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(Path(folder)) as bench:
            for number in range(runs):
                for cell in cells:
                    for engine in engines:
                        try:
                            outcome = await bench.call(engine, PROFILES[cell], cell, SECONDS)
                        except (TimeoutError, AssertionError, ConnectionError) as error:
                            line = f'{{"engine": "{engine}", "profile": "{cell}", "failed": "{type(error).__name__}"}}'
                        else:
                            line = as_line(outcome)
                        with out.open("a", encoding="utf-8") as file:
                            file.write(line + "\n")
                        sys.stdout.write(f"{number + 1}/{runs} {line}\n")
                        sys.stdout.flush()


def main() -> int:
    """Entry point."""
    options = argparse.ArgumentParser(prog="bench rural", description=__doc__)
    options.add_argument("--cells", default="300,500")
    options.add_argument("--engines", default="telecabine,chromium")
    options.add_argument("--runs", type=int, default=10)
    options.add_argument("--out", type=Path, default=Path("bench/rural/results.jsonl"))
    given = options.parse_args()
    if given.runs:
        asyncio.run(measure(given.cells.split(","), given.engines.split(","), given.runs, given.out))
    tables.write(given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
