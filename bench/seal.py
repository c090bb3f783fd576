"""Sealing beside bare libsodium, the outbox beside bare SQLite, and the handshake: `./run bench seal`.

In the agent (PyNaCl) and in the page (libsodium.js in Chromium, the page's own modules): one Observation of the size that a blood pressure has.
Exit status 1 when one of the limits is exceeded.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nacl import bindings
from nacl.public import PrivateKey, PublicKey, SealedBox

from kiosk.secure import codes
from kiosk.secure.envelope import Header, Recipient, seal, unseal
from kiosk.secure.handshake import BoothHandshake
from kiosk.secure.keys import BoothKeys
from kiosk.secure.outbox import Item, Outbox
from kiosk.secure.padding import padded
from kiosk.secure.stream import Opener, Sealer
from simulators.specialist import SpecialistHandshake, SpecialistKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[1]
PAYLOAD = (ROOT / "tests/vectors/phd/bundle-example-1.json").read_bytes()[:2400]
MESSAGE = b'{"type":"values","reading":"live:ox","device":"ox","name":"Contec CMS50D+","numbers":[{"vital":"spo2","value":"97","absent":null,"unit":"%"}]}'
#: what sealing may cost beside the bare primitives
LIMIT = 2.0
ROUNDS = 101


@dataclass(frozen=True)
class Cost:
    """Microseconds of one call of ours and of the bare one, medians over the rounds, and the median of the rounds' ratios."""

    ours: float
    bare: float
    ratio: float

    @staticmethod
    def of(rounds: Sequence[tuple[float, float]]) -> Cost:
        """`rounds`: ours and bare, measured one right after the other, so that what else the machine does falls on both."""
        return Cost(*(statistics.median(found) for found in (*zip(*rounds, strict=True), [ours / bare for ours, bare in rounds])))


def measure(ours: Callable[[], object], bare: Callable[[], object], count: int) -> Cost:
    """`count` calls of each in every round, in turn."""

    def mean(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        for _ in range(count):
            work()
        return (time.perf_counter() - began) / count * 1e6

    return Cost.of([(mean(ours), mean(bare)) for _ in range(ROUNDS)])


def row(what: str, cost: Cost, *, limited: bool = False) -> bool:
    """Print one line; whether the limit is kept."""
    kept = not limited or cost.ratio <= LIMIT
    verdict = f"  (limit {LIMIT:g}: {'kept' if kept else 'EXCEEDED'})" if limited else ""
    sys.stdout.write(f"{what:<52} {cost.ours:10.1f} {cost.bare:10.1f} {cost.ratio:8.2f}{verdict}\n")
    return kept


def envelopes() -> bool:
    """Seal and open one envelope; bare: the same signature, sealed box, opening and check on the same octets, without header and padding."""
    keys, private = BoothKeys(b"b" * 32), PrivateKey(b"p" * 32)
    to = Recipient(SpecialistKeys().identity, bytes(private.public_key))
    header = Header("e1", "observation", "c1", 1, to.text, "2026-01-12T10:00:00.000+00:00")
    public, secret = bindings.crypto_sign_seed_keypair(b"b" * 32)
    boxed, opened = SealedBox(PublicKey(to.sealing)), SealedBox(private)

    def ours() -> None:
        unseal(private, keys.public, to.identity, seal(keys, to, header, PAYLOAD))

    def bare() -> None:
        sealed = boxed.encrypt(bindings.crypto_sign(PAYLOAD, secret))
        bindings.crypto_sign_open(opened.decrypt(sealed), public)

    return row(f"envelope, seal + open, {len(PAYLOAD)} octets (µs)", measure(ours, bare, 20), limited=True)


def streams() -> bool:
    """Seal and open one message of the live stream."""
    sealer = Sealer(b"k" * 32, b"t" * 32)
    opener = Opener(b"k" * 32, sealer.header, b"t" * 32)
    push, pull = (bindings.crypto_secretstream_xchacha20poly1305_state() for _ in range(2))
    header = bindings.crypto_secretstream_xchacha20poly1305_init_push(push, b"k" * 32)
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(pull, header, b"k" * 32)

    def ours() -> None:
        opener.open(sealer.seal(padded(MESSAGE)))

    def bare() -> None:
        sealed = bindings.crypto_secretstream_xchacha20poly1305_push(push, MESSAGE, b"t" * 32, 0)
        bindings.crypto_secretstream_xchacha20poly1305_pull(pull, sealed, b"t" * 32)

    return row(f"stream message, seal + open, {len(MESSAGE)} octets (µs)", measure(ours, bare, 100), limited=True)


def outbox() -> None:
    """Durable puts, both with a write-ahead log and synchronous=FULL."""
    with tempfile.TemporaryDirectory() as folder:
        box = Outbox(Path(folder) / "outbox.db")
        plain = sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)
        for statement in ("pragma journal_mode=wal", "pragma synchronous=full", "create table t(id text unique, envelope blob)"):
            plain.execute(statement)
        numbers = iter(range(10**9))
        cost = measure(
            lambda: box.put(Item(f"e{next(numbers)}", "c1", b"r" * 32, 1, b"x" * 3200, None)),
            lambda: plain.execute("insert into t values(?, ?)", (f"e{next(numbers)}", b"x" * 3200)),
            20,
        )
    row("durable put, 3200 octets (µs)", cost)
    sys.stdout.write(f"  durable puts per second: {1e6 / cost.ours:.0f}, bare SQLite {1e6 / cost.bare:.0f}\n")


