"""The way of the media alone: numbering, what is held back, and what the other side is asked for."""

import struct

import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, unpack_remb_fci

from kiosk.call.bandwidth import RateController
from kiosk.call.media_path import HOLD, PLENTY, STALE, MediaPath
from kiosk.call.transport_feedback import FORMAT, PACKET_TYPE, Feedback, build, parse

VIDEO, AGAIN, SOUND = 1, 2, 3
IDENTIFIER = 4


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Way:
    """A path whose packets are kept, and a far side that says what came."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.control = RateController(self.clock())
        self.path = MediaPath(self.control, self.clock)
        self.path.identifier, self.path.video_sources, self.path.retransmitted = IDENTIFIER, {VIDEO, AGAIN}, AGAIN
        self.path.video_types = {96}
        self.out: list[bytes] = []

    async def keep(self, data: bytes) -> None:
        self.out.append(data)

    async def send(self, source: int, number: int, payload: bytes = bytes(100)) -> None:
        self.clock.now += 0.02
        extension = struct.pack("!HHBBH", 0xBEDE, 1, IDENTIFIER << 4 | 1, 0, 0)
        await self.path.send(struct.pack("!BBHLL", 0x90, 96, number, 0, source) + extension + payload, self.keep)

    def heard(self, first: int, count: int) -> None:
        body = build(Feedback(first, tuple(self.clock.now + n / 1000 for n in range(count))), 0)
        self.path.received_reports(struct.pack("!BBHLL", 0x80 | FORMAT, PACKET_TYPE, 2 + len(body) // 4, 9, 9) + body)

    def wishes(self) -> list[int]:
        packets = [packet for data in self.path._reports() if data[1] == 206 for packet in RtcpPacket.parse(data)]
        return [unpack_remb_fci(packet.fci)[0] for packet in packets if isinstance(packet, RtcpPsfbPacket)]


@pytest.fixture
def way() -> Way:
    return Way()


async def test_every_packet_has_the_next_number_when_it_leaves(way: Way) -> None:
    for source in (SOUND, VIDEO, SOUND, VIDEO):
        await way.send(source, 7)
    assert [int.from_bytes(data[17:19]) for data in way.out] == [0, 1, 2, 3]


async def test_a_lost_packet_is_sent_again_unless_its_picture_is_too_old(way: Way) -> None:
    await way.send(VIDEO, 500)
    await way.send(AGAIN, 1, (500).to_bytes(2) + bytes(98))
    assert len(way.out) == 2
    way.clock.now += STALE + 0.1
    await way.send(AGAIN, 2, (500).to_bytes(2) + bytes(98))
    await way.send(AGAIN, 3, (77).to_bytes(2) + bytes(98))
    assert len(way.out) == 2, "one is too old, the other was never sent"


async def test_without_news_no_picture_is_sent_and_the_other_side_is_asked_for_less(way: Way) -> None:
    """Values first: a way that is silent may be blocked, in both directions."""
    await way.send(SOUND, 1)
    way.heard(0, 1)
    assert not way.path.full
    assert way.wishes() == []
    await way.send(SOUND, 2)
    way.clock.now += HOLD + way.control.round_trip + 0.05
    assert way.path.full
    assert way.wishes()[0] < 100_000
    way.heard(1, 1)
    assert not way.path.full
    assert way.wishes() == [pytest.approx(PLENTY, rel=0.01)]


async def test_a_side_that_never_tells_holds_nothing_back(way: Way) -> None:
    await way.send(SOUND, 1)
    way.clock.now += 60
    assert not way.path.full


async def test_what_comes_is_told_and_a_farewell_is_noted(way: Way) -> None:
    for number in (5, 6, 8):
        extension = struct.pack("!HHBHB", 0xBEDE, 1, IDENTIFIER << 4 | 1, number, 0)
        way.path.received(struct.pack("!BBHLL", 0x90, 96, number, 0, 42) + extension + b"x")
    told = parse(way.path._reports()[0][12:])
    assert told.first == 5
    assert [at is not None for at in told.arrivals] == [True, True, False, True]
    assert way.path.left is None
    way.path.received_reports(bytes.fromhex("81cb0001 0000002a"))
    assert way.path.left == way.clock.now


@pytest.mark.parametrize(
    "data", [b"", b"\x8f", b"\x8f\xcd\x00\xff", b"\x8f\xcd\x00\x02" + bytes(8), b"\x90" + bytes(11), b"\x90" + bytes(13)]
)
async def test_octets_that_are_no_packet_do_no_harm(way: Way, data: bytes) -> None:
    way.path.received(data)
    way.path.received_reports(data)
    assert way.path._reports() == []
