"""A booth that holds one consultation after the other until it is killed: `python -m tests.kiosk.power_cut DIRECTORY SECONDS`.

Says "kept ID" when a sealed envelope is on disk. `cut` starts it, kills it at a random moment and judges what is left: in the state directory,
and in a temporary directory in memory that is the booth's own.
"""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from kiosk.consultation.erase import Hit, forms, scan, text_forms
from protocol import screen, specialist, station
from protocol.memory import no_core_dumps
from tests.kiosk.booth_rig import JEANNE, PRESSURE, Desk, ManualClock
from tests.kiosk.specialist_rig import Doctor

ROOT = Path(__file__).parents[2]
NOTE, REPORT = "Essoufflée depuis mardi", "Dyspnée à explorer"
NEEDLES = [*(text_forms(text) for text in ("Vauquelin", "Jeanne", "1950-04-02", NOTE, REPORT)), forms(PRESSURE)]
#: one consultation's hours after the other's; a power cut is found again after some minutes
BETWEEN, AFTER = 3600.0, 600.0


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def at(seconds: float) -> ManualClock:
    clock = ManualClock()
    clock.seconds = seconds
    return clock


def live(directory: Path, seconds: float) -> None:
    """Consultations for ever, each with a specialist who takes a result, text and a report."""
    desk = Desk(directory, at(seconds))
    if desk.view.stage == "interrupted":
        desk.tap(JEANNE, screen.End(), screen.NextPatient())
    told = 0
    for _ in count():
        doctor = Doctor(desk)
        desk.to_consented()
        say("consented")
        desk.tap(screen.Confirm(desk.measure(), accepted=True))
        say("confirmed")
        desk.tap(screen.Wait())
        doctor.join()
        desk.tap(screen.Say(NOTE))
        doctor.say(specialist.Report(text=REPORT, conclusion=""))
        say("reported")
        desk.tap(screen.End())
        for message in desk.ports.posted[told:]:
            if isinstance(message, station.Deposit):
                say(f"kept {message.id}")
        told = len(desk.ports.posted)
        desk.tap(screen.NextPatient())
        desk.clock.seconds += 61


@dataclass
class Left:
    """What power cuts have left: how the next start found the booth, needles found, envelopes that were kept, and those lost since."""

    stages: Counter[str] = field(default_factory=Counter)
    hits: list[Hit] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


def cut(left: Left, directory: Path, temporary: Path, number: int, moment: random.Random, death: signal.Signals = signal.SIGKILL) -> None:
    """Kill a booth once it has said some lines and a moment more has passed, and judge."""
    start = BETWEEN * number
    command = [sys.executable, "-m", "tests.kiosk.power_cut", str(directory.absolute()), str(start)]
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "fhir")))}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=directory)
    assert child.stdout is not None
    said = [child.stdout.readline().strip() for _ in range(moment.randint(1, 12))]
    try:
        child.wait(moment.random() / 20)
    except subprocess.TimeoutExpired:
        child.send_signal(death)
    said += [line.strip() for line in child.stdout.read().splitlines()]
    child.stdout.close()
    assert child.wait() == -death, "the booth did not die of its killer"
    left.hits += [*scan(directory, NEEDLES), *scan(temporary, NEEDLES)]
    desk = Desk(directory, at(start + AFTER))
    left.stages[desk.view.stage] += 1
    left.hits += scan(directory, NEEDLES)
    left.kept |= {line.removeprefix("kept ") for line in said if line.startswith("kept ")}
    left.lost |= left.kept - {item.id for item in desk.storage.outbox.waiting()}
    desk.storage.close()


if __name__ == "__main__":
    no_core_dumps()
    live(Path(sys.argv[1]), float(sys.argv[2]))
