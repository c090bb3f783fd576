"""Cameras of another implementation of Video4Linux2 (v4l2_double/double.c), for programs that are started under it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "v4l2_double" / "double.c"
#: a third party's JPEG of 640x480 with Exif, position and maker note
JPEG = Path(__file__).parents[2] / "vectors" / "photo" / "DSCN0010.jpg"


def built(folder: Path) -> Path:
    """The double, compiled against the kernel's header."""
    library = folder / "double.so"
    subprocess.run(["gcc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    return library


class Bench:
    """A folder of cameras, and programs that see them as the kernel's."""

    def __init__(self, library: Path, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.environment = {"LD_PRELOAD": str(library), "V4L2_DOUBLE": str(folder)}

    def plug(self, name: str, *lines: str, card: str = "HD Camera", bus: str = "usb-0000:00:14.0-1") -> Path:
        """A camera by this file name (it must have "video" in it); `lines` as double.c has them."""
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in (f"card {card}", f"bus {bus}", *lines)))
        return path

    def run(self, code: str, *arguments: object) -> Any:
        """Run Python with the product's code under the double; what it prints as JSON."""
        command = [sys.executable, "-c", code, *map(str, arguments)]
        done = subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def program(self, *command: object) -> str:
        """Run another program under the double; what it prints."""
        done = subprocess.run(
            [str(part) for part in command], env=os.environ | self.environment, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout
