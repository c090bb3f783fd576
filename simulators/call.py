"""The call process of the demo and the tests: a stamped synthetic camera, a test tone, a composed heart, and a call on a machine that has only loopback.

The process is the product's own; what differs is its camera, its microphone, its stethoscope and the fallback to 127.0.0.1.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aioice.ice

from kiosk.call import devices
from kiosk.call.__main__ import cameras, parser, run
from kiosk.call.aiortc_engine import AiortcEngine
from simulators.camera import StampedCamera
from simulators.exam_camera import DrawnCamera
from simulators.heart import SimulatedStethoscope
from simulators.lavfi import LavfiMicrophone
from simulators.sound_card import Recorder, SimulatedCard
from simulators.stamp_reader import StampReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from av import AudioFrame, VideoFrame

    from kiosk.call.sources import Camera, Device
    from kiosk.call.speaker import Card

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


class SimulatedEngine(AiortcEngine):
    """The aiortc engine with a stamped camera and, if asked, a reader of the received stamps."""

    def __init__(
        self,
        cameras: Mapping[str, Camera | None],
        microphone: Device[AudioFrame] | None,
        stethoscope: Device[AudioFrame] | None,
        stamp_file: Path | None,
    ) -> None:
        super().__init__(cameras, microphone, stethoscope)
        self._reader = StampReader(stamp_file) if stamp_file else None

    def received(self, frame: VideoFrame) -> None:
        """Count the stamp, then show the picture."""
        if self._reader:
            self._reader.see(frame)
        super().received(frame)


def camera(setting: str) -> Camera | None:
    """A camera by its setting: "stamped[:WIDTHxHEIGHT]", "drawn:otoscope", or as the product has it.

    Raises:
        ValueError: neither.
    """
    name, _, rest = setting.partition(":")
    if name == "stamped":
        width, height = (int(part) for part in (rest or "1280x720").split("x"))
        return StampedCamera(width, height)
    return DrawnCamera(rest) if name == "drawn" else devices.camera(setting)


def microphone(setting: str) -> Device[AudioFrame] | None:
    """What libavfilter makes, "lavfi:GRAPH", or what the product takes. Raises ValueError where it is neither."""
    kind, _, graph = setting.partition(":")
    return LavfiMicrophone(graph) if kind == "lavfi" else devices.microphone(setting)


def stethoscope(setting: str) -> Device[AudioFrame] | None:
    """A kind of `SimulatedStethoscope`, what libavfilter makes, or what the product takes. Raises ValueError where it is none of them."""
    if ":" not in setting and setting != "none":
        return SimulatedStethoscope(setting)
    return microphone(setting) if setting.startswith("lavfi:") else devices.stethoscope(setting)


def speaker(setting: str) -> Callable[[], Card] | None:
    """A sound card that keeps what it plays, "recorded:FILE" (see `Recorder`), or what the product takes. Raises ValueError where it is neither."""
    name, _, path = setting.partition(":")
    if name != "recorded":
        return devices.speaker(setting)
    recorder = Recorder(Path(path))
    return lambda: SimulatedCard(1.0, recorder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point: the options of `telecabine-call`, `--camera stamped[:WIDTHxHEIGHT]` (the default), `--stethoscope heart` and `--stamps FILE`."""
    options = parser()
    options.set_defaults(camera="stamped", stethoscope="heart", microphone=f"lavfi:{TONE}", speaker="none")
    options.add_argument("--stamps", type=Path, metavar="FILE", help="JSON lines about the stamps in received pictures")
    given = options.parse_args(arguments)
    try:
        loudspeaker = speaker(given.speaker)
        engine = SimulatedEngine(cameras(given, camera), microphone(given.microphone), stethoscope(given.stethoscope), given.stamps)
    except ValueError as error:
        options.error(str(error))
    allow_loopback()
    return run(engine, given, loudspeaker)


if __name__ == "__main__":
    sys.exit(main())
