"""A number in the picture, readable after coding and rescaling: how the tests count pictures and measure their age.

The top of the picture holds 32 cells across its width: 24 bits, least significant first, then 8 check bits; luma 220 is one, 20 is zero.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

CELLS: Final = 32
BITS: Final = 24
#: numbers are counted modulo this
MODULUS: Final = 1 << BITS
#: rows that a stamp of a 720 rows picture takes; other heights in proportion
ROWS: Final = 32 / 720

_ZERO, _ONE, _BETWEEN = 20, 220, 120


class Plane(Protocol):
    """Octets, one a pixel."""

    @property
    def line_size(self) -> int:
        """Octets of a row, padding included."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


class Picture(Protocol):
    """A yuv420p picture, as PyAV's `VideoFrame`."""

    @property
    def width(self) -> int:
        """Pixels of a row."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def planes(self) -> Sequence[Plane]:
        """Luma first; the others are not looked at."""


def milliseconds() -> int:
    """Wall clock in ms, what a stamp carries when it shall tell the picture's age."""
    return time.time_ns() // 1_000_000


def write(frame: Picture, number: int) -> None:
    """Put `number` modulo 2**24 into the luma of a yuv420p frame."""
    number %= MODULUS
    word = number | _check(number) << BITS
    plane = frame.planes[0]
    row = bytearray()
    for cell in range(CELLS):
        width = (cell + 1) * frame.width // CELLS - cell * frame.width // CELLS
        row += bytes([_ONE if word >> cell & 1 else _ZERO]) * width
    pixels = memoryview(plane)
    for y in range(max(4, round(frame.height * ROWS))):
        pixels[y * plane.line_size : y * plane.line_size + len(row)] = row


def read(frame: Picture) -> int | None:
    """The number in a frame with a luma plane of 8 bits, None when it cannot be read for sure."""
    plane = frame.planes[0]
    pixels = memoryview(plane)
    y = max(1, round(frame.height * ROWS / 2))
    word = 0
    for cell in range(CELLS):
        left, right = (int((cell + part) * frame.width / CELLS) for part in (0.3, 0.7))
        start = y * plane.line_size + left
        samples = pixels[start : start + max(1, right - left)]
        if sum(samples) > _BETWEEN * len(samples):
            word |= 1 << cell
    number = word % MODULUS
    return number if word >> BITS == _check(number) else None


def _check(number: int) -> int:
    return number & 0xFF ^ number >> 8 & 0xFF ^ number >> 16 & 0xFF ^ 0x5A
