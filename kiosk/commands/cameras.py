"""`telecabine cameras`: which cameras are plugged in, at which port, and what each can give; JSON, one line a camera."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.links.camera import BY_PATH, CameraError, Capture, found

if TYPE_CHECKING:
    import argparse


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("cameras", help="list the cameras that are plugged in, by port", description=__doc__)
    parser.add_argument("--directory", type=Path, default=BY_PATH, help="where udev names cameras by port")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List them; 1 when there is none."""
    cameras = found(arguments.directory)
    for camera in cameras:
        said: dict[str, Any] = {"setting": f"v4l2:{camera.path}", "name": camera.name, "bus": camera.bus}
        try:
            with Capture(camera.path) as capture:
                said["modes"] = [f"{mode.format} {mode.width}x{mode.height} {float(1 / mode.interval):g}/s" for mode in capture.modes()]
        except CameraError as error:
            said["wrong"] = str(error)
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    if not cameras:
        sys.stderr.write(f"telecabine cameras: no camera in {arguments.directory}\n")
    return 0 if cameras else 1
