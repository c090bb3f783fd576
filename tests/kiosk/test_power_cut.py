"""The power goes while a patient is there. Needs F004-20, F004-30."""

import random
import resource
import signal
from decimal import Decimal
from pathlib import Path

import pytest

from drivers.device import ClockReading
from drivers.measurement import Absent, Instant, Measurement, Reading, Waveform
from kiosk.consultation import snapshot
from kiosk.consultation.measuring import Measuring, Settled
from kiosk.consultation.result import Result
from kiosk.consultation.session import Consultation, State
from kiosk.secure.envelope import Recipient
from protocol import screen
from tests.kiosk.booth_rig import CUFF, START, Desk
from tests.kiosk.power_cut import NEEDLES, Left, cut, scan


def test_after_a_power_cut_the_screen_names_nobody_and_the_consultation_goes_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    result = desk.measure()
    desk.tap(screen.Confirm(result, accepted=True))
    before = desk.view
    desk = desk.restart()
    assert (desk.view.stage, desk.view.patient, desk.view.kept) == ("interrupted", "", ())
    after = desk.again()
    assert (after.stage, after.patient, after.consents) == ("consented", "Jeanne VAUQUELIN", before.consents)
    assert after.kept == before.kept
    assert [value.value for value in after.kept[0].values][:2] == ["124", "86"]
    assert desk.measure() != result
    desk.tap(screen.End())
    trace = desk.storage.retention.traces()[0]
    assert [incident.reason for incident in trace.incidents] == ["power-cut"]
    assert trace.opened == START.isoformat(timespec="milliseconds")


def test_without_every_consent_the_questions_come_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.tap(screen.OpenSession(), screen.TypedIdentity("Vauquelin", "Jeanne", "1950-04-02", "female"), screen.StopList(emergency=False))
    desk.tap(screen.Informed("1"), screen.Consent("sharing", given=True))
    desk = desk.restart()
    assert desk.again().stage == "identified"
    assert desk.tap(screen.Informed("1"), screen.Consent("act", given=True)).stage == "consented"


def test_erased_is_erased(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    sealed = (tmp_path / "session.sealed").read_bytes()
    desk = desk.restart()
    assert desk.tap(screen.End()).stage == "erased"
    assert not (tmp_path / "session.sealed").exists()
    desk = desk.restart()
    assert desk.view.stage == "idle"
    (tmp_path / "session.sealed").write_bytes(bytes(76) + sealed[76:])
    desk = desk.restart()
    assert desk.view.stage == "idle", "without the wrapped key the frames open nothing"
    (tmp_path / "session.sealed").write_bytes(sealed)
    assert desk.restart().view.stage == "interrupted", "the same frames with it do"


@pytest.mark.parametrize(("minutes", "stage"), [(14, "interrupted"), (16, "idle")])
def test_it_waits_for_fifteen_minutes(tmp_path: Path, minutes: int, stage: str) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.clock.seconds += 60 * minutes
    desk = desk.restart()
    assert desk.view.stage == stage
    assert (tmp_path / "session.sealed").exists() == (stage == "interrupted")
    assert desk.wait(120).stage == ("erased" if stage == "interrupted" else "idle")
    assert not (tmp_path / "session.sealed").exists()


def test_a_reading_comes_back_as_it_was() -> None:
    at = Instant(12.5, START)
    reading = Reading(
        driver="d",
        source="2A35",
        received=at,
        raw_sha256="ab",
        device="ble:cuff",
        measurements=(Measurement("systolic", Decimal("124.0"), "mm[Hg]"), Measurement("pulse-rate", Absent.ERROR, "/min")),
        waveforms=(Waveform("ecg", (1, None, -3), Decimal("0.002"), Decimal("0.5"), "uV", Decimal("1.10"), 7),),
        device_time=START.replace(tzinfo=None),
        user=1,
        sequence=3,
        flags=("body-movement",),
    )
    results = {"r": Result(Settled("r", reading, START, True, ("unusual-high",), True), "Cuff", "confirmed")}
    measuring = Measuring()
    measuring.remember([CUFF], [ClockReading(CUFF.key, START.replace(tzinfo=None), at)])
    recipient = Recipient(b"\x00\xff" * 16, b"s" * 32)
    kept = snapshot.restore(snapshot.take(Consultation(id="c", state=State.WAITING, opened=at), [], results, measuring, "Dr", recipient))
    assert (kept.results, kept.devices, kept.clocks) == (results, (CUFF,), (measuring.clock(CUFF.key),))
    assert (kept.consultation, kept.specialist, kept.recipient) == (Consultation(id="c", state=State.WAITING, opened=at), "Dr", recipient)
    assert str(kept.results["r"].settled.reading.measurements[0].value) == "124.0"
    for junk in (b"", b"\xc1", b"\x80", b"\x01", b"\x90"):
        with pytest.raises(ValueError, match="not a consultation"):
            snapshot.restore(junk)


def test_killed_at_any_moment_nothing_of_the_patient_lies_in_clear(tmp_path: Path) -> None:
    """A fixed small sample; `./run proofs consultations` has the full count."""
    state, temporary = tmp_path / "state", tmp_path / "temporary"
    state.mkdir()
    temporary.mkdir()
    left = Left()
    for number in range(4):
        cut(left, state, temporary, number, random.Random(number))
    assert (left.hits, left.lost) == ([], set())
    assert left.kept
    assert set(left.stages) <= {"interrupted", "idle"}
    (state / "core.1").write_bytes(b"Jeanne")
    assert scan(state, NEEDLES) != []


@pytest.mark.parametrize("death", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_writes_no_memory_to_disk(tmp_path: Path, death: signal.Signals) -> None:
    """Where core files are wanted and land in the directory that is searched."""
    unlimited = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (unlimited[1], unlimited[1]))
    state = tmp_path / "state"
    state.mkdir()
    left = Left()
    try:
        cut(left, state, tmp_path, 0, random.Random(3), death)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, unlimited)
    assert left.hits == []
    assert {path.name.split("-")[0] for path in state.iterdir()} <= {"outbox.db", "retention.jsonl", "session.sealed", "booth.key"}
