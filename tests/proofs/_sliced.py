"""A proof in slices: what is done stays done when it is stopped, and the next run goes on from there."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: counts, which are added up over the slices, and lists, which are joined
Figures = dict[str, Any]


@dataclass(frozen=True)
class Sliced:
    """`slices` are the parts by name; each raises when a claim fails, and returns its figures. `judge` may look at the sums: it raises, or adds to them."""

    slices: dict[str, Callable[[], Figures]]
    judge: Callable[[Figures], Figures] = dict

    def resume(self, path: Path, commit: str, until: float) -> Figures | None:
        """Run what is left at this commit till `until` on the steady clock; the sums when all is done, else None. `path` keeps what is done."""
        kept = json.loads(path.read_text()) if path.exists() else {}
        done: dict[str, Figures] = kept["done"] if kept.get("commit") == commit else {}
        for name, work in self.slices.items():
            if name in done:
                continue
            if time.monotonic() >= until:
                return None
            done[name] = work()
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps({"commit": commit, "done": done}))
        path.unlink(missing_ok=True)
        sums: Figures = {}
        for figures in done.values():
            for figure, value in figures.items():
                sums[figure] = sums[figure] + value if figure in sums else value
        return self.judge({name: round(value, 1) if isinstance(value, float) else value for name, value in sums.items()})


def counted(step: Callable[[int, int], Figures], total: int, size: int) -> dict[str, Callable[[], Figures]]:
    """The slices of `total` numbered cases: `step(first, count)` does the cases `first` to `first + count`."""
    return {str(first): partial(_step, step, first, min(size, total - first)) for first in range(0, total, size)}


def _step(step: Callable[[int, int], Figures], first: int, count: int) -> Figures:
    started = time.monotonic()
    return {"cases": count, **step(first, count), "seconds": time.monotonic() - started}
