"""The call process of the demo and the tests: a stamped synthetic camera, a test tone, and a call on a machine that has only loopback.

The process is the product's own; what differs is its camera, its microphone and the fallback to 127.0.0.1.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aioice.ice

from kiosk.call import sources
from kiosk.call.__main__ import parser, run
from kiosk.call.peer import AiortcEngine
from simulators import stamps
from simulators.camera import StampedCamera, milliseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from av import VideoFrame

#: what the synthetic microphone hears: a beat that voice coding does not take for silence
TONE = "sine=frequency=330:beep_factor=4:sample_rate=48000,volume=0.2"


def allow_loopback() -> None:
    """Let aioice offer 127.0.0.1 where this machine has no other address. For the demo and the tests, never in the booth.

    Raises:
        RuntimeError: aioice no longer has the function that this replaces.
    """
    original = getattr(aioice.ice, "get_host_addresses", None)
    if original is None:
        raise RuntimeError("aioice.ice.get_host_addresses is gone: the loopback fallback must be written anew")

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        found: list[str] = original(use_ipv4, use_ipv6)
        return found or ["127.0.0.1"]

    aioice.ice.get_host_addresses = with_loopback


class StampReader:
    """Reads the stamps of received pictures and writes one JSON line a second to a file.

    {"at": ms since the epoch, of the last picture, "frames": pictures, "times": [when each came], "height": rows, "distinct": different stamps,
    "unreadable": n, "latency_ms": [ages]}: an age is only there
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
        self._times: list[int] = []
        self._height = 0

    def see(self, frame: VideoFrame) -> None:
        """Count one received picture."""
        if self._frames and time.monotonic() >= self._due:
            self._write()
        self._frames += 1
        self._times.append(milliseconds())
        self._height = frame.height
        number = stamps.read(frame)
        if number is None:
            self._unreadable += 1
        elif number != self._last:
            self._distinct += 1
            self._last = number
            age = (milliseconds() - number) % stamps.MODULUS
            if age < 600_000:
                self._ages.append(age)

    def _write(self) -> None:
        line = {
            "at": self._times[-1],
            "frames": self._frames,
            "times": self._times,
            "height": self._height,
            "distinct": self._distinct,
            "unreadable": self._unreadable,
            "latency_ms": self._ages,
        }
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()
        self._due = time.monotonic() + 1
        self._clear()


class SimulatedEngine(AiortcEngine):
    """The aiortc engine with a stamped camera and, if asked, a reader of the received stamps."""

    def __init__(
        self, camera: sources.Device[VideoFrame] | None, microphone: sources.LibavMicrophone | None, stamp_file: Path | None
    ) -> None:
        super().__init__(camera, microphone)
        self._reader = StampReader(stamp_file) if stamp_file else None

    def received(self, frame: VideoFrame) -> None:
        """Count the stamp, then show the picture."""
        if self._reader:
            self._reader.see(frame)
        super().received(frame)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point: the options of `telecabine-call`, `--camera stamped[:WIDTHxHEIGHT]` (the default) and `--stamps FILE`."""
    options = parser()
    options.set_defaults(camera="stamped", microphone=f"lavfi:{TONE}", speaker="none")
    options.add_argument("--stamps", type=Path, metavar="FILE", help="JSON lines about the stamps in received pictures")
    given = options.parse_args(arguments)
    camera: sources.Device[VideoFrame] | None
    name, _, size = given.camera.partition(":")
    try:
        sources.named(given.speaker)
        if name == "stamped":
            width, height = (int(part) for part in (size or "1280x720").split("x"))
            camera = StampedCamera(width, height)
        else:
            camera = sources.camera(given.camera)
        engine = SimulatedEngine(camera, sources.microphone(given.microphone), given.stamps)
    except ValueError as error:
        options.error(str(error))
    allow_loopback()
    return run(engine, given)


if __name__ == "__main__":
    sys.exit(main())
