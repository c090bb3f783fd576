"""How fast values are and how many pictures come, for some time during the call: timings.json."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from simulators.consultation.step import NotObservedError

if TYPE_CHECKING:
    from simulators.consultation.measuring import Measuring
    from simulators.consultation.opening import Opening
    from simulators.consultation.stage import Stage

#: figures are judged only when they were taken for at least so long
MIN_SECONDS, MIN_NUMBERS, MIN_SAMPLES, MIN_FPS = 20.0, 100, 1000, 20.0


class Timing:
    """Page and booth count what they see of each other; `seconds` is how long."""

    def __init__(self, stage: Stage, opening: Opening, measuring: Measuring, seconds: float) -> None:
        self._stage, self._opening, self._measuring, self._seconds = stage, opening, measuring, seconds
        self._window: dict[str, Any] = {}

    def _stamps(self) -> list[dict[str, Any]]:
        if not self._stage.house.stamps.exists():
            return []
        return [json.loads(line) for line in self._stage.house.stamps.read_text().splitlines() if line.endswith("}")]

    async def pictures_go_both_ways(self) -> str:
        """Stamped pictures, counted where they are seen."""
        await self._stage.doctor.until("() => window.telecabineMeasures.stampedFrames > 20")

        async def ask() -> str | None:
            frames = sum(line["distinct"] for line in self._stamps())
            return f"{frames} different pictures of the specialist" if frames > 20 else None

        return await self._stage.until("the booth sees no picture of the specialist", ask)

    async def measure(self) -> None:
        """While a cuff measures once more."""
        doctor = self._stage.doctor
        await doctor.page.evaluate("window.telecabineMeasures.clearLatencies()")
        before, at = await doctor.measures(), time.time()
        await self._stage.play("cuff", "again")
        await asyncio.sleep(self._seconds)
        after, seconds = await doctor.measures(), time.time() - at
        inside = [line for line in self._stamps() if at * 1000 + 1000 <= line["at"]]
        self._window = {
            "measures": after,
            "to_specialist": (after["stampedFrames"] - before["stampedFrames"]) / seconds,
            "to_booth": sum(line["distinct"] for line in inside) / max(len(inside), 1),
        }
        await self._measuring.confirm()

    async def enough_was_measured(self) -> str:
        """And the page has broken none of its own rules meanwhile."""
        if not self._window:
            raise NotObservedError("nothing was measured")
        measures = self._window["measures"]
        wanted = {f"{measures['cspViolations']} policy violations": measures["cspViolations"] == 0}
        if self._seconds >= MIN_SECONDS:
            wanted |= {
                f"{measures['numbers']['n']} numbers": measures["numbers"]["n"] >= MIN_NUMBERS,
                f"{measures['curves']['n']} curve samples": measures["curves"]["n"] >= MIN_SAMPLES,
                f"{self._window['to_specialist']:.1f} fps to the specialist": self._window["to_specialist"] >= MIN_FPS,
                f"{self._window['to_booth']:.1f} fps to the booth": self._window["to_booth"] >= MIN_FPS,
            }
        missed = [what for what, enough in wanted.items() if not enough]
        if missed:
            raise NotObservedError(", ".join(missed))
        await self._write()
        return ", ".join(wanted)

    async def _write(self) -> None:
        measures, status = self._window["measures"], await self._stage.status()
        pids = {name: process.pid for name, process in self._stage.house.processes.items()} | {"call": status["call_pid"]}
        latency = {name: {key: measures[name][key] for key in ("p50", "p95", "p99", "n")} for name in ("numbers", "curves")}
        timings = {
            "vitals_latency_ms": latency["numbers"],
            "curve_latency_ms": latency["curves"],
            "call_connected_ms": round(measures["callConnected"] - measures["joined"]),
            "first_video_frame_ms": round(measures["firstPicture"] - measures["joined"]),
            "ui_first_frame_ms": round(status["screen_ms"]),
            "agent_ready_ms": round(self._opening.agent_ready_ms),
            "rss_mb": {name: _rss_mb(pids[name]) for name in ("agent", "call", "ui", "station")},
            "video_fps": {name: round(self._window[name], 1) for name in ("to_specialist", "to_booth")},
        }
        (self._stage.out / "timings.json").write_text(json.dumps(timings, indent=1) + "\n")


def _rss_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as file:  # noqa: PTH123 - not a file of ours
        line = next(line for line in file if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)
