"""`telecabine fhir push URL`: Bundles on stdin, one a line, to a FHIR server; nothing is lost, nothing is doubled.

Every Bundle is on disk before the first is sent, and leaves the disk only when the server has said of every entry that it took it. What is
sent again after a cut changes nothing, since the Bundles PUT under ids that follow from what was measured.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import aiohttp

from kiosk.fhir_push.queue import Queue
from kiosk.fhir_push.server import Client, Server, Verdict
from kiosk_fhir.errors import ShapeError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable, Iterable

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
_SECRET: Final = "TELECABINE_FHIR_CLIENT_SECRET"  # noqa: S105 - the name of a variable
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on: attempts per Bundle, and the clock, sleep and chance to do it with (`chance` gives 0 to 1)."""

    attempts: int
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    def wait(self, failures: int, asked: float) -> float:
        """Seconds before the next attempt: doubling, at most a minute, with chance in the upper half; what the server asked, if longer."""
        longest: float = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (failures - 1))
        return max(longest / 2 + longest / 2 * self.chance(), min(asked, 5 * LONGEST_WAIT))


def _say(message: str) -> None:
    print(f"telecabine fhir push: {message}", file=sys.stderr)  # noqa: T201 - a command speaks on its terminal


async def deliver(queue: Queue, base: str, server: Server, patience: Patience, say: Callable[[str], None] = _say) -> int:
    """Send what waits for `base`, oldest first, and return how many still wait.

    A Bundle that the server refuses stays and does not hold up the next; a server that cannot be had holds up all.
    """
    for one in list(queue.waiting(base)):
        for failures in range(1, patience.attempts + 1):
            answer = await server.send(one.body)
            if answer.verdict is Verdict.ACKNOWLEDGED:
                queue.acknowledge(one.number)
                break
            queue.refuse(one.number, answer.reason)
            say(f"Bundle {one.number}: {answer.reason}")
            if answer.verdict is Verdict.REFUSED:
                break
            if failures == patience.attempts:
                return sum(1 for _ in queue.waiting(base))
            await patience.sleep(patience.wait(failures, answer.after))
    return sum(1 for _ in queue.waiting(base))


def keep(queue: Queue, lines: Iterable[bytes], base: str) -> int:
    """Check every line and only then queue them all; return how many were new.

    Raises:
        ShapeError: a line is no Bundle; nothing was queued.
    """
    from kiosk_fhir.check import check_bundle  # loads fhir.resources: a second that no other command should wait for

    bodies = [line.strip() for line in lines if line.strip()]
    for index, body in enumerate(bodies, 1):
        try:
            check_bundle(body)
        except ShapeError as error:
            raise ShapeError(f"line {index}: {error}") from None
    return sum(queue.add(body, base) for body in bodies)


def refused_address(url: str) -> str:
    """Why a URL may not be pushed to; empty when it may. Health data goes over TLS, or stays on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "not an address"
    if parts.scheme not in ("http", "https") or not host:
        return "not an address as https://server/fhir"
    if parts.username is not None or parts.password is not None:
        return "a password does not belong in an address"
    if parts.scheme == "http" and host not in _LOOPBACK:
        return "without TLS, only to this machine"
    return ""


async def _push(arguments: argparse.Namespace, queue: Queue, client: Client | None) -> int:
    async with aiohttp.ClientSession() as session:
        server = Server(session, arguments.url, client, time.monotonic, arguments.timeout)
        return await deliver(queue, arguments.url, server, Patience(arguments.attempts))


def _client(arguments: argparse.Namespace) -> Client | None:
    if not arguments.token_url:
        return None
    return Client(arguments.token_url, arguments.client_id, os.environ.get(_SECRET, ""), arguments.scope)


def _usage(arguments: argparse.Namespace, client: Client | None) -> str:
    why = refused_address(arguments.url)
    if why:
        return f"{arguments.url}: {why}"
    if client is None:
        return ""
    why = refused_address(client.token_url)
    if why:
        return f"{client.token_url}: {why}"
    return "" if client.client_id and client.secret else f"a token needs --client-id and the variable {_SECRET}"


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command. Exit 0: everything is acknowledged; 1: something waits or was not a Bundle; 2: bad usage."""
    client = _client(arguments)
    why = _usage(arguments, client)
    if why:
        _say(why)
        return 2
    path = Path(arguments.queue)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        queue = Queue(path)
    except OSError as error:
        _say(f"{path}: {error.strerror}")
        return 2
    except sqlite3.Error as error:
        _say(f"{path}: not a queue that can be used: {error}")
        return 2
    try:
        if not sys.stdin.isatty():
            keep(queue, sys.stdin.buffer, arguments.url)
        left = asyncio.run(_push(arguments, queue, client))
    except ShapeError as error:
        _say(str(error))
        return 1
    except sqlite3.Error as error:
        _say(f"{path}: {error}; what was not acknowledged is kept")
        return 1
    finally:
        queue.close()
    if left:
        _say(f"{left} not acknowledged; kept in {path}")
    return 1 if left else 0


def _default_queue() -> str:
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local/state")
    return str(Path(state) / "telecabine/fhir-queue.sqlite")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine fhir`."""
    parser = commands.add_parser("push", help="send Bundles (one a line on stdin) to a FHIR server")
    parser.add_argument("url", help="base address of the server, as https://server/fhir")
    parser.add_argument("--queue", metavar="FILE", default=_default_queue(), help="where unacknowledged Bundles wait (%(default)s)")
    parser.add_argument("--attempts", type=int, default=5, help="attempts per Bundle before giving up for now (%(default)s)")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds for one answer (%(default)s)")
    parser.add_argument("--token-url", help="OAuth2 token address, for client credentials")
    parser.add_argument("--client-id", default="", help=f"OAuth2 client; its secret is in {_SECRET}")
    parser.add_argument("--scope", default="", help="OAuth2 scope")
    parser.set_defaults(run=run)
