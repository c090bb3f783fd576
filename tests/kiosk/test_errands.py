"""What the booth has done apart: the patient's copy printed, INSi asked (simulated). Needs F000-48, F004-18."""

import struct
import subprocess
import wave
from dataclasses import replace as replaced
from pathlib import Path

import msgspec
import pytest

from kiosk.errands import Errands
from protocol import screen
from simulators.insi import SimulatedInsi
from tests.kiosk.booth_rig import Desk


async def settled(errands: Errands) -> None:
    """Until every errand is done."""
    while errands.busy:
        await errands.busy[0]


def words(paper: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout


def errands_of(desk: Desk, *command: str, insi: SimulatedInsi | None = None, places: tuple[str, ...] = ()) -> Errands:
    settings = msgspec.structs.replace(desk.settings, patient_copy=command, chime=(), training=insi is not None, erase_places=places)
    errands = Errands(settings, desk.clock, None, insi)
    errands.booth = desk.booth
    return errands


async def test_the_copy_is_a_pdf_on_the_printers_standard_input_and_nowhere_else(tmp_path: Path) -> None:
    state, paper = tmp_path / "state", tmp_path / "paper.pdf"
    state.mkdir()
    desk = Desk(state)
    desk.to_consented()
    desk.measure()
    desk.tap(screen.End(copy=True))
    errands = errands_of(desk, "sh", "-c", f"cat > {paper}")
    errands.print_copy(desk.ports.copies[-1])
    await settled(errands)
    assert desk.tap(screen.Touched()).copy == "printed"
    text = words(paper)
    assert "Vauquelin" in text
    assert "Résultat non envoyé" in text
    assert "124 mmHg" in text
    assert [path.name for path in state.iterdir() if b"auquelin" in path.read_bytes()] == []


async def test_the_disk_is_searched_after_a_consultation_and_what_was_left_is_found(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The real command, as a process: in the state directory and in a spool that the settings name. Need F004-30."""
    state, spool = tmp_path / "state", tmp_path / "spool"
    state.mkdir()
    spool.mkdir()
    desk = Desk(state)
    for leak, outcome in ((None, "clean"), (spool / "job", "found"), (state / "outbox.db-wal", "found"), (spool, "failed")):
        desk.to_consented()
        desk.measure()
        desk.tap(screen.End())
        if leak is spool:
            (spool / "job").unlink()
            spool.rmdir()
        elif leak is not None:
            leak.write_bytes(leak.read_bytes() + b"Vauquelin" if leak.exists() else b"Vauquelin")
        errands = errands_of(desk, places=(str(spool),))
        consultation, values = desk.ports.searches[-1]
        errands.check_erased(consultation, values)
        await settled(errands)
        assert desk.tap(screen.Touched()).checked == outcome
        assert desk.view.searched >= 4
        assert "auquelin" not in caplog.text
        if outcome == "found":
            assert f"is found in {leak if leak == spool / 'job' else 'outbox.db-wal'}" in caplog.text
        desk.tap(screen.NextPatient())
        if leak == spool / "job":
            leak.write_bytes(b"")


async def test_who_is_called_like_a_professional_of_the_directory_has_left_no_trace_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "directory").write_bytes(b"signed names: Dr Jeanne VAUQUELIN Vauquelin")
    desk.to_consented()
    desk.tap(screen.End())
    errands = errands_of(desk)
    errands.check_erased(*desk.ports.searches[-1])
    await settled(errands)
    assert desk.tap(screen.Touched()).checked == "clean"


@pytest.mark.parametrize("command", [(), ("false",), ("/no/such/printer",)])
async def test_a_printer_that_fails_is_said(tmp_path: Path, command: tuple[str, ...]) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.tap(screen.End(copy=True))
    errands = errands_of(desk, *command)
    errands.print_copy(desk.ports.copies[-1])
    await settled(errands)
    assert desk.tap(screen.Touched()).copy == "failed"


async def test_a_warning_is_heard_once_and_softly(tmp_path: Path) -> None:
    """EN 301 549: warned by more than one sense. What is played is a whole WAV of about a second, without a click at either end."""
    sound = tmp_path / "sound.wav"
    desk = Desk(tmp_path)
    errands = errands_of(desk)
    errands.chime()
    await settled(errands)
    assert not sound.exists()
    errands = Errands(msgspec.structs.replace(desk.settings, chime=("sh", "-c", f"cat > {sound}")), desk.clock, None, None)
    errands.chime()
    await settled(errands)
    with wave.open(str(sound)) as file:
        samples = struct.unpack(f"<{file.getnframes()}h", file.readframes(file.getnframes()))
        assert 0.5 < file.getnframes() / file.getframerate() < 1.5
    assert 5_000 < max(samples) < 20_000
    assert max(abs(samples[0]), abs(samples[-1])) < 100


async def test_insi_makes_the_identity_retrieved_and_a_document_then_qualified(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    insi = SimulatedInsi()
    errands = errands_of(desk, insi=insi)
    desk.tap(screen.OpenSession(), screen.TypedIdentity("Pat-Trois", "Dominique", "1979-03-28", "female"))
    insi.failure = "insi-deadline"
    errands.ask_insi(desk.ports.lookups[-1])
    await settled(errands)
    assert desk.tap(screen.Touched()).identity == "provisional"
    insi.failure = ""
    errands.ask_insi(desk.ports.lookups[-1])
    await settled(errands)
    assert desk.tap(screen.Touched()).identity == "retrieved"
    assert desk.tap(screen.SeeDocument("passport")).identity == "qualified"


async def test_an_answer_for_an_identity_that_has_changed_is_not_taken(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    errands = errands_of(desk, insi=SimulatedInsi())
    desk.tap(screen.OpenSession(), screen.TypedIdentity("Pat-Trois", "Dominique", "1979-03-28", "female"))
    errands.ask_insi(replaced(desk.ports.lookups[-1]))
    await settled(errands)
    assert desk.tap(screen.Touched()).identity == "provisional"
