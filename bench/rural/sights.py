"""What one end of a call saw, from its page or from the file of its stamps."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bench.rural.beside import percentile
from bench.rural.cells import RECOVERED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Sight:
    """What one end saw: per second, per picture. Latency in ms is stamp to picture; a gap still open at the end counts."""

    fps: float
    longest_gap_ms: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    height: int
    unreadable: int
    late_at_end_ms: float | None = None
    first_720_s: float | None = None


def sight(times: Sequence[float], ages: Sequence[float], heights: Sequence[int], unreadable: int, start: float, end: float) -> Sight:
    """Times and bounds in ms of one clock."""
    inside = [at for at in times if start <= at <= end]
    marks = [start, *inside, end]
    ordered = sorted(ages)
    return Sight(
        fps=round(len(inside) * 1000 / (end - start), 1),
        longest_gap_ms=round(max(later - earlier for earlier, later in pairwise(marks))),
        latency_p50_ms=percentile(ordered, 0.5),
        latency_p95_ms=percentile(ordered, 0.95),
        height=sorted(heights)[len(heights) // 2] if heights else 0,
        unreadable=unreadable,
    )


def from_page(seen: dict[str, Any], start: float, end: float) -> Sight:
    """What a page saw between two times (s since the epoch)."""
    inside = [age for at, age in seen["ages"] if start * 1000 <= at <= end * 1000]
    heights = seen["sizes"][-150:]
    last = [age for at, age in seen["ages"] if (start + RECOVERED) * 1000 <= at <= end * 1000]
    large = [at for at, height in zip(seen["times"], seen["sizes"], strict=True) if height >= 720]
    found = sight(seen["times"], inside, heights, seen["unreadable"], start * 1000, end * 1000)
    return replace(found, late_at_end_ms=max(last, default=None), first_720_s=round(large[0] / 1000 - start, 1) if large else None)


def from_stamps(stamps: Path, start: float, end: float) -> Sight:
    """What a `simulators.stamp_reader.StampReader` saw between two times (s since the epoch)."""
    lines = [json.loads(line) for line in stamps.read_text().splitlines()]
    inside = [line for line in lines if any(start * 1000 <= at <= end * 1000 for at in line["times"])]
    found = sight(
        [at for line in inside for at in line["times"]],
        [age for line in inside for age in line["latency_ms"]],
        [line["height"] for line in inside[-5:]],
        sum(line["unreadable"] for line in inside),
        start * 1000,
        end * 1000,
    )
    last = [age for line in inside if line["at"] >= (start + RECOVERED) * 1000 for age in line["latency_ms"]]
    return replace(found, late_at_end_ms=max(last, default=None))
