"""`telecabine page`: the specialist's page, signed by who publishes it and checked by anybody, wherever a station serves it.

A station that serves other code than was published can be found out: the hash of a page is published, and two builds of the same sources
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
from kiosk.secure.transcript import fields

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

NAME = "manifest.json"
#: no file of the page is larger
LIMIT = 16 * 1024 * 1024


class PageError(Exception):
    """The page is not the one that was signed; the text says why in plain words."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """SHA-256 in hex of every file by its name, and an Ed25519 signature over all of them (`statement`)."""

    version: int
    files: dict[str, str]
    key: bytes
    signature: bytes


def page_hash(files: Mapping[str, str]) -> str:
    """One hash for the whole page, as it is published: SHA-256 in hex over the names and hashes in order."""
    return hashlib.sha256(_listed(files)).hexdigest()


def _listed(files: Mapping[str, str]) -> bytes:
    return fields(*(text.encode() for name in sorted(files) for text in (name, files[name])))


def _statement(files: Mapping[str, str]) -> bytes:
    return fields(b"telecabine-page-v1", _listed(files))


def hashes(folder: Path) -> dict[str, str]:
    """The hash of every file of a built page, the manifest left out.

    Raises:
        PageError: there is no page in this folder.
    """
    found = {path.name: path for path in sorted(folder.iterdir()) if path.name != NAME and path.is_file()}
    if "index.html" not in found:
        raise PageError(f"{folder} holds no built page")
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}


def check(octets: bytes, key: bytes, found: Mapping[str, str]) -> str:
    """The hash of the page whose manifest these octets are and whose files have the hashes `found`.

    Raises:
        PageError: not a manifest, not signed by `key`, or a file is another one, missing, or not listed.
    """
    try:
        manifest = msgspec.json.decode(octets, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PageError(f"the manifest cannot be read: {error}") from None
    if manifest.version != 1:
        raise PageError(f"a manifest of version {manifest.version}: update this program")
    if manifest.key != key or not verify(key, _statement(manifest.files), manifest.signature):
        raise PageError("the manifest is not signed by this key")
    for name in sorted({*manifest.files, *found}):
        if name not in found:
            raise PageError(f"{name} is missing")
        if name not in manifest.files:
            raise PageError(f"{name} was not signed")
        if found[name] != manifest.files[name]:
            raise PageError(f"{name} is another file than the one that was signed")
    return page_hash(manifest.files)


async def served(origin: str, key: bytes) -> str:
    """The hash of the page that a station serves.

    Raises:
        PageError: as `check`, or the station does not answer.
    """
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            octets = await _get(session, urljoin(origin, f"/{NAME}"))
            listed = msgspec.json.decode(octets, type=Manifest).files
            found = {name: hashlib.sha256(await _get(session, urljoin(origin, f"/{name}"))).hexdigest() for name in listed}
            first = hashlib.sha256(await _get(session, urljoin(origin, "/"))).hexdigest()
    except (aiohttp.ClientError, msgspec.MsgspecError, UnicodeDecodeError, TimeoutError, ValueError) as error:
        raise PageError(f"the page cannot be fetched from {origin}: {error}") from None
    if first != listed.get("index.html"):
        raise PageError("what browsers get at / is another file than the one that was signed")
    return check(octets, key, found)


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
    page = commands.add_parser("page", help="sign the specialist's page, or check the one that a station serves")
    steps = page.add_subparsers(required=True, metavar="STEP")
    sign = steps.add_parser("sign", help="write the signed manifest into the folder of a built page")
    sign.add_argument("folder", type=Path)
    sign.add_argument("--key", type=Path, required=True, help="the publisher's key file; born now when there is none")
    sign.set_defaults(run=_sign)
    checked = steps.add_parser("verify", help="check a folder or a station against the publisher's key")
    checked.add_argument("page", metavar="FOLDER|ORIGIN")
    checked.add_argument("--key", required=True, metavar="BASE64", help="the publisher's public key")
    checked.set_defaults(run=_verify)


def _sign(options: argparse.Namespace) -> int:
    try:
        keys = load_or_create(options.key)
        files = hashes(options.folder)
        manifest = Manifest(1, files, keys.public, keys.sign(_statement(files)))
        (options.folder / NAME).write_bytes(msgspec.json.encode(manifest))
    except (OSError, SecureError, PageError) as error:
        return _refuse(error)
    sys.stdout.write(f"page  {page_hash(files)}\nkey   {base64.b64encode(keys.public).decode()}\n")
    return 0


def _verify(options: argparse.Namespace) -> int:
    try:
        key = base64.b64decode(options.key, validate=True)
        folder = Path(options.page)
        if options.page.startswith(("http://", "https://")):
            found = asyncio.run(served(options.page, key))
        else:
            found = check((folder / NAME).read_bytes(), key, hashes(folder))
    except (OSError, ValueError, PageError) as error:
        return _refuse(error)
    sys.stdout.write(f"page  {found}\n")
    return 0


def _refuse(error: Exception) -> int:
    sys.stderr.write(f"telecabine page: {error}\n")
    return 1
