"""The process that looks for codes, before a synthetic camera that sees a paper: `--camera paper:FILE`, where FILE holds a code's octets in hex.

The process is the product's own. While FILE is missing or empty nobody holds a paper there; what stands in it is drawn as a datamatrix, or
as a QR code when it begins with "qr ", turned a little and under noise, as a hand holds it.
"""

from __future__ import annotations

import os
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import zxingcpp

from kiosk.call import devices, sources
from kiosk.code_reader import parser, run
from simulators.camera import render

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

SIZE = (1280, 720)
RATE = 10
TIME_BASE = Fraction(1, RATE)
#: pixels of one module of the code, and of white around the code
SCALE, MARGIN = 4, 60


def paper(code: bytes, kind: zxingcpp.BarcodeFormat) -> av.VideoFrame:
    """A white sheet with a code, grey."""
    drawn = zxingcpp.create_barcode(code, kind, **({"forceSquare": True} if kind is zxingcpp.BarcodeFormat.DataMatrix else {}))
    image = memoryview(drawn.to_image(scale=SCALE))  # type: ignore[arg-type]  # a buffer, though its stub does not say so
    height, width = image.shape or (0, 0)
    wide, high = (width + 2 * MARGIN) // 2 * 2, (height + 2 * MARGIN) // 2 * 2
    pixels = bytearray(b"\xeb" * (wide * high))
    flat = image.tobytes()
    for row in range(height):
        at = (row + MARGIN) * wide + MARGIN
        pixels[at : at + width] = flat[row * width : (row + 1) * width]
    frame = av.VideoFrame(wide, high, "gray")
    plane = frame.planes[0]
    stride = plane.line_size
    plane.update(b"".join(bytes(pixels[row * wide : (row + 1) * wide]).ljust(stride, b"\0") for row in range(high)))
    return frame


def held(sheet: av.VideoFrame, room: av.VideoFrame) -> av.VideoFrame:
    """The sheet before the room, a few degrees askew."""
    graph = av.filter.Graph()
    back = graph.add_buffer(width=room.width, height=room.height, format=room.format, time_base=TIME_BASE)
    front = graph.add_buffer(width=sheet.width, height=sheet.height, format=sheet.format, time_base=TIME_BASE)
    turned = graph.add("rotate", "0.12:c=0x8a7f70:ow=rotw(0.12):oh=roth(0.12)")
    over = graph.add("overlay", "x=(W-w)/2:y=(H-h)/2:format=yuv420")
    noise = graph.add("noise", "alls=6:allf=t")
    end = graph.add("buffersink")
    front.link_to(turned)
    back.link_to(over, 0, 0)
    turned.link_to(over, 0, 1)
    over.link_to(noise)
    noise.link_to(end)
    graph.configure()
    for buffer, frame in ((back, room), (front, sheet)):
        frame.pts, frame.time_base = 0, TIME_BASE
        buffer.push(frame)
    done = graph.pull()
    if not isinstance(done, av.VideoFrame):
        raise sources.SourceError("no picture came out of the filter")
    return done


class PaperCamera:
    """A camera of ten pictures a second before which a paper is held and taken away."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def open(self) -> Generator[av.VideoFrame, None, None]:
        """See `kiosk.call.sources.Device`."""
        (room,) = render(*SIZE, 1)
        shown, picture = "", room
        start, number = time.monotonic(), 0
        while True:
            text = self._file.read_text(encoding="ascii").strip() if self._file.exists() else ""
            if text == "unplugged":
                raise sources.SourceError("the camera was unplugged")
            if text != shown:
                shown, picture = text, room if text == "" else _picture(text, room)
            number += 1
            time.sleep(max(0.0, start + number / RATE - time.monotonic()))
            yield picture


def _picture(text: str, room: av.VideoFrame) -> av.VideoFrame:
    kinds = zxingcpp.BarcodeFormat
    kind, code = (kinds.QRCode, text[3:]) if text.startswith("qr ") else (kinds.DataMatrix, text)
    return held(paper(bytes.fromhex(code), kind), room)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point: the options of the product's process, and `--camera paper:FILE`."""
    options = parser()
    given = options.parse_args(arguments)
    name, _, file = given.camera.partition(":")
    try:
        return run(PaperCamera(Path(file)) if name == "paper" else devices.camera(given.camera), given)
    except ValueError as error:
        options.error(str(error))


if __name__ == "__main__":
    os._exit(main())  # at once: what it saw goes with it, and zxing-cpp's binding speaks of leaks when an interpreter ends in good order
