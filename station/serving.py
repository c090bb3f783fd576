"""How the two servers listen: address, TLS 1.2 and 1.3, and an end at SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from aiohttp import web

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Where:
    """A listening socket, and the origin under which browsers see it. Without `tls` a proxy in front seals."""

    listener: socket.socket
    origin: str
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, options: argparse.Namespace) -> Self:
        """As the options of `add_where` say.

        Raises:
            OSError, ssl.SSLError, ValueError: the port is taken, or the certificate cannot be used; the text says why.
        """
        tls = None
        if options.certificate:
            if not options.certificate_key:
                raise ValueError("--certificate needs --certificate-key")
            tls = tls_context(options.certificate, options.certificate_key)
        listener = socket.create_server((options.host, options.port), backlog=128)
        return cls(listener, f"{'https' if tls else 'http'}://{options.host}:{listener.getsockname()[1]}", tls)


def add_where(parser: argparse.ArgumentParser, *, port: int) -> None:
    """The options that every server has."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help="0 takes a free one and prints it")
    parser.add_argument("--certificate", metavar="FILE", type=Path, help="serve TLS 1.2 and 1.3 with this chain (PEM); none behind a proxy")
    parser.add_argument("--certificate-key", metavar="FILE", type=Path, help="its private key (PEM), readable by this server alone")


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What is served with.

    Raises:
        ValueError: the key is open to others; OSError, ssl.SSLError: the files are missing or do not belong together.
    """
    mode = key.stat().st_mode & 0o777
    if mode & 0o077:
        raise ValueError(f"{key} has mode {mode:04o}: set it to 0600, only the server's user may read it")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


async def serve(app: web.Application, where: Where, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once connections are accepted."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        await web.SockSite(runner, where.listener, ssl_context=where.tls).start()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        ready()
        await ended.wait()
    finally:
        await runner.cleanup()
