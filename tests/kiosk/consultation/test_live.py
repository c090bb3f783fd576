"""What of a running device goes out, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from drivers.measurement import Instant, Measurement, Reading, Waveform
from kiosk.consultation.live import Batch, LiveGate

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


def sent(gate: LiveGate, count: int, *, congested: bool = False) -> list[tuple[float, Batch]]:
    """Samples as they come one by one, and the batches as they leave."""
    out = []
    for number in range(count):
        now = number / 60
        gate.curve(pleth(now, number))
        out += [(now, batch) for batch in gate.curves_due(now, congested=congested)]
    return out


def test_a_batch_leaves_with_the_sample_that_makes_50_ms() -> None:
    batches = sent(LiveGate(), 12)
    assert [batch.samples for _, batch in batches] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert [batch.sequence for _, batch in batches] == [0, 3, 6, 9]
    assert all(now == batch.last for now, batch in batches)


def test_a_full_link_gets_five_batches_a_second_with_every_sample() -> None:
    batches = sent(LiveGate(), 60, congested=True)
    assert [sample for _, batch in batches for sample in batch.samples] == list(range(60))
    assert len(batches) == 5


def test_samples_that_end_early_do_not_wait_for_more() -> None:
    gate = LiveGate()
    gate.curve(pleth(0, 7))
    assert gate.curves_due(0.049) == []
    assert [batch.samples for batch in gate.curves_due(0.05)] == [[7]]


def test_samples_that_could_not_leave_for_a_second_are_dropped_and_counted() -> None:
    gate = LiveGate()
    gate.curve(pleth(0, 1, 2))
    assert gate.curves_due(1.01) == []
    gate.curve(pleth(1.02, 3, 4, 5))
    assert [(batch.sequence, batch.samples) for batch in gate.curves_due(1.02)] == [(2, [3, 4, 5])]


def test_a_number_goes_at_once_when_it_changes_and_once_a_second_when_not() -> None:
    gate = LiveGate()
    times = [(0.0, 98), (0.02, 98), (0.04, 97), (0.06, 97), (1.0, 97), (1.05, 97)]
    assert [at for at, value in times if gate.numbers_due(spo2(at, value))] == [0.0, 0.04, 1.05]


def test_on_a_full_link_numbers_go_five_times_a_second() -> None:
    gate = LiveGate()
    gone = [at / 50 for at in range(50) if gate.numbers_due(spo2(at / 50, at), congested=True)]
    assert len(gone) == 5
