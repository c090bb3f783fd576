"""The specialist's page as files: which there are, who has signed them, which station they speak to, and what a browser is told beside them.

docs/crypto.md, "The page's code". Whoever serves the page (a host of its own, or a station by itself) serves these files as they were signed.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from protocol.directory import lp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from protocol.directory import Verify

INDEX: Final = "index.html"
MANIFEST: Final = "manifest.json"
_STATION: Final = re.compile(rb'(<meta name="telecabine-station" content=")([^"]*)(">)')


class PageError(Exception):
    """The page is not the one that was signed; the text says why in plain words."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """SHA-256 in hex of every file by its name, and an Ed25519 signature over all of them (`statement`)."""

    version: int
    files: dict[str, str]
    key: bytes
    signature: bytes


def origin(text: str) -> str:
    """An address as browsers name it: scheme, host, and the port where it is not the scheme's own.

    Raises:
        ValueError: it is not an origin such as https://station.example.org.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an origin such as https://station.example.org")
    if re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc) is None:
        raise ValueError(f"{text!r} is not an origin such as https://station.example.org")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def read(folder: Path) -> dict[str, bytes]:
    """Every file of a built page by its name, the manifest left out.

    Raises:
        PageError: there is no page in this folder.
    """
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != MANIFEST and path.is_file()}
    if INDEX not in found:
        raise PageError(f"{folder} holds no built page")
    return found


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """What the manifest says of them."""
    return {name: hashlib.sha256(octets).hexdigest() for name, octets in files.items()}


def station_of(index: bytes) -> str:
    """The origin of the station that this index.html speaks to; empty when it is the one that serves it."""
    found = _STATION.search(index)
    return found[2].decode() if found is not None else ""


def for_station(index: bytes, station: str) -> bytes:
    """The same index.html, speaking to the station of this origin.

    Raises:
        PageError: there is no place for it.
    """
    if _STATION.search(index) is None:
        raise PageError(f"{INDEX} has no place for a station's address: build the page anew")
    return _STATION.sub(lambda found: found[1] + station.encode() + found[3], index)


def page_hash(listed: Mapping[str, str]) -> str:
    """One hash for the whole page, as it is published: SHA-256 in hex over the names and hashes in order."""
    return hashlib.sha256(_listed(listed)).hexdigest()


def _listed(listed: Mapping[str, str]) -> bytes:
    return lp(*(text.encode() for name in sorted(listed) for text in (name, listed[name])))


def statement(listed: Mapping[str, str]) -> bytes:
    """What the publisher signs."""
    return lp(b"telecabine-page-v1", _listed(listed))


def check(octets: bytes, key: bytes, found: Mapping[str, str], verify: Verify) -> str:
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
    if manifest.key != key or not verify(key, statement(manifest.files), manifest.signature):
        raise PageError("the manifest is not signed by this key")
    for name in sorted({*manifest.files, *found}):
        if name not in found:
            raise PageError(f"{name} is missing")
        if name not in manifest.files:
            raise PageError(f"{name} was not signed")
        if found[name] != manifest.files[name]:
            raise PageError(f"{name} is another file than the one that was signed")
    return page_hash(manifest.files)


def headers(station: str, *, sealed: bool) -> dict[str, str]:
    """What goes beside every answer. `station`: the origin that the page speaks to, empty when it is the page's own; `sealed`: served by TLS.

    Nothing inline, nothing from elsewhere, and one address to speak to; lit names its own Trusted Types policy, libsodium is WebAssembly.
    """
    speaks_to = re.sub("^http", "ws", station) or "'self'"
    told = {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src {speaks_to}; img-src 'self' blob:; "
            "media-src blob: mediastream:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; "
            "require-trusted-types-for 'script'; trusted-types lit-html"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
        "Cache-Control": "no-cache",
    }
    if sealed:
        told["Strict-Transport-Security"] = "max-age=31536000"
    return told
