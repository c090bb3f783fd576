"""The way of the media alone: numbering, what is held back, and what the other side is asked for."""

import struct

import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, unpack_remb_fci

from kiosk.call.bandwidth import FLOOR, RateController
from kiosk.call.incoming import LITTLE, PLENTY
from kiosk.call.media_path import GIVEN_UP, HOLD, INSIST, RAREST, REPAIRED_BY, STALE, TELL, WISH, MediaPath
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
        self.path.kinds = {96: "video"}
        self.out: list[bytes] = []
        self.before: set[int] = set()

    async def keep(self, data: bytes) -> None:
        self.out.append(data)

    async def send(self, source: int, number: int, payload: bytes = bytes(100)) -> None:
        self.clock.now += 0.02
        extension = struct.pack("!HHBBH", 0xBEDE, 1, IDENTIFIER << 4 | 1, 0, 0)
        await self.path.send(struct.pack("!BBHLL", 0x90, 96, number, 0, source) + extension + payload, self.keep)

    def heard(self, first: int, count: int) -> None:
        body = build(Feedback(first, tuple(self.clock.now + n / 1000 for n in range(count))), 0)
        self.path.received_reports(struct.pack("!BBHLL", 0x80 | FORMAT, PACKET_TYPE, 2 + len(body) // 4, 9, 9) + body)

    def come(self, *numbers: int, video: bool = True) -> None:
        for number in numbers:
            extension = struct.pack("!HHBHB", 0xBEDE, 1, IDENTIFIER << 4 | 1, number, 0)
            self.path.received(struct.pack("!BBHLL", 0x90, 96 if video else 111, number, 0, 42) + extension + b"x")

    def told(self) -> dict[int, bool]:
        """Which packets are told of now and were not the last time, and whether they came."""
        packets = [data for data in self.path._reports() if data[1] == PACKET_TYPE]
        feedbacks = [parse(data[12:]) for data in packets]
        told = {one.first + place: at is not None for one in feedbacks for place, at in enumerate(one.arrivals)}
        before, self.before = self.before, set(told) or self.before
        return {number: came for number, came in told.items() if number not in before}

    def wishes(self) -> list[int]:
        packets = [packet for data in self.path._reports() if data[1] == 206 for packet in RtcpPacket.parse(data)]
        return [unpack_remb_fci(packet.fci)[0] for packet in packets if isinstance(packet, RtcpPsfbPacket)]


class Thin(RateController):
    """A link of 20 kbit/s with as much queue as the test says."""

    queue = 0.0

    def __init__(self, *, thin: bool) -> None:
        super().__init__(100.0, start=20_000, thin=thin)


@pytest.fixture
def way() -> Way:
    return Way()


async def test_every_packet_has_the_next_number_when_it_leaves(way: Way) -> None:
    for source in (SOUND, VIDEO, SOUND, VIDEO):
        await way.send(source, 7)
    assert [int.from_bytes(data[17:19]) for data in way.out] == [0, 1, 2, 3]


@pytest.mark.parametrize("offset", [b"", bytes(8)])
def test_a_packet_that_says_when_it_was_recorded_is_heard_with_its_kind(way: Way, offset: bytes) -> None:
    """webrtc.org, rtp-hdrext/abs-capture-time: 64 bits of NTP, with or without 64 bits of an offset; other packets have none."""
    told: list[tuple[str, int, int]] = []
    way.path.on_recorded = lambda *one: told.append(one)
    way.path.recorded, way.path.kinds = 9, {96: "video", 111: "audio"}
    number, value = struct.pack("!BH", IDENTIFIER << 4 | 1, 5), (0xE5_00_00_00 << 32 | 77).to_bytes(8) + offset
    for kind, parts in (
        (96, number + bytes([9 << 4 | len(value) - 1]) + value),
        (111, bytes([9 << 4 | len(value) - 1]) + value + number),
        (96, number),
    ):
        parts += bytes(-len(parts) % 4)
        way.path.received(struct.pack("!BBHLLHH", 0x90, kind, 1, 4000 + kind, 7, 0xBEDE, len(parts) // 4) + parts + bytes(20))
    assert told == [("video", 0xE5_00_00_00 << 32 | 77, 4096), ("audio", 0xE5_00_00_00 << 32 | 77, 4111)]


async def test_a_lost_packet_is_sent_again_unless_its_picture_is_too_old(way: Way) -> None:
    await way.send(VIDEO, 500)
    await way.send(AGAIN, 1, (500).to_bytes(2) + bytes(98))
    assert len(way.out) == 2
    way.clock.now += STALE + 0.1
    await way.send(AGAIN, 2, (500).to_bytes(2) + bytes(98))
    await way.send(AGAIN, 3, (77).to_bytes(2) + bytes(98))
    assert len(way.out) == 2, "one is too old, the other was never sent"


async def test_without_news_nothing_of_a_picture_is_sent_and_the_other_side_is_asked_for_less(way: Way) -> None:
    """F002-01, values first: a way that is silent may be blocked, in both directions."""
    await way.send(SOUND, 1)
    way.heard(0, 1)
    assert not way.path.full
    assert way.wishes() == [], "without a limit there is nothing to say"
    await way.send(SOUND, 2)
    way.clock.now += HOLD + RAREST + way.control.round_trip + 0.05
    assert way.path.blocked
    assert way.path.full
    assert way.wishes() == [pytest.approx(LITTLE, rel=0.01)]
    gone = len(way.out)
    await way.send(VIDEO, 1)
    await way.send(SOUND, 3)
    assert len(way.out) == gone + 1, "sound goes, the picture waits"
    way.heard(1, 3)
    assert not way.path.blocked
    for _ in range(3):
        assert way.wishes() == [pytest.approx(PLENTY, rel=0.01)], "again and again, since one may be lost"
        way.clock.now += WISH + 0.01
    way.clock.now += INSIST
    way.heard(4, 1)
    assert way.wishes() == []


async def test_a_process_that_stood_still_does_not_take_the_way_for_blocked(way: Way) -> None:
    """F002-01: what had come was not read either; a busy booth would have gone on with stills and the narrow voice."""
    await way.send(SOUND, 1)
    way.heard(0, 1)
    for number in range(2, 5):
        await way.send(SOUND, number)
    way.path._awake.expect(TELL)
    way.clock.now += 2.0
    assert not way.path.blocked
    way.path._awake.expect(TELL)
    way.heard(1, 1)
    assert not way.path.blocked, "of what was sent before the standstill the first word is an old one"
    way.clock.now += TELL
    way.path._awake.expect(HOLD + RAREST + way.control.round_trip)
    way.clock.now += HOLD + RAREST + way.control.round_trip
    assert way.path.blocked, "nothing comes although it is looked for"


async def test_packets_that_waited_while_the_process_stood_still_are_no_queue_on_the_way(way: Way) -> None:
    """A browser's pictures went on through a standstill of the booth: it is not asked for smaller ones."""
    way.path.stamp = 7
    went = 0.0

    def come(pause: float) -> None:
        nonlocal went
        went += pause
        stamp = int(went * (1 << 18)).to_bytes(3)
        extensions = struct.pack("!BHB", IDENTIFIER << 4 | 1, int(went * 100), 7 << 4 | 2) + stamp + bytes(1)
        way.path.received(struct.pack("!BBHLLHH", 0x90, 96, 1, 0, 42, 0xBEDE, 2) + extensions + bytes(1000))

    for round_ in range(40):
        way.path._awake.expect(TELL)
        for _ in range(8):
            way.clock.now += 0.01
            come(0.01)
        assert way.wishes() == [], round_
    way.path._awake.expect(TELL)
    way.clock.now += 0.8
    for _ in range(40):
        come(0.01)  # the first half of what waited
    assert way.wishes() == []
    way.path._awake.expect(TELL)
    for _ in range(40):
        come(0.01)
    assert way.wishes() == []


async def test_the_oldest_packet_that_nobody_has_told_of_counts(way: Way) -> None:
    """Feedbacks that still come tell of ever older packets when a queue fills: the later ones are missed before they stop."""
    for number in range(12):
        await way.send(SOUND, number)
    for told in range(6):
        way.heard(told, 1)
        way.clock.now += 0.1
    assert way.path.blocked, "the seventh has been out for more than half a second"


async def test_pictures_that_waited_for_too_long_are_given_up(way: Way) -> None:
    await way.send(SOUND, 1)
    way.heard(0, 1)
    await way.send(SOUND, 2)
    way.clock.now += 1
    await way.send(VIDEO, 1)
    way.path._give_up()
    assert not way.path.given_up
    way.clock.now += GIVEN_UP + 0.01
    way.path._give_up()
    assert way.path.given_up
    way.heard(1, 1)
    way.path._give_up()
    assert not way.path.given_up
    gone = len(way.out)
    await way.path._empty(way.keep)
    assert len(way.out) == gone, "nothing is left of it"


async def test_a_still_leaves_whole_at_the_least_rate_but_nothing_that_was_made_for_a_wider_way(way: Way) -> None:
    """F002-01: half a still is no picture, and a large picture would take what is left of a thin line for seconds."""
    way.path._control = control = RateController(way.clock.now, start=200_000)
    control.remb(300_000, way.clock.now)
    for number in range(12):
        await way.send(VIDEO, number, bytes(5000))
    assert way.path._pacer.wait(way.clock.now) is not None
    control.remb(FLOOR, way.clock.now)
    assert control.target == FLOOR
    way.path._give_up()
    assert way.path._pacer.wait(way.clock.now) is None
    gone = len(way.out)
    for number in (12, 13):
        await way.send(VIDEO, number, bytes(600))
    for _ in range(20):
        way.clock.now += 0.1
        way.path._give_up()
        await way.path._empty(way.keep)
    assert len(way.out) == gone + 2


async def test_a_still_leaves_faster_while_nothing_stands_on_the_way(way: Way) -> None:
    """F002-01: a key frame at a thin link's rate is a second late, and on one that has come back from a dip for nothing."""
    took = []
    for queue, known in ((0.0, False), (0.1, False), (0.0, True)):
        way.path._control = thin = Thin(thin=known)
        thin.queue = queue
        begun = way.clock.now
        for number in range(12):
            await way.send(VIDEO, number)
        while way.path._pacer.wait(way.clock.now) is not None:
            way.clock.now += 0.005
            await way.path._empty(way.keep)
        took.append(way.clock.now - begun)
        way.clock.now += 5
    assert min(took[1:]) > 1.6 * took[0]


async def test_a_side_that_never_tells_holds_nothing_back(way: Way) -> None:
    await way.send(SOUND, 1)
    way.clock.now += 60
    assert not way.path.full


async def test_what_comes_is_told_and_a_farewell_is_noted(way: Way) -> None:
    way.come(5, 6, 7)
    assert way.told() == {5: True, 6: True, 7: True}
    assert way.path.left is None
    way.path.received_reports(bytes.fromhex("81cb0001 0000002a"))
    assert way.path.left == way.clock.now


async def test_a_lost_packet_is_told_of_once_it_is_repaired(way: Way) -> None:
    """F002-01: a browser that is told of loss sends less, and one that is told too early that a packet came sends it no more."""
    way.come(5, 6, 8, 9)
    way.path.repairing = lambda since=way.clock.now: since
    assert way.told() == {5: True, 6: True}
    way.clock.now += 0.1
    way.come(10)
    assert way.told() == {}
    way.path.repairing = lambda: None
    assert way.told() == {7: True, 8: True, 9: True, 10: True}
    way.come(12, video=False)
    assert way.told() == {}, "nobody has asked for it yet"
    way.come(13)
    assert way.told() == {11: True, 12: True, 13: True}


async def test_what_nobody_repairs_in_time_was_lost(way: Way) -> None:
    way.come(5, 7)
    way.path.repairing = lambda since=way.clock.now: since
    assert way.told() == {5: True}
    way.clock.now += REPAIRED_BY + 0.01
    assert way.told() == {6: False, 7: True}


async def test_while_no_limit_is_known_what_was_told_is_told_again(way: Way) -> None:
    """F002-01: a browser hears in one feedback of all packets by which it tries a rate, and does not try again when that is lost."""
    way.come(5, 6)
    assert way.told() == {5: True, 6: True}
    way.before.clear()
    way.come(7)
    assert way.told() == {5: True, 6: True, 7: True}
    way.before.clear()
    way.come(8)
    assert way.told() == {5: True, 6: True, 7: True, 8: True}
    way.before.clear()
    way.come(9)
    assert way.told() == {7: True, 8: True, 9: True}


async def test_a_storm_is_no_weather(way: Way) -> None:
    """F002-01: what drops a third of all packets has no room for them."""
    way.come(*(number for number in range(100) if number % 3))
    told = way.told()
    assert [told[number] for number in range(90, 99)] == [False, True, True] * 3


async def test_on_a_link_whose_limit_is_known_loss_is_told_at_once(way: Way) -> None:
    """F002-01."""
    way.path.stamp = 3
    for step in range(60):  # each packet comes 10 ms later than the one before: a queue that grows
        way.clock.now += 0.02
        stamp = (0xBEDE, 2, IDENTIFIER << 4 | 1, step, 3 << 4 | 2, round((way.clock.now - 0.01 * step) * (1 << 18)) & 0xFFFFFF)
        head = struct.pack("!BBHLL", 0x90, 96, step, 0, 42)
        way.path.received(head + struct.pack("!HHBHB", *stamp[:5]) + stamp[5].to_bytes(3) + b"x" * 700)
        way.path._reports()
    assert way.wishes() or way.path._wished < PLENTY
    way.come(61)
    assert way.told() == {60: False, 61: True}


@pytest.mark.parametrize(
    "data", [b"", b"\x8f", b"\x8f\xcd\x00\xff", b"\x8f\xcd\x00\x02" + bytes(8), b"\x90" + bytes(11), b"\x90" + bytes(13)]
)
async def test_octets_that_are_no_packet_do_no_harm(way: Way, data: bytes) -> None:
    way.path.received(data)
    way.path.received_reports(data)
    assert [one for one in way.path._reports() if one[1] == PACKET_TYPE] == []
