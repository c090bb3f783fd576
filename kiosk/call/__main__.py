"""`telecabine-call`: the call process. The agent starts it, listens on --agent, and starts it again if it dies."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.call import devices, pipewire
from kiosk.call.aiortc_engine import AiortcEngine
from kiosk.call.cameras import BOOTH
from kiosk.call.server import CallServer
from protocol.memory import no_core_dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kiosk.call.sources import Camera
    from kiosk.call.speaker import Card


def parser() -> argparse.ArgumentParser:
    """The options that every call process understands."""
    made = argparse.ArgumentParser(prog="telecabine-call", description="Picture and sound with the specialist.")
    made.add_argument("--agent", type=Path, required=True, metavar="SOCKET", help="where the agent listens")
    made.add_argument("--video", type=Path, required=True, metavar="SOCKET", help="where the screen gets the received pictures")
    made.add_argument("--own", type=Path, metavar="SOCKET", help="where the screen gets the booth's own pictures")
    made.add_argument("--camera", default="v4l2:/dev/video0", metavar="FORMAT:NAME", help="v4l2:PATH, a libavdevice camera, or none")
    made.add_argument("--exam", action="append", default=[], metavar="NAME=FORMAT:NAME", help="an exam camera: otoscope or dermatoscope")
    made.add_argument("--microphone", default="alsa:default", metavar="alsa:NAME", help="a sound card as ALSA calls it, or none")
    made.add_argument("--stethoscope", default="none", metavar="alsa:NAME", help="the same for the stethoscope")
    made.add_argument("--constant-voice", action="store_true", help="voice packets of one length, whatever is said")
    made.add_argument("--speaker", default="alsa:default", metavar="alsa:NAME", help="the same for the loudspeaker")
    return made


def cameras(given: argparse.Namespace, made: Callable[[str], Camera | None]) -> dict[str, Camera | None]:
    """The cameras that the options name, by name.

    Raises:
        ValueError: one of them is named wrongly.
    """
    found = {BOOTH: made(given.camera)}
    for option in given.exam:
        name, equals, setting = option.partition("=")
        if not equals or name in found:
            raise ValueError(f"an exam camera is NAME=FORMAT:NAME, each name once, not {option!r}")
        found[name] = made(setting)
    return found


async def serve(engine: AiortcEngine, given: argparse.Namespace, speaker: Callable[[], Card] | None) -> None:
    """Run the process's one job until the agent is gone or SIGTERM or SIGINT comes."""
    no_core_dumps()
    cards: dict[pipewire.Kind, str] = {"microphone": given.microphone, "speaker": given.speaker}
    server = CallServer(engine, given.agent, given.video, given.own, speaker, cards)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.run()


def run(engine: AiortcEngine, given: argparse.Namespace, speaker: Callable[[], Card] | None) -> int:
    """Serve with these options and what opens the loudspeaker; 1 with one line on stderr when a socket cannot be used."""
    engine.constant_voice = given.constant_voice
    logging.basicConfig(format="telecabine-call: %(message)s", level=logging.WARNING)
    # decoders report each damaged picture: a weak link is no news
    logging.getLogger("aiortc").setLevel(logging.ERROR)
    logging.getLogger("libav").setLevel(logging.CRITICAL)
    try:
        asyncio.run(serve(engine, given, speaker))
    except OSError as error:
        sys.stderr.write(f"telecabine-call: {error}\n")
        return 1
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; exit code 0 when the agent has gone, 1 when it was never there, 2 for wrong options."""
    options = parser()
    given = options.parse_args(arguments)
    try:
        speaker = devices.speaker(given.speaker)
        engine = AiortcEngine(cameras(given, devices.camera), devices.microphone(given.microphone), devices.stethoscope(given.stethoscope))
    except ValueError as error:
        options.error(str(error))
    return run(engine, given, speaker)


if __name__ == "__main__":
    sys.exit(main())
