"""`telecabine identify`: a code or a card in, candidates as JSON out. What a technician checks a reader with."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drivers.cards import ins_datamatrix
from drivers.cards.card import Policy
from drivers.cards.vitale import LEGAL_NOTICE
from drivers.identity import CardError, CodeError
from kiosk.consultation.identity_messages import message
from kiosk.links.smart_card import CardReader, CardSettings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from drivers.identity import Identifier, IdentityCandidate


def _identifier(number: Identifier, *, show: bool) -> dict[str, str]:
    value = number.value.reveal() if show else number.value_masked
    return {"system": number.system, "value_masked": value, "check": number.check, "belongs_to": number.belongs_to}


def as_json(
    candidates: Sequence[IdentityCandidate], error: CardError | CodeError | None = None, *, show_numbers: bool = False
) -> dict[str, Any]:
    """The JSON object of one read: who it may be, or why nothing was taken. Numbers are masked unless `show_numbers`."""
    return {
        "candidates": [
            {
                "driver": candidate.driver,
                "family_name": candidate.family_name,
                "given_names": list(candidate.given_names),
                "birth_date": candidate.birth_date,
                "sex": candidate.sex,
                "identifiers": [_identifier(number, show=show_numbers) for number in candidate.identifiers],
                "trust": candidate.trust,
                "warnings": list(candidate.warnings),
            }
            for candidate in candidates
        ],
        "rejected": None if error is None else f"{error}. {message(error).english} {message(error).english_way_out}",
    }


def _usage(text: str) -> int:
    print(f"telecabine identify: {text}", file=sys.stderr)  # noqa: T201 - a command speaks on its terminal
    return 2


def _shows_numbers(arguments: argparse.Namespace) -> bool:
    if not arguments.show_numbers:
        return False
    if not sys.stdout.isatty():
        _usage("numbers stay masked: --show-numbers works on a terminal only")
        return False
    return True


def _code(arguments: argparse.Namespace) -> tuple[IdentityCandidate]:
    try:
        data = bytes.fromhex(arguments.datamatrix)
    except ValueError:
        raise ValueError("bad hex: two digits 0-9 a-f for each byte of the code, as in 49533031") from None
    return (ins_datamatrix.read(data, test=arguments.test_identities),)


def _settings(arguments: argparse.Namespace) -> CardSettings:
    anchors = tuple(Path(name).read_bytes() for name in arguments.anchor)
    policy = Policy(vitale_legal_basis=arguments.vitale_legal_basis, anchors=anchors, vitale_api=arguments.vitale_api)
    return CardSettings(policy=policy, professional_readers=tuple(arguments.professional_reader))


async def _card(settings: CardSettings, name: str | None) -> tuple[IdentityCandidate, ...]:
    reader = CardReader(settings)
    try:
        return await reader.read(name)
    finally:
        await reader.aclose()


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command. Exit 0: at least one candidate; 1: nothing was taken; 2: bad usage, bad hex or no such file."""
    found: Sequence[IdentityCandidate] = ()
    error: CardError | CodeError | None = None
    try:
        found = asyncio.run(_card(_settings(arguments), arguments.reader)) if arguments.card else _code(arguments)
    except (CardError, CodeError) as caught:
        error = caught
    except (OSError, ValueError) as caught:
        return _usage(str(caught))
    shown = as_json(found, error, show_numbers=_shows_numbers(arguments))
    sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
    return 0 if found else 1


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("identify", help="read an identity from a code or a card, JSON out")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--datamatrix", metavar="HEX", help="the bytes of an INS datamatrix")
    source.add_argument("--card", action="store_true", help="read the card in the patient's reader")
    parser.add_argument("--reader", help="the reader by name, where there are several")
    parser.add_argument("--professional-reader", action="append", default=[], metavar="PATTERN", help="readers that are not the patient's")
    parser.add_argument("--vitale-legal-basis", default="", metavar="TEXT", help=f"enables fr-vitale. {LEGAL_NOTICE}")
    parser.add_argument("--vitale-api", default="", metavar="MODULE:FUNCTION", help="adapter of the official Vitale reading API")
    parser.add_argument("--anchor", action="append", default=[], metavar="FILE", help="DER certificate that signs Belgian cards")
    parser.add_argument("--test-identities", action="store_true", help="take test identities, and those alone")
    parser.add_argument("--show-numbers", action="store_true", help="do not mask numbers; on a terminal only")
    parser.set_defaults(run=run)
