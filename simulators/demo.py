"""`./run demo`: station, agent, call and screen with simulated instruments. With --once: a whole consultation by script."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import Error as BrowserError

from simulators.consultation.script import Consultation
from simulators.consultation.step import NotObservedError, Outcome, play, results
from simulators.processes import House, StartError
from ui.remote_client import ScreenError

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILURES = (NotObservedError, sqlite3.Error, ScreenError, StartError, BrowserError, OSError, ValueError, TimeoutError, KeyError)
#: what is held before the camera in training: the ANS's own test patient, under the test system
TEST_CODE = b"IS01" + b"0" * 22 + b"S1279035121518989S21.2.250.1.213.1.4.10S3DOMINIQUE\x1dS4PAT-TROIS\x1dS5FS628-03-1979S751215"
#: a broken step is known to be broken sooner than a working one is slow
PATIENCE, BROKEN_PATIENCE = 30.0, 3.0


def say(text: str) -> None:
    """To the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def once(out: Path, seconds: float, broken: str) -> int:
    """Play the whole consultation; 0 only if every step was observed."""
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="telecabine-") as folder:
        house = House(Path(folder))
        consultation = Consultation(house, out, seconds=seconds, patience=PATIENCE)
        try:
            for number, step in enumerate(consultation.steps(), 1):
                if step.name == broken:
                    consultation.hurry(BROKEN_PATIENCE)
                outcome = await play(step, FAILURES, broken=step.name == broken)
                outcomes.append(outcome)
                say(f"{'ok  ' if outcome.ok else 'FAIL'} {number:2} {outcome.name} ({outcome.ms} ms): {outcome.detail}")
                if not broken:
                    await consultation.picture(number, step)
                if not outcome.ok:
                    break
        finally:
            await consultation.close()
            if outcomes and not outcomes[-1].ok:
                _keep_logs(house, out)
    summary = results(outcomes)
    (out / "result.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if summary["ok"] else 1


def _keep_logs(house: House, out: Path) -> None:
    for log in house.logs.glob("*.log"):
        (out / log.name).write_bytes(log.read_bytes())


async def stay(port: int) -> int:
    """Run until Ctrl-C; the oximeters run, the cuff measures every minute."""
    with tempfile.TemporaryDirectory(prefix="telecabine-") as folder:
        house = House(Path(folder))
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        try:
            await house.start_station(port)
            await house.start_agent(training=True)
            house.paper.write_text(TEST_CODE.hex(), encoding="ascii")
            shown = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
            await house.start_screen(offscreen=not shown)
            say(f"The specialist's page (open it once): {await house.admin('link', 'Dr Claire Morel')}")
            say(
                f"The demonstration has an authority of its own: `HOME={house.browser_home()} chromium` believes it, other browsers do not."
            )
            say(
                "The booth's screen is in its window."
                if shown
                else "No display here: the booth's screen is off-screen; a script plays the pharmacist."
            )
            say("A patient's code: make one in the page (Créer un code), then tap \"J’ai un code du médecin\" on the booth's screen.")
            say(
                "Simulated instruments: two oximeters run, the cuff measures every minute, the stethoscope hears a composed heart. Ctrl-C ends it."
            )
            for device in ("serial-oximeter", "oximeter"):
                await house.control.ask(play=device, script="normal")
            if not shown:
                await Consultation(house, Path(folder), seconds=0, patience=PATIENCE).lead_to_waiting()
            while not stopped.is_set():
                await house.control.ask(play="cuff", script="again")
                await _minute(house, stopped)
        except StartError as error:
            say(f"telecabine demo: {error}")
            return 1
        finally:
            await house.stop()
    return 0


async def _minute(house: House, stopped: asyncio.Event) -> None:
    """Let a minute pass; a browser that asks to be enrolled is let in, which an administrator would do after comparing fingerprints."""
    for _ in range(60):
        if stopped.is_set():
            return
        if await house.admit():
            say("A specialist's browser was enrolled (simulated administrator).")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run."""
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play one consultation by script, with a headless browser as the specialist")
    parser.add_argument("--out", type=Path, default=Path("out"), help="where --once leaves its files")
    parser.add_argument("--seconds", type=float, default=21.0, help="how long --once measures latencies")
    parser.add_argument(
        "--break", dest="broken", default="", metavar="STEP", help="leave the act of this step out: the run must fail there"
    )
    parser.add_argument("--port", type=int, default=8080, help="the station's port (without --once)")
    options = parser.parse_args(arguments)
    if options.once:
        options.out.mkdir(parents=True, exist_ok=True)
        return asyncio.run(once(options.out, options.seconds, options.broken))
    return asyncio.run(stay(options.port))


if __name__ == "__main__":
    sys.exit(main())
