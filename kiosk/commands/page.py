"""`telecabine page`: the specialist's page, signed by who publishes it and checked by anybody, wherever it is served.

Who serves other code than was published can be found out: the hash of a page is published, and two builds of the same sources
give the same hash (docs/threat-model.md says what this does and does not defend against).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import aiohttp
import msgspec

from kiosk.secure.errors import SecureError
from kiosk.secure.keys import load_or_create, verify
from protocol import page

if TYPE_CHECKING:
    import argparse

    from kiosk.secure.keys import BoothKeys

#: no file of the page is larger
LIMIT = 16 * 1024 * 1024


async def served(session: aiohttp.ClientSession, origin: str, key: bytes) -> str:
    """The hash of the page that is served at an origin.

    Raises:
        PageError: as `page.check`, or nobody answers.
    """
    try:
        octets = await _get(session, urljoin(origin, f"/{page.MANIFEST}"))
        listed = msgspec.json.decode(octets, type=page.Manifest).files
        found = {name: hashlib.sha256(await _get(session, urljoin(origin, f"/{name}"))).hexdigest() for name in listed}
        first = hashlib.sha256(await _get(session, urljoin(origin, "/"))).hexdigest()
    except (aiohttp.ClientError, msgspec.MsgspecError, UnicodeDecodeError, TimeoutError, ValueError) as error:
        raise page.PageError(f"the page cannot be fetched from {origin}: {error}") from None
    if first != listed.get(page.INDEX):
        raise page.PageError("what browsers get at / is another file than the one that was signed")
    return page.check(octets, key, found, verify)


async def _served(origin: str, key: bytes) -> str:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        return await served(session, origin, key)


async def _get(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url, allow_redirects=False) as response:
        if response.status != 200:
            raise ValueError(f"{url} answers {response.status}")
        octets = await response.content.read(LIMIT + 1)
        while len(octets) <= LIMIT and (more := await response.content.read(LIMIT)):
            octets += more
        return octets


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `page sign` and `page verify`."""
    steps = commands.add_parser("page", help="sign the specialist's page, or check the one that is served").add_subparsers(
        required=True, metavar="STEP"
    )
    sign = steps.add_parser("sign", help="write the signed manifest into the folder of a built page")
    sign.add_argument("folder", type=Path)
    sign.add_argument("--key", type=Path, required=True, help="the publisher's key file; born now when there is none")
    sign.add_argument("--station", metavar="ORIGIN", default="", help="the station that the page speaks to, from an origin of its own")
    sign.set_defaults(run=_sign)
    checked = steps.add_parser("verify", help="check a folder, or what is served at an origin, against the publisher's key")
    checked.add_argument("page", metavar="FOLDER|ORIGIN")
    checked.add_argument("--key", required=True, metavar="BASE64", help="the publisher's public key")
    checked.set_defaults(run=_verify)


def sign(folder: Path, keys: BoothKeys, station: str = "") -> str:
    """Sign the page of this folder; its hash, as it is published. `station`: the origin that it speaks to; empty leaves it as it is.

    Raises:
        PageError, ValueError: no page, or no origin; OSError: the folder cannot be written.
    """
    files = page.read(folder)
    if station:
        files[page.INDEX] = page.for_station(files[page.INDEX], page.origin(station))
        (folder / page.INDEX).write_bytes(files[page.INDEX])
    listed = page.hashes(files)
    manifest = page.Manifest(1, listed, keys.public, keys.sign(page.statement(listed)))
    (folder / page.MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return page.page_hash(listed)


def _sign(options: argparse.Namespace) -> int:
    try:
        page.read(options.folder)
        keys = load_or_create(options.key)
        published = sign(options.folder, keys, options.station)
    except (OSError, ValueError, SecureError, page.PageError) as error:
        return _refuse(error)
    sys.stdout.write(f"page  {published}\nkey   {base64.b64encode(keys.public).decode()}\n")
    return 0


def _verify(options: argparse.Namespace) -> int:
    try:
        key = base64.b64decode(options.key, validate=True)
        folder = Path(options.page)
        if options.page.startswith(("http://", "https://")):
            found = asyncio.run(_served(options.page, key))
        else:
            found = page.check((folder / page.MANIFEST).read_bytes(), key, page.hashes(page.read(folder)), verify)
    except (OSError, ValueError, page.PageError) as error:
        return _refuse(error)
    sys.stdout.write(f"page  {found}\n")
    return 0


def _refuse(error: Exception) -> int:
    sys.stderr.write(f"telecabine page: {error}\n")
    return 1
