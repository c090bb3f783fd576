"""A camera file for Chromium's `--use-file-for-fake-video-capture`: stamped with the picture's number, played round and round at 30 a second."""

from __future__ import annotations

import argparse
import sys
from fractions import Fraction
from pathlib import Path

import av

from simulators import stamps
from simulators.camera import render


def write(path: Path, width: int = 640, height: int = 360, count: int = 300) -> None:
    """Write `count` pictures as Motion JPEG (`path` must end in .mjpeg for Chromium to see what it is)."""
    scene = render(width, height)
    with av.open(str(path), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=Fraction(30), options={"qmin": "2", "qmax": "5"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        for number in range(count):
            frame = scene[number % len(scene)].reformat(format="yuvj420p")
            stamps.write(frame, number)
            frame.pts, frame.time_base = number, Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def main() -> int:
    """Entry point: `python -m simulators.fake_camera FILE.mjpeg`."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("file", type=Path)
    write(options.parse_args().file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
