"""Receiving through loss: a video buffer with a deadline, and requests for what is missing that are repeated. Sans-IO but for the clock.

aiortc's own buffer holds 512 packets without a limit in time, gives a picture out only when the next one begins, and asks once for a lost
packet; after a dip the picture stays seconds late for good.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.utils import uint16_add, uint16_gt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiortc.rtp import RtpPacket

#: seconds that a picture may wait for its missing packets; then the stream goes on at the next whole key frame
DEADLINE: Final = 0.4
#: seconds between two requests for a key frame
KEY_REST: Final = 0.3
#: packets that are held; a power of two, as aiortc has it
CAPACITY: Final = 1024

#: requests for one packet, seconds between them at least, and seconds after which it is given up
TRIES, REPEAT, GIVEN_UP = 10, 0.04, DEADLINE
#: a gap longer than this is no loss but a new start
LONGEST_GAP: Final = 500


def starts_key_frame(data: bytes) -> bool:
    """Whether a depayloaded packet that begins a picture begins a key frame: H.264 with start codes (SPS or IDR), or VP8 (RFC 6386 9.1)."""
    if data.startswith(b"\0\0\0\1"):
        return len(data) > 4 and data[4] & 0x1F in (5, 7)
    return bool(data) and not data[0] & 1


class Picture(JitterFrame):
    """One encoded picture, and the payload type it came with."""

    def __init__(self, data: bytes, timestamp: int, payload_type: int) -> None:
        super().__init__(data, timestamp)
        self.payload_type = payload_type


class DeadlineBuffer(JitterBuffer):
    """aiortc's interface (`add` returns "ask for a key frame" and a picture or None), with a marker bit that ends a picture and a deadline.

    A picture goes out as soon as it is whole. When the next one is not whole after `DEADLINE`, everything up to a whole key frame is
    thrown away and a key frame asked for: a frozen picture is honest, a torn one is not.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(capacity=CAPACITY, is_video=True)
        self._clock = clock
        self._held: dict[int, RtpPacket] = {}
        self._begun = False
        self._next = 0
        self._blocked: float | None = None
        self._waiting_key = False
        self._asked = float("-inf")

    def add(self, packet: RtpPacket) -> tuple[bool, Picture | None]:
        """Take one packet; see the class."""
        now, sequence = self._clock(), packet.sequence_number
        if not self._begun:
            self._begun, self._next = True, sequence
        if uint16_gt(self._next, sequence):
            return self._ask(now), None
        if uint16_add(sequence, -self._next) >= CAPACITY:
            self._held.clear()
            self._next, self._waiting_key, self._blocked = sequence, True, None
        self._held[sequence] = packet
        if self._waiting_key:
            self._seek_key()
        frame = None if self._waiting_key else self._take()
        if frame or not self._held:
            self._blocked = now if self._held else None
        elif self._blocked is None:
            self._blocked = now
        elif now - self._blocked > DEADLINE:
            self._waiting_key, self._blocked = True, now
            self._seek_key()
            frame = None if self._waiting_key else self._take()
        return self._ask(now), frame

    def _ask(self, now: float) -> bool:
        if self._waiting_key and now - self._asked > KEY_REST:
            self._asked = now
            return True
        return False

    def more(self) -> Iterator[Picture]:
        """Further pictures that are whole by now: a packet that was waited for may complete several."""
        while not self._waiting_key and (picture := self._take()):
            self._blocked = self._clock() if self._held else None
            yield picture

    def _take(self) -> Picture | None:
        packets: list[RtpPacket] = []
        sequence = self._next
        while (packet := self._held.get(sequence)) is not None:
            if packets and packet.timestamp != packets[0].timestamp:
                break
            packets.append(packet)
            sequence = uint16_add(sequence, 1)
            if packet.marker:
                break
        else:
            return None
        for packet in packets:
            del self._held[packet.sequence_number]
        self._next = sequence
        return Picture(b"".join(_data(one) for one in packets), packets[0].timestamp, packets[0].payload_type)

    def _seek_key(self) -> None:
        """Forget what comes before the newest start of a key frame."""
        origin = self._next
        ordered = sorted(self._held, key=lambda sequence: uint16_add(sequence, -origin))
        begins = [sequence for sequence in ordered if starts_key_frame(_data(self._held[sequence])) and self._starts_picture(sequence)]
        if not begins:
            return
        for sequence in ordered:
            if uint16_gt(begins[-1], sequence):
                del self._held[sequence]
        self._next, self._waiting_key = begins[-1], False

    def _starts_picture(self, sequence: int) -> bool:
        before = self._held.get(uint16_add(sequence, -1))
        return before is None or before.timestamp != self._held[sequence].timestamp


def _data(packet: RtpPacket) -> bytes:
    """What the receiver's depayloader left on the packet."""
    data: bytes = vars(packet).get("_data", b"")
    return data


@dataclass
class _Missing:
    since: float
    asked: float
    tries: int = 1


@dataclass
class Requests:
    """Which packets to ask for again (RFC 4585 generic NACK). aiortc's interface: `add`, then `missing` is what to ask for at once.

    `again` is called by a timer and gives what is still missing and due. `round_trip` in seconds, when it is known.
    """

    clock: Callable[[], float] = time.monotonic
    round_trip: float = 0.1
    missing: set[int] = field(default_factory=set)
    source: int | None = None
    _open: dict[int, _Missing] = field(default_factory=dict)
    _highest: int | None = None

    def add(self, packet: RtpPacket) -> bool:
        """Note a packet; True when it shows a new gap."""
        now, sequence = self.clock(), packet.sequence_number
        self.source = packet.ssrc
        self.missing = set()
        if self._highest is None or uint16_add(sequence, -self._highest) in range(LONGEST_GAP, 0x8000):
            self._highest = sequence
            self._open.clear()
        elif uint16_gt(sequence, self._highest):
            gap = uint16_add(self._highest, 1)
            while gap != sequence:
                self.missing.add(gap)
                self._open[gap] = _Missing(now, now)
                gap = uint16_add(gap, 1)
            self._highest = sequence
        else:
            self._open.pop(sequence, None)
        return bool(self.missing)

    def again(self) -> list[int]:
        """What to ask for once more now; what is too old is given up."""
        now = self.clock()
        self._open = {number: one for number, one in self._open.items() if now - one.since < GIVEN_UP and one.tries < TRIES}
        due = [number for number, one in self._open.items() if now - one.asked > max(REPEAT, self.round_trip * 1.1)]
        for number in due:
            self._open[number].asked = now
            self._open[number].tries += 1
        return sorted(due)
