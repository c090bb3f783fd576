"""Omron cuffs and scales whose memory is read: older models without the standard profile.

Protocol: service ecbe3980; a frame is cut into pieces of 16 bytes over four characteristics. `length type(2) address(2, big-endian) size data status
xor`, the exclusive or over the whole frame is 0. `08 00 00 00 00 10 00 18` opens, `01 00` asks for memory (the reply is `81 00`), `08 0F ... 07`
closes. A session needs the key that the technician's pairing stored (b305b680: 01 and 16 bytes). As in the public projects omblepy, hass-omron
and openScale.

Only reads are ever sent: calibration lives in the same memory. One read asks for one record. Three layouts of records are known: with
little-endian fields (HEM-7142T2 and kin), packed big-endian (HEM-7322T, HEM-7600T and kin: `omron-eeprom-packed`), and body composition
(HBF-702T, HBF-222T and kin: `omron-body-composition`).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from drivers.checksums import xor8
from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import scaled
from drivers.measurement import Absent, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

PROTOCOL = "omron-eeprom"
_BASE = "-aee8-11e1-a74d-0002a5d5c51b"
RECEIVE = tuple(start + _BASE for start in ("49123040", "4d0bf320", "5128ce60", "560f1420"))
SEND = "db5b55e0" + _BASE
UNLOCK = "b305b680" + _BASE
OVERHEAD, RECORD, WIDEST, KEY = 8, 14, 0x20, 16
OPEN, CLOSE = bytes.fromhex("0800000000100018"), bytes.fromhex("080f000000000007")
READ, READ_REPLY = 0x0100, 0x8100
_TYPES = {0x0000: "open", READ: "read", 0x0F00: "close", 0x8000: "open-reply", READ_REPLY: "read-reply", 0x8F00: "close-reply"}
#: the first byte of a record above this marks an empty slot
FULLEST = 0xE1


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
    """What proves to the device (on UNLOCK) that it is paired with this booth; `key` is the 16 bytes of the pairing.

    Raises:
        ValueError: the key is not 16 bytes long.
    """
    if len(key) != KEY:
        raise ValueError(f"a key of {len(key)} bytes in place of {KEY}")
    return b"\x01" + key


@dataclass(frozen=True, slots=True)
class Memory:
    """Where models keep their records: `users` are the addresses of each user's first record, `driver` decodes what is read there."""

    models: tuple[str, ...]
    driver: str
    users: tuple[int, ...]
    records: int
    size: int = RECORD

    def reads(self) -> Iterator[tuple[int, bytes]]:
        """The user (1 first) and the command of every record."""
        for user, first in enumerate(self.users, start=1):
            for number in range(self.records):
                yield user, read_command(first + number * self.size, self.size)


#: as hass-omron and openScale list them; the models are the starts of Model Number (0x2A24)
MEMORIES = (
    Memory(("HEM-7138K", "HEM-714"), PROTOCOL, (0x02E8,), 14),
    Memory(("HEM-7321T", "HEM-7322T", "HEM-7280T"), "omron-eeprom-packed", (0x02AC, 0x0824), 100),
    Memory(("HEM-7270C", "HEM-7271T", "HEM-7600T"), "omron-eeprom-packed", (0x02AC,), 100),
    Memory(("HBF-222T", "HBF-227T", "HBF-228T", "HBF-230T"), "omron-body-composition", (0x02C0, 0x06A0, 0x0A80, 0x0E60), 30, size=32),
)


def memory_of(model: str) -> Memory | None:
    """The memory of a model, None where it is not known: nothing is read by guess."""
    return next((memory for memory in MEMORIES if model.startswith(memory.models)), None)


