"""How much sound waits between a program and PipeWire when more is offered than is played: the call process's loudspeaker beside FFmpeg's ALSA output."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av

from kiosk.call.alsa import AlsaSpeaker
from kiosk.call.cushion import RATE
from simulators.sound_server import SoundServer

if TYPE_CHECKING:
    from collections.abc import Callable

NAME: Final = "pipewire:NODE=telecabine.speaker"
#: samples offered at once, and how often
PACKET, TIMES = 1920, 100
#: without these the libasound in PyAV's wheel finds no device
FOUND: Final = {"ALSA_CONFIG_DIR": "/usr/share/alsa", "ALSA_PLUGIN_DIR": f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}/alsa-lib"}


def telecabine() -> tuple[float, str]:
    speaker, said = AlsaSpeaker(NAME), list[float]()

    def write() -> None:
        speaker.write(bytes(2 * PACKET))
        said.append(speaker.fill()[1])

    waits = _most(write)
    speaker.close()
    return waits, f"{1000 * max(said):.0f}"


def ffmpeg() -> tuple[float, str]:
    out = av.open(NAME, "w", format="alsa")
    stream = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
    frame = av.AudioFrame(format="s16", layout="mono", samples=PACKET)
    frame.sample_rate = RATE
    frame.planes[0].update(bytes(2 * PACKET))
    return _most(lambda: out.mux(stream.encode(frame))), "-"


def _most(write: Callable[[], None]) -> float:
    """The most seconds of sound that were taken before they can have been played."""
    start, most = time.monotonic(), 0.0
    for number in range(TIMES):
        write()
        most = max(most, (number + 1) * PACKET / RATE - (time.monotonic() - start))
    return most


WAYS: Final = {"telecabine": telecabine, "FFmpeg": ffmpeg}


def table() -> str:
    """Each way in a process of its own, through a private sound server."""
    rows = ["| loudspeaker by | taken before it is played, ms | snd_pcm_avail_delay says, ms |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder, SoundServer(Path(folder) / "s", first=True) as server:
        for way in WAYS:
            more = FOUND if way == "FFmpeg" else {}
            command = [sys.executable, "-m", "bench.echo.waiting", way]
            done = subprocess.run(command, env=server.environment | more, capture_output=True, text=True, check=True, timeout=60)
            rows.append(f"| {way} | {done.stdout.strip()} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    waits, said = WAYS[sys.argv[1]]()
    sys.stdout.write(f"{1000 * waits:.0f} | {said}\n")
    sys.stdout.flush()
    os._exit(0)  # what FFmpeg has taken need not be played
