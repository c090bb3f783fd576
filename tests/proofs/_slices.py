"""A count that is too long for one sitting: done in slices, kept in .cache/proofs, taken up again by the next run on the same sources."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache/proofs"
#: no new slice is begun after this time
_until = [float("inf")]


@contextlib.contextmanager
def until_then(until: float) -> Iterator[None]:
    """Slices inside are begun until this time of the steady clock."""
    _until[0] = until
    try:
        yield
    finally:
        _until[0] = float("inf")


class UnfinishedError(Exception):
    """The time of this run is over; the next one goes on."""


@dataclass(frozen=True)
class Sliced:
    """`step(first, count)` proves the cases `first` to `first + count`, raises when the claim fails, and returns counts that add up."""

    name: str
    total: int
    size: int
    step: Callable[[int, int], dict[str, int]]
    sources: tuple[str, ...]

    def __call__(self) -> dict[str, float]:
        """All cases.

        Raises:
            UnfinishedError: the time is over.
        """
        path = CACHE / f"{self.name}.json"
        key = hashlib.sha256(b"".join((ROOT / source).read_bytes() for source in self.sources)).hexdigest()
        kept = json.loads(path.read_text()) if path.exists() else {}
        if kept.get("key") != key:
            kept = {"key": key, "done": 0, "seconds": 0.0, "figures": {}}
        while kept["done"] < self.total:
            if time.monotonic() > _until[0]:
                raise UnfinishedError(f"{kept['done']} of {self.total}")
            began = time.monotonic()
            count = min(self.size, self.total - kept["done"])
            for name, value in self.step(kept["done"], count).items():
                kept["figures"][name] = kept["figures"].get(name, 0) + value
            kept["done"] += count
            kept["seconds"] += time.monotonic() - began
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(kept))
            sys.stdout.write(f"{self.name}: {kept['done']} of {self.total}\n")
            sys.stdout.flush()
        return {"cases": self.total, **kept["figures"], "seconds": round(kept["seconds"], 1)}
