"""A booth that holds one consultation after the other until it is killed: `python -m tests.kiosk.power_cut DIRECTORY`.

Says "kept ID" when a sealed envelope is on disk. `cut` starts it, kills it at a random moment and judges what is left.
"""

import random
import subprocess
import sys
from collections import Counter
from itertools import count
from pathlib import Path

from kiosk.consultation.erase import Hit, forms, scan, text_forms
from kiosk.secure.outbox import Item
from protocol import screen
from tests.kiosk.booth_rig import JEANNE, PRESSURE, Desk

NEEDLES = [*(text_forms(text) for text in ("Vauquelin", "Jeanne", "1950-04-02")), forms(PRESSURE)]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def live(directory: Path) -> None:
    """Consultations for ever."""
    desk = Desk(directory)
    if desk.view.stage == "interrupted":
        desk.tap(JEANNE, screen.End(), screen.NextPatient())
    for number in count():
        desk.to_consented()
        say("consented")
        result = desk.measure()
        desk.tap(screen.Confirm(result, accepted=True))
        say("confirmed")
        envelope = f"{desk.clock.boot}-{number}-{random.random()}"
        desk.storage.outbox.put(Item(envelope, "c", b"r", int(desk.clock.now().wall.timestamp() * 1000), b"sealed", None))
        say(f"kept {envelope}")
        desk.tap(screen.End())
        say("ended")
        desk.tap(screen.NextPatient())


def cut(directory: Path, lines: int) -> tuple[Counter[str], list[Hit], set[str]]:
    """Kill a booth once it has said so many lines; how the next start finds it, needles found, envelopes lost."""
    child = subprocess.Popen([sys.executable, "-m", "tests.kiosk.power_cut", str(directory)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = [child.stdout.readline().strip() for _ in range(lines)]
    child.kill()
    said += [line.strip() for line in child.stdout.read().splitlines()]
    child.stdout.close()
    child.wait()
    hits = scan(directory, NEEDLES)
    desk = Desk(directory)
    stage = desk.view.stage
    hits += scan(directory, NEEDLES)
    kept = {line.removeprefix("kept ") for line in said if line.startswith("kept ")}
    lost = kept - {item.id for item in desk.storage.outbox.waiting()}
    desk.storage.close()
    return Counter([stage]), hits, lost


if __name__ == "__main__":
    live(Path(sys.argv[1]))
