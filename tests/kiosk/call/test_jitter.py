"""The receiving buffer and the requests, packet by packet."""

import itertools
import random

import pytest
from aiortc.rtp import RtpPacket

from kiosk.call.jitter import CAPACITY, DEADLINE, GIVEN_UP, KEY_REST, TRIES, DeadlineBuffer, Picture, Requests, starts_key_frame


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


def stream(pictures: int, *, first: int = 65_530, size: int = 3, keys: tuple[int, ...] = (0,)) -> list[RtpPacket]:
    """`pictures` VP8-like pictures of `size` packets, across the wrap of sequence numbers."""
    made = []
    numbers = itertools.count(first)
    for picture in range(pictures):
        for part in range(size):
            packet = RtpPacket(sequence_number=next(numbers) % 65_536, timestamp=3000 * picture, marker=int(part == size - 1))
            packet.ssrc = 7
            head = b"" if part else b"\x10" if picture in keys else b"\x11"
            data = head + bytes([picture % 256])
            packet.payload = (b"\0" if part else b"\x10") + data  # RFC 7741: S in the first packet of a picture
            packet._data = data  # type: ignore[attr-defined]
            made.append(packet)
    return made


def shown(buffer: DeadlineBuffer, packets: list[RtpPacket], clock: Clock, step: float = 0.01) -> tuple[list[int], int]:
    """Pictures that came out, and how often a key frame was asked for."""
    out: list[Picture] = []
    asked = 0
    for packet in packets:
        ask, frame = buffer.add(packet)
        asked += ask
        out += [frame] if frame else []
        out += buffer.more()
        clock.now += step
    return [frame.timestamp // 3000 for frame in out], asked


def test_a_picture_goes_out_with_its_last_packet() -> None:
    clock = Clock()
    buffer = DeadlineBuffer(clock)
    assert shown(buffer, stream(1), clock) == ([0], 0)
    assert shown(buffer, stream(9)[3:], clock) == (list(range(1, 9)), 0)


def test_reordered_packets_make_every_picture_whole_and_in_order() -> None:
    clock = Clock()
    packets = stream(20)
    chance = random.Random(3)
    mixed = [packets[0], *sorted(packets[1:], key=lambda packet: packets.index(packet) + chance.random() * 4)]
    buffer = DeadlineBuffer(clock)
    pictures: list[int] = []
    for packet in mixed:
        pictures += shown(buffer, [packet], clock, 0.001)[0]
    assert pictures == sorted(pictures)
    assert len(pictures) == 20


def test_a_late_packet_before_the_deadline_loses_nothing() -> None:
    clock = Clock()
    packets = stream(12)
    late = packets.pop(7)
    packets.insert(20, late)
    pictures, asked = shown(DeadlineBuffer(clock), packets + stream(30)[36:], clock)
    assert asked == 0
    assert pictures == list(range(len(pictures)))
    assert len(pictures) > 20


def test_after_the_deadline_it_goes_on_at_a_key_frame_and_asks_for_one() -> None:
    clock = Clock()
    packets = stream(60, keys=(0, 40))
    del packets[16]
    pictures, asked = shown(DeadlineBuffer(clock), packets, clock)
    assert pictures == [*range(5), *range(40, 60)]
    assert 1 <= asked <= 1 + 120 * 0.01 / KEY_REST


def test_nothing_is_ever_later_than_the_deadline_once_a_key_frame_is_there() -> None:
    """Ten per cent lost for good, a key frame every tenth picture: what goes out is never older than the deadline and a gap of key frames."""
    clock = Clock()
    chance = random.Random(5)
    buffer = DeadlineBuffer(clock)
    oldest = 0.0
    for packet in stream(600, keys=tuple(range(0, 600, 10))):
        clock.now += 1 / 90
        if chance.random() < 0.1:
            continue
        _, frame = buffer.add(packet)
        for picture in [frame, *buffer.more()] if frame else []:
            oldest = max(oldest, (clock.now - 10) - picture.timestamp / 90_000)
    assert oldest < DEADLINE + 0.4


def test_a_jump_of_the_sequence_is_a_new_start() -> None:
    clock = Clock()
    buffer = DeadlineBuffer(clock)
    shown(buffer, stream(3), clock)
    pictures, asked = shown(buffer, stream(20, first=20_000 + CAPACITY, keys=(0, 10)), clock)
    assert pictures == list(range(10, 20))
    assert asked == 1


def test_packets_from_nowhere_disturb_nothing() -> None:
    clock = Clock()
    chance = random.Random(2)
    buffer, requests = DeadlineBuffer(clock), Requests(clock)
    pictures: list[int] = []
    for packet in stream(50):
        for wild in (packet, stream(1, first=chance.randrange(10_000, 60_000))[0]):
            asked = requests.add(wild)
            assert not asked
            pictures += shown(buffer, [wild], clock)[0]
    assert pictures == list(range(50))


def test_a_picture_that_only_comes_slowly_is_waited_for() -> None:
    """A key frame takes most of a second on a thin link; to throw it away and ask for another would never end."""
    clock = Clock()
    assert shown(DeadlineBuffer(clock), stream(1, size=60), clock, DEADLINE / 10) == ([0], 0)


def test_a_key_frame_with_a_hole_is_given_up_and_another_asked_for() -> None:
    clock = Clock()
    packets = stream(80, size=4, keys=(0, 60))
    del packets[1]
    pictures, asked = shown(DeadlineBuffer(clock), packets, clock)
    assert asked >= 1
    assert pictures == list(range(60, 80))


@pytest.mark.parametrize(
    ("codec", "payload", "key"),
    [
        ("H264", "67 42 00 1f", True),
        ("H264", "65 88", True),
        ("H264", "41 9a", False),
        ("H264", "78 00 04 67 42 00 1f", True),
        ("H264", "78 00 02 41 9a", False),
        ("H264", "7c 85 88", True),
        ("H264", "7c 05 88", False),
        ("H264", "7c", False),
        ("H264", "78 00", False),
        ("H264", "", False),
        ("VP8", "10 50 02 00", True),
        ("VP8", "10 51 02 00", False),
        ("VP8", "00 50 02 00", False),
        ("VP8", "90 80 12 50", True),
        ("VP8", "90", False),
        ("VP8", "", False),
    ],
)
def test_the_first_packet_of_a_key_frame_is_recognised(codec: str, payload: str, key: bool) -> None:
    """By RFC 6184 and RFC 7741; a payload that is cut is none."""
    assert starts_key_frame(codec, bytes.fromhex(payload)) is key


def test_a_gap_is_asked_for_at_once_again_and_given_up() -> None:
    clock = Clock()
    requests = Requests(clock, round_trip=0.05)
    packets = stream(4)
    assert not requests.add(packets[0])
    assert requests.add(packets[3])
    assert requests.missing == {65_531, 65_532}
    assert requests.again() == []
    clock.now += 0.06
    assert requests.again() == [65_531, 65_532]
    assert not requests.add(packets[1])
    clock.now += 0.06
    assert requests.again() == [65_532]
    clock.now += GIVEN_UP
    assert requests.again() == []


def test_no_packet_is_asked_for_more_often_than_allowed() -> None:
    clock = Clock()
    requests = Requests(clock, round_trip=0.0)
    requests.add(stream(1)[0])
    requests.add(stream(4)[5])
    asked = 0
    for _ in range(500):
        clock.now += 0.001
        asked += len(requests.again())
    assert asked <= 4 * TRIES


def test_a_very_long_gap_is_no_flood_of_requests() -> None:
    requests = Requests(Clock())
    requests.add(stream(1, first=0)[0])
    for packet in stream(20, first=9_000):
        assert not requests.add(packet)
    assert requests.again() == []
    assert requests.add(stream(1, first=9_062)[0]), "it has found the new place and sees the next gap"
