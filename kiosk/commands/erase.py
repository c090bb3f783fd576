"""`telecabine erase --check`: what a booth's state directory holds, and whether a consultation's values are found in it."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.consultation.erase import SHORTEST, scan, text_forms
from kiosk.storage import KNOWN, OUTBOX, RETENTION

if TYPE_CHECKING:
    import argparse

_NEEDLES = "needles come on standard input, one a line (never as arguments: every program of the machine can read those)"


def _count(directory: Path) -> list[str]:
    """What remains by right, in plain words.

    Raises:
        sqlite3.Error: the outbox is not a database of ours.
    """
    envelopes = 0
    if (directory / OUTBOX).exists():
        connection = sqlite3.connect(f"file:{directory / OUTBOX}?mode=ro", uri=True)
        try:
            envelopes = connection.execute("select count(*) from outbox").fetchone()[0]
        finally:
            connection.close()
    traces = len((directory / RETENTION).read_bytes().splitlines()) if (directory / RETENTION).exists() else 0
    return [f"{envelopes} sealed envelopes wait for their recipient", f"{traces} traces of ended consultations (hash, times, incidents)"]


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command. Exit 0: nothing found; 1: a value or a file that should not be there; 2: it cannot be searched."""
    directory: Path = arguments.check
    needles = [] if sys.stdin.isatty() else [line for line in sys.stdin.read().splitlines() if line]
    short = [number for number, needle in enumerate(needles, 1) if len(needle) < SHORTEST]
    if short:
        sys.stderr.write(f"telecabine erase: line {short[0]} is shorter than {SHORTEST} letters: it would be found by chance\n")
        return 2
    try:
        if not directory.is_dir():
            raise NotADirectoryError(f"{directory} is not a directory")
        found = [f"value {hit.needle + 1} is found in {hit.place}" for hit in scan(directory, [text_forms(needle) for needle in needles])]
        names = sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir())
        remains = _count(directory)
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"telecabine erase: {error}\n")
        return 2
    found += [f"{name} is no file of the booth" for name in names if name not in KNOWN]
    sys.stdout.write("\n".join([*found, f"{len(needles)} values searched in {len(names)} files", *remains]) + "\n")
    return 1 if found else 0


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("erase", help="search a booth's state directory for what should be gone", epilog=_NEEDLES)
    parser.add_argument("--check", required=True, type=Path, metavar="STATE_DIRECTORY")
    parser.set_defaults(run=run)
