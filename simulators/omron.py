"""An Omron cuff's memory and the link to it, as the public projects omblepy and hass-omron speak with it. Sans-IO: what is written in, what it sends out.

It keeps silent until it is unlocked and opened. Its clock stands in its memory; whatever was not written there is FF. A write of memory is never
answered: no booth may send one.
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import TYPE_CHECKING

from simulators.shipped_frames import frames

if TYPE_CHECKING:
    from datetime import datetime

CHANNELS = (
    "49123040-aee8-11e1-a74d-0002a5d5c51b",
    "4d0bf320-aee8-11e1-a0d9-0002a5d5c51b",
    "5128ce60-aee8-11e1-b84b-0002a5d5c51b",
    "560f1420-aee8-11e1-8184-0002a5d5c51b",
)
COMMANDS, LOCK = "db5b55e0-aee7-11e1-965e-0002a5d5c51b", "b305b680-aee7-11e1-a730-0002a5d5c51b"
PIECE = 16
_OPEN, _READ, _CLOSE = 0x0000, 0x0100, 0x0F00


def reply(kind: int, address: int, size: int, data: bytes = b"") -> bytes:
    """A frame of the device: length, type, address, size, data, status, exclusive or."""
    head = bytes((8 + len(data),)) + kind.to_bytes(2, "big") + address.to_bytes(2, "big") + bytes((size,)) + data + b"\0"
    return head + bytes((reduce(xor, head),))


class OmronCuff:
    """The device of one connection. `memory` maps addresses to bytes; `key` is what was stored at a pairing, None for a model that wants no key."""

    def __init__(self, memory: dict[int, bytes], *, whole: bool, key: bytes | None = None, pairing: bool = False) -> None:
        self.memory, self._whole, self.key, self._pairing = memory, whole, key, pairing
        self._unlocked = self._open = self._learning = False
        self.closed = False

    def take(self, source: str, data: bytes) -> list[tuple[str, bytes]]:
        """What it sends for what was written: characteristic and bytes."""
        if source == LOCK:
            return [(LOCK, answer) for answer in (self._lock(data),) if answer]
        kind, address, size = int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:5], "big"), data[5]
        if kind == _OPEN and self._unlocked:
            self._open = True
            return self._cut(frames()["omron-opened"])
        if kind == _READ and self._open:
            return self._cut(reply(0x8100, address, size, self.memory.get(address, b"\xff" * size)))
        if kind == _CLOSE and self._open:
            self._open, self.closed = False, True
            return self._cut(reply(0x8F00, 0, 0))
        return []

    def _lock(self, data: bytes) -> bytes:
        if data[0] == 0x11 and self._whole:
            self._unlocked = True
            return b"\x91\x00" + data[1:5]
        if data[0] == 0x01 and not self._whole:
            self._unlocked = data[1:] == self.key
            return b"\x81\x00" if self._unlocked else b"\x81\x0f"
        if data[0] == 0x02 and not self._whole:
            self._learning = self._pairing
            return b"\x82\x00" if self._learning else b"\x82\x0f"
        if data[0] == 0x00 and self._learning:
            self.key = data[1:]
            return b"\x80\x00"
        return b""

    def _cut(self, frame: bytes) -> list[tuple[str, bytes]]:
        if self._whole:
            return [(CHANNELS[0], frame)]
        return [(CHANNELS[at // PIECE], frame[at : at + PIECE].ljust(PIECE, b"\0")) for at in range(0, len(frame), PIECE)]


def modern_clock(time: datetime) -> bytes:
    """The 16 bytes in which a HEM-7142T2 keeps its time: a captured one with another time."""
    told = bytes((time.year - 2000, time.month, time.day, time.hour, time.minute, time.second))
    return frames()["omron-7142t2-clock"][:8] + told + frames()["omron-7142t2-clock"][14:]


def classic_clock(time: datetime) -> bytes:
    """The 10 bytes in which a HEM-7600T keeps it: month, year, hour, day, second, minute from the third one on."""
    return bytes((0, 0, time.month, time.year - 2000, time.hour, time.day, time.second, time.minute, 0, 0))
