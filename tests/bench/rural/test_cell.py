"""One short run of one cell: the bench itself works, and the call comes through a thin link beside the values."""

from pathlib import Path

import pytest

from bench.rural.__main__ import missing
from bench.rural.beside import ages
from bench.rural.cells import PROFILES
from bench.rural.run import Bench
from bench.rural.tables import WANTED, table


@pytest.mark.timeout(240)
async def test_a_call_of_ten_seconds_on_300_kbit_s(tmp_path: Path) -> None:
    """No figure of the tables is asserted: a test machine may be busy."""
    async with Bench(tmp_path) as bench:
        outcome = await bench.call("telecabine", PROFILES["300"], "300", 10)
    assert outcome.to_specialist.fps > 2
    assert outcome.to_booth.fps > 1
    assert outcome.kbps < 320
    assert outcome.values_p50_ms is not None
    assert outcome.values_p50_ms < 1000
    assert outcome.curves_missing is not None
    assert outcome.curves_missing < 0.2


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
        "values_p95_ms": 150, "values_p99_ms": 200, "values_max_ms": 210, "cpu_percent": 20, "load": 0.5, "steal": 0.2, "sound": 1.0,
        "text_left_ms": None, "text_p95_ms": None, "text_back_p95_ms": None, "sound_off_s": None,
    }  # fmt: skip
    frozen = {**run, "to_specialist": {**sight, "longest_gap_ms": 600}}
    late = {**run, "values_p99_ms": 260}
    lines = table([run, frozen, late, {"engine": "telecabine", "profile": "300", "failed": "TimeoutError"}], "300").splitlines()
    assert lines[2].startswith("| telecabine | 1/4 | 0/0 | 29 | 180 | 90 to 600 |")


def test_a_value_that_a_newer_one_replaced_is_as_old_as_that_one_makes_it() -> None:
    """What the gate left out counts, and what has not come counts until the end."""
    assert ages([1.0, 1.1, 1.2, 1.3], [(1.0, 1.05), (1.2, 1.5)], 2.0) == pytest.approx([0.05, 0.4, 0.3, 0.7])
    assert ages([1.0, 1.1], [], 2.0) == pytest.approx([1.0, 0.9])


def test_sound_that_is_off_is_good_when_it_is_said_in_time() -> None:
    run = {
        "profile": "64k", "to_specialist": {"fps": 0, "longest_gap_ms": 30000, "latency_p50_ms": None, "height": 0}, "values_p95_ms": 700,
        "values_p99_ms": 1300, "values_max_ms": 1500, "text_left_ms": 300, "text_p95_ms": 600, "text_back_p95_ms": 900, "sound_off_s": None,
    }  # fmt: skip
    wanted = WANTED["64k"]
    assert wanted.met({**run, "sound": 0.93})
    assert not wanted.met({**run, "sound": 0.4})
    assert wanted.met({**run, "sound": 0.4, "sound_off_s": 2.1})
    assert not wanted.met({**run, "sound": 0.4, "sound_off_s": 4.0})
    assert not wanted.met({**run, "sound": 0.93, "text_left_ms": 700})
