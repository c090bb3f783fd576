"""The full count behind the claim that a power cut leaves nothing of a patient in clear and loses no sealed envelope.

In slices of less than three minutes, so that `./run proofs consultations` goes on where it was stopped.
"""

from __future__ import annotations

import random
import tempfile
from functools import partial
from pathlib import Path

from tests.kiosk.power_cut import NEEDLES, Left, cut, scan
from tests.proofs._sliced import Sliced

#: consultations that are killed: so many a slice
SLICES, CUTS = 10, 20
#: memory-backed: what a booth has as its temporary directory
MEMORY = Path("/dev/shm")
#: where a needle is planted to show that the search would find it
_PLACES = ("outbox.db-wal", "outbox.db-journal", "core.4711", "left.tmp", "spool.job")


def power_cuts(seed: int, count: int = CUTS) -> dict[str, float]:
    """Kill a booth at `count` random moments of its consultations; search state and temporary directory before and after each new start."""
    moment, left = random.Random(seed), Left()
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryDirectory(dir=MEMORY) as memory:
        directory, temporary = Path(state), Path(memory)
        for number in range(count):
            cut(left, directory, temporary, number, moment)
            if left.hits or left.lost:
                raise AssertionError(f"cut {number}: {len(left.hits)} needles in clear, {len(left.lost)} envelopes lost")
        found = sum(_planted(folder, place) for folder in (directory, temporary) for place in _PLACES)
    return {"cuts": count, "needles_found": 0, "envelopes_kept": len(left.kept), "envelopes_lost": 0, "planted_found": found, **left.stages}


def _planted(folder: Path, place: str) -> bool:
    path = folder / place
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + "Vauquelin".encode("utf-16-le"))
    if [hit.place for hit in scan(folder, NEEDLES)] != [place]:
        raise AssertionError(f"what was planted in {place} was not found")
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)
    return True


PROOFS = {"power cuts": Sliced({str(seed): partial(power_cuts, seed) for seed in range(SLICES)})}
