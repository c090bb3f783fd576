"""The memory of Omron devices: its frames and commands, where models keep clock and records, and the reading of it.

Protocol: as in the public projects omblepy, hass-omron and openScale. A frame is `length type(2) address(2, big-endian) size data status xor`; the
exclusive or over the whole frame is 0. `08 00 00 00 00 10 00 18` opens, `01 00` asks for memory (the reply is `81 00`), `08 0F ... 07`
closes. Models of the service ecbe3980 cut a frame into pieces of 16 bytes over four characteristics and open to whoever sends the key
that was stored in them at the pairing; those of the service FE4A send it whole, and echo four bytes of the caller's choice.

Only reads are ever sent: calibration lives in the same memory. One read asks for one record.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from drivers.checksums import xor8
from drivers.driver import Unlock

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOCOL = "omron-eeprom"
CLASSIC, MODERN = "ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b", "FE4A"
RECEIVE = (
    "49123040-aee8-11e1-a74d-0002a5d5c51b",
    "4d0bf320-aee8-11e1-a0d9-0002a5d5c51b",
    "5128ce60-aee8-11e1-b84b-0002a5d5c51b",
    "560f1420-aee8-11e1-8184-0002a5d5c51b",
)
SEND = "db5b55e0-aee7-11e1-965e-0002a5d5c51b"
UNLOCK = "b305b680-aee7-11e1-a730-0002a5d5c51b"
OVERHEAD, RECORD, WIDEST, KEY, NONCE, TOKEN = 8, 14, 0x20, 16, 4, 20
OPEN, CLOSE = bytes.fromhex("0800000000100018"), bytes.fromhex("080f000000000007")
OPENED, READ, READ_REPLY = 0x8000, 0x0100, 0x8100
#: how often one read is asked for before it is left out
TRIES = 3
#: the same in every booth: it shows that a technician has paired, and protects nothing that the pairing itself does not
KEY_OF_BOOTHS = b"telecabine booth"


def read_command(address: int, size: int) -> bytes:
    """The command that reads `size` bytes (at most 32) of memory at `address` (at most 0x3FFF: higher bits would mean a write).

    Raises:
        ValueError: a number is out of range.
    """
    if not 0 <= address <= 0x3FFF or not 1 <= size <= WIDEST:
        raise ValueError(f"no read of {size} bytes at {address:#06x}")
    frame = bytes((OVERHEAD, 0x01, 0x00)) + address.to_bytes(2, "big") + bytes((size, 0))
    return frame + bytes((xor8(frame),))


def unlock_command(key: bytes) -> bytes:
    """What proves to a device (on UNLOCK) that it is paired with this booth; `key` is the 16 bytes of the pairing.

    Raises:
        ValueError: the key is not 16 bytes long.
    """
    if len(key) != KEY:
        raise ValueError(f"a key of {len(key)} bytes in place of {KEY}")
    return b"\x01" + key


def token_command(nonce: bytes) -> bytes:
    """What a device of the service FE4A wants in place of a key: four bytes that it echoes."""
    return (b"\x11" + nonce).ljust(TOKEN, b"\0")


_NONCE = KEY_OF_BOOTHS[:NONCE]
BY_TOKEN = Unlock(UNLOCK, token_command(_NONCE), b"\x91\x00" + _NONCE)
#: at the pairing the device is told the key, while it shows "P": mode 02, then the key
BY_KEY = Unlock(
    UNLOCK,
    unlock_command(KEY_OF_BOOTHS),
    b"\x81\x00",
    enrol=((b"\x02" + bytes(KEY), b"\x82\x00"), (b"\x00" + KEY_OF_BOOTHS, b"\x80\x00")),
)


def is_frame(data: bytes) -> bool:
    """Whether its length and its exclusive or fit."""
    return len(data) >= OVERHEAD and data[0] == len(data) and not xor8(data)


def time(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    """A local time of the years since 2000, None where there is no such; a minute may have up to 63 seconds."""
    try:
        return datetime(2000 + year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - the device's clock has no zone
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ClockAt:
    """Where a model keeps its time: `size` bytes at `address`; `order` are the places of year, month, day, hour, minute and second in them."""

    address: int
    size: int
    order: tuple[int, int, int, int, int, int]

    def told(self, data: bytes) -> datetime | None:
        """The time in these bytes."""
        year, month, day, hour, minute, second = (data[place] for place in self.order)
        return time(year, month, day, hour, minute, second)


#: as hass-omron names them "modern offset 8" (checked on a capture of a HEM-7142T2) and "classic mixed" (also omblepy)
_MODERN_CLOCK = ClockAt(0x0260 + 0x2C, 16, (8, 9, 10, 11, 12, 13))
_CLASSIC_CLOCK = ClockAt(0x0260 + 0x14, 10, (3, 2, 5, 4, 7, 6))


@dataclass(frozen=True, slots=True)
class Memory:
    """Where models keep their records: `users` are the addresses of each user's first record, `driver` decodes what is read there."""

    models: tuple[str, ...]
    driver: str
    users: tuple[int, ...]
    records: int
    size: int = RECORD
    clock: ClockAt | None = None

    def reads(self, wanted: int | None = None) -> Iterator[tuple[int, bytes]]:
        """The user (1 first) and the command of every record, or of those of the user `wanted`."""
        for user, first in enumerate(self.users, start=1):
            for number in range(self.records if wanted in (None, user) else 0):
                yield user, read_command(first + number * self.size, self.size)


