"""`./run demo --once`: the whole consultation, and each of its steps broken in turn.

Needs F004-03, F004-04, F004-05, F004-06, F004-07, F004-10, F004-19, F004-27, F004-28, F004-29, F004-30, F000-08, F000-09, F000-17, F000-33,
F000-44, F000-46, F000-48, F000-50, F001-06, F002-11, SYS-06, SYS-09, SYS-10, SYS-20.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from simulators import demo
from simulators.consultation.script import Consultation

STEPS = Consultation.names()
SIDES = ("booth", "specialist")


def run(out: Path, *options: str) -> tuple[int, dict[str, Any]]:
    status = demo.main(["--once", "--out", str(out), *options])
    result: dict[str, Any] = json.loads((out / "result.json").read_text())
    return status, result


@pytest.mark.timeout(240)
@pytest.mark.alone
def test_the_whole_consultation_happens(tmp_path: Path) -> None:
    # a quarter of the window: milliseconds and pictures a second are judged by `./run demo --once` itself, a speed is no test
    status, result = run(tmp_path, "--seconds", "5")
    assert result["ok"], result["steps"][-1]
    assert status == 0
    assert [step["name"] for step in result["steps"]] == STEPS
    timings = json.loads((tmp_path / "timings.json").read_text())
    assert timings["vitals_latency_ms"]["n"] >= 25
    assert timings["curve_latency_ms"]["n"] >= 250
    assert min(timings["video_fps"].values()) > 0
    assert set(timings["rss_mb"]) == {"agent", "call", "ui", "station"}
    bundle = (tmp_path / "bundle.json").read_text()
    assert '"value":36.8437' in bundle.replace(" ", "")
    record = json.loads((tmp_path / "act-record.json").read_text())
    assert record["head"]["count"] == len(record["entries"])
    pictures = {path.name for path in tmp_path.glob("*.png")}
    for number, name in enumerate(STEPS, 1):
        for side in SIDES if STEPS.index("sign-in") < number <= STEPS.index("erased") + 1 else ():
            assert f"{side}-{number:02}-{name}.png" in pictures


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", STEPS)
def test_a_step_whose_act_is_left_out_fails_the_run_and_is_named(name: str, tmp_path: Path) -> None:
    status, result = run(tmp_path, "--break", name, "--seconds", "2")
    assert status != 0
    assert not result["ok"]
    assert [step["name"] for step in result["steps"] if not step["ok"]] == [name], result["steps"][-1]
