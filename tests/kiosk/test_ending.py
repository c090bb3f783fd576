"""What stays when a consultation has ended, and how it is shown and searched. Needs F000-02, F000-11, F004-20, F004-30."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import known_devices
from kiosk.cli import main
from kiosk.consultation.retention import Incident, RetentionLog, Trace
from kiosk.record_marks import RecordMarks
from kiosk.secure.keys import load_or_create
from kiosk.secure.outbox import Item
from protocol import screen, specialist
from tests.kiosk.booth_rig import CUFF, START, Desk
from tests.kiosk.specialist_rig import Doctor

NAMES = ("Vauquelin", "Jeanne", "1950-04-02", "c0ffee00-0000", "Cuff")


def test_the_trace_of_a_consultation_names_nobody(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.measure()
    desk.booth.station_up()
    desk.booth.station_down("connecting")
    view = desk.tap(screen.End())
    (line,) = (tmp_path / "retention.jsonl").read_text().splitlines()
    trace = json.loads(line)
    assert trace["record"] == (view.slip or "").replace(" ", "")
    assert [incident["reason"] for incident in trace["incidents"]] == ["station-lost"]
    assert set(trace) == {"record", "opened", "ended", "incidents"}
    assert view.remaining is None
    assert not any(name in line for name in NAMES)


def test_the_slip_says_what_waits_sealed_until_its_receipt_or_its_time_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.storage.outbox.put(Item("e1", "c0ffee00-0000", b"r", int(START.timestamp() * 1000), b"sealed", None))
    desk.storage.outbox.put(Item("e2", "another", b"r", int(START.timestamp() * 1000), b"sealed", None))
    left = desk.tap(screen.End()).remaining
    assert left is not None
    assert (left.envelopes, datetime.fromisoformat(left.until)) == (1, datetime(2026, 2, 11, 10, tzinfo=UTC))
    desk.storage.purge(datetime(2026, 2, 11, 9, tzinfo=UTC))
    assert desk.booth.view().remaining is not None
    desk.storage.purge(datetime(2026, 2, 11, 11, tzinfo=UTC))
    assert desk.booth.view().remaining is None
    assert desk.storage.outbox.waiting() == []


def test_a_full_disk_does_not_keep_a_patient_on_the_booth(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    (tmp_path / "retention.jsonl").mkdir()
    view = desk.tap(screen.End())
    assert (view.stage, view.patient) == ("erased", "")
    assert not (tmp_path / "session.sealed").exists()


@pytest.mark.parametrize(("months", "kept"), [(6, 1), (7, 2), (12, 3)])
def test_traces_are_kept_for_the_months_of_the_settings(tmp_path: Path, months: int, kept: int) -> None:
    log = RetentionLog(tmp_path / "retention.jsonl", months)
    for month in (2, 7, 12):
        log.add(Trace(f"{month}", "", datetime(2025, month, 15, tzinfo=UTC).isoformat(), (Incident("", "freeze"),)))
    with (tmp_path / "retention.jsonl").open("ab") as file:
        file.write(b'{"record":"torn by a power c')
    log.purge(datetime(2026, 2, 14, tzinfo=UTC))
    assert len(log.traces()) == kept
    assert (tmp_path / "retention.jsonl").stat().st_mode & 0o777 == 0o600


def ended(directory: Path, months: int, *moments: datetime) -> RetentionLog:
    log = RetentionLog(directory / "retention.jsonl", months)
    for moment in moments:
        log.add(Trace(moment.date().isoformat(), "", moment.isoformat(), ()))
    return log


def test_the_last_day_of_a_long_month_and_the_very_hour_are_kept(tmp_path: Path) -> None:
    """February has no 31st: its 28th is as long ago."""
    noon = datetime(2026, 2, 28, 12, tzinfo=UTC)
    log = ended(tmp_path, 6, noon - timedelta(seconds=1), noon, noon + timedelta(days=9))
    assert log.purge(datetime(2026, 8, 31, 12, tzinfo=UTC)) == 1
    assert [trace.record for trace in log.traces()] == ["2026-02-28", "2026-03-09"]


def test_a_log_with_nothing_to_forget_is_not_written_again(tmp_path: Path) -> None:
    """Every start of the booth looks: the card that it runs from lasts longer."""
    log = ended(tmp_path, 6, datetime(2026, 2, 1, tzinfo=UTC))
    before = (tmp_path / "retention.jsonl").stat()
    assert log.purge(datetime(2026, 3, 1, tzinfo=UTC)) == 0
    assert (tmp_path / "retention.jsonl").stat().st_ino == before.st_ino
    assert RetentionLog(tmp_path / "none.jsonl", 6).purge(datetime(2026, 3, 1, tzinfo=UTC)) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["retention.jsonl"]


def check(directory: Path, needles: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(needles))
    return main(["erase", "--check", str(directory)])


def test_the_search_finds_what_is_planted_and_nothing_after_a_consultation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.measure()
    desk.tap(screen.End())
    needles = "\n".join(NAMES)
    assert check(tmp_path, needles, monkeypatch) == 0
    assert "5 values searched" in capsys.readouterr().out
    for name in ("outbox.db-wal", "devices.json", "core.1234", "retention.jsonl"):
        path = tmp_path / name
        before = path.read_bytes() if path.exists() else None
        path.write_bytes((before or b"") + "Vauquelin".encode("utf-16-le"))
        assert check(tmp_path, needles, monkeypatch) == 1
        out = capsys.readouterr().out
        assert f"value 1 is found in {name}" in out
        assert "Vauquelin" not in out
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
    (tmp_path / "left.tmp").write_bytes(b"")
    assert check(tmp_path, needles, monkeypatch) == 1
    assert "left.tmp is no file of the booth" in capsys.readouterr().out


@pytest.mark.parametrize("needles", ["abc", "Jeanne\nab"])
def test_a_needle_found_by_chance_is_refused(tmp_path: Path, needles: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(tmp_path, needles, monkeypatch) == 2
    assert check(tmp_path / "none", "", monkeypatch) == 2


def test_after_each_consultation_its_own_values_are_searched_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    doctor = Doctor(desk)
    desk.to_consented()
    desk.measure()
    desk.tap(screen.Wait())
    doctor.join()
    desk.tap(screen.Say("Essoufflée depuis mardi"), screen.Say("Oui"))
    doctor.say(specialist.Report(text="Dyspnée à explorer\nRevoir", conclusion=""))
    view = desk.tap(screen.End())
    assert (view.checked, view.searched) == ("checking", 0)
    ((consultation, values),) = desk.ports.searches
    assert {"Vauquelin", "Jeanne", "Jeanne VAUQUELIN", "1950-04-02", "Essoufflée depuis mardi", "Dyspnée à explorer", "Revoir"} <= set(
        values
    )
    assert "Oui" not in values, "what is that short is found by chance"
    desk.booth.erasure_checked("another", "found", 3)
    desk.booth.erasure_checked(consultation, "clean", 9)
    desk.booth.tick()
    assert (desk.view.checked, desk.view.searched) == ("clean", 9)
    assert desk.tap(screen.NextPatient(), screen.OpenSession(), screen.End()).checked == "", "of nobody there is nothing to search"


def test_while_a_consultation_is_open_its_values_are_searched_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state, spool = tmp_path / "state", tmp_path / "spool"
    for directory in (state, spool):
        directory.mkdir(mode=0o700)
    desk = Desk(state, keys=load_or_create(state / "booth.key"))
    desk.to_consented()
    assert check(state, "", monkeypatch) == 0
    said = capsys.readouterr().out
    assert "of the values are of the consultation that is open now; it lies sealed in session.sealed" in said
    sealed = (state / "session.sealed").read_bytes()
    (spool / "job").write_bytes("né le 1950-04-02".encode())
    (state / "core.77").write_bytes("VAUQUELIN".lower().title().encode("utf-16-be"))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["erase", "--check", str(state), str(spool)]) == 1
    said = capsys.readouterr().out
    assert f"is found in {spool}/job" in said
    assert "is found in core.77" in said
    assert not any(name in said for name in NAMES[:3])
    assert (state / "session.sealed").read_bytes() == sealed, "a search touches nothing"
    (state / "booth.key").unlink()
    (state / "core.77").unlink()
    assert check(state, "", monkeypatch) == 0
    assert "the open consultation's own values were not searched for: the booth's key is not in" in capsys.readouterr().out


def test_every_file_that_the_booth_writes_is_known_to_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be called a trace."""
    RecordMarks(tmp_path).keep({"ble:meter": 7})
    known_devices.save(tmp_path, (CUFF,))
    Desk(tmp_path).to_consented()
    assert check(tmp_path, "", monkeypatch) == 0
