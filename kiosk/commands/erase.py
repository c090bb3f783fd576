"""`telecabine erase --check`: what a booth's state directory holds, and whether a consultation's values are found in it."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from kiosk.consultation.erase import SHORTEST, scan, text_forms
from kiosk.consultation.needles import needles
from kiosk.consultation.sealed_session import SealedSession
from kiosk.consultation.snapshot import restore
from kiosk.secure.errors import SecureError
from kiosk.secure.keys import load_or_create
from kiosk.storage import KNOWN, OUTBOX, RETENTION, SESSION

_NEEDLES = (
    "Values to search for come on standard input, one a line (never as arguments: every program of the machine can read those). While a "
    "consultation is open its own values are searched for as well, as long as its key is there."
)


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


def _own(directory: Path) -> tuple[list[str], str]:
    """The values of the consultation that is open in this state directory, and what keeps them from being known, if anything does."""
    session = directory / SESSION
    if not session.exists():
        return [], ""
    try:
        keys = load_or_create(directory / "booth.key") if (directory / "booth.key").exists() else None
        state = SealedSession(session, keys).peek() if keys is not None else None
        kept = restore(state) if state is not None else None
    except (SecureError, ValueError) as error:
        return [], str(error)
    if kept is None:
        return [], "the booth's key is not in this directory, or does not open it"
    return list(needles(kept.consultation, kept.entries, (result.settled for result in kept.results.values()))), ""


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command. Exit 0: nothing found; 1: a value or a file that should not be there; 2: it cannot be searched."""
    state, *others = arguments.check
    given = [] if sys.stdin.isatty() else [line for line in sys.stdin.read().splitlines() if line]
    short = [number for number, needle in enumerate(given, 1) if len(needle) < SHORTEST]
    if short:
        sys.stderr.write(f"telecabine erase: line {short[0]} is shorter than {SHORTEST} letters: it would be found by chance\n")
        return 2
    try:
        for directory in (state, *others):
            if not directory.is_dir():
                raise NotADirectoryError(f"{directory} is not a directory")
        own, closed = _own(state)
        wanted = [text_forms(needle) for needle in dict.fromkeys([*given, *own])]
        hits = [(hit, "") for hit in scan(state, wanted)] + [(hit, f"{place}/") for place in others for hit in scan(place, wanted)]
        found = [f"value {hit.needle + 1} is found in {place}{hit.place}" for hit, place in hits]
        names = sorted(str(path.relative_to(state)) for path in state.rglob("*") if not path.is_dir())
        count = len(names) + sum(not path.is_dir() for place in others for path in place.rglob("*"))
        remains = _count(state)
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"telecabine erase: {error}\n")
        return 2
    found += [f"{name} is no file of the booth" for name in names if name not in KNOWN]
    if closed:
        remains.append(f"the open consultation's own values were not searched for: {closed}")
    elif own:
        remains.append(f"{len(own)} of the values are of the consultation that is open now; it lies sealed in {SESSION}")
    sys.stdout.write("\n".join([*found, f"{len(wanted)} values searched in {count} files", *remains]) + "\n")
    return 1 if found else 0


def _options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument(
        "--check",
        required=True,
        type=Path,
        nargs="+",
        metavar="DIRECTORY",
        help="the state directory, then others that are searched: a spool, a directory of core files, a temporary one",
    )
    parser.set_defaults(run=run)
    return parser


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    _options(commands.add_parser("erase", help="search a booth's state directory for what should be gone", epilog=_NEEDLES))


if __name__ == "__main__":  # as the booth starts it after each consultation, without the other commands and what they load
    sys.exit(run(_options(argparse.ArgumentParser(prog="telecabine erase", epilog=_NEEDLES)).parse_args()))
