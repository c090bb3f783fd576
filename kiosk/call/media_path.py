"""The way of one call's media: every packet is numbered and its fate is heard of, video is paced, sound goes at once.

Joins pacer, feedback and rate control to aiortc's transport. The parts of aiortc that are replaced are in upstream/.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiortc.rtp import RTCP_BYE, RTCP_PSFB_APP, RtcpPsfbPacket, is_rtcp, pack_remb_fci

from kiosk.call import transport_feedback
from kiosk.call.awake import AwakeClock
from kiosk.call.delay_rate import STORM, Result
from kiosk.call.incoming import LITTLE, PLENTY, Incoming
from kiosk.call.pacer import Pacer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiortc import RTCDtlsTransport

    from kiosk.call.bandwidth import RateController
    from kiosk.call.sync import Kind

#: how often the other side is told what came, in seconds, and where that alone would fill the link
TELL, TELL_THIN = 0.08, 0.2
#: video leaves this much faster than it is made: from this many bit/s on, and from so many on where no limit is known
HASTE, FAST, FASTEST = (1.5, 0), (2.5, 100_000), (5.0, 600_000)
#: below this much of the booth's own picture the other side's gives way too (REMB), bit/s
THIN: Final = 32_000
#: seconds between two wishes of the same, how much is not the same, and for how long it is said that there is no limit any more
WISH, SAME, INSIST = 0.25, 0.05, 2.0
#: how much faster a still leaves while the queue is shorter than so many seconds
EASY, EMPTY = 2.0, 0.03
#: the slowest pace; below `THIN` pictures are single
SLOWEST: Final = 12_000
#: without news of a packet for this long, beside the round trip and the time between two feedbacks, no video is sent: the way may be
#: blocked. Pictures that waited for longer are given up. In seconds
HOLD, GIVEN_UP = 0.12, 0.4
#: how often a browser tells what came, at the least (s): so long the next feedback is waited for at most
RAREST: Final = 0.25
#: while nothing may leave, how often it is looked whether it may: s
LOOK: Final = 0.01
#: a queue in s from which nothing of a picture is added to it
QUEUED: Final = 0.15
#: below this rate pictures are so few that a lost one is not sent again, bit/s
LEAST_FOR_REPAIR: Final = 20_000
#: seconds after which a lost packet's picture is not worth showing any more
STALE: Final = 1.0
#: seconds that a lost packet may take to be repaired, as far as what is told of it is concerned
REPAIRED_BY: Final = 0.3
#: a gap is seen a moment after the packet behind it has come: s
SEEN_AFTER: Final = 0.02
#: packets whose fate is awaited
AWAITED: Final = 2048

_EXTENSION = struct.Struct("!HH")
_ONE_BYTE: Final = 0xBEDE
#: RTP header, extension header, and the octet with identifier and length come before the number (RFC 3550, RFC 8285)
_NUMBER_AT: Final = 17
#: the highest bit of an RTP packet's second octet: a picture's last packet (RFC 6184, RFC 7741)
_MARKER: Final = 0x80


@dataclass(slots=True)
class _Sent:
    at: float
    awake: float
    octets: int
    number: int


class MediaPath:
    """One a call. `send` and the two `received` are put in the place of the transport's own by `upstream.travel`."""

    def __init__(self, control: RateController, clock: Callable[[], float] = time.monotonic) -> None:
        self._control = control
        self.clock, self._awake = clock, AwakeClock(clock)
        self._pacer = Pacer(self._pace_for(max(control.target, SLOWEST)))
        self._arrivals = transport_feedback.Arrivals()
        self._awaited: dict[int, _Sent] = {}
        self._made: dict[bytes, float] = {}
        self._number = 0
        self._out: Callable[[bytes], Awaitable[None]] | None = None
        self._waiting = asyncio.Event()
        self._unheard: float | None = None  # since when, by the clock that stands while this process does
        self._heard_at, self._interval = self._awake(), RAREST
        self._held_at: float | None = None
        self._small = control.target < LEAST_FOR_REPAIR
        self._incoming = Incoming(clock())
        self._wished, self._wish, self._wish_new = PLENTY, 0.0, float("-inf")
        self.stamp: int | None = None  #: of the header extension that says when a packet was sent, once it is negotiated
        self.transports: set[RTCDtlsTransport] = set()  #: whose packets go by this path
        self.identifier: int | None = None  #: of the header extension, once it is negotiated
        self.video_sources: set[int] = set()  #: SSRCs of what is sent as video
        self.retransmitted: int | None = None  #: SSRC of retransmissions
        self.own_source = 0  #: SSRC that feedbacks are sent under
        self._their_source = self._their_video = bytes(4)
        self.kinds: dict[int, Kind] = {}  #: of the payload types that come
        self.recorded: int | None = None  #: of the header extension that says when a packet's content was recorded, once it is negotiated
        self.on_recorded: Callable[[Kind, int, int], None] = lambda _kind, _ntp, _timestamp: None
        self.arrived = clock()  #: when anything came last
        self.left: float | None = None  #: when the other side said farewell
        self.heard = asyncio.Event()  #: set when the other side numbers its packets too
        self.repairing: Callable[[], float | None] = lambda: None  #: since when the oldest packet is missing that was asked for again

    @property
    def full(self) -> bool:
        """Whether the next picture had better not be coded; asked on the encoder's thread."""
        return self._pacer.full or self._stopped

    @property
    def _stopped(self) -> bool:
        """Whether no video leaves now."""
        return self.blocked or (self._control.tells and self._control.queue > QUEUED)

    @property
    def blocked(self) -> bool:
        """Whether nothing was heard of what was sent for too long, from a side that has been heard."""
        since, patience = self._unheard, HOLD + self._interval + self._control.round_trip
        return since is not None and self._control.tells and self._awake() - since > patience

    @property
    def given_up(self) -> bool:
        """Whether that has gone on for so long that pictures were thrown away."""
        return self._held_at is not None and self.clock() - self._held_at > GIVEN_UP

    async def send(self, data: bytes, out: Callable[[bytes], Awaitable[None]]) -> None:
        """Send a packet by `out`, the transport's own way: reports and sound at once, video at its pace."""
        if is_rtcp(data) or not self._is_video(data):
            self._out = out
            await out(data if is_rtcp(data) else self._numbered(data, video=False))
            return
        self._out = out
        again = struct.unpack_from("!L", data, 8)[0] == self.retransmitted
        if again and (self.blocked or not self._worth_repairing(data)):
            return
        if not again:
            self._made[data[2:4]] = self.clock()
            if len(self._made) > AWAITED:
                del self._made[next(iter(self._made))]
        self._pacer.put(data, first=again)
        await self._empty(out)
        if self._pacer.wait(0) is not None:
            self._waiting.set()

    def _pace_for(self, target: float) -> float:
        if target < THIN:  # a still: its own rate, and more while nothing stands on a way that is not known to be thin
            return target * (EASY if self._control.queue < EMPTY and not self._control.thin else 1.0)
        steps = (HASTE, FAST, FASTEST) if self._control.free else (HASTE, FAST)
        return target * max(haste for haste, least in steps if target >= least)

    def _worth_repairing(self, data: bytes) -> bool:
        """Whether a packet is sent again: not when as much waits already, nor when its picture is too old to be shown."""
        at = 12 + (4 + 4 * int.from_bytes(data[14:16]) if data[0] & 0x10 else 0)  # RFC 4588 section 4: the number it had comes first
        made = self._made.get(data[at : at + 2], float("-inf"))
        return not self.full and self._control.target >= LEAST_FOR_REPAIR and self.clock() - made < STALE

    async def _empty(self, out: Callable[[bytes], Awaitable[None]]) -> None:
        self._pacer.rate = self._pace_for(max(self._control.target, SLOWEST))
        while not self._stopped and (packet := self._pacer.take(self.clock())) is not None:
            await out(self._numbered(packet, video=True))

    async def run(self) -> None:
        """Send what the pacer held back, and tell what came, until cancelled."""
        await asyncio.gather(self._pace(), self._tell())

    async def _pace(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._waiting.wait()
                while (wait := self._pacer.wait(self.clock())) is not None:
                    await asyncio.sleep(LOOK if self._stopped else wait)
                    if self._out:
                        await self._empty(self._out)
                self._waiting.clear()

    def _is_video(self, data: bytes) -> bool:
        return struct.unpack_from("!L", data, 8)[0] in self.video_sources

    def _numbered(self, data: bytes, *, video: bool) -> bytes:
        if self.identifier is None or not data[0] & 0x10 or data[_NUMBER_AT - 1] != self.identifier << 4 | 1:
            return data
        number, self._number = self._number, self._number + 1
        if self._unheard is None:
            self._unheard = self._awake()
        self._awaited[number & 0xFFFF] = _Sent(self.clock(), self._awake(), len(data) if video else 0, number)
        if len(self._awaited) > AWAITED:
            del self._awaited[next(iter(self._awaited))]
        return b"".join((data[:_NUMBER_AT], (number & 0xFFFF).to_bytes(2), data[_NUMBER_AT + 2 :]))

    def received(self, data: bytes) -> None:
        """Note a media packet that came."""
        self.arrived = self.clock()
        number = _extension(data, self.identifier, 2)
        if number is None:
            return
        kind = self.kinds.get(data[1] & 0x7F)
        video = kind == "video"
        self._arrivals.note(int.from_bytes(number), self.arrived, video=video, last=video and data[1] >= _MARKER)
        self._their_source = data[8:12]
        if video:
            self._their_video = self._their_source
        # 16 octets: with an offset between two clocks, which is the same for both streams
        recorded = _extension(data, self.recorded, 8, 16)
        if kind and recorded is not None:
            self.on_recorded(kind, int.from_bytes(recorded[:8]), int.from_bytes(data[4:8]))
        stamp = _extension(data, self.stamp, 3)
        if stamp is not None:
            self._incoming.note(int.from_bytes(stamp), self._awake(), len(data) if video else 0)
        self.heard.set()

    def received_reports(self, data: bytes) -> bytes:
        """Take the feedbacks out of a compound RTCP packet; what is left is aiortc's."""
        rest, at = b"", 0
        if len(data) > 1 and data[1] == RTCP_BYE:
            self.left = self.left or self.clock()
        else:
            self.arrived = self.clock()
        while at + 4 <= len(data):
            kind, size = data[at + 1], 4 * (int.from_bytes(data[at + 2 : at + 4]) + 1)
            part, at = data[at : at + size], at + size
            if kind == transport_feedback.PACKET_TYPE and part[0] & 0x1F == transport_feedback.FORMAT:
                with contextlib.suppress(ValueError):
                    self._hear(transport_feedback.parse(part[12:]))
            else:
                rest += part
        return rest + data[at:]

    def _hear(self, feedback: transport_feedback.Feedback) -> None:
        now, results, told = self.clock(), [], -1
        for place, came in enumerate(feedback.arrivals):
            number = feedback.first + place & 0xFFFF
            sent = self._awaited.get(number)
            if sent is None:
                continue
            if came is not None:
                del self._awaited[number]
            told = max(told, sent.number)
            results.append(Result(sent.at, came, sent.octets))
        if results:
            following = self._awaited.get(told + 1 & 0xFFFF)
            self._unheard = following.awake if following is not None and following.number == told + 1 else None
            awake = self._awake()
            self._interval = min(RAREST, max(awake - self._heard_at, 0.9 * self._interval))
            self._heard_at = awake
            self._control.feedback(results, now)

    async def _tell(self) -> None:
        await self.heard.wait()
        while True:
            period = TELL_THIN if self._thin else TELL
            self._awake.expect(period)
            await asyncio.sleep(period)
            self._give_up()
            if self._out:
                with contextlib.suppress(ConnectionError):
                    for packet in self._reports():
                        await self._out(packet)

    @property
    def _thin(self) -> bool:
        """Whether the booth's own picture is as good as gone."""
        return self.blocked or (self._control.tells and self._control.target < THIN)

    def _give_up(self) -> None:
        """Lower the rate while nothing is heard; forget pictures that waited for too long, or were made for a wider way than there is now."""
        now = self.clock()
        if self._unheard is not None:
            self._control.unheard(now - (self._awake() - self._unheard), now)
        if not self.blocked:
            self._held_at = None
        elif self._held_at is None:
            self._held_at = now
        small = self._control.target < LEAST_FOR_REPAIR
        if self.given_up or (small and not self._small):
            self._pacer.clear()
        self._small = small

    def _reports(self) -> list[bytes]:
        """What is to be told now."""
        # a browser that tries a rate hears of the five packets in one feedback, and tries no more when that is lost
        told = self._arrivals.feedbacks(self._fate, again=self._incoming.free)
        out, now = [self._report(body) for body in told], self.clock()
        self._incoming.settle(self._control.round_trip, now)
        wish = LITTLE if self._thin else self._incoming.wish
        if abs(wish - self._wished) > SAME * self._wished:
            self._wish_new, self._wish = now, float("-inf")
        if now - self._wish > WISH and (wish < PLENTY or now - self._wish_new < INSIST):
            self._wished, self._wish = wish, now
            source = int.from_bytes(self._their_video)
            out.append(bytes(RtcpPsfbPacket(RTCP_PSFB_APP, self.own_source, 0, pack_remb_fci(wish, [source]))))
        return out

    def _fate(self, after: float, picture: float | None) -> transport_feedback.Fate:
        """What is told of a packet that has not come: where no limit is known, loss is weather, and what was repaired has come.

        A browser keeps a packet for repair until it is told that it came, so it is told only then.
        """
        if not self._incoming.free or self._arrivals.loss > STORM or self.clock() - after > REPAIRED_BY:
            return "lost"
        waiting = self.repairing()
        return "awaited" if picture is None or (waiting is not None and waiting - SEEN_AFTER < picture) else "repaired"

    def _report(self, body: bytes) -> bytes:
        head = 0x80 | transport_feedback.FORMAT, transport_feedback.PACKET_TYPE, 2 + len(body) // 4
        return struct.pack("!BBHL", *head, self.own_source) + self._their_source + body


def _extension(data: bytes, identifier: int | None, *octets: int) -> bytes | None:
    """The value of a one-byte header extension (RFC 8285) of an RTP packet, None if it has none of one of these lengths."""
    if identifier is None or len(data) < 16 or not data[0] & 0x10:
        return None
    at = 12 + 4 * (data[0] & 0x0F)
    if len(data) < at + 4:
        return None
    profile, words = _EXTENSION.unpack_from(data, at)
    at, end = at + 4, at + 4 + 4 * words
    if profile != _ONE_BYTE or len(data) < end:
        return None
    while at < end:
        kind, length = data[at] >> 4, (data[at] & 0x0F) + 1
        if data[at] == 0:
            at += 1
        elif kind == identifier and length in octets and at + length < end:
            return data[at + 1 : at + 1 + length]
        else:
            at += 1 + length
    return None
