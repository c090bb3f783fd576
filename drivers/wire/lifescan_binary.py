"""LifeScan OneTouch Ultra Easy and Ultra Mini: the newest stored glucose result, in binary packets.

Protocol: glucometer-protocols, "LifeScan Shared Binary Protocol": 9600 baud 8N1; 02, length of the whole packet, link control, message, 03, CRC-16 CCITT (0x1021, first 0xFFFF,
little-endian). Link control: 01 send and 02 expect bit, 04 acknowledge, 08 disconnect, 10 more. The host opens by a disconnect, then each
question goes: question, the meter's acknowledgement, the meter's answer (05 06 ...), the host's acknowledgement; the bits alternate. 05 20 02 reads the clock, 05 1F and a
number reads a record, the newest being 0: seconds since 1970-01-01 by the meter's local clock, then mg/dL, both 32 bits. The meter
shows HI above 600 (it sends FFFF) and LO below 20. The booth asks for the newest record only: older ones are other people's. 05 1A clears the
memory and 05 20 01 sets the clock: neither is ever sent.
"""

from __future__ import annotations

import binascii
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.wire.framing import FrameStream
from drivers.wire.glucose import within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LOW, HIGH = 20, 600
STX, ETX, OVERHEAD = 0x02, 0x03, 6
SEND, EXPECT, ACKNOWLEDGE, DISCONNECT = 0x01, 0x02, 0x04, 0x08
READ_CLOCK, READ_NEWEST = b"\x05\x20\x02\x00\x00\x00\x00", b"\x05\x1f\x00\x00"
_OK = b"\x05\x06"
_LINK = ((SEND, "link-send"), (EXPECT, "link-expect"), (ACKNOWLEDGE, "acknowledge"), (DISCONNECT, "disconnect"), (0x10, "more"))
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the device's clock has no zone


def crc(data: bytes) -> int:
    """CRC-16 CCITT-FALSE: polynomial 0x1021, first value 0xFFFF, not reflected."""
    return binascii.crc_hqx(data, 0xFFFF)


def packet(link: int, message: bytes = b"") -> bytes:
    """A packet of the host."""
    head = bytes((STX, len(message) + OVERHEAD, link)) + message + bytes((ETX,))
    return head + crc(head).to_bytes(2, "little")


class LifescanBinary(FrameStream):
    """The packets. The buffer holds one packet, 255 bytes at most."""

    name = "lifescan-binary"
    models = ("LifeScan OneTouch Ultra Easy", "LifeScan OneTouch Ultra Mini")
    link = Serial("lifescan-binary", baud=9600, opening=(packet(DISCONNECT),))
    measures = ("glucose",)
    starts = bytes((STX,))
    proven_by: ClassVar[str] = "simulator"

    def __init__(self) -> None:
        super().__init__()
        self._bits = 0
        self._questions: list[bytes] = []
        self._replies: list[bytes] = []

    def commands(self) -> tuple[bytes, ...]:
        """Disconnect, then acknowledgements and two questions with every state of the two bits."""
        exchange = (
            packet(bits | link, message) for bits in range(4) for link, message in ((ACKNOWLEDGE, b""), (0, READ_CLOCK), (0, READ_NEWEST))
        )
        return packet(DISCONNECT), *exchange

    def replies(self) -> tuple[bytes, ...]:
        """The next question after a disconnect, the acknowledgement of an answer and the question after it."""
        replies, self._replies = tuple(self._replies), []
        return replies

    def size(self, data: bytearray) -> int | None:
        """A packet says its length."""
        if data[0] != STX:
            return 0
        if len(data) < 2:
            return None
        return data[1] if data[1] >= OVERHEAD else 0

    def frame(self, frame: Frame) -> Iterator[Reading]:
        """Decode one packet; one without a result is a Reading without measurements that names its link bits."""
        if frame.data[-3] != ETX:
            raise DecodeError("the packet does not end in ETX")
        if crc(frame.data[:-2]) != int.from_bytes(frame.data[-2:], "little"):
            raise DecodeError("wrong checksum")
        link, message = frame.data[2], frame.data[3:-3]
        if link & DISCONNECT:
            self._bits, self._questions = 0, [READ_CLOCK, READ_NEWEST]
            self._ask()
        elif link & ACKNOWLEDGE:
            self._bits ^= SEND
        elif message.startswith((_OK, b"\x0f")):
            self._bits ^= EXPECT
            self._replies.append(packet(self._bits | ACKNOWLEDGE))
            self._ask()
        yield self._reading(frame, link, message)

    def _ask(self) -> None:
        if self._questions:
            self._replies.append(packet(self._bits, self._questions.pop(0)))

    def _reading(self, frame: Frame, link: int, message: bytes) -> Reading:
        names = tuple(name for bit, name in _LINK if link & bit)
        if not message.startswith(_OK) or len(message) not in (6, 10):
            return self.reading(frame, settled=False, flags=names)
        try:
            taken = _EPOCH + timedelta(seconds=int.from_bytes(message[2:6], "little"))
        except OverflowError:
            taken = None
        if len(message) == 6:
            return self.reading(frame, settled=False, device_time=taken, flags=("device-clock", *names))
        glucose, flags = within(int.from_bytes(message[6:10], "little"), LOW, HIGH)
        return self.reading(frame, (glucose,), device_time=taken, flags=flags)
