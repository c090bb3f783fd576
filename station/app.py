"""The station: waiting room, signalling, mailbox of sealed envelopes, and the specialist's page."""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import contextlib
import logging
import signal
import socket
import sqlite3
import ssl
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import uvloop
from aiohttp import web

from station import audit, directory, enrolment, key_directory
from station.enrolling import Enrolling
from station.signalling import Signalling
from station.store import Store
from station.turn import Turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

T = TypeVar("T")

PAGE = Path(__file__).parent / "page" / "dist"

#: nothing inline, nothing from elsewhere; lit names its own Trusted Types policy, libsodium is WebAssembly
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; "
    "media-src blob: mediastream:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a station runs. `origin` is the address under which browsers see it ("https://station.example.org")."""

    database: Path
    origin: str
    turn: Turn | None = None
    page: Path = PAGE


def wall_clock() -> int:
    """Now, in ms since the epoch."""
    return time.time_ns() // 1_000_000


def application(
    settings: Settings, *, now: Callable[[], int] = wall_clock, tap: Callable[[str, bytes], None] | None = None
) -> web.Application:
    """The aiohttp application. `tap`: see `Signalling`."""
    store = Store(settings.database)
    signalling = Signalling(store, settings.origin, now, settings.turn, tap)
    app = web.Application()
    app.router.add_get("/booth", signalling.booth)
    app.router.add_get("/specialist", signalling.specialist)
    enrolling = Enrolling(store, settings.origin, now)
    app.router.add_post("/enrol/device_authorization", enrolling.ask)
    app.router.add_post("/enrol/token", enrolling.poll)
    app.router.add_get("/enrol", enrolling.explain)
    app.router.add_get("/{name:[a-z.-]*}", _page_file(settings.page))

    async def headers(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.origin.startswith("https:"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

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


def _page_file(folder: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        path = folder / (request.match_info["name"] or "index.html")
        if path.parent != folder or not path.is_file():
            built = (folder / "index.html").is_file()
            raise web.HTTPNotFound(
                text="There is no such page here." if built else "The page has not been built yet: ./run check builds it."
            )
        return web.FileResponse(path)

    return serve


async def _sweep(signalling: Signalling) -> None:
    while True:
        for _ in range(10):
            await asyncio.sleep(0.5)
            await signalling.publish()
        await signalling.sweep()


async def serve(
    settings: Settings,
    listener: socket.socket,
    ready: Callable[[], None],
    *,
    tls: ssl.SSLContext | None = None,
    tap: Callable[[str, bytes], None] | None = None,
) -> None:
    """Serves on `listener` until SIGTERM or SIGINT; `ready` is called once it accepts connections. Without `tls` a proxy in front seals."""
    runner = web.AppRunner(application(settings, tap=tap), access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        await web.SockSite(runner, listener, ssl_context=tls).start()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        ready()
        await ended.wait()
    finally:
        await runner.cleanup()


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What the station serves TLS with: 1.2 and 1.3.

    Raises:
        ValueError: the key is open to others; OSError, ssl.SSLError: the files are missing or do not belong together.
    """
    mode = key.stat().st_mode & 0o777
    if mode & 0o077:
        raise ValueError(f"{key} has mode {mode:04o}: set it to 0600, only the station's user may read it")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def main(arguments: Sequence[str] | None = None) -> int:
    """The command telecabine-station; returns its exit status."""
    # defaults here, not in the parser: those of a subcommand would overrule what stands before it
    options = _parser().parse_args(arguments, argparse.Namespace(database=Path("station.sqlite"), origin=None))
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
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one and prints it")
    parser.add_argument("--certificate", metavar="FILE", type=Path, help="serve TLS 1.2 and 1.3 with this chain (PEM); none behind a proxy")
    parser.add_argument("--certificate-key", metavar="FILE", type=Path, help="its private key (PEM), readable by the station alone")
    parser.add_argument("--turn", metavar="URL", help="TURN server, such as turns:turn.example.org:443?transport=tcp")
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
    return where


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(f"{text!r} is not an origin such as https://station.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise argparse.ArgumentTypeError("the key is not base64") from None
    if len(key) != 32:
        raise argparse.ArgumentTypeError(f"an Ed25519 key has 32 octets, this one has {len(key)}")
    return key


def _serve(options: argparse.Namespace) -> int:
    turn = None
    if options.turn:
        if not options.turn_secret:
            raise ValueError("--turn needs --turn-secret")
        turn = Turn(options.turn, options.turn_secret.read_bytes().strip())
    tls = None
    if options.certificate:
        if not options.certificate_key:
            raise ValueError("--certificate needs --certificate-key")
        tls = tls_context(options.certificate, options.certificate_key)
    listener = socket.create_server((options.host, options.port), backlog=128)
    origin = options.origin or f"{'https' if tls else 'http'}://{options.host}:{listener.getsockname()[1]}"

    def ready() -> None:
        sys.stdout.write(f"telecabine-station: {origin}\n")
        sys.stdout.flush()

    uvloop.run(serve(Settings(options.database, origin, turn), listener, ready, tls=tls))
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
    sys.stdout.write(f"{options.origin}/#{token}{f'~{pin}' if pin is not None else ''}\n")
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
