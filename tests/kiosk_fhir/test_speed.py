"""The live path is fast, and light: it never loads the library that checks shapes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from fhir.resources.R4B.observation import Observation

from bench.fhir import FASTER, microseconds, session
from kiosk_fhir import observation

ROOT = Path(__file__).parents[2]
_AT = session()[0].started


@pytest.mark.alone
def test_a_blood_pressure_is_mapped_thirty_times_faster_than_by_the_library() -> None:
    context, readings = session()
    finished = orjson.loads(observation.build(readings[0], context, effective=_AT, corrected=True)[0].json)
    ours = microseconds(lambda number: observation.build(readings[number], context, effective=_AT, corrected=True), 300)
    theirs = microseconds(lambda _: Observation.model_validate(finished).model_dump_json(), 30)
    assert theirs / ours >= FASTER


def test_the_live_path_does_not_load_the_library() -> None:
    code = "import sys, kiosk_fhir.bundle, kiosk_fhir.consultation, kiosk_fhir.mesures, kiosk.cli; print([m for m in sys.modules if m.startswith(('fhir.', 'pydantic'))])"
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'fhir')]!r}; {code}"]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip() == "[]"
