"""An Omron device whose memory is read over Bluetooth: what its layouts of records share.

Protocol: services ecbe3980 and FE4A; frames, commands and memories as in `drivers.vendors.omron_memory`.

Of a model whose memory is known the booth reads the clock and every record of the configured user, and keeps the newest one: what it measured
before is nobody's concern here. A record that comes without having been asked for is decoded as it is.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.vendors.omron_memory import (
    BY_KEY,
    BY_TOKEN,
    CLASSIC,
    CLOSE,
    KEY,
    MODERN,
    OPEN,
    OPENED,
    OVERHEAD,
    PROTOCOL,
    READ_REPLY,
    RECEIVE,
    RECORD,
    SEND,
    TOKEN,
    WIDEST,
    Reader,
    is_frame,
    memory_of,
    read_command,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.device import Device
    from drivers.measurement import Frame, Reading, Refused

_TYPES = {0x0000: "open", 0x0100: "read", 0x0F00: "close", OPENED: "open-reply", READ_REPLY: "read-reply", 0x8F00: "close-reply"}


def classic() -> Gatt:
    """Cuffs and scales of the older service: frames in pieces, opened by the key of the pairing."""
    return Gatt(service=CLASSIC, notify=RECEIVE, protocol=PROTOCOL, write=SEND, unlock=BY_KEY, opening=(OPEN,), closing=(CLOSE,))


def modern() -> Gatt:
    """Those of the newer one. A device of the older service is known by its model number once it is paired."""
    return Gatt(
        service=MODERN,
        also=(CLASSIC,),
        notify=RECEIVE,
        protocol=PROTOCOL,
        write=SEND,
        unlock=BY_TOKEN,
        opening=(OPEN,),
        closing=(CLOSE,),
    )


class OmronDevice(Driver):
    """What all three layouts share: frames, their pieces, the commands, the reading of a whole memory."""

    sizes: ClassVar[tuple[int, ...]] = (RECORD,)
    proven_by: ClassVar[str] = "capture"

    def __init__(self) -> None:
        self._pieces: dict[str, bytes] = {}
        self._known: bool | None = None
        self._reader: Reader | None = None
        self._newest: Reading | None = None
        self._answer: tuple[bytes, ...] = ()

    @classmethod
    def for_model(cls, model: str) -> str:
        """The driver of the memory of this model."""
        memory = memory_of(model)
        return cls.name if memory is None else memory.driver

    def about(self, device: Device) -> None:
        """Take the model, which says where its records are, and the user who was configured."""
        memory = memory_of(device.model)
        self._known = memory is not None and memory.driver == self.name
        self._reader = Reader(memory, device.user) if memory is not None and self._known else None

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a link frame, a piece of one from its characteristic, or (source "omron-eeprom") a bare record."""
        data = frame.data
        if frame.source != PROTOCOL:
            whole = self._assembled(frame)
            if whole is None:
                yield self.reading(frame, settled=False, flags=("segment",))
                return
            data = whole
        elif len(data) in self.sizes and not is_frame(data):
            yield self._record(frame, data, ())
            return
        yield from self._frame(frame, data)

    def finish(self) -> Iterator[Reading | Refused]:
        """A reading that was cut short leaves the newest record that it came to."""
        newest, self._newest = self._newest, None
        return iter(() if newest is None else (newest,))

    def commands(self) -> tuple[bytes, ...]:
        """Open and close a session."""
        return (OPEN, CLOSE)

    def replies(self) -> tuple[bytes, ...]:
        """The next read, once the last one was answered; the end after the last."""
        answer, self._answer = self._answer, ()
        return answer

    def allows(self, command: bytes) -> bool:
        """Also reads of memory, and the unlocking of a session; a write of memory has another type and is never allowed."""
        if command in self.commands() or (len(command), command[:1]) in ((1 + KEY, b"\x01"), (TOKEN, b"\x11")):
            return True
        if len(command) != OVERHEAD or command[:3] != b"\x08\x01\x00":
            return False
        address, size = int.from_bytes(command[3:5], "big"), command[5]
        return address <= 0x3FFF and 1 <= size <= WIDEST and command == read_command(address, size)

    @abstractmethod
    def _record(self, frame: Frame, record: bytes, flags: tuple[str, ...], user: int | None = None) -> Reading:
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

    def _frame(self, frame: Frame, data: bytes) -> Iterator[Reading]:
        if not is_frame(data):
            self._ask()
            raise DecodeError("not a frame: the first byte is its length, and the exclusive or over all of it is 0")
        kind, address, size = int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:5], "big"), data[5]
        names = (f"frame-{_TYPES.get(kind, f'type-{kind:04x}')}", f"address-{address}", f"size-{size}")
        if kind != READ_REPLY:
            unknown = ("memory-of-this-model-unknown",) if kind == OPENED and self._known is False else ()
            if kind == OPENED:
                self._ask()
            yield self.reading(frame, settled=False, flags=(*names, *unknown))
            return
        memory = data[6:-2]
        if len(memory) != size:
            raise DecodeError(f"{len(memory)} bytes of memory, where the frame says {size}")
        if self._reader is None or self._reader.done:
            yield self._alone(frame, memory, names)
        else:
            yield from self._read(self._reader, frame, address, memory, names)

    def _alone(self, frame: Frame, memory: bytes, names: tuple[str, ...]) -> Reading:
        if len(memory) not in self.sizes:
            raise DecodeError(f"{len(memory)} bytes of memory, where a record has {' or '.join(map(str, self.sizes))}")
        return self._record(frame, memory, names)

    def _read(self, reader: Reader, frame: Frame, address: int, memory: bytes, names: tuple[str, ...]) -> Iterator[Reading]:
        """One reply of many: the clock is told at once, of the records the newest at the end. An empty slot is none."""
        if (told := reader.clock(address, memory)) is not None:
            yield self.reading(frame, settled=False, device_time=told[0], flags=(*names, "device-clock"))
        elif (user := reader.record(address)) is not None:
            self._keep_newer(frame, memory, names, user)
        self._ask()
        if reader.done and self._newest is not None:
            yield self._newest
            self._newest = None

    def _keep_newer(self, frame: Frame, memory: bytes, names: tuple[str, ...], user: int) -> None:
        try:
            record = self._record(frame, memory, names, user)
        except DecodeError:
            return
        before = None if self._newest is None else self._newest.device_time
        if record.device_time is not None and (before is None or record.device_time > before):
            self._newest = record

    def _ask(self) -> None:
        if self._reader is not None:
            self._answer = (self._reader.command(),)


def occupied(record: bytes) -> None:
    """Raise DecodeError where nothing was written."""
    if not any(record[:-2]) or all(byte == 0xFF for byte in record):
        raise DecodeError("an empty slot of the memory")


def word(record: bytes, at: int) -> int:
    """Two bytes of a record, the high one first."""
    return record[at] << 8 | record[at + 1]
