"""The process that looks for an identity code in front of the booth's camera: `python -m kiosk.code_reader --camera … --video …`.

It lives while the identity screen shows the camera and no longer: what it saw and read goes with it, and no other process ever holds the
picture of a paper but the screen, which paints it and keeps nothing. It prints UP with the first picture, a refusal that holds for a moment,
and the first candidate, with which it ends. At most five pictures a second are looked at, always the newest; the others are only shown.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.identity import CodeError, CodeProblem
from kiosk.call import devices, sources
from kiosk.call.ring import VideoServer
from kiosk.links import identity_wire
from kiosk.links.confined import confine
from kiosk.links.scanner import look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from av import VideoFrame

    from drivers.identity import IdentityCandidate

#: seconds between two looks
PERIOD: Final = 0.2
#: looks in a row that must be refused for the same reason before it is said: a bar code that passes by is no news
STEADY: Final = 4
#: a picture is looked at no larger than this, in pixels
LARGEST: Final = (1920, 1080)
#: seconds that a camera may take for its first picture, and for each one after it
FIRST, NEXT = 10.0, 3.0
#: address space: decoders of video map libraries and stacks of threads
MEMORY: Final = 3 << 30


def grey(frame: VideoFrame) -> tuple[bytes, int, int]:
    """The picture in one octet a pixel, row by row, with width and height."""
    scale = min(1.0, LARGEST[0] / frame.width, LARGEST[1] / frame.height)
    width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    plane = frame.reformat(width, height, format="gray").planes[0]
    pixels, stride = memoryview(plane), plane.line_size
    if stride == width:
        return bytes(pixels[: width * height]), width, height
    return b"".join(pixels[row * stride : row * stride + width] for row in range(height)), width, height


class Steady:
    """Which refusals are worth a sentence: what is refused again and again for one reason, once. No code at all is no refusal."""

    def __init__(self) -> None:
        self._reason: CodeProblem | None = None
        self._times = 0

    def refused(self, error: CodeError) -> bool:
        """Take the refusal of one look; whether to say it now."""
        if error.reason is CodeProblem.NO_CODE:
            return False
        self._times = self._times + 1 if error.reason is self._reason else 1
        self._reason = error.reason
        return self._times == STEADY


class Newest:
    """The newest picture of a camera, for whoever comes to look."""

    def __init__(self) -> None:
        self._frame: VideoFrame | None = None
        self._lost = False
        self._there = asyncio.Event()

    def put(self, frame: VideoFrame) -> None:
        """A picture; the one before it is forgotten."""
        self._frame = frame
        self._there.set()

    def lose(self, _: sources.SourceError | None) -> None:
        """There will be no more."""
        self._lost = True
        self._there.set()

    async def take(self, patience: float) -> VideoFrame | None:
        """The next picture, None when the camera gives no more, or none for `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._there.wait()
        except TimeoutError:
            return None
        self._there.clear()
        frame, self._frame = self._frame, None
        return None if self._lost else frame


async def find(
    device: sources.Device[VideoFrame], show: Callable[[VideoFrame], None], say: Callable[[bytes], None], *, test: bool
) -> IdentityCandidate | None:
    """Show what the camera sees until one of its pictures holds an identity; None when the camera gives no more."""
    loop, newest, steady, up = asyncio.get_running_loop(), Newest(), Steady(), False

    def given(frame: VideoFrame) -> None:
        show(frame)
        newest.put(frame)

    reader = sources.Reader(device, given, newest.lose)
    try:
        while (frame := await newest.take(NEXT if up else FIRST)) is not None:
            if not up:
                up = True
                say(identity_wire.UP)
            began = loop.time()
            try:
                return await look(*grey(frame), test=test)
            except CodeError as error:
                if steady.refused(error):
                    say(identity_wire.answer(error))
            await asyncio.sleep(max(0.0, began + PERIOD - loop.time()))
    finally:
        reader.stop()
    return None


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


async def serve(device: sources.Device[VideoFrame], video: Path, *, test: bool) -> int:
    """Look until a candidate was found (0) or the camera gives no more (1)."""
    server = VideoServer(video, asyncio.get_running_loop().time)
    try:
        found = await find(device, server.show, _say, test=test)
    finally:
        server.close()
    if found is None:
        return 1
    _say(identity_wire.answer((found,)))
    return 0


def parser() -> argparse.ArgumentParser:
    """The options that every such process understands."""
    made = argparse.ArgumentParser(prog="telecabine-code-camera", description="Looks for an identity code in front of the booth's camera.")
    made.add_argument("--camera", required=True, metavar="FORMAT:NAME", help="as for telecabine-call")
    made.add_argument("--video", type=Path, required=True, metavar="SOCKET", help="where the screen gets the pictures")
    made.add_argument("--test-identities", action="store_true", help="take test identities, and those alone")
    return made


def run(device: sources.Device[VideoFrame] | None, given: argparse.Namespace) -> int:
    """Serve with these options; without a camera nothing is found."""
    confine(MEMORY)
    logging.basicConfig(format="telecabine-code-camera: %(message)s", level=logging.WARNING)
    logging.getLogger("libav").setLevel(logging.CRITICAL)
    return 1 if device is None else asyncio.run(serve(device, given.video, test=given.test_identities))


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; exit code 0 when a candidate was found, 1 when the camera gives nothing, 2 for wrong options."""
    options = parser()
    given = options.parse_args(arguments)
    try:
        device = devices.camera(given.camera)
    except ValueError as error:
        options.error(str(error))
    return run(device, given)


if __name__ == "__main__":
    os._exit(main())  # at once: what it saw goes with it, and zxing-cpp's binding speaks of leaks when an interpreter ends in good order
