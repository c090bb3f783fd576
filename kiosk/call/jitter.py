"""Receiving through loss: a video buffer with a deadline, and requests for what is missing that are repeated. Sans-IO but for the clock.

aiortc's own buffer holds 512 packets without a limit in time, gives a picture out only when the next one begins, and asks once for a lost
packet; after a dip the picture stays seconds late for good.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.utils import uint16_add, uint16_gt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiortc.rtp import RtpPacket

#: seconds that a picture waits for packets that were overtaken; then the stream goes on at the next key frame. More where the way is long:
#: a request and its answer must fit in several times
DEADLINE, LONGEST_DEADLINE, TRIPS = 0.4, 0.9, 2.5
#: seconds between two requests for a key frame: on a thin link one takes most of that time to come
KEY_REST: Final = 0.7
#: packets that are held; a power of two, as aiortc has it
CAPACITY: Final = 1024

#: NAL unit types of RFC 6184: STAP-A and FU-A
AGGREGATE, FRAGMENT = 24, 28

#: requests for one packet, seconds between them at least, and seconds after which it is given up
TRIES, REPEAT, GIVEN_UP = 10, 0.04, LONGEST_DEADLINE
#: packets of a gap that are asked for; a longer one is no loss
LONGEST_GAP: Final = 500
#: how late a packet may be to be nothing but late; and how many in a row from elsewhere are a new start of the sender
LATE, STRANGE = 2000, 20


def starts_key_frame(codec: str, payload: bytes) -> bool:
    """Whether an RTP payload can be the first of a key frame: VP8 (RFC 7741 section 4.2) or H.264 (RFC 6184 section 5.2, SPS or IDR)."""
    if codec == "H264":
        kind = payload[0] & 0x1F if payload else 0
        if kind == AGGREGATE:
            kind = payload[3] & 0x1F if len(payload) > 3 else 0
        elif kind == FRAGMENT:
            kind = payload[1] & 0x1F if len(payload) > 1 and payload[1] & 0x80 else 0
        return kind in (5, 7)
    try:
        descriptor, data = VpxPayloadDescriptor.parse(payload)
    except ValueError:
        return False
    return bool(descriptor.partition_start and descriptor.partition_id == 0 and data and not data[0] & 1)


class Picture(JitterFrame):
    """One encoded picture, and the payload type it came with."""

    def __init__(self, data: bytes, timestamp: int, payload_type: int) -> None:
        super().__init__(data, timestamp)
        self.payload_type = payload_type


class DeadlineBuffer(JitterBuffer):
    """aiortc's interface (`add` returns "ask for a key frame" and a picture or None), with a marker bit that ends a picture and a deadline.

    A picture goes out as soon as it is whole. When a packet that others have overtaken is still missing at the deadline, everything up to
    the next key frame is thrown away and a key frame asked for: a frozen picture is honest, a torn one is not. A picture that only
    comes slowly is waited for. `round_trip` in seconds, when it is known; `codec` names the codec of a payload type.
    """

    round_trip = 0.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(capacity=CAPACITY, is_video=True)
        self._clock = clock
        self._held: dict[int, RtpPacket] = {}
        self._begun = False
        self._strange = 0
        self._next = 0
        self._blocked: float | None = None
        self._waiting_key = False
        self._asked = float("-inf")
        self.origin: int | None = None  #: time stamp of the first picture given out, from which aiortc counts
        self.codec: Callable[[int], str] = lambda _: "VP8"

    def add(self, packet: RtpPacket) -> tuple[bool, Picture | None]:
        """Take one packet; see the class."""
        now, sequence = self._clock(), packet.sequence_number
        if not self._begun:
            self._begun, self._next = True, sequence
        ahead = uint16_add(sequence, -self._next)
        if ahead >= CAPACITY and not self._elsewhere(sequence, ahead):
            return self._ask(now), None
        self._strange = 0
        self._held[sequence] = packet
        if self._waiting_key:
            self._seek_key()
        frame = None if self._waiting_key else self._take()
        behind = None if frame or self._waiting_key else self._overtaken()
        if behind is None:
            self._blocked = None
        elif self._blocked is None:
            self._blocked = now
        elif now - self._blocked > min(LONGEST_DEADLINE, max(DEADLINE, TRIPS * self.round_trip)):
            self._waiting_key, self._blocked = True, None
            self._forget_before(behind)
            self._seek_key()
            frame = None if self._waiting_key else self._take()
        return self._ask(now), frame

    def _overtaken(self) -> int | None:
        """The first packet that has overtaken a missing one, None when none has."""
        sequence = self._next
        while sequence in self._held:
            sequence = uint16_add(sequence, 1)
        beyond = [number for number in self._held if uint16_gt(number, sequence)]
        return min(beyond, key=lambda number: uint16_add(number, -sequence)) if beyond else None

    def _forget_before(self, sequence: int) -> None:
        for number in [number for number in self._held if uint16_gt(sequence, number)]:
            del self._held[number]
        self._next = sequence

    def _elsewhere(self, sequence: int, ahead: int) -> bool:
        """Whether the stream goes on far from here: a few packets out of place are thrown away, many are a new start."""
        if ahead < 65_536 - LATE:
            self._strange += 1
        if self._strange < STRANGE:
            return False
        self._held.clear()
        self._next, self._waiting_key, self._blocked = sequence, True, None
        return True

    def _ask(self, now: float) -> bool:
        if self._waiting_key and now - self._asked > KEY_REST:
            self._asked = now
            return True
        return False

    def more(self) -> Iterator[Picture]:
        """Further pictures that are whole by now: a packet that was waited for may complete several."""
        while not self._waiting_key and (picture := self._take()):
            self._blocked = None
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
        if self.origin is None:
            self.origin = packets[0].timestamp
        return Picture(b"".join(_data(one) for one in packets), packets[0].timestamp, packets[0].payload_type)

    def _seek_key(self) -> None:
        """Forget what comes before the newest start of a key frame."""
        origin = self._next
        ordered = sorted(self._held, key=lambda sequence: uint16_add(sequence, -origin))
        begins = [sequence for sequence in ordered if self._starts_key_frame(sequence)]
        if begins:
            self._forget_before(begins[-1])
            self._waiting_key = False

    def _starts_key_frame(self, sequence: int) -> bool:
        packet, before = self._held[sequence], self._held.get(uint16_add(sequence, -1))
        if before and before.timestamp == packet.timestamp:
            return False
        return starts_key_frame(self.codec(packet.payload_type), packet.payload)


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

    `again` is called by a timer, from `on_gap` on and while any are `waiting`, and gives what is still missing and due. `round_trip` in seconds,
    when it is known.
    """

    clock: Callable[[], float] = time.monotonic
    round_trip: float = 0.1
    on_gap: Callable[[], None] = lambda: None
    missing: set[int] = field(default_factory=set)
    source: int | None = None
    _open: dict[int, _Missing] = field(default_factory=dict)
    _highest: int | None = None
    _strange: int = 0

    def add(self, packet: RtpPacket) -> bool:
        """Note a packet; True when it shows a new gap."""
        now, sequence = self.clock(), packet.sequence_number
        self.source = packet.ssrc
        self.missing = set()
        ahead = 0 if self._highest is None else uint16_add(sequence, -self._highest)
        if LONGEST_GAP <= ahead < 65_536 - LATE:
            self._strange += 1
            if self._strange < STRANGE:
                return False
            self._highest = None
            self._open.clear()
        self._strange = 0
        if self._highest is None:
            self._highest = sequence
        elif ahead < LONGEST_GAP:
            self.missing = {uint16_add(self._highest, step) for step in range(1, ahead)}
            self._open.update((gap, _Missing(now, now)) for gap in self.missing)
            self._highest = sequence
            if self.missing:
                self.on_gap()
        else:
            self._open.pop(sequence, None)
        return bool(self.missing)

    @property
    def oldest(self) -> float | None:
        """Since when the oldest packet is missing that is still asked for; None when none is."""
        return min((one.since for one in self._open.values()), default=None)

    @property
    def waiting(self) -> bool:
        """Whether any packet that was asked for has neither come nor been given up."""
        return bool(self._open)

    def again(self) -> list[int]:
        """What to ask for once more now; what is too old is given up."""
        now = self.clock()
        self._open = {number: one for number, one in self._open.items() if now - one.since < GIVEN_UP and one.tries < TRIES}
        due = [number for number, one in self._open.items() if now - one.asked > max(REPEAT, self.round_trip * 1.1)]
        for number in due:
            self._open[number].asked = now
            self._open[number].tries += 1
        return sorted(due)
