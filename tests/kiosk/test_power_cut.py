"""The power goes while a patient is there. Needs F004-20, F004-30."""

import random
import resource
import signal
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from nacl.secret import SecretBox

from drivers.device import ClockReading
from drivers.measurement import Absent, Instant, Measurement, Reading, Waveform
from kiosk.consultation import snapshot
from kiosk.consultation.measuring import Measuring, Settled
from kiosk.consultation.sealed_session import SealedSession
from kiosk.consultation.session import Consultation, State
from kiosk.secure.envelope import Recipient
from kiosk.secure.keys import BoothKeys
from kiosk.view import Result
from protocol import screen
from tests.kiosk.booth_rig import CUFF, KEYS, START, Desk
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


def test_another_booth_and_a_damaged_file_give_nothing(tmp_path: Path) -> None:
    path = tmp_path / "session.sealed"
    file = SealedSession(path, KEYS)
    file.save(b"first", START)
    first = len(path.read_bytes())
    file.save(b"second", START + timedelta(seconds=5))
    whole = path.read_bytes()
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        found = SealedSession(path, KEYS).load(START + timedelta(minutes=1))
        expected = None if size < first else b"first" if size < len(whole) else b"second"
        assert (found[0] if found else None) == expected, size
    path.write_bytes(whole[: first + 10])
    again = SealedSession(path, KEYS)
    again.load(START)
    again.save(b"third", START)
    assert SealedSession(path, KEYS).load(START) == (b"third", START)
    for at in range(0, first, 7):
        path.write_bytes(bytes((*whole[:at], whole[at] ^ 1, *whole[at + 1 :])))
        assert SealedSession(path, KEYS).load(START + timedelta(minutes=1)) is None
    path.write_bytes(whole)
    assert SealedSession(path, BoothKeys(b"x" * 32)).load(START) is None
    assert not path.exists()


def test_the_file_is_as_its_description_says(tmp_path: Path) -> None:
    """A booth that was updated during the cut reads what the version before has written."""
    path = tmp_path / "session.sealed"
    SealedSession(path, KEYS).save(b"state", START)
    octets = path.read_bytes()
    key = SecretBox(KEYS.secret(b"telecabine-session-v1")).decrypt(octets[4:76])
    assert (octets[:4], int.from_bytes(octets[76:80], "big")) == (b"TCS1", len(octets) - 80)
    assert SecretBox(key).decrypt(octets[80:]) == int(START.timestamp() * 1000).to_bytes(8, "big") + b"state"


def test_it_is_taken_up_to_the_last_moment_and_not_from_the_future(tmp_path: Path) -> None:
    file = SealedSession(tmp_path / "session.sealed", KEYS)
    file.save(b"state", START)
    assert file.load(START + timedelta(minutes=15)) == (b"state", START)
    assert file.load(START - timedelta(seconds=1)) is None


def test_erasing_destroys_the_key_before_the_name_and_a_new_one_takes_its_place(tmp_path: Path) -> None:
    """Whoever still holds the file (a backup's link, an open descriptor) holds nothing that opens."""
    path, held = tmp_path / "session.sealed", tmp_path / "held"
    SealedSession(path, KEYS).save(b"one", START)
    held.hardlink_to(path)
    SealedSession(path, KEYS).save(b"another", START)  # by a booth that has not looked what was there
    assert held.read_bytes()[:76] == bytes(76)
    assert SealedSession(held, KEYS).load(START) is None
    assert SealedSession(path, KEYS).load(START) == (b"another", START)


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
