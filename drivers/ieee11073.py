"""IEEE 11073-20601 numbers and the GATT date-time, from bytes.

SFLOAT: 4-bit exponent and 12-bit mantissa; FLOAT: 8-bit and 24-bit; both two's complement, value = mantissa x 10^exponent, little-endian on
the air (IEEE 11073-20601 annex F.7; Bluetooth GATT Specification Supplement 2.2). The exponent is the precision: 0xE0C8 is 2.00.
"""

from __future__ import annotations

import struct
from datetime import datetime
from decimal import Context, Decimal

from drivers.driver import DecodeError
from drivers.measurement import Absent

_EXACT = Context()
_SFLOAT_SPECIAL = {
    0x07FF: Absent.NOT_A_NUMBER,
    0x0800: Absent.ERROR,
    0x07FE: Absent.POSITIVE_INFINITY,
    0x0802: Absent.NEGATIVE_INFINITY,
    0x0801: Absent.ERROR,
}
_FLOAT_SPECIAL = {
    0x007FFFFF: Absent.NOT_A_NUMBER,
    0x00800000: Absent.ERROR,
    0x007FFFFE: Absent.POSITIVE_INFINITY,
    0x00800002: Absent.NEGATIVE_INFINITY,
    0x00800001: Absent.ERROR,
}


def _scaled(mantissa: int, exponent: int) -> Decimal:
    return _EXACT.scaleb(mantissa, exponent)


def sfloat(word: int) -> Decimal | Absent:
    """Decode a 16-bit SFLOAT given as an unsigned integer."""
    special = _SFLOAT_SPECIAL.get(word)
    if special is not None:
        return special
    mantissa, exponent = word & 0x0FFF, word >> 12
    return _scaled(mantissa - 0x1000 if mantissa & 0x0800 else mantissa, exponent - 16 if exponent & 8 else exponent)


def medfloat(word: int) -> Decimal | Absent:
    """Decode a 32-bit FLOAT given as an unsigned integer."""
    special = _FLOAT_SPECIAL.get(word)
    if special is not None:
        return special
    mantissa, exponent = word & 0x00FFFFFF, word >> 24
    return _scaled(mantissa - 0x1000000 if mantissa & 0x800000 else mantissa, exponent - 256 if exponent & 0x80 else exponent)


def scaled(value: int, resolution: str) -> Decimal:
    """Multiply an integer by its resolution and keep every digit of that: 14050 times 0.005 is 70.250."""
    return value * Decimal(resolution)


class Fields:
    """A cursor over the fields of one characteristic. Every read past the end is a DecodeError that names the field."""

    __slots__ = ("data", "position")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, count: int, what: str) -> bytes:
        """The next `count` bytes."""
        end = self.position + count
        if end > len(self.data):
            raise self._truncated(end, what)
        piece = self.data[self.position : end]
        self.position = end
        return piece

    def _truncated(self, end: int, what: str) -> DecodeError:
        return DecodeError(f"truncated: {what} needs bytes {self.position} to {end - 1}, the frame has {len(self.data)}")

    def u8(self, what: str) -> int:
        """An unsigned byte."""
        at = self.position
        try:
            byte = self.data[at]
        except IndexError:
            raise self._truncated(at + 1, what) from None
        self.position = at + 1
        return byte

    def u16(self, what: str) -> int:
        """An unsigned 16-bit integer, little-endian."""
        at = self.position
        try:
            word = self.data[at] | self.data[at + 1] << 8
        except IndexError:
            raise self._truncated(at + 2, what) from None
        self.position = at + 2
        return word

    def i16(self, what: str) -> int:
        """A signed 16-bit integer, little-endian."""
        return int.from_bytes(self.take(2, what), "little", signed=True)

    def u24(self, what: str) -> int:
        """An unsigned 24-bit integer, little-endian."""
        return int.from_bytes(self.take(3, what), "little")

    def u32(self, what: str) -> int:
        """An unsigned 32-bit integer, little-endian."""
        return int.from_bytes(self.take(4, what), "little")

    def sfloat(self, what: str) -> Decimal | Absent:
        """An SFLOAT."""
        return sfloat(self.u16(what))

    def medfloat(self, what: str) -> Decimal | Absent:
        """A FLOAT."""
        return medfloat(self.u32(what))

    def date_time(self, what: str) -> datetime | None:
        """The 7-byte Date Time (0x2A08): None where year, month or day is 0 (unknown) or the date does not exist."""
        year, month, day, hour, minute, second = struct.unpack("<HBBBBB", self.take(7, what))
        if not (year and month and day):
            return None
        try:
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the device's clock has no zone
        except ValueError:
            return None

    @property
    def left(self) -> int:
        """How many bytes are not read yet."""
        return len(self.data) - self.position

    def end(self, what: str) -> None:
        """Refuse what trails the last field.

        Raises:
            DecodeError: bytes are left.
        """
        if self.left:
            raise DecodeError(f"{self.left} trailing bytes after the {what}")


def bits(word: int, names: dict[int, str]) -> tuple[str, ...]:
    """The names of the set bits, lowest first; a set bit without a name is `bit-N`."""
    found = []
    while word:
        index = (word & -word).bit_length() - 1
        found.append(names.get(index) or f"bit-{index}")
        word &= word - 1
    return tuple(found)
