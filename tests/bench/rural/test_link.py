"""The fault forwarder's model of one direction: what the bench's tables rest on."""

import itertools
import random

import pytest

from bench.rural.cells import recorded
from bench.rural.link import Direction, Profile

IPV4 = bytes(12) + b"\x08\x00" + bytes(986)
ARP = bytes(12) + b"\x08\x06" + bytes(46)


def through(profile: Profile, packets: list[bytes], every: float) -> tuple[Direction, list[float]]:
    """Send one packet each `every` seconds; when each left, stepped by a millisecond."""
    way = Direction(profile, random.Random(4))
    left: list[float] = []
    now, sent = 0.0, 0
    while sent < len(packets) or way.next() is not None:
        while sent < len(packets) and sent * every <= now:
            way.take(packets[sent], now)
            sent += 1
        left += [now] * len(way.due(now))
        now += 0.001
    return way, left


def test_the_rate_is_kept_and_the_queue_drops_what_does_not_fit() -> None:
    """1000 octets every 10 ms are 800 kbit/s; 300 go through and the first dropped packet comes when 300 ms are waiting."""
    way, left = through(Profile(rate=300_000, queue=300), [IPV4] * 500, 0.01)
    assert len(left) * 8000 / left[-1] == pytest.approx(300_000, rel=0.03)
    assert way.dropped == 500 - len(left)
    assert left[-1] - 4.99 == pytest.approx(0.3, abs=0.06)


def test_a_packet_alone_takes_its_own_time_and_the_delay() -> None:
    _, left = through(Profile(rate=80_000, delay=20), [IPV4], 1)
    assert left == [pytest.approx(0.1 + 0.02, abs=0.002)]


def test_loss_is_of_ip_packets_only() -> None:
    way, left = through(Profile(loss=0.1), [IPV4] * 3000, 0)
    assert way.lost == pytest.approx(300, abs=60)
    assert len(left) == 3000 - way.lost
    assert len(through(Profile(loss=1.0), [ARP] * 10, 0)[1]) == 10


def test_loss_may_come_in_bursts_of_the_same_share() -> None:
    way = Direction(Profile(loss=0.1, burst=5), random.Random(4))
    fates = []
    for _ in range(20_000):
        before = way.lost
        way.take(IPV4, 0.0)
        fates.append(way.lost > before)
    bursts = sum(lost and not before for before, lost in itertools.pairwise([False, *fates]))
    assert way.lost == pytest.approx(2000, rel=0.15)
    assert way.lost / bursts == pytest.approx(5, rel=0.15)


def test_an_outage_lets_nothing_through() -> None:
    assert through(Profile(loss=1, burst=5), [IPV4] * 50, 0)[1] == []


def test_a_recorded_line_has_the_rates_that_were_recorded() -> None:
    """The first three samples: 1.011 s of 595, 1.010 s of 931, 1.020 s of 858 kbit/s."""
    line = recorded("hsdpa", delay=50)
    assert line["both"]["rate"] == 595_000
    assert [(round(at, 3), profile["both"]["rate"]) for at, profile in line["schedule"][:2]] == [(1.011, 931_000), (2.021, 858_000)]
    assert all(Profile(**profile["both"]).delay == 50 for _, profile in line["schedule"])


def test_jitter_is_within_its_bounds() -> None:
    _, left = through(Profile(delay=10, jitter=40), [IPV4] * 500, 0.01)
    waited = [at - number * 0.01 for number, at in enumerate(left)]
    assert min(waited) > -0.05
    assert max(left) <= 4.99 + 0.052
