"""`telecabine enrol`: ask the organisation to list this booth. Shows a code, a QR code and the key's fingerprint, and waits."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import zxingcpp

from kiosk import settings as settings_module
from kiosk.enrolment import Enrolling
from kiosk.secure.directory import Trust
from kiosk.secure.errors import EnrolmentError, SecureError
from kiosk.secure.keys import load_or_create, verify
from kiosk.secure.tls import context
from kiosk.storage import DIRECTORY
from protocol import directory as wire
from protocol.enrolment import Request, encode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings

PATIENCE = aiohttp.ClientTimeout(total=30)


def qr(text: str) -> str:
    """A QR code for a terminal, dark on light, two rows of dots in a line."""
    image: Any = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=1)  # its stubs do not say that it is a buffer
    dots: Any = memoryview(image).tolist()
    rows = [[bool(dot) for dot in row] for row in dots]
    if len(rows) % 2:
        rows.append([True] * len(rows[0]))
    signs = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
    return "\n".join(
        "".join(signs[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )


def station_address(settings: Settings) -> str:
    """The station's address for HTTP."""
    parts = urlsplit(settings.station)
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"


async def enrol(settings: Settings, keys: BoothKeys, enrolling: Enrolling, say: Callable[[str], object], now: int) -> None:
    """Ask, show, wait, and keep the directory.

    Raises:
        SecureError: it did not come to that; the message says what to do.
    """
    fingerprint = Request("booth", settings.pharmacy, keys.public, keys.sealing).fingerprint
    asked = await enrolling.ask(keys, settings.pharmacy)
    say(qr(f"{asked.verification_uri_complete}#{fingerprint.replace(' ', '')}"))
    say(f"Code        {asked.user_code}\nEmpreinte / fingerprint\n            {fingerprint}")
    say(f"Lisez les deux à l'administrateur. / Read both to the administrator.   {asked.verification_uri}")
    octets = await enrolling.listed(asked)
    organisation = settings.pin.organisation if settings.pin is not None else wire.decode(octets)[0].organisation
    try:
        directory = wire.opened(octets, organisation, verify)
        directory.entry(keys.public, "booth", now)
    except wire.DirectoryError as error:
        raise EnrolmentError("not-listed", f"the station's directory does not list this booth: {error}") from None
    if settings.pin is not None:
        Trust(Path(settings.state_directory) / DIRECTORY, settings.pin).take(octets)
        say(f"Inscrite dans l'annuaire {directory.number}. / Listed in directory {directory.number}.")
        return
    pin = wire.Pin(organisation, *directory.position)
    say(
        "Comparez l'empreinte de l'organisation, puis écrivez dans les réglages :\n"
        f'Compare the organisation\'s fingerprint, then write into the settings:\n            {wire.mark(organisation)}\norganisation = "{pin}"'
    )


async def _online(settings: Settings, keys: BoothKeys) -> None:
    tls = context(Path(settings.authority) if settings.authority else None)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls), timeout=PATIENCE) as session:
        await enrol(settings, keys, Enrolling(session, station_address(settings)), _say, time.time_ns() // 1_000_000)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command. Exit 0: listed (or the request printed); 1: not, and one line says why."""
    try:
        settings = settings_module.load(arguments.settings)
        state = Path(settings.state_directory)
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        credentials = os.environ.get("CREDENTIALS_DIRECTORY")
        keys = load_or_create(state / "booth.key", Path(credentials) if credentials else None)
        if arguments.offline:
            request = Request("booth", settings.pharmacy, keys.public, keys.sealing)
            _say(f"{request.fingerprint}\n{encode(request, keys.sign)}")
        else:
            asyncio.run(_online(settings, keys))
    except (settings_module.SettingsError, SecureError, OSError) as error:
        sys.stderr.write(f"telecabine enrol: {error}\n")
        return 1
    return 0


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("enrol", help="have this booth listed in the organisation's directory")
    parser.add_argument("--settings", type=Path, default=Path("/etc/telecabine/booth.toml"))
    parser.add_argument("--offline", action="store_true", help="print the request, to be carried to `telecabine org enrol` by hand")
    parser.set_defaults(run=run)
