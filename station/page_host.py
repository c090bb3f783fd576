"""telecabine-page: the specialist's page from an origin of its own. It serves the files of one signed page and knows nothing else.

What was checked at the start is what is served: the files are read once and kept. docs/threat-model.md says what this buys.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import logging
import mimetypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop
from aiohttp import web

from protocol import page
from station.key_directory import verify
from station.serving import Where, add_where, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

log = logging.getLogger("page")

PATH = "/{name:[a-z.-]*}"


def application(files: Mapping[str, bytes], *, sealed: bool) -> web.Application:
    """The aiohttp application that serves these files, and `index.html` at /."""
    app = web.Application()
    told = page.headers(page.station_of(files[page.INDEX]), sealed=sealed)

    async def headers(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(told)

    app.on_response_prepare.append(headers)
    app.router.add_get(PATH, file_of(files))
    return app


def file_of(files: Mapping[str, bytes]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Handler of PATH: one file, as a browser wants it."""
    tags = page.hashes(files)

    async def answer(request: web.Request) -> web.Response:
        name = request.match_info["name"] or page.INDEX
        if name not in files:
            raise web.HTTPNotFound(text="There is no such page here.")
        known = any(tag.value == tags[name] for tag in request.if_none_match or ())
        response = web.Response(status=304) if known else web.Response(body=files[name], content_type=_kind(name), charset=_charset(name))
        response.etag = tags[name]
        if not known:
            response.enable_compression()
        return response

    return answer


def _kind(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _charset(name: str) -> str | None:
    return "utf-8" if _kind(name).startswith("text/") or name.endswith((".js", ".json")) else None


def checked(folder: Path, key: bytes) -> dict[str, bytes]:
    """The files of a page that this key has signed, the manifest among them.

    Raises:
        PageError: they are not; OSError: they cannot be read.
    """
    files = page.read(folder)
    manifest = (folder / page.MANIFEST).read_bytes()
    log.info("page %s", page.check(manifest, key, page.hashes(files), verify))
    return {**files, page.MANIFEST: manifest}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command telecabine-page; returns its exit status."""
    parser = argparse.ArgumentParser(
        "telecabine-page", description="Serves the specialist's page, as it was signed, from an origin of its own."
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="a page that `telecabine page sign` has signed")
    parser.add_argument("--key", metavar="BASE64", required=True, help="the publisher's public key: another page is not served")
    add_where(parser, port=8081)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        files = checked(options.folder, base64.b64decode(options.key, validate=True))
        where = Where.of(options)
    except (OSError, ValueError, binascii.Error, page.PageError) as error:
        sys.stderr.write(f"telecabine-page: {error}\n")
        return 1
    uvloop.run(serve(application(files, sealed=where.tls is not None), where, lambda: _say(where)))
    return 0


def _say(where: Where) -> None:
    sys.stdout.write(f"telecabine-page: {where.origin}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
