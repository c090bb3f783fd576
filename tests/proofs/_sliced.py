"""A proof in slices: what is done stays done when it is stopped, and the next run goes on from there."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Figures = dict[str, float]


@dataclass(frozen=True)
class Sliced:
    """`slices` are the parts by name; each raises when a claim fails, and returns figures that are added up."""

    slices: dict[str, Callable[[], Figures]]

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
        sums: Counter[str] = Counter()
        for figures in done.values():
            sums.update(figures)  # type: ignore[arg-type] # a Counter adds floats as well
        return {name: round(value, 1) if isinstance(value, float) else value for name, value in sums.items()}