def _when(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    try:
        return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - the device's clock has no zone
    except ValueError:
        return None


class _Memory(Driver):
    """What all three layouts share: frames, their pieces, the commands."""

    sizes: ClassVar[tuple[int, ...]] = (RECORD,)
    proven_by: ClassVar[str] = "capture"

    def __init__(self) -> None:
        self._pieces: dict[str, bytes] = {}

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a link frame, a piece of one from its characteristic, or (source "omron-eeprom") a bare record."""
        data = frame.data
        if frame.source != PROTOCOL:
            whole = self._assembled(frame)
            if whole is None:
                yield self.reading(frame, settled=False, flags=("segment",))
                return
            data = whole
        elif len(data) in self.sizes and not _is_frame(data):
            yield self._record(frame, data, ())
            return
        yield self._frame(frame, data)

    def commands(self) -> tuple[bytes, ...]:
        """Open and close a session."""
        return (OPEN, CLOSE)

    def allows(self, command: bytes) -> bool:
        """Also reads of memory, and the unlocking of a session; a write of memory has another type and is never allowed."""
        if command in self.commands() or (len(command) == 1 + KEY and command[0] == 0x01):
            return True
        if len(command) != OVERHEAD or command[:3] != b"\x08\x01\x00":
            return False
        address, size = int.from_bytes(command[3:5], "big"), command[5]
        return address <= 0x3FFF and 1 <= size <= WIDEST and command == read_command(address, size)

    @abstractmethod
    def _record(self, frame: Frame, record: bytes, flags: tuple[str, ...]) -> Reading:
        """Decode one record."""

    def _assembled(self, frame: Frame) -> bytes | None:
        """Put the piece of a characteristic to its place; the whole frame when it is complete."""
        if frame.source == RECEIVE[0]:
            self._pieces.clear()
        self._pieces[frame.source] = frame.data
        data = b"".join(self._pieces.get(source, b"") for source in RECEIVE)
        first = self._pieces.get(RECEIVE[0])
        if not first:
            raise DecodeError("a piece without the first one")
        if len(data) < first[0]:
            return None
        self._pieces.clear()
        return data[: first[0]]

    def _frame(self, frame: Frame, data: bytes) -> Reading:
        if not _is_frame(data):
            raise DecodeError("not a frame: the first byte is its length, and the exclusive or over all of it is 0")
        kind, address, size = int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:5], "big"), data[5]
        names = (f"frame-{_TYPES.get(kind, f'type-{kind:04x}')}", f"address-{address}", f"size-{size}")
        if kind != READ_REPLY:
            return self.reading(frame, settled=False, flags=names)
        record = data[6:-2]
        if len(record) != size:
            raise DecodeError(f"{len(record)} bytes of memory, where the frame says {size}")
        if size not in self.sizes:
            raise DecodeError(f"{size} bytes of memory, where a record has {' or '.join(map(str, self.sizes))}")
        return self._record(frame, record, names)


def _is_frame(data: bytes) -> bool:
    return len(data) >= OVERHEAD and data[0] == len(data) and not xor8(data)


def _link(*names: str) -> Gatt:
    return Gatt(
        service="ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b",
        notify=RECEIVE,
        names=names,
        protocol=PROTOCOL,
        write=SEND,
        opening=(OPEN,),
        closing=(CLOSE,),
    )


def _occupied(record: bytes) -> None:
    if not any(record[:-2]) or all(byte == 0xFF for byte in record):
        raise DecodeError("an empty slot of the memory")


def _pressures(systolic: int, diastolic: int, pulse: int) -> tuple[Measurement, ...]:
    return (
        Measurement("systolic", scaled(systolic + 25, "1"), "mm[Hg]"),
        Measurement("diastolic", scaled(diastolic, "1"), "mm[Hg]"),
        Measurement("pulse-rate", scaled(pulse, "1"), "/min"),
    )


def _marks(irregular: int, moved: int, cuff: int) -> tuple[str, ...]:
    marks = ((irregular, "irregular-pulse"), (moved, "body-movement"), (cuff, "cuff-fit-ok"))
    return tuple(name for mark, name in marks if mark)


class _Cuff(_Memory):
    """Cuffs: both layouts hold the same two words of date and time, in their own byte order."""

    measures: ClassVar[tuple[str, ...]] = ("systolic", "diastolic", "pulse-rate")

    def _cuff(self, frame: Frame, pressures: tuple[int, int, int, int], words: tuple[int, int], flags: tuple[str, ...]) -> Reading:
        """Make the Reading of raw systolic, diastolic, pulse rate and year, and of the words of the date and of the time."""
        systolic, diastolic, pulse, year = pressures
        date, time = words
        if systolic > FULLEST:
            raise DecodeError("an empty slot of the memory")
        when = _when(year, date >> 10 & 0x0F, date >> 5 & 0x1F, date & 0x1F, time >> 6 & 0x3F, min(time & 0x3F, 59))
        names = flags + _marks(date >> 14 & 1, date >> 15, time >> 12 & 1)
        return self.reading(frame, tuple(_pressures(systolic, diastolic, pulse)), device_time=when, flags=names)


class OmronEeprom(_Cuff):
    """Cuffs with little-endian records."""

    name = PROTOCOL
    models = ("Omron HEM-7142T2 and others of its record layout",)
    link = _link()

    def _record(self, frame: Frame, record: bytes, flags: tuple[str, ...]) -> Reading:
        _occupied(record)
        words = record[4] | record[5] << 8, record[6] | record[7] << 8
        return self._cuff(frame, (record[0], record[1], record[2], record[3] & 0x3F), words, flags)


class OmronEepromPacked(_Cuff):
    """Cuffs with records packed big-endian."""

    name = "omron-eeprom-packed"
    models: ClassVar[tuple[str, ...]] = ("Omron HEM-7322T, HEM-7600T",)
    link = _link()
    quirk = True

    def _record(self, frame: Frame, record: bytes, flags: tuple[str, ...]) -> Reading:
        _occupied(record)
        words = _word(record, 4), _word(record, 6)
        return self._cuff(frame, (record[1], record[0], record[3], record[2]), words, flags)


class OmronBodyComposition(_Memory):
    """Scales whose records of 48 or 32 bytes hold body composition. A field of 0 was not measured; a weight of 0 is an empty slot."""

    name = "omron-body-composition"
    models = ("Omron HBF-702T (48 bytes)", "Omron HBF-222T, HBF-227T, HBF-228T (32 bytes)")
    link = _link()
    measures = ("weight", "body-fat", "skeletal-muscle", "bmi", "basal-metabolism", "visceral-fat", "body-age")
    quirk = True
    sizes = (48, 32)
    proven_by = "specification"

    def _record(self, frame: Frame, record: bytes, flags: tuple[str, ...]) -> Reading:
        _occupied(record)
        weight, day_and_hour = _word(record, 26) >> 4, _word(record, 12)
        clock = day_and_hour >> 6 & 0x1F, record[9] & 0x3F, record[13] & 0x3F
        when = _when(record[7] & 0x3F, record[11] & 0x0F, day_and_hour >> 11, *clock)
        if not weight or when is None:
            raise DecodeError("an empty slot of the memory")
        values = (
            Measurement("weight", scaled(weight, "0.05"), "kg"),
            _optional("body-fat", _word(record, 2) >> 6, "0.1", "%"),
            _optional("skeletal-muscle", _word(record, 6) >> 6, "0.1", "%"),
            _optional("bmi", _word(record, 8) >> 6, "0.1", "kg/m2"),
            _optional("basal-metabolism", _word(record, 4) >> 4, "1", "kcal"),
            _optional("visceral-fat", record[3] & 0x3F, "0.5" if len(record) == 48 else "1", "1"),
            _optional("body-age", record[10] & 0x7F, "1", "a"),
        )
        return self.reading(frame, tuple(values), device_time=when, flags=flags)


def _word(record: bytes, at: int) -> int:
    return record[at] << 8 | record[at + 1]


def _optional(vital: str, raw: int, step: str, unit: str) -> Measurement:
    return Measurement(vital, scaled(raw, step) if raw else Absent.NOT_PERFORMED, unit)
