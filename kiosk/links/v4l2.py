"""Video4Linux2 as the kernel declares it (linux/videodev2.h): structures and ioctl numbers that a capture needs, nothing else.

tests/kiosk/links/test_v4l2_layout.py compiles the kernel's own header and compares every size, offset and number.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_long, c_uint8, c_uint32, c_ulong
from typing import Final

CAPTURE: Final = 1  #: V4L2_BUF_TYPE_VIDEO_CAPTURE
MMAP: Final = 1  #: V4L2_MEMORY_MMAP
FIELD_NONE: Final = 1
CAP_VIDEO_CAPTURE: Final = 0x00000001
CAP_STREAMING: Final = 0x04000000
CAP_DEVICE_CAPS: Final = 0x80000000
DISCRETE: Final = 1  #: V4L2_FRMSIZE_TYPE_DISCRETE and V4L2_FRMIVAL_TYPE_DISCRETE
BUF_ERROR: Final = 0x00000040


class Capability(ctypes.Structure):
    """struct v4l2_capability."""

    _fields_ = (
        ("driver", c_char * 16),
        ("card", c_char * 32),
        ("bus_info", c_char * 32),
        ("version", c_uint32),
        ("capabilities", c_uint32),
        ("device_caps", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class FormatDescription(ctypes.Structure):
    """struct v4l2_fmtdesc."""

    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("flags", c_uint32),
        ("description", c_char * 32),
        ("pixelformat", c_uint32),
        ("mbus_code", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class FrameSize(ctypes.Structure):
    """struct v4l2_frmsizeenum; `size` is width, height when discrete, else min, max and step of the width, then of the height."""

    _fields_ = (
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("type", c_uint32),
        ("size", c_uint32 * 6),
        ("reserved", c_uint32 * 2),
    )


class FrameInterval(ctypes.Structure):
    """struct v4l2_frmivalenum; `interval` is numerator, denominator when discrete, else those of min, max and step."""

    _fields_ = (
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("type", c_uint32),
        ("interval", c_uint32 * 6),
        ("reserved", c_uint32 * 2),
    )


class PixelFormat(ctypes.Structure):
    """struct v4l2_pix_format."""

    _fields_ = (
        ("width", c_uint32),
        ("height", c_uint32),
        ("pixelformat", c_uint32),
        ("field", c_uint32),
        ("bytesperline", c_uint32),
        ("sizeimage", c_uint32),
        ("colorspace", c_uint32),
        ("priv", c_uint32),
        ("flags", c_uint32),
        ("ycbcr_enc", c_uint32),
        ("quantization", c_uint32),
        ("xfer_func", c_uint32),
    )


class _FormatUnion(ctypes.Union):
    # the kernel's union holds pointers (struct v4l2_window), which align it
    _fields_ = (("pix", PixelFormat), ("raw", c_uint8 * 200), ("align", c_ulong))


class Format(ctypes.Structure):
    """struct v4l2_format."""

    _fields_ = (("type", c_uint32), ("fmt", _FormatUnion))


class CaptureParameters(ctypes.Structure):
    """struct v4l2_captureparm; `timeperframe` is numerator, denominator."""

    _fields_ = (
        ("capability", c_uint32),
        ("capturemode", c_uint32),
        ("timeperframe", c_uint32 * 2),
        ("extendedmode", c_uint32),
        ("readbuffers", c_uint32),
        ("reserved", c_uint32 * 4),
    )


class _ParametersUnion(ctypes.Union):
    _fields_ = (("capture", CaptureParameters), ("raw", c_uint8 * 200))


class StreamParameters(ctypes.Structure):
    """struct v4l2_streamparm."""

    _fields_ = (("type", c_uint32), ("parm", _ParametersUnion))


class RequestBuffers(ctypes.Structure):
    """struct v4l2_requestbuffers."""

    _fields_ = (
        ("count", c_uint32),
        ("type", c_uint32),
        ("memory", c_uint32),
        ("capabilities", c_uint32),
        ("flags", c_uint8),
        ("reserved", c_uint8 * 3),
    )


class _TimeValue(ctypes.Structure):
    _fields_ = (("seconds", c_long), ("microseconds", c_long))


class _BufferUnion(ctypes.Union):
    _fields_ = (("offset", c_uint32), ("userptr", c_ulong))


class Buffer(ctypes.Structure):
    """struct v4l2_buffer."""

    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("bytesused", c_uint32),
        ("flags", c_uint32),
        ("field", c_uint32),
        ("timestamp", _TimeValue),
        ("timecode", c_uint32 * 4),
        ("sequence", c_uint32),
        ("memory", c_uint32),
        ("m", _BufferUnion),
        ("length", c_uint32),
        ("reserved2", c_uint32),
        ("request_fd", c_uint32),
    )


_WRITE, _READ = 1, 2


def _ioc(direction: int, number: int, size: int) -> int:
    """asm-generic/ioctl.h: direction, size, type 'V', number."""
    return direction << 30 | size << 16 | ord("V") << 8 | number


def _both(number: int, structure: type[ctypes.Structure]) -> int:
    return _ioc(_READ | _WRITE, number, ctypes.sizeof(structure))


QUERYCAP: Final = _ioc(_READ, 0, ctypes.sizeof(Capability))
ENUM_FMT: Final = _both(2, FormatDescription)
G_FMT: Final = _both(4, Format)
S_FMT: Final = _both(5, Format)
REQBUFS: Final = _both(8, RequestBuffers)
QUERYBUF: Final = _both(9, Buffer)
QBUF: Final = _both(15, Buffer)
DQBUF: Final = _both(17, Buffer)
STREAMON: Final = _ioc(_WRITE, 18, ctypes.sizeof(ctypes.c_int))
STREAMOFF: Final = _ioc(_WRITE, 19, ctypes.sizeof(ctypes.c_int))
S_PARM: Final = _both(22, StreamParameters)
ENUM_FRAMESIZES: Final = _both(74, FrameSize)
ENUM_FRAMEINTERVALS: Final = _both(75, FrameInterval)


def fourcc(name: str) -> int:
    """A pixel format by its four letters: "MJPG", "YUYV"."""
    return int.from_bytes(name.encode("ascii"), "little")


def letters(code: int) -> str:
    """The four letters of a pixel format."""
    return code.to_bytes(4, "little").decode("ascii", "replace")
