"""A photograph as it leaves the booth: encoded anew from the pixels alone, so that nothing that a camera wrote beside them goes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av

if TYPE_CHECKING:
    from collections.abc import Iterator

#: what a JPEG may hold (ITU-T T.81 table B.1): frame, tables, scan; of the application segments only JFIF's own
_SOI, _EOI, _SOS, _APP0 = 0xD8, 0xD9, 0xDA, 0xE0
_KEPT: Final = frozenset((0xC0, 0xC4, 0xDB, 0xDD, _SOS, _APP0))
#: pixel formats that the encoder takes; others become the finest of them
_PLANES: Final = ("yuvj420p", "yuvj422p", "yuvj444p")
#: quantiser of FFmpeg's MJPEG encoder: 2 is the finest that it recommends
_FINEST: Final = "2"


class PhotoError(Exception):
    """This is not a photograph that may leave."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One photograph: JPEG (baseline, ITU-T T.81), nothing in it but the picture."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int


def encoded(frame: av.VideoFrame) -> Photo:
    """The photograph of a frame, of the frame's own size.

    Raises:
        PhotoError: the encoder gave something else than a plain JPEG.
    """
    form = frame.format.name if frame.format.name in _PLANES else "yuvj422p" if frame.format.name == "yuyv422" else "yuvj444p"
    coder = av.CodecContext.create("mjpeg", "w")
    coder.width, coder.height, coder.pix_fmt, coder.time_base = frame.width, frame.height, form, Fraction(1)
    coder.options = {"qmin": _FINEST, "qmax": _FINEST, "flags": "+bitexact"}  # bitexact: no comment of the encoder's
    bare = frame.reformat(format=form, dst_color_range="JPEG")
    bare.pts, bare.time_base = 0, Fraction(1)
    bare.pict_type = av.video.frame.PictureType.NONE
    jpeg = b"".join(bytes(packet) for packet in (*coder.encode(bare), *coder.encode(None)))
    strange = [marker for marker in markers(jpeg) if marker not in _KEPT]
    if strange:
        raise PhotoError(f"the photograph holds segments that it may not: {strange}")
    return Photo(jpeg, frame.width, frame.height)


def decoded(jpeg: bytes) -> av.VideoFrame:
    """The picture of a JPEG.

    Raises:
        PhotoError: there is none in it.
    """
    try:
        frames = av.CodecContext.create("mjpeg", "r").decode(av.Packet(jpeg))
    except av.FFmpegError:
        frames = []
    if not frames or not isinstance(frames[0], av.VideoFrame):
        raise PhotoError("the photograph cannot be read")
    return frames[0]


def markers(jpeg: bytes) -> Iterator[int]:
    """The second octet of each marker between start and end of image, the segments of the scan included.

    Raises:
        PhotoError: not one whole image, or something after its end.
    """
    if jpeg[:2] != bytes((0xFF, _SOI)):
        raise PhotoError("not a JPEG")
    at = 2
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise PhotoError("a segment does not begin with a marker")
        marker = jpeg[at + 1]
        yield marker
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == _SOS:
            at = _after_scan(jpeg, at)
            if jpeg[at : at + 2] == bytes((0xFF, _EOI)):
                if at + 2 != len(jpeg):
                    raise PhotoError("octets after the end of the image")
                return
    raise PhotoError("the image has no end")


def _after_scan(jpeg: bytes, at: int) -> int:
    """Where the entropy-coded data ends: at a marker that is neither a stuffed octet nor a restart."""
    while True:
        at = jpeg.find(b"\xff", at)
        if at < 0 or at + 1 >= len(jpeg):
            raise PhotoError("the image has no end")
        if jpeg[at + 1] == 0 or 0xD0 <= jpeg[at + 1] <= 0xD7:
            at += 2
        else:
            return at
