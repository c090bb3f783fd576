"""One short run of one cell: the bench itself works, and the call comes through a thin link beside the values."""

from pathlib import Path

import pytest

from bench.rural.__main__ import missing
from bench.rural.cells import PROFILES
from bench.rural.run import Bench
from bench.rural.tables import table


@pytest.mark.timeout(240)
async def test_a_call_of_ten_seconds_on_300_kbit_s(tmp_path: Path) -> None:
    """No figure of the tables is asserted: a test machine may be busy."""
    async with Bench(tmp_path) as bench:
        outcome = await bench.call("telecabine", PROFILES["300"], "300", 10)
    assert outcome.to_specialist.fps > 2
    assert outcome.to_booth.fps > 1
    assert outcome.kbps < 320
    assert outcome.values_missing < 0.2
    assert outcome.values_p50_ms is not None
    assert outcome.values_p50_ms < 1000


def test_a_set_goes_on_where_it_was_left(tmp_path: Path) -> None:
    """The run that is wanted most comes next; a cell that has its runs is done."""
    out = tmp_path / "runs"
    assert missing(["300", "500"], ["telecabine"], 1, out) == ("300", "telecabine")
    out.write_text('{"engine": "telecabine", "profile": "300", "failed": "TimeoutError"}\n')
    assert missing(["300", "500"], ["telecabine"], 2, out) == ("500", "telecabine")
    assert missing(["300"], ["telecabine"], 1, out) is None


def test_a_table_tells_good_runs_from_failed_ones() -> None:
    sight = {"fps": 29, "longest_gap_ms": 90, "latency_p50_ms": 100, "latency_p95_ms": 130, "height": 180, "unreadable": 0}
    run = {
        "engine": "telecabine", "profile": "300", "to_specialist": sight, "to_booth": sight, "kbps": 150, "values_p50_ms": 30,
        "values_p99_ms": 200, "values_max_ms": 210, "values_missing": 0, "cpu_percent": 20, "load": 0.5,
    }  # fmt: skip
    frozen = {**run, "to_specialist": {**sight, "longest_gap_ms": 600}}
    late = {**run, "values_p99_ms": 260}
    lines = table([run, frozen, late, {"engine": "telecabine", "profile": "300", "failed": "TimeoutError"}], "300").splitlines()
    assert lines[2].startswith("| telecabine | 1/4 | 0/0 | 29 | 180 | 90 to 600 |")
