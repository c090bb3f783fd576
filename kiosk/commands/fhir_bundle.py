"""`telecabine fhir`: decoded lines in, a FHIR Bundle out; and `telecabine fhir push`, which sends Bundles to a server."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kiosk.commands.fhir_lines import LineError, parse, reading
from kiosk.commands.fhir_session import Session, SessionError, aware
from kiosk.commands.fhir_session import load as load_session
from kiosk.fhir_push import deliver as delivery
from kiosk_fhir import bundle, mesures
from kiosk_fhir.errors import MappingError
from kiosk_fhir.observation import MANUAL

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from datetime import datetime

    from drivers.measurement import Reading
    from kiosk_fhir.context import Context
    from kiosk_fhir.wire import Resource


def say(message: str) -> None:
    """One line for the technician."""
    print(f"telecabine fhir: {message}", file=sys.stderr)  # noqa: T201 - a command speaks on its terminal


def effective(taken: Reading, context: Context, session: Session) -> tuple[datetime, bool]:
    """When it was measured, and whether the device's own time was corrected for it.

    A device time is local; with a clock reading it is shifted by what that clock was off. In the hour that comes twice in autumn, the one
    before the reception is meant. Without a device time it is when the booth received it.
    """
    received = taken.received.wall
    if taken.device_time is None:
        return received, False
    offset = None if context.clock is None else context.clock.offset()
    local = taken.device_time if offset is None else taken.device_time + offset
    first = aware(local, session.zone)
    second = first.replace(fold=1)
    return (second if second <= received else first), offset is not None


def _readings(lines: BinaryIO, session: Session) -> Iterator[tuple[Reading, Context]]:
    context, received = session.context(), session.received()
    for index, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = parse(text)
            if line.rejected is not None:
                say(f"line {index}: the decoder refused it: {line.rejected}")
                continue
            taken = reading(line, received, index)
        except LineError as error:
            raise LineError(f"line {index}: {error}") from None
        if taken.measurements:
            device = None if taken.driver == MANUAL or context.device is None else replace(context.device, driver=taken.driver)
            yield taken, replace(context, device=device)


def _map(arguments: argparse.Namespace, lines: BinaryIO, output: BinaryIO) -> int:
    session = load_session(Path(arguments.session).read_bytes())
    found: list[Resource] = []
    printed: list[bytes] = []
    for taken, context in _readings(lines, session):
        when, corrected = effective(taken, context, session)
        try:
            if arguments.mesures:
                printed += mesures.transactions(taken, context, effective=when, corrected=corrected, preliminary=not taken.settled)
                continue
            made = bundle.resources(taken, context, effective=when, corrected=corrected, preliminary=not taken.settled)
        except MappingError as error:
            if error.field == "measurements":
                say(f"{taken.source}: {error.reason}")
                continue
            raise
        if arguments.each:
            printed.append(bundle.transaction(made))
        found += made
    if not (found or printed):
        say("there is nothing to map")
        return 1
    output.writelines(one + b"\n" for one in printed or [bundle.transaction({one.id: one for one in found}.values())])
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command. Exit 0: printed; 1: nothing could be printed; 2: the session file cannot be used."""
    if not arguments.session:
        say("--session FILE is needed")
        return 2
    try:
        return _map(arguments, sys.stdin.buffer, sys.stdout.buffer)
    except OSError as error:
        say(f"{arguments.session}: {error.strerror}")
        return 2
    except SessionError as error:
        say(f"{arguments.session}: {error}")
        return 2
    except (LineError, MappingError) as error:
        say(str(error))
        return 1


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("fhir", help="decoded lines on stdin, a FHIR Bundle out")
    parser.add_argument("--session", metavar="FILE", help="who, where, when and with what: JSON, see docs/fhir.md")
    parser.add_argument("--each", action="store_true", help="one Bundle per measurement, one a line, as `push` takes them")
    parser.add_argument("--mesures", action="store_true", help="the form that Mon espace santé takes, one Bundle a line")
    parser.set_defaults(run=run)
    delivery.register(parser.add_subparsers(metavar="push"))
