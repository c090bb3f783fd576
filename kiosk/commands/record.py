"""`telecabine record`: judge an act record with the booth's public key alone, or print it."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.consultation.record import UNREADABLE, faults, parse

if TYPE_CHECKING:
    import argparse

_KEY = 32


def _complain(text: str) -> int:
    sys.stderr.write(f"telecabine record: {text}\n")
    return 2


def _public_key(text: str) -> bytes:
    """The Ed25519 key in base64, or in base64 in the file of that name.

    Raises:
        ValueError: neither.
    """
    path = Path(text)
    try:
        encoded = path.read_text(encoding="ascii").strip() if path.is_file() else text
        key = base64.b64decode(encoded, validate=True)
    except (OSError, ValueError):
        key = b""
    if len(key) != _KEY:
        raise ValueError("--key is the booth's public key: 32 octets in base64, or a file that holds this text")
    return key


def _verify(arguments: argparse.Namespace) -> int:
    try:
        found = faults(arguments.file.read_bytes(), _public_key(arguments.key))
    except (OSError, ValueError) as error:
        return _complain(str(error))
    if found == [UNREADABLE]:
        return _complain(f"{arguments.file}: {UNREADABLE}")
    sys.stdout.write("\n".join(found or ["the record is whole and signed by this booth"]) + "\n")
    return 1 if found else 0


def _pdf(arguments: argparse.Namespace) -> int:
    from kiosk.consultation.record_pdf import FontError, as_pdf  # fpdf2 takes half a second to load

    try:
        record = arguments.file.read_bytes()
        found = faults(record, base64.b64decode(parse(record)["booth"]))
        if found == [UNREADABLE]:
            return _complain(f"{arguments.file}: {UNREADABLE}")
        if found:
            sys.stderr.write("\n".join([*found, "an altered record is not printed"]) + "\n")
            return 1
        arguments.out.write_bytes(as_pdf(parse(record)))
    except (KeyError, TypeError):
        return _complain(f"{arguments.file}: {UNREADABLE}")
    except (OSError, ValueError, FontError) as error:
        return _complain(str(error))
    return 0


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`. Exit 0: done; 1: the record has faults; 2: it cannot be read."""
    parser = commands.add_parser("record", help="judge or print an act record")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="every fault in plain words; exit 0 when the record is whole")
    verify.add_argument("file", metavar="FILE", type=Path)
    verify.add_argument("--key", required=True, metavar="BASE64|FILE", help="the booth's public key")
    verify.set_defaults(run=_verify)
    pdf = actions.add_parser("pdf", help="print the record in French")
    pdf.add_argument("file", metavar="FILE", type=Path)
    pdf.add_argument("out", metavar="OUT.pdf", type=Path)
    pdf.set_defaults(run=_pdf)
