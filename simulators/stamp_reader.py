"""What the stamps in received pictures tell: how many came, when, and how old they were."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from simulators import stamps

if TYPE_CHECKING:
    from pathlib import Path


class StampReader:
    """Reads the stamps of received pictures and writes one JSON line a second to a file.

    {"at": ms since the epoch, of the last picture, "frames": pictures, "times": [when each came], "height": rows, "distinct": different stamps,
    "stamps": [[s of the monotonic clock, stamp]], "unreadable": n, "latency_ms": [ages]}: an age is only there
    when the stamp is a wall clock of this machine (below ten minutes).
    """

    def __init__(self, path: Path) -> None:
        self._out = path.open("a", encoding="utf-8")
        self._due = time.monotonic() + 1
        self._clear()

    def _clear(self) -> None:
        self._frames = self._unreadable = self._distinct = 0
        self._last: int | None = None
        self._ages: list[int] = []
        self._stamps: list[tuple[float, int]] = []
        self._times: list[int] = []
        self._height = 0

    def see(self, frame: stamps.Picture) -> None:
        """Count one received picture."""
        if self._frames and time.monotonic() >= self._due:
            self._write()
        self._frames += 1
        self._times.append(stamps.milliseconds())
        self._height = frame.height
        number = stamps.read(frame)
        if number is None:
            self._unreadable += 1
        elif number != self._last:
            self._distinct += 1
            self._stamps.append((time.monotonic(), number))
            self._last = number
            age = (stamps.milliseconds() - number) % stamps.MODULUS
            if age < 600_000:
                self._ages.append(age)

    def _write(self) -> None:
        line = {
            "at": self._times[-1],
            "frames": self._frames,
            "times": self._times,
            "height": self._height,
            "distinct": self._distinct,
            "stamps": self._stamps,
            "unreadable": self._unreadable,
            "latency_ms": self._ages,
        }
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()
        self._due = time.monotonic() + 1
        self._clear()
