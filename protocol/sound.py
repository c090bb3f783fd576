"""What the stethoscope hears, inside the sealed stream: octets, not JSON, and always the same number of them.

A text of base64 would take a third more of a thin link; a compressed one would tell by its length what is heard. 1024 octets, eight times a
second: kind (2), a zero, samples a second (2), samples (2), two zeros, sequence (8), received (8, IEEE 754), then the samples, 16 bit each.
All little endian. docs/crypto.md has the layout, tests/vectors/sound.json an example that booth and page share.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from protocol.codec import ProtocolError

#: where a stethoscope is put: the four valve areas, and the lung fields in front and behind; "left" and "right" are the patient's own
Site: TypeAlias = Literal[
    "aortic",
    "pulmonary",
    "tricuspid",
    "mitral",
    "front-upper-right",
    "front-upper-left",
    "front-lower-right",
    "front-lower-left",
    "back-upper-right",
    "back-upper-left",
    "back-middle-right",
    "back-middle-left",
    "back-lower-right",
    "back-lower-left",
]
SITES: Final[tuple[Site, ...]] = get_args(Site)
#: "starting": opened, nothing heard yet; "silent", "clipping": it gives sound, of no use; "absent": it cannot be opened; "lost": it is gone
State: TypeAlias = Literal["off", "starting", "on", "silent", "clipping", "absent", "lost"]
#: samples a second
RATE: Final = 4000
#: samples of one message: 125 ms
PIECE: Final = 500
#: the first octet; a JSON message begins with "{", a curve (protocol/curve_frame.py) with 1
KIND: Final = 2
_HEAD: Final = struct.Struct("<BBHHHQd")
SIZE: Final = _HEAD.size + 2 * PIECE


@dataclass(frozen=True, slots=True)
class Sound:
    """PIECE samples (16 bit, little endian); `sequence` counts those before; `received` of the last one, ms since the epoch by the booth's clock."""

    sequence: int
    received: float
    samples: bytes

    def __repr__(self) -> str:
        return f"Sound({self.sequence})"


def encode(sound: Sound) -> bytes:
    """The octets of one message."""
    return _HEAD.pack(KIND, 0, RATE, PIECE, 0, sound.sequence, sound.received) + sound.samples


def decode(data: bytes) -> Sound:
    """What `encode` made.

    Raises:
        ProtocolError: it is of another kind, rate or length.
    """
    if len(data) != SIZE:
        raise ProtocolError(f"a sound of {len(data)} octets in place of {SIZE}")
    kind, zero, rate, count, reserved, sequence, received = _HEAD.unpack_from(data)
    if (kind, zero, rate, count, reserved) != (KIND, 0, RATE, PIECE, 0):
        raise ProtocolError("not a sound of this version")
    return Sound(sequence, received, data[_HEAD.size :])
