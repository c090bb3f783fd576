"""IEEE 11073-20601 numbers and the GATT date-time, from bytes.

SFLOAT: 4-bit exponent and 12-bit mantissa; FLOAT: 8-bit and 24-bit; both two's complement, value = mantissa x 10^exponent, little-endian on
the air (IEEE 11073-20601 annex F.7; Bluetooth GATT Specification Supplement 2.2). The exponent is the precision: 0xE0C8 is 2.00.
"""

from __future__ import annotations

import struct
from datetime import datetime
from decimal import Decimal
from functools import cache

import msgspec

from drivers.driver import DecodeError
from drivers.measurement import Absent

#: powers of ten by exponent: a product with one keeps the exponent as the precision, and costs half of `Decimal.scaleb`
_POWER = {exponent: Decimal((0, (1,), exponent)) for exponent in range(-128, 128)}
#: the few resolutions that drivers name, made once each
_resolution = cache(Decimal)
#: the Decimals of small whole numbers, made once
WHOLE = tuple(map(Decimal, range(256)))
#: an attribute has at most 512 bytes (Bluetooth Core 5.4, Vol 3, Part F, 3.2.9)
_MOST_WORDS = 256
_WORDS = tuple(struct.Struct(f"<{count}H").unpack_from for count in range(_MOST_WORDS + 1))
_U16, _U32, _DATE_TIME = (struct.Struct(layout).unpack_from for layout in ("<H", "<I", "<HBBBBB"))
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


def sfloat(word: int) -> Decimal | Absent:
    """Decode a 16-bit SFLOAT given as an unsigned integer."""
    special = _SFLOAT_SPECIAL.get(word)
    if special is not None:
        return special
    mantissa, exponent = word & 0x0FFF, word >> 12
    return (mantissa - 0x1000 if mantissa & 0x0800 else mantissa) * _POWER[exponent - 16 if exponent & 8 else exponent]


def medfloat(word: int) -> Decimal | Absent:
    """Decode a 32-bit FLOAT given as an unsigned integer."""
    special = _FLOAT_SPECIAL.get(word)
    if special is not None:
        return special
    mantissa, exponent = word & 0x00FFFFFF, word >> 24
    return (mantissa - 0x1000000 if mantissa & 0x800000 else mantissa) * _POWER[exponent - 256 if exponent & 0x80 else exponent]


def scaled(value: int, resolution: str) -> Decimal:
    """Multiply an integer by its resolution and keep every digit of that: 14050 times 0.005 is 70.250."""
    return value * _resolution(resolution)


class Fields(msgspec.Struct, gc=False):
    """A cursor over the fields of one characteristic. Every read past the end is a DecodeError that names the field."""

    data: bytes
    position: int = 0

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
            (word,) = _U16(self.data, at)
        except struct.error:
            raise self._truncated(at + 2, what) from None
        self.position = at + 2
        return word  # type: ignore[no-any-return] # what "H" unpacks to

    def i16(self, what: str) -> int:
        """A signed 16-bit integer, little-endian."""
        return int.from_bytes(self.take(2, what), "little", signed=True)

    def u24(self, what: str) -> int:
        """An unsigned 24-bit integer, little-endian."""
        return int.from_bytes(self.take(3, what), "little")

    def u32(self, what: str) -> int:
        """An unsigned 32-bit integer, little-endian."""
        at = self.position
        try:
            (word,) = _U32(self.data, at)
        except struct.error:
            raise self._truncated(at + 4, what) from None
        self.position = at + 4
        return word  # type: ignore[no-any-return] # what "I" unpacks to

    def words(self, what: str) -> tuple[int, ...]:
        """The unsigned 16-bit integers, little-endian, that fill the rest."""
        at, end = self.position, len(self.data)
        count = end - at >> 1
        if end - at & 1:
            raise self._truncated(end + 1, what)
        self.position = end
        if count > _MOST_WORDS:
            raise DecodeError(f"{count} of the field {what}: more than an attribute can hold")
        return _WORDS[count](self.data, at)

    def sfloat(self, what: str) -> Decimal | Absent:
        """An SFLOAT."""
        return sfloat(self.u16(what))

    def medfloat(self, what: str) -> Decimal | Absent:
        """A FLOAT."""
        return medfloat(self.u32(what))

    def date_time(self, what: str) -> datetime | None:
        """The 7-byte Date Time (0x2A08): None where year, month or day is 0 (unknown) or the date does not exist."""
        at = self.position
        try:
            year, month, day, hour, minute, second = _DATE_TIME(self.data, at)
        except struct.error:
            raise self._truncated(at + 7, what) from None
        self.position = at + 7
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
        if self.position != len(self.data):
            raise DecodeError(f"{self.left} trailing bytes after the {what}")


def bits(word: int, names: dict[int, str]) -> tuple[str, ...]:
    """The names of the set bits, lowest first; a set bit without a name is `bit-N`."""
    found = []
    while word:
        index = (word & -word).bit_length() - 1
        found.append(names.get(index) or f"bit-{index}")
        word &= word - 1
    return tuple(found)