def handshakes() -> None:
    """Both ends of a handshake in one process, without a network."""
    keys, specialist = BoothKeys(b"b" * 32), SpecialistKeys()
    code = codes.Code("48213", b"907264", "typed")

    def shake(*, typed: bool) -> None:
        gate = codes.CodeGate((code,), expires=1.0, now=lambda: 0.0) if typed else None
        booth = BoothHandshake(keys, "c1", "Pharmacie", (), gate=gate)
        page = SpecialistHandshake(specialist, "c1", code=code if typed else None)
        reveal = page.receive(booth.receive(page.hello))
        if reveal is not None:
            page.receive(booth.receive(reveal))

    def bare() -> None:
        one, two = bindings.crypto_kx_keypair(), bindings.crypto_kx_keypair()
        bindings.crypto_kx_client_session_keys(*one, two[0])
        bindings.crypto_kx_server_session_keys(*two, one[0])

    row("handshake, both ends (µs), beside the bare key exchange", measure(lambda: shake(typed=False), bare, 5))
    row("handshake by a typed code (CPace), both ends (µs)", measure(lambda: shake(typed=True), bare, 5))


async def page() -> bool:
    """The page's own modules in Chromium, beside bare libsodium.js in the same page."""
    from aiohttp import web

    from tests.station.browser import chromium

    with tempfile.TemporaryDirectory() as folder:
        esbuild = ROOT / "station/page/node_modules/.bin/esbuild"
        command = [
            str(esbuild),
            "tests/bench.ts",
            "--bundle",
            "--format=esm",
            "--target=es2022",
            f"--outfile={folder}/bench.js",
            "--log-level=error",
        ]
        subprocess.run(command, cwd=ROOT / "station/page", check=True)  # noqa: ASYNC221  # nothing else runs
        Path(folder, "index.html").write_text('<script type="module" src="/bench.js"></script>')  # noqa: ASYNC240  # as above
        app = web.Application()
        app.router.add_static("/", folder)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with chromium() as browser:
            opened = await browser.new_page()
            await opened.goto(f"http://127.0.0.1:{port}/index.html")
            await opened.wait_for_function("window.measure !== undefined")
            payload, message = PAYLOAD.decode(), json.loads(json.dumps({"type": "text", "text": MESSAGE.decode(), "at": 1}))
            found = await opened.evaluate("([payload, message, rounds]) => measure(payload, message, rounds)", [payload, message, ROUNDS])
        await runner.cleanup()
    costs = {name: Cost.of(rounds) for name, rounds in found.items()}
    row("page: handshake, its end alone (µs)", costs["handshake"])
    kept = row("page: envelope, open (µs)", costs["envelope"], limited=True)
    return row("page: stream message, seal + open (µs)", costs["stream"], limited=True) and kept


def main() -> int:
    sys.stdout.write(f"{'':<52} {'ours':>10} {'bare':>10} {'ratio':>8}\n")
    kept = [envelopes(), streams()]
    outbox()
    handshakes()
    kept.append(asyncio.run(page()))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
