"""The network test before a call: a WebSocket of its own, on which an enrolled booth signs in as on its other one.

The station's first message after `SignedIn` is `Relays`. From then on the booth sends binary frames: how many octets it wants back (4, big-endian),
and filler. Each is answered by a frame of so many octets, in order. What fills the line is random, so that nothing on the way can shorten it.
"""

from __future__ import annotations

from typing import Final

from protocol.codec import ProtocolError

PATH: Final = "/network-test"
#: octets of filler that one frame may hold
PIECE: Final = 16 * 1024
#: octets of filler that one test may take, both ways together
OCTETS: Final = 1024 * 1024
#: frames of one test
FRAMES: Final = 2000
#: seconds that a test may last
LASTS: Final = 20.0
_HEAD: Final = 4


def request(back: int, filler: bytes = b"") -> bytes:
    """The booth's frame that takes `filler` along and wants `back` octets."""
    return back.to_bytes(_HEAD, "big") + filler


def wanted(frame: bytes) -> int:
    """How many octets a booth's frame wants back.

    Raises:
        ProtocolError: it is none, or asks or holds more than `PIECE`.
    """
    back = int.from_bytes(frame[:_HEAD], "big")
    if len(frame) < _HEAD or back > PIECE or len(frame) > _HEAD + PIECE:
        raise ProtocolError(f"a frame of a network test has {_HEAD} octets and at most {PIECE} of filler, and wants no more back")
    return back
