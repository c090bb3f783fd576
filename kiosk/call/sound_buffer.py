"""Receiving sound through loss: packets in order, none waited for longer than a conversation bears, and what is missing is concealed. Sans-IO.

aiortc's own buffer holds a lost packet's successors until sixteen have come (320 ms), and then leaves the hole.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.utils import uint16_add, uint32_add
from av import AudioFrame

from kiosk.call.opus import RATE, OpusDecoder, OpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiortc.rtp import RtpPacket
    from av.frame import Frame

#: seconds that packets wait for one that they have overtaken
PATIENCE: Final = 0.06
#: samples that are made up at most: longer, and speech that was never said would be heard
MADE_UP: Final = RATE // 10
#: packets; further away is a new start of the sender
CAPACITY: Final = 64
#: samples of a packet before one has said so
USUAL: Final = 960


class Piece(JitterFrame):
    """One packet's payload, and the payload type it came with; `missing` samples before it were lost."""

    def __init__(self, data: bytes, timestamp: int, missing: int, payload_type: int = 0) -> None:
        super().__init__(data, timestamp)
        self.missing, self.payload_type = missing, payload_type


class SoundBuffer(JitterBuffer):
    """aiortc's interface: `add` gives the next piece or None, `more` further ones. A late packet is dropped, its place was made up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(capacity=CAPACITY)
        self._clock = clock
        self._held: dict[int, tuple[RtpPacket, float]] = {}
        self._next: int | None = None
        self._before: tuple[int, int] | None = None  # sequence number and timestamp of the last piece
        self._length = USUAL
        self.origin: int | None = None  #: time stamp of the first piece given out, from which aiortc counts

    def add(self, packet: RtpPacket) -> tuple[bool, Piece | None]:
        """Take one packet; see the class."""
        sequence = packet.sequence_number
        ahead = 0 if self._next is None else uint16_add(sequence, -self._next)
        if self._next is None or CAPACITY <= ahead < 65_536 - CAPACITY:
            self._held.clear()
            self._next, self._before = sequence, None
        elif ahead >= CAPACITY:
            return False, None
        self._held[sequence] = (packet, self._clock())
        return False, next(self.more(), None)

    def more(self) -> Iterator[Piece]:
        """What may go out now."""
        while self._held and self._next is not None:
            if self._next not in self._held:
                origin = self._next
                following = min(self._held, key=lambda sequence: uint16_add(sequence, -origin))
                if self._clock() - min(at for _, at in self._held.values()) < PATIENCE:
                    return
                self._next = following
            yield self._take(self._next)

    def _take(self, sequence: int) -> Piece:
        packet, _ = self._held.pop(sequence)
        if self.origin is None:
            self.origin = packet.timestamp
        missing = 0
        if self._before is not None:
            lost = uint16_add(sequence, -self._before[0]) - 1
            passed = uint32_add(packet.timestamp, -self._before[1])
            if lost:  # a pause of the sender leaves no number out
                missing = min(lost * self._length, max(0, passed - self._length), MADE_UP)
            elif 0 < passed <= 2880:
                self._length = passed
        self._before, self._next = (sequence, packet.timestamp), uint16_add(sequence, 1)
        return Piece(getattr(packet, "_data", packet.payload), packet.timestamp, missing, packet.payload_type)


class ConcealingDecoder(Decoder):
    """Opus to frames of 48 kHz, mono; where pieces say that samples are missing, they are made up: the last 20 ms from the packet that came, if it has them."""

    def __init__(self) -> None:
        self._opus = OpusDecoder()
        self.made_up = 0  #: samples

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        """One frame a piece; none for octets that are no packet."""
        missing = getattr(encoded_frame, "missing", 0) // 120 * 120
        try:
            samples = self._fill(encoded_frame.data, missing) + self._opus.decode(encoded_frame.data)
        except OpusError:
            return []
        self.made_up += missing
        frame = AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
        frame.planes[0].update(samples)
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), encoded_frame.timestamp - missing
        return [frame]

    def _fill(self, following: bytes, missing: int) -> bytes:
        if not missing:
            return b""
        last = min(missing, USUAL)
        made = b"".join(self._opus.conceal(min(USUAL, missing - last - at)) for at in range(0, missing - last, USUAL))
        return made + self._opus.recover(following, last)
