"""The station: waiting room, signalling, mailbox of sealed envelopes, and the specialist's page."""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import contextlib
import logging
import sqlite3
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import uvloop
from aiohttp import web

from protocol import network_test, page
from station import audit, directory, enrolment, key_directory, page_host
from station.enrolling import Enrolling
from station.serving import Where, add_where, serve
from station.signalling import Signalling
from station.store import Store
from station.turn import Turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

T = TypeVar("T")

PAGE = Path(__file__).parent / "page" / "dist"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a station runs. `origin` is the address under which browsers see it ("https://station.example.org").

    `page_origin` is where the page comes from: pages from elsewhere are not let in. Empty: the station serves it itself, from `page`.
    """

    database: Path
    origin: str
    turn: tuple[Turn, ...] = ()
    page: Path = PAGE
    page_origin: str = ""


def wall_clock() -> int:
    """Now, in ms since the epoch."""
    return time.time_ns() // 1_000_000


def application(
    settings: Settings, *, now: Callable[[], int] = wall_clock, tap: Callable[[str, bytes], None] | None = None
) -> web.Application:
    """The aiohttp application. `tap`: see `Signalling`."""
    store = Store(settings.database)
    signalling = Signalling(store, settings.origin, now, settings.turn, tap, settings.page_origin or settings.origin)
    app = web.Application()
    app.router.add_get("/booth", signalling.booth)
    app.router.add_get("/specialist", signalling.specialist)
    app.router.add_get(network_test.PATH, signalling.network_test)
    enrolling = Enrolling(store, settings.origin, now)
    app.router.add_post("/enrol/device_authorization", enrolling.ask)
    app.router.add_post("/enrol/token", enrolling.poll)
    app.router.add_get("/enrol", enrolling.explain)
    app.router.add_get(page_host.PATH, _page(settings))
    told = page.headers("", sealed=settings.origin.startswith("https:"))

    async def headers(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in told.items():
            response.headers.setdefault(name, value)

    async def life(_: web.Application) -> AsyncIterator[None]:
        await signalling.publish()
        sweeper = asyncio.create_task(_sweep(signalling))
        yield
        sweeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeper
        await asyncio.to_thread(store.close)

    async def stop(_: web.Application) -> None:
        await signalling.stop()

    app.on_response_prepare.append(headers)
    app.cleanup_ctx.append(life)
    app.on_shutdown.append(stop)
    return app


def _page(settings: Settings) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    if settings.page_origin:
        return _nothing(f"This station serves no page. The specialist's page is at {settings.page_origin}/")
    try:
        files = page.read(settings.page)
    except (OSError, page.PageError):
        return _nothing("The page has not been built yet: ./run check builds it.")
    manifest = settings.page / page.MANIFEST
    return page_host.file_of({**files, page.MANIFEST: manifest.read_bytes()} if manifest.is_file() else files)


def _nothing(text: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_: web.Request) -> web.StreamResponse:
        raise web.HTTPNotFound(text=text)

    return answer


async def _sweep(signalling: Signalling) -> None:
    while True:
        for _ in range(10):
            await asyncio.sleep(0.5)
            await signalling.publish()
        await signalling.sweep()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command telecabine-station; returns its exit status."""
    # defaults here, not in the parser: those of a subcommand would overrule what stands before it
    options = _parser().parse_args(arguments, argparse.Namespace(database=Path("station.sqlite"), origin=None, page_origin=""))
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        return int(options.run(options))
    except (OSError, ValueError, sqlite3.Error) as error:
        sys.stderr.write(f"telecabine-station: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "telecabine-station", description="The blind relay between booths and specialists.", parents=[_where()]
    )
    add_where(parser, port=8080)
    parser.add_argument(
        "--turn",
        metavar="URL",
        action="append",
        help="TURN server, as turns:turn.example.org:443?transport=tcp; again for each of its ways, the best first",
    )
    parser.add_argument("--turn-secret", metavar="FILE", type=Path, help="file with the secret shared with the TURN server")
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(title="commands (none: serve)")
    enrol = commands.add_parser("enrol", parents=[_where()], help="let a booth sign in")
    enrol.add_argument("key", metavar="KEY", type=_key, help="the booth's Ed25519 public key, base64")
    enrol.add_argument("name", metavar="NAME")
    enrol.set_defaults(run=_enrol)
    link = commands.add_parser("link", parents=[_where()], help="print a one-time sign-in link for a specialist")
    link.add_argument("name", metavar="NAME")
    link.set_defaults(run=_link)
    waiting = commands.add_parser("enrolments", parents=[_where()], help="who asks to be listed in the organisation's directory")
    waiting.set_defaults(run=_enrolments)
    for name, approved in (("approve", True), ("deny", False)):
        decide = commands.add_parser(name, parents=[_where()], help=f"{name} an enrolment by its code")
        decide.add_argument("code", metavar="CODE")
        decide.set_defaults(run=_decide, approved=approved)
    publish = commands.add_parser("publish", parents=[_where()], help="serve this directory of the organisation from now on")
    publish.add_argument("file", metavar="FILE", type=Path)
    publish.set_defaults(run=_publish)
    commands.add_parser("verify", parents=[_where()], help="check the chain of the audit").set_defaults(run=_verify)
    return parser


