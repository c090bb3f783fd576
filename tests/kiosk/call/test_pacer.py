"""The pacer alone."""

from kiosk.call.pacer import BURST, FULL, Pacer


def leave(pacer: Pacer, start: float, end: float) -> list[tuple[float, bytes]]:
    """What leaves, and when, looked at every ms."""
    out, now = [], start
    while now < end:
        while (packet := pacer.take(now)) is not None:
            out.append((now, packet))
        now += 0.001
    return out


def test_a_key_frame_is_spread_over_the_time_that_the_link_takes() -> None:
    pacer = Pacer(200_000)
    for number in range(20):
        pacer.put(bytes([number]) * 1200)
    left = leave(pacer, 5.0, 7.0)
    assert [packet[0] for _, packet in left] == list(range(20))
    taken = left[-1][0] - left[0][0]
    assert abs(taken - 19 * 1200 * 8 / 200_000) < 2 * BURST


def test_a_small_picture_leaves_at_once_and_a_retransmission_before_the_others() -> None:
    pacer = Pacer(1_000_000)
    pacer.put(b"a" * 400)
    assert pacer.take(1.0) == b"a" * 400
    for packet in (b"b" * 1200, b"c" * 1200, b"d" * 1200):
        pacer.put(packet)
    pacer.put(b"again", first=True)
    assert [packet[:1] for _, packet in leave(pacer, 1.0, 1.1)] == [b"a", b"b", b"c", b"d"]


def test_it_says_when_the_next_picture_had_better_not_be_coded() -> None:
    pacer = Pacer(100_000)
    while not pacer.full:
        pacer.put(bytes(1000))
    assert pacer.wait(0.0) is not None
    left = leave(pacer, 1.0, 3.0)
    assert left[-1][0] - left[0][0] < FULL + 1000 * 8 / 100_000
    assert not pacer.full
    assert pacer.wait(3.0) is None
