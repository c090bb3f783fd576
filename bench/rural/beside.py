"""The sealed stream beside a call: station and reader at the specialist, the product's line in the booth, and what came of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bench.rural.wire import SPECIALIST, stop
from simulators.authority import Authority

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from pathlib import Path

    from playwright.async_api import Page

    from bench.rural.run import Bench

#: s for the handshake over the link without faults
PATIENCE = 25


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Nearest rank; None of nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def ages(due: Sequence[float], came: Iterable[tuple[float, float]], end: float) -> list[float]:
    """For each value's time, s until it or a newer one was there: what was replaced by a newer one counts until that came.

    `came`: (due, came) of the values that arrived; at `end` (s) what has not come is as old as it is then.
    """
    arrived = sorted(came, key=lambda one: one[1])
    found, at = [], 0
    for time in sorted(due):
        while at < len(arrived) and arrived[at][0] < time - 0.001:
            at += 1
        found.append((arrived[at][1] if at < len(arrived) else end) - time)
    return found


class Beside:
    """One run's stream."""

    def __init__(self, folder: Path, booth: asyncio.subprocess.Process, reader: asyncio.subprocess.Process, *, thin: bool) -> None:
        self._folder, self._booth, self._reader = folder, booth, reader
        self.thin = thin  #: whether the network test before the call said so
        self._back: list[dict[str, Any]] = []
        self._off: float | None = None
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._booth.stdout
        while line := await self._booth.stdout.readline():
            self._back.append(json.loads(line))

    async def words(self, page: Page) -> None:
        """Let the specialist's page hear what it is told of picture and sound, until cancelled."""
        assert self._reader.stdout
        while line := await self._reader.stdout.readline():
            told = json.loads(line)
            await page.evaluate("([picture, sound]) => giveWay(picture, sound)", [told["picture"], told["sound"]])

    def stop(self) -> None:
        """Listen no longer."""
        self._reading.cancel()

    def tell(self, picture: str, sound: str, at: float) -> None:
        """Tell the specialist what the call leaves of picture and sound; the booth's screen shows it from `at` on."""
        assert self._booth.stdin
        if sound == "none" and self._off is None:
            self._off = at
        self._booth.stdin.write(json.dumps({"picture": picture, "sound": sound}).encode() + b"\n")

    def heard(self, start: float, end: float) -> dict[str, float | None]:
        """The figures of `Outcome` about values, text and words, of what was due between two times (s since the epoch)."""
        lines = _lines(self._folder / "heard")
        numbers = [(line["due"], line["came"]) for line in lines if line["kind"] == "number"]
        due = [at for line in (self._folder / "due").read_text().splitlines() if start <= (at := float(line)) <= end - 1]
        old = sorted(1000 * age for age in ages(due, numbers, end))
        curves = [line for line in lines if line["kind"] == "curve" and start <= line["due"] <= end - 1]
        whole = (curves[-1]["first"] + curves[-1]["samples"] - curves[0]["first"]) if curves else 0
        off = [line["came"] for line in lines if line["kind"] == "media" and line["sound"] == "none"]
        return {
            "values_p50_ms": _ms(percentile(old, 0.5)), "values_p95_ms": _ms(percentile(old, 0.95)),
            "values_p99_ms": _ms(percentile(old, 0.99)), "values_max_ms": _ms(percentile(old, 1)),
            "curves_missing": round(1 - sum(line["samples"] for line in curves) / whole, 3) if whole else None,
            **self._text(lines, start, end),
            "sound_off_s": round(max(self._off, off[0]) - start, 1) if off and self._off is not None else None,
        }  # fmt: skip

    def _text(self, lines: list[dict[str, Any]], start: float, end: float) -> dict[str, float | None]:
        typed, back = _lines(self._folder / "written"), _lines(self._folder / "typed")
        there = {line["text"]: line["came"] for line in reversed(lines) if line["kind"] == "text"}
        here = {line["text"]: line["came"] for line in reversed(self._back)}
        out: dict[str, float | None] = {"text_left_ms": None, "text_p95_ms": None, "text_back_p95_ms": None}
        for name, written, came in (("text_p95_ms", typed, there), ("text_back_p95_ms", back, here)):
            mine = [line for line in written if start <= line["typed"] <= end - 3]
            if mine:
                out[name] = _ms(percentile(sorted(1000 * (came.get(line["text"], end) - line["typed"]) for line in mine), 0.95))
        if left := [line["left"] - line["typed"] for line in typed if start <= line["typed"] <= end - 3]:
            out["text_left_ms"] = _ms(1000 * max(left))
        return out


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


@asynccontextmanager
async def line_beside(bench: Bench, folder: Path, *, text: bool, tested: dict[str, Any] | None) -> AsyncIterator[Beside]:
    """Both ends up and agreed, over the link without faults; before that the line is tested with the profile `tested`, if there is one."""
    Authority(folder).serve("station", host=SPECIALIST)
    writing, testing = ("--text",) if text else (), ("--test",) if tested else ()
    reader = await bench.service(bench.wire.specialist, "bench.rural.reader", str(folder), *writing, stdout=subprocess.PIPE)
    await asyncio.sleep(1)
    bench.wire.set(tested or {})
    booth = await bench.service(
        bench.wire.booth, "bench.rural.values", str(folder), *writing, *testing, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert booth.stdout
        thin = tested is not None and bool(json.loads(await asyncio.wait_for(booth.stdout.readline(), PATIENCE)))
        bench.wire.set({})
        await asyncio.wait_for(booth.stdout.readline(), PATIENCE)
        beside = Beside(folder, booth, reader, thin=thin)
        try:
            yield beside
        finally:
            beside.stop()
    finally:
        await asyncio.gather(stop(booth), stop(reader))