def _where() -> argparse.ArgumentParser:
    # one for each parser: argparse shares the options of a parent, with their defaults
    where = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    where.add_argument("--database", type=Path, help="SQLite file (station.sqlite)")
    where.add_argument("--origin", type=_origin, help="address under which browsers see this station (http://HOST:PORT)")
    where.add_argument("--page-origin", type=_origin, help="where telecabine-page serves the specialist's page (the station itself)")
    return where


def _origin(text: str) -> str:
    try:
        return page.origin(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise argparse.ArgumentTypeError("the key is not base64") from None
    if len(key) != 32:
        raise argparse.ArgumentTypeError(f"an Ed25519 key has 32 octets, this one has {len(key)}")
    return key


def _serve(options: argparse.Namespace) -> int:
    turn: tuple[Turn, ...] = ()
    if options.turn:
        if not options.turn_secret:
            raise ValueError("--turn needs --turn-secret")
        secret = options.turn_secret.read_bytes().strip()
        turn = tuple(Turn(url, secret) for url in options.turn)
    where = Where.of(options)
    if options.origin:
        where = replace(where, origin=options.origin)

    def ready() -> None:
        sys.stdout.write(f"telecabine-station: {where.origin}\n")
        sys.stdout.flush()

    settings = Settings(options.database, where.origin, turn, page_origin=options.page_origin)
    uvloop.run(serve(application(settings), where, ready))
    return 0


def _enrol(options: argparse.Namespace) -> int:
    _once(options.database, lambda database: directory.enrol_booth(database, options.key, options.name, wall_clock()))
    return 0


def _enrolments(options: argparse.Namespace) -> int:
    for code, state, request in _once(options.database, lambda database: enrolment.waiting(database, wall_clock())):
        sys.stdout.write(f"{code}  {state:8}  {request.kind:10}  {request.fingerprint}  {request.name}\n")
    return 0


def _decide(options: argparse.Namespace) -> int:
    decide = partial(enrolment.decide, code=options.code, now=wall_clock(), approved=options.approved)
    request = _once(options.database, decide)
    sys.stdout.write(f"{request}\n" if options.approved else "denied\n")
    return 0


def _publish(options: argparse.Namespace) -> int:
    octets = options.file.read_bytes()
    found = _once(options.database, lambda database: key_directory.publish(database, octets, wall_clock()))
    sys.stdout.write(f"directory {found.number} is served\n")
    return 0


def _link(options: argparse.Namespace) -> int:
    if options.origin is None:
        raise ValueError("--origin is needed to print a link")
    token = _once(options.database, lambda database: directory.make_link(database, options.name, wall_clock()))
    pin = _once(options.database, key_directory.pin)
    sys.stdout.write(f"{options.page_origin or options.origin}/#{token}{f'~{pin}' if pin is not None else ''}\n")
    return 0


def _verify(options: argparse.Namespace) -> int:
    broken = _once(options.database, audit.first_broken)
    if broken is not None:
        sys.stderr.write(f"telecabine-station: the audit was changed at row {broken}\n")
        return 1
    sys.stdout.write("the audit's chain holds\n")
    return 0


def _once(path: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    store = Store(path)
    try:
        return store.call_now(work)
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
