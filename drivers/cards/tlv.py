"""A strict BER-TLV reader. Source: ISO/IEC 7816-4 and X.690; 00 where a tag is expected is padding and ends the list."""

from __future__ import annotations

from drivers.identity import CardError, CardProblem


def parse(data: bytes) -> list[tuple[int, bytes]]:
    """The tags and values of one level, in order. Tags have one or two octets, lengths up to three after the first.

    Raises:
        CardError: a length runs past the end, or a form that is not read here.
    """
    found = []
    at = 0
    while at < len(data) and data[at] != 0:
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if at + length > len(data):
            raise CardError(CardProblem.DATA, "a length past the end")
        found.append((tag, data[at : at + length]))
        at += length
    return found


def first(items: list[tuple[int, bytes]], tag: int) -> bytes:
    """The value of the first `tag`; empty when there is none."""
    return next((value for known, value in items if known == tag), b"")


def _tag(data: bytes, at: int) -> tuple[int, int]:
    tag = data[at]
    if tag & 0x1F != 0x1F:
        return tag, at + 1
    if at + 1 >= len(data) or data[at + 1] & 0x80:
        raise CardError(CardProblem.DATA, "a tag that is too long")
    return tag << 8 | data[at + 1], at + 2


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise CardError(CardProblem.DATA, "a tag without length")
    octet = data[at]
    at += 1
    if octet < 0x80:
        return octet, at
    count = octet & 0x7F
    if not 1 <= count <= 3 or at + count > len(data):
        raise CardError(CardProblem.DATA, "a length that cannot be read")
    return int.from_bytes(data[at : at + count], "big"), at + count
