"""`telecabine org`: the organisation's own keys and directory, on a machine that is kept offline. The station never holds these keys."""

from __future__ import annotations

import getpass
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.secure import organisation
from kiosk.secure.errors import SecureError
from kiosk.secure.keys import verify
from kiosk.secure.organisation import DAY, DIRECTORY, RECOVERY, ROOT, Organisation, OrganisationError
from protocol import directory as wire
from protocol import enrolment
from protocol.directory import DirectoryError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

REASONS = ("lost", "stolen", "left", "replaced", "retired")
_OFFLINE = """The folder holds root.key and recovery.key (both sealed under a passphrase) and directory, which is public and is what
`telecabine-station publish` takes. Move recovery.key to another place at once: it is what takes the organisation back when root.key is lost or
stolen. When both are gone, or recovery.key is stolen, a new organisation is needed and every booth and browser gets its new code."""


@dataclass(frozen=True)
class Desk:
    """What the command asks and says: the terminal, or a test's."""

    secret: Callable[[str], str]
    confirm: Callable[[str], str]
    say: Callable[[str], object]
    now: Callable[[], int]
    cost: organisation.Cost


def terminal() -> Desk:
    """The technician's terminal."""
    return Desk(
        getpass.getpass, input, lambda line: sys.stdout.write(line + "\n"), lambda: time.time_ns() // 1_000_000, organisation.Cost()
    )


def _new_passphrase(desk: Desk, what: str) -> str:
    passphrase = desk.secret(f"New passphrase for {what}: ")
    if desk.secret("Again: ") != passphrase:
        raise OrganisationError("the two passphrases differ")
    return passphrase


def _open(arguments: argparse.Namespace, desk: Desk) -> Organisation:
    folder: Path = arguments.folder
    return Organisation(folder, organisation.open_key(folder / ROOT, desk.secret(f"Passphrase of {ROOT}: ")))


def _init(arguments: argparse.Namespace, desk: Desk) -> None:
    passphrases = (_new_passphrase(desk, ROOT), _new_passphrase(desk, RECOVERY))
    made = organisation.create(arguments.folder, *passphrases, desk.now(), desk.cost)
    desk.say(f"{made.pin}\nMove {arguments.folder / RECOVERY} to another place now.")


def _enrol(arguments: argparse.Namespace, desk: Desk) -> None:
    request = enrolment.decode(arguments.request, verify)
    desk.say(f"{request.kind}  {request.name}\n{request.fingerprint}")
    if desk.confirm("Does the screen of who asks show this fingerprint? Type yes: ").strip().lower() not in ("yes", "oui"):
        raise OrganisationError("not enrolled")
    changed, now = _open(arguments, desk), desk.now()
    changed.enrol(request.entry(arguments.role, now - DAY, now + arguments.days * DAY), now)
    _said(changed, desk)


def _revoke(arguments: argparse.Namespace, desk: Desk) -> None:
    changed = _open(arguments, desk)
    changed.revoke(arguments.name, arguments.reason, desk.now())
    _said(changed, desk)


def _renew(arguments: argparse.Namespace, desk: Desk) -> None:
    changed = _open(arguments, desk)
    if arguments.name:
        changed.renew(arguments.name, desk.now())
    else:
        changed.refresh(desk.now())
    _said(changed, desk)


def _rotate(arguments: argparse.Namespace, desk: Desk) -> None:
    folder: Path = arguments.folder
    by = RECOVERY if arguments.lost or arguments.stolen else ROOT
    key = organisation.open_key(arguments.recovery or folder / by, desk.secret(f"Passphrase of {by}: "))
    changed, now = Organisation(folder, key), desk.now()
    new = {name: folder / f"{name}.new" for name in ((ROOT, RECOVERY) if by == RECOVERY else (ROOT,))}
    keys = {name: organisation.new_key(path, _new_passphrase(desk, f"the new {name}"), desk.cost) for name, path in new.items()}
    if by == RECOVERY:
        changed.recover(keys[ROOT], keys[RECOVERY], now)
    else:
        changed.rotate(keys[ROOT], now)
    for name, path in new.items():
        path.replace(folder / name)
    _said(changed, desk)
    if by == RECOVERY:
        desk.say(f"New booths and links take this code: {changed.pin}\nMove {folder / RECOVERY} to another place now.")


def _said(changed: Organisation, desk: Desk) -> None:
    desk.say(f"directory {changed.directory.number} is signed: telecabine-station publish {DIRECTORY}")


def _show(arguments: argparse.Namespace, desk: Desk) -> None:
    octets = organisation.read(arguments.folder)
    directory = wire.opened(octets, wire.decode(octets)[0].organisation, verify)
    pin = wire.Pin(directory.organisation, *directory.position)
    desk.say(f"code         {pin}\nfingerprint  {wire.mark(directory.organisation)}\nuntil        {_day(directory.until)}")
    for entry in directory.entries:
        desk.say(f"{entry.kind:10}  {_day(entry.until)}  {wire.fingerprint(entry)}  {entry.name}{f' ({entry.role})' if entry.role else ''}")
    for item in directory.revocations:
        desk.say(f"revoked     {_day(item.at)}  {item.identity.hex()[:16]}  {item.reason}")


def _day(at: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at / 1000))


def run(arguments: argparse.Namespace, desk: Desk | None = None) -> int:
    """Carry out the command. Exit 0: done; 1: it cannot be done, nothing changed; the reason is one line."""
    try:
        arguments.act(arguments, desk or terminal())
    except (OrganisationError, DirectoryError, SecureError, OSError) as error:
        sys.stderr.write(f"telecabine org: {error}\n")
        return 1
    return 0


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("org", help="the organisation's keys and its signed directory of booths and specialists", epilog=_OFFLINE)
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, act: Callable[[argparse.Namespace, Desk], None], text: str) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=text)
        added.add_argument("folder", type=Path, metavar="FOLDER")
        added.set_defaults(act=act)
        return added

    action("init", _init, "make a new organisation")
    enrol = action("enrol", _enrol, "list a booth or specialist, after comparing fingerprints")
    enrol.add_argument("request", metavar="REQUEST", help="as `telecabine-station approve CODE` or `telecabine enrol --offline` prints it")
    enrol.add_argument("--role", default="", help="such as the specialty")
    enrol.add_argument("--days", type=int, default=organisation.ENTRY_LASTS // DAY)
    revoke = action("revoke", _revoke, "believe a key no more")
    revoke.add_argument("name", metavar="NAME")
    revoke.add_argument("--reason", required=True, choices=REASONS)
    renew = action("renew", _renew, "sign the directory again before it expires; with NAME, its key as well")
    renew.add_argument("name", metavar="NAME", nargs="?", default="")
    rotate = action("rotate", _rotate, "a new root key, signed by the old one; by the recovery key when the old one is lost or stolen")
    why = rotate.add_mutually_exclusive_group()
    why.add_argument("--lost", action="store_true")
    why.add_argument("--stolen", action="store_true")
    rotate.add_argument("--recovery", type=Path, metavar="FILE", help="where the recovery key is, if not in FOLDER")
    action("show", _show, "the code for booths and links, and everybody who is listed")
