"""The real agent with simulated instruments: what `./run demo` and training start. `python -m simulators.agent --settings FILE --control SOCKET`."""

from __future__ import annotations

import argparse
import asyncio
import base64
import logging
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from drivers.measurement import Frame
from kiosk import agent as kiosk_agent
from kiosk import settings as settings_module
from simulators import control
from simulators.booth import SimulatedBooth
from simulators.call import TONE
from simulators.insi import SimulatedInsi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kiosk.links.link import Clock, Emit, Event, Link
    from kiosk.settings import Settings


#: small enough that a laptop of two cores plays booth, station and specialist at once
CAMERA = "stamped:480x270"
#: a beat that voice coding does not take for silence
MICROPHONE = f"lavfi:{TONE}"
#: the file in the run directory that stands for what is held before the camera (simulators/code_camera.py)
PAPER = "paper"


class SimulatedLinks:
    """The links of a simulated booth."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.booth: SimulatedBooth | None = None

    async def start(self, clock: Clock, marks: Mapping[str, int]) -> list[Link]:
        """Virtual radio and pseudo-terminal; nothing is switched on yet."""
        self.booth = SimulatedBooth(clock, self._folder)
        return list(self.booth.links(marks=marks))

    async def stop(self) -> None:
        """Switch everything off."""
        if self.booth is not None:
            await self.booth.close()


def frame_log(emit: Emit, log: IO[str]) -> Emit:
    """Write every frame's octets (hex, one a line) before passing it on: needles for the search in what the station has seen."""

    def tapped(event: Event) -> None:
        if isinstance(event, Frame):
            log.write(event.data.hex() + "\n")
            log.flush()
        emit(event)

    return tapped


def _handler(agent: kiosk_agent.Agent, links: SimulatedLinks) -> Any:
    playing: set[asyncio.Task[None]] = set()

    def handle(request: dict[str, Any]) -> dict[str, Any]:
        if "play" in request:
            if links.booth is None:
                raise ValueError("the devices have not started")
            task = links.booth.play(str(request["play"]), str(request["script"]))
            playing.add(task)
            task.add_done_callback(playing.discard)
            return {}
        view = agent.booth.view()
        return {
            "stage": view.stage,
            "opened": view.opened,
            "station": view.station,
            "call": view.call.state,
            "key": base64.b64encode(agent.keys.public).decode(),
            "call_pid": agent.call_pid,
            "kept": [{"id": kept.id, "state": kept.state, "vitals": [value.vital for value in kept.values]} for kept in view.kept],
            "unattributed": [{"id": entry.id, "reason": entry.reason} for entry in view.unattributed],
            "emergency": view.emergency,
            "verified": view.call.verified,
            "devices": [{"key": device.key, "state": device.state} for device in view.devices],
            "exam": {"camera": view.exam.camera, "state": view.exam.state, "photo": view.exam.photo},
            "photos": [{"id": photo.id, "state": photo.state, "site": photo.site} for photo in view.exam.photos],
            "screen_ms": agent.booth.screen_ms,
            "slip": view.slip,
            "directory": agent.booth.directory[1],
        }

    return handle


async def run(settings: Settings, control_path: Path, frames: Path | None, stamps: Path | None) -> None:
    """Run until told to stop."""
    links = SimulatedLinks(Path(settings.run_directory))
    log = frames.open("w", encoding="utf-8") if frames is not None else None
    runtime = Path(settings.run_directory)
    command = [sys.executable, "-m", "simulators.call", *kiosk_agent.call_command(settings)[3:]]
    for option, device in (("--camera", CAMERA), ("--microphone", MICROPHONE), ("--speaker", "none"), ("--stethoscope", "heart")):
        command[command.index(option) + 1] = device
    if stamps is not None:
        command += ["--stamps", str(stamps)]
    codes = [sys.executable, "-m", "simulators.code_camera", *kiosk_agent.code_camera_command(settings)[3:]]
    codes[codes.index("--camera") + 1] = f"paper:{runtime / PAPER}"
    insi = SimulatedInsi() if settings.training else None
    agent = kiosk_agent.Agent(
        settings, links, command, tap=lambda emit: emit if log is None else frame_log(emit, log), insi=insi, code_command=codes
    )
    server = await control.serve(control_path, _handler(agent, links))
    try:
        await kiosk_agent.serve(agent)
    finally:
        server.close()
        if log is not None:
            log.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--frames", type=Path)
    parser.add_argument("--stamps", type=Path)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(run(settings_module.load(options.settings), options.control, options.frames, options.stamps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
