"""A payload too large for one envelope, in parts: each is an envelope of its own, sealed, signed and receipted like every other (docs/crypto.md).

An envelope waits in the same socket as the values, so a part is small enough that none of them waits long for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk.secure.transcript import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

#: octets of the payload in one part: with signature, header and padding an envelope of 6144, on the socket about 8.5 kB
SIZE: Final = 5_500
#: what stands between the id of the whole and the number of the part, in the id of an envelope
_MARK: Final = "."


def parts(whole_id: str, kind: str, payload: bytes) -> Iterator[tuple[str, bytes]]:
    """Id and payload of each part: the fields id of the whole, its kind, number of the part, how many there are, and the octets."""
    count = max(1, -(-len(payload) // SIZE))
    for number in range(count):
        piece = payload[number * SIZE : (number + 1) * SIZE]
        numbers = number.to_bytes(4, "big"), count.to_bytes(4, "big")
        yield f"{whole_id}{_MARK}{number}", fields(whole_id.encode(), kind.encode(), *numbers, piece)


def whole_of(envelope_id: str) -> str:
    """The id of the whole of which this envelope is a part; "" where it is none."""
    whole, mark, number = envelope_id.rpartition(_MARK)
    return whole if mark and number.isdecimal() else ""
