"""`telecabine`: what a technician types."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from kiosk.commands import cameras, capture, check, decode, devices, enrol, erase, fhir_bundle, identify, org, page, record
from protocol.memory import no_core_dumps

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = (cameras, capture, check, decode, devices, enrol, erase, fhir_bundle, identify, org, page, record)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, like every other error of these tools."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` says how\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; a usage error is 2."""
    parser = _Parser(prog="telecabine", description="Tools of the telecabine booth.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.register(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def program() -> int:
    """What the shell starts: as `main`, and a crash leaves nothing of what the command has read."""
    no_core_dumps()
    return main()


if __name__ == "__main__":
    sys.exit(program())
