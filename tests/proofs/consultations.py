"""The full count behind the claim that a power cut leaves nothing of a patient in clear and loses no sealed envelope."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from pathlib import Path

from tests.kiosk.power_cut import NEEDLES, cut, scan

#: where a needle is planted to show that the search would find it
_PLACES = ("outbox.db-wal", "outbox.db-journal", "core.4711", "left.tmp", "spool.job")


def power_cuts(count: int = 200, seed: int = 12) -> dict[str, int]:
    """Kill a booth at `count` random moments of its consultations; search its state directory before and after each new start."""
    moments = random.Random(seed)
    stages: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        for number in range(count):
            stage, hits, lost = cut(directory, moments.randint(1, 12))
            if hits or lost:
                raise AssertionError(f"cut {number}: {len(hits)} needles in clear, {len(lost)} envelopes lost")
            stages += stage
        for place in _PLACES:
            path = directory / place
            path.write_bytes("Vauquelin".encode("utf-16-le"))
            if [hit.place for hit in scan(directory, NEEDLES)] != [place]:
                raise AssertionError(f"what was planted in {place} was not found")
            path.unlink()
    return {"cuts": count, "needles_found": 0, "envelopes_lost": 0, "planted_found": len(_PLACES), **stages}


PROOFS = {"power cuts": power_cuts}
