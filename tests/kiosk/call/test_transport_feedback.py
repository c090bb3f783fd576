"""Transport-wide feedback on the wire. The octets of the first test are worked out by hand from the draft's figures, section 3.1."""

import random

import pytest

from kiosk.call.transport_feedback import HISTORY, TICK, Arrivals, Feedback, build, parse

#: base 5, 7 packets, reference 10 (0.64 s), number 3
HEAD = bytes.fromhex("0005 0007 00000a 03")


@pytest.mark.parametrize(
    ("chunks", "deltas", "arrivals"),
    [
        # a run of 7 small deltas of 4 ticks, 1 ms
        ("2007", "04040404040404", tuple(0.64 + 0.001 * n for n in range(1, 8))),
        # one bit a packet: came, not, came, not ...
        ("aa80", "04040404", (0.641, None, 0.642, None, 0.643, None, 0.644)),
        # two bits a packet: small, missing, large (-8 ticks), small, missing, missing, missing
        ("d240", "08fff804", (0.642, None, 0.64, 0.641, None, None, None)),
        # a run of 5 lost, then two small
        ("0005 b000", "0404", (None, None, None, None, None, 0.641, 0.642)),
    ],
)
def test_every_kind_of_chunk_is_read(chunks: str, deltas: str, arrivals: tuple[float | None, ...]) -> None:
    feedback = parse(HEAD + bytes.fromhex(chunks + deltas))
    assert feedback.first == 5
    assert feedback.arrivals == pytest.approx(arrivals)


def test_what_is_cut_off_is_refused() -> None:
    whole = HEAD + bytes.fromhex("2007 04040404040404")
    for length in range(len(whole)):
        with pytest.raises(ValueError, match="shorter"):
            parse(whole[:length])


def test_hostile_octets_are_refused_or_read_within_bounds() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        data = chance.randbytes(chance.randrange(40))
        try:
            assert len(parse(data).arrivals) <= 0xFFFF
        except ValueError:
            continue


def test_what_is_told_is_what_came() -> None:
    """Loss, reordering and a wrap of the sequence, told in several feedbacks."""
    chance = random.Random(1)
    arrivals, came, told = Arrivals(), {}, {}
    now = 1000.0
    for number in range(65_000, 67_000):
        now += 0.012
        if chance.random() > 0.2:
            came[number & 0xFFFF] = now + chance.random() * 0.03
            arrivals.note(number & 0xFFFF, came[number & 0xFFFF])
        if number % 50 == 0:
            for body in arrivals.feedbacks():
                feedback = parse(body)
                told |= {(feedback.first + n) & 0xFFFF: at for n, at in enumerate(feedback.arrivals) if at is not None}
    assert came.keys() - told.keys() <= set(range(66_950 & 0xFFFF, 67_000 & 0xFFFF))
    assert all(abs(told[number] - came[number]) <= TICK for number in told)


def test_a_late_packet_is_told_of_and_a_very_late_one_is_not() -> None:
    arrivals = Arrivals()
    for number in (10, 12, 13):
        arrivals.note(number, number / 10)
    assert parse(arrivals.feedbacks()[0]).arrivals == pytest.approx((1.0, None, 1.2, 1.3))
    assert arrivals.feedbacks() == []
    arrivals.note(11, 2.0)
    again = parse(arrivals.feedbacks()[0])
    assert again.arrivals[11 - again.first] == pytest.approx(2.0)
    for number in range(14, 14 + HISTORY):
        arrivals.note(number, 3.0)
    arrivals.feedbacks()
    arrivals.note(5, 3.1)
    assert arrivals.feedbacks() == []


def test_a_silence_of_minutes_is_no_error() -> None:
    arrivals = Arrivals()
    arrivals.note(1, 10.0)
    arrivals.note(2, 100.0)
    assert [parse(body) for body in arrivals.feedbacks()] == [Feedback(2, (pytest.approx(100.0),))]
    arrivals.note(3, 100.1)
    assert parse(arrivals.feedbacks()[0]).arrivals == pytest.approx((100.1,))


def test_what_was_told_is_told_again_where_a_feedback_may_be_lost() -> None:
    """F002-01: a browser hears of the five packets by which it tries a rate in one feedback."""
    arrivals, told = Arrivals(), []
    for numbers in ((10, 11), (12, 13), (), (14,), (15,)):
        for number in numbers:
            arrivals.note(number, number / 10)
        told += [[parse(body).first for body in arrivals.feedbacks(again=True)]]
    assert told == [[10], [10], [], [10], [12]]
    arrivals.note(17, 1.7)
    assert parse(arrivals.feedbacks(again=True)[0]) == Feedback(14, (pytest.approx(1.4), pytest.approx(1.5), None, pytest.approx(1.7)))
    arrivals.note(18, 1.8)
    assert parse(arrivals.feedbacks(again=True)[0]).first == 17, "a browser counts what is lost each time that it is told of it"


def test_a_repaired_packet_is_told_in_its_place() -> None:
    """F002-01: it is known which picture it was of. Told too late, the way seems narrower than it is; too early, the next seems late."""
    arrivals = Arrivals()
    for number, at in ((10, 1.0), (11, 1.01), (14, 1.2), (15, 1.21), (17, 1.211)):
        arrivals.note(number, at)
    arrivals.note(18, 1.22, last=True)
    arrivals.note(19, 1.225, video=False)
    arrivals.note(21, 1.25)
    told = parse(arrivals.feedbacks(lambda *_: "repaired")[0]).arrivals
    assert told == pytest.approx((1.0, 1.01, 1.02, 1.03, 1.2, 1.21, 1.211, 1.211, 1.22, 1.225, 1.25, 1.25))
    arrivals.note(22, 1.255, last=True)
    arrivals.feedbacks()
    arrivals.note(24, 1.28)
    assert parse(arrivals.feedbacks(lambda *_: "repaired")[0]).arrivals == pytest.approx((1.28, 1.28))


@pytest.mark.parametrize("arrivals", [(), (None,), (0.0, 20.0)])
def test_what_a_feedback_cannot_say_is_refused(arrivals: tuple[float | None, ...]) -> None:
    with pytest.raises(ValueError, match="feedback"):
        build(Feedback(0, arrivals), 0)
