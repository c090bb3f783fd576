"""What of a running device goes out, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from drivers.measurement import Instant, Measurement, Reading, Waveform
from kiosk.consultation.live import Batch, LiveGate
from kiosk.consultation.measuring import Live

START = datetime(2026, 1, 12, 10, 0, tzinfo=UTC)
#: as drivers of a 60 Hz curve say it
PERIOD = Decimal(1) / 60


def pleth(seconds: float, *samples: int) -> Reading:
    wave = Waveform("pleth", samples, PERIOD, Decimal(1), "1")
    return Reading(
        "contec-cms50",
        "contec-cms50",
        Instant(seconds, START + timedelta(seconds=seconds)),
        "hash",
        "oximeter",
        waveforms=(wave,),
        settled=False,
    )


def spo2(seconds: float, value: int) -> Reading:
    said = (Measurement("spo2", Decimal(value), "%"),)
    return Reading(
        "contec-cms50", "contec-cms50", Instant(seconds, START + timedelta(seconds=seconds)), "hash", "oximeter", said, settled=False
    )


def sent(gate: LiveGate, count: int, first: int = 0) -> list[tuple[float, Batch]]:
    """Samples as they come one by one, and the batches as they leave."""
    out = []
    for number in range(first, first + count):
        now = number / 60
        gate.take(Live(pleth(now, number), ()))
        out += [(now, batch) for batch in gate.curves_due(now)]
    return out


def told(gate: LiveGate, seconds: float, value: int, *, congested: bool = False) -> list[Decimal]:
    """The values that go out when this one has come."""
    gate.take(Live(spo2(seconds, value), ()))
    return due(gate, seconds, congested=congested)


def due(gate: LiveGate, seconds: float, *, congested: bool = False) -> list[Decimal]:
    """The values that go out at this time."""
    found = [live.reading.measurements[0].value for live in gate.numbers_due(seconds, congested=congested)]
    return [value for value in found if isinstance(value, Decimal)]


def fill(gate: LiveGate, until: float) -> None:
    """The link is congested up to this time, from a fifth of a second before."""
    for step in range(11):
        gate.numbers_due(until - 0.2 + step * 0.02 + 1e-9, congested=True)


def test_a_batch_leaves_with_the_sample_that_makes_50_ms() -> None:
    batches = sent(LiveGate(), 12)
    assert [batch.samples for _, batch in batches] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert [batch.sequence for _, batch in batches] == [0, 3, 6, 9]
    assert all(now == batch.last for now, batch in batches)


def test_a_link_that_was_behind_gets_five_batches_a_second_with_every_sample() -> None:
    gate = LiveGate()
    fill(gate, 0.0)
    batches = sent(gate, 60)
    assert [sample for _, batch in batches for sample in batch.samples] == list(range(60))
    assert len(batches) == 5
    assert len(sent(gate, 60, first=60)) > 15, "a second later it is trusted again"


def test_samples_that_end_early_do_not_wait_for_more() -> None:
    gate = LiveGate()
    gate.take(Live(pleth(0, 7), ()))
    assert gate.curves_due(0.049) == []
    assert [batch.samples for batch in gate.curves_due(0.05)] == [[7]]


def test_of_a_curve_that_could_not_leave_the_last_second_is_kept_and_the_rest_is_counted() -> None:
    gate = LiveGate()
    for number in range(90):
        gate.take(Live(pleth(number / 60, number), ()))
        assert gate.curves_due(number / 60, congested=True) == []
    (batch,) = gate.curves_due(1.5)
    assert (batch.samples[-1], batch.sequence + len(batch.samples)) == (89, 90)
    assert batch.samples == list(range(batch.sequence, 90))
    assert 55 <= len(batch.samples) <= 60
    gate.take(Live(pleth(2, 1, 2), ()))
    assert gate.curves_due(3.1) == [], "a second late helps nobody"
    gate.take(Live(pleth(3.2, 3, 4, 5), ()))
    assert [(batch.sequence, batch.samples) for batch in gate.curves_due(3.2)] == [(92, [3, 4, 5])]


def test_a_number_goes_at_once_when_it_changes_and_once_a_second_when_not() -> None:
    gate = LiveGate()
    times = [(0.0, 98), (0.02, 98), (0.04, 97), (0.06, 97), (1.0, 97), (1.05, 97)]
    assert [at for at, value in times if told(gate, at, value)] == [0.0, 0.04, 1.05]


def test_on_a_full_link_the_newest_number_waits_and_goes_as_soon_as_there_is_room() -> None:
    """Old values in the socket would come before it."""
    gate = LiveGate()
    gone = [value for at in range(10) for value in told(gate, at / 10, at, congested=True)]
    assert gone == []
    assert due(gate, 0.95) == [9]
    assert due(gate, 0.96) == [], "once"


def test_after_a_full_link_numbers_go_five_times_a_second_for_a_while() -> None:
    gate = LiveGate()
    fill(gate, 0.0)
    gone = [at / 50 for at in range(100) if told(gate, at / 50, at)]
    assert len([at for at in gone if at < 0.98]) == 5
    assert len([at for at in gone if at >= 1.02]) > 40
    assert not gate.behind(1.5)


def test_a_number_that_waited_for_too_long_is_not_sent_and_a_result_replaces_it() -> None:
    gate = LiveGate()
    assert told(gate, 0.0, 98, congested=True) == []
    assert due(gate, 3.1) == []
    assert told(gate, 4.0, 97, congested=True) == []
    gate.settled("oximeter")
    assert due(gate, 4.1) == []
    assert told(gate, 4.2, 97) == [97]
