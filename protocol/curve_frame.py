"""A batch of a curve as a binary frame: less than half of its JSON, which counts twenty times a second on a thin link (docs/crypto.md).

Little-endian: mark 0x01, octets a sample (1, 2 or 4), length of the device and of the vital, 16-bit count of samples, 32-bit sequence, period and
`received` as 64-bit floats, device and vital in UTF-8, the samples, signed; the lowest number of their width is a missing sample. What follows is
padding. A JSON message begins with another octet.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from protocol.codec import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

MARK = 0x01
_HEAD = struct.Struct("<BBBBHIdd")
_LETTER = {1: "b", 2: "h", 4: "i"}
_MOST, _TURN = 0xFFFF, 1 << 32
#: device, vital, sequence, samples, period, received: the fields of `specialist.Curve`
Fields = tuple[str, str, int, tuple[int | None, ...], float, float]


def fits(device: str, vital: str, samples: Sequence[int | None]) -> bool:
    """Whether such a frame can hold them."""
    return max(len(device.encode()), len(vital.encode())) <= 0xFF and len(samples) <= _MOST and _width(samples) in _LETTER


def encode(fields: Fields) -> bytes:
    """The frame, for fields that fit."""
    device, vital, sequence, samples, period, received = fields
    width = _width(samples)
    missing = -(1 << 8 * width - 1)
    names = device.encode(), vital.encode()
    head = _HEAD.pack(MARK, width, len(names[0]), len(names[1]), len(samples), sequence % _TURN, period, received)
    numbers = (missing if sample is None else sample for sample in samples)
    return b"".join((head, *names, struct.pack(f"<{len(samples)}{_LETTER[width]}", *numbers)))


def decode(data: bytes) -> Fields:
    """The fields of a frame, whatever padding follows it.

    Raises:
        ProtocolError: it is none.
    """
    try:
        mark, width, *lengths, count, sequence, period, received = _HEAD.unpack_from(data)
        device, vital = (data[_HEAD.size : _HEAD.size + lengths[0]], data[_HEAD.size + lengths[0] : _HEAD.size + sum(lengths)])
        numbers = struct.unpack_from(f"<{count}{_LETTER[width]}", data, _HEAD.size + sum(lengths))
        names = device.decode(), vital.decode()
    except (struct.error, KeyError, UnicodeDecodeError) as error:
        raise ProtocolError("not a frame of a curve: cut short, or of an unknown width") from error
    if mark != MARK or not math.isfinite(period) or not math.isfinite(received):
        raise ProtocolError("not a frame of a curve: a time that is none")
    missing = -(1 << 8 * width - 1)
    return *names, sequence, tuple(None if number == missing else number for number in numbers), period, received


def _width(samples: Sequence[int | None]) -> int:
    """The octets that hold every sample and leave the lowest number free; 0 where none do."""
    most = max((abs(sample) for sample in samples if sample is not None), default=0)
    return next((width for width in _LETTER if most < 1 << 8 * width - 1), 0)