#: as hass-omron, omblepy and openScale list them; the models are the starts of Model Number (0x2A24)
MEMORIES = (
    Memory(("HEM-7138K", "HEM-7140T1", "HEM-7141T1", "HEM-7142T1", "HEM-7142T2"), PROTOCOL, (0x02E8,), 14, clock=_MODERN_CLOCK),
    Memory(
        ("HEM-7280T", "HEM-7281T", "HEM-7282T", "HEM-7321T", "HEM-7322T"),
        "omron-eeprom-packed",
        (0x02AC, 0x0824),
        100,
        clock=_CLASSIC_CLOCK,
    ),
    Memory(("HEM-7270C", "HEM-7271T", "HEM-7600T"), "omron-eeprom-packed", (0x02AC,), 100, clock=_CLASSIC_CLOCK),
    Memory(("HBF-222T", "HBF-227T", "HBF-228T", "HBF-230T"), "omron-body-composition", (0x02C0, 0x06A0, 0x0A80, 0x0E60), 30, size=32),
)


def memory_of(model: str) -> Memory | None:
    """The memory of a model, None where it is not known: nothing is read by guess."""
    return next((memory for memory in MEMORIES if model.startswith(memory.models)), None)


class Reader:
    """Asks for the clock and then for every record of one memory, one read after the other, each until it is answered."""

    def __init__(self, memory: Memory, user: int | None) -> None:
        self._clock = memory.clock
        asked = [] if memory.clock is None else [(0, read_command(memory.clock.address, memory.clock.size))]
        self._left = deque([*asked, *memory.reads(user)])
        self._tried = 0

    def command(self) -> bytes:
        """What to send now: the next read, or the end."""
        self._tried += 1
        if self._tried > TRIES:
            self._next()
        return self._left[0][1] if self._left else CLOSE

    @property
    def done(self) -> bool:
        """Whether all was read."""
        return not self._left

    def clock(self, address: int, data: bytes) -> tuple[datetime | None] | None:
        """The time in a reply from `address`, in a tuple; None when the reply is not that of the clock."""
        if self._clock is None or self._clock.address != address or len(data) != self._clock.size:
            return None
        self._take(address)
        return (self._clock.told(data),)

    def record(self, address: int) -> int | None:
        """The user whose record came from `address`; None when it was not asked for."""
        return self._take(address)

    def _take(self, address: int) -> int | None:
        if self._left and int.from_bytes(self._left[0][1][3:5], "big") == address:
            return self._next()
        return None

    def _next(self) -> int | None:
        self._tried = 0
        return self._left.popleft()[0] if self._left else None
