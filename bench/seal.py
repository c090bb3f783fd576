"""Sealing beside bare libsodium, the outbox beside bare SQLite, and the handshake: `./run bench seal`.

In the agent (PyNaCl) and in the page (libsodium.js in Chromium, the page's own modules): one Observation of the size that a blood pressure has.
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
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
PAYLOAD = (ROOT / "tests/vectors/phd/bundle-example-1.json").read_bytes()[:2400]
MESSAGE = b'{"type":"values","reading":"live:ox","device":"ox","name":"Contec CMS50D+","numbers":[{"vital":"spo2","value":"97","absent":null,"unit":"%"}]}'
ROUNDS = 15


def microseconds(ours: Callable[[], object], bare: Callable[[], object], count: int) -> tuple[float, float]:
    """Median over ROUNDS of the mean time of one call, of both in turn: what else the machine does falls on both."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, work in zip(found, (ours, bare), strict=True):
            began = time.perf_counter()
            for _ in range(count):
                work()
            times.append((time.perf_counter() - began) / count * 1e6)
    return statistics.median(found[0]), statistics.median(found[1])


def row(what: str, ours: float, bare: float, limit: float | None) -> None:
    verdict = "" if limit is None else f"  (limit {limit}: {'kept' if ours / bare <= limit else 'EXCEEDED'})"
    sys.stdout.write(f"{what:<52} {ours:10.1f} {bare:10.1f} {ours / bare:8.2f}{verdict}\n")


def envelopes() -> None:
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

    row(f"envelope, seal + open, {len(PAYLOAD)} octets (µs)", *microseconds(ours, bare, 200), 2)


def streams() -> None:
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

    row(f"stream message, seal + open, {len(MESSAGE)} octets (µs)", *microseconds(ours, bare, 1000), 2)


def outbox() -> None:
    """Durable puts, both with a write-ahead log and synchronous=FULL."""
    with tempfile.TemporaryDirectory() as folder:
        box = Outbox(Path(folder) / "outbox.db")
        plain = sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)
        for statement in ("pragma journal_mode=wal", "pragma synchronous=full", "create table t(id text unique, envelope blob)"):
            plain.execute(statement)
        numbers = iter(range(10**9))
        ours, bare = microseconds(
            lambda: box.put(Item(f"e{next(numbers)}", "c1", b"r" * 32, 1, b"x" * 3200, None)),
            lambda: plain.execute("insert into t values(?, ?)", (f"e{next(numbers)}", b"x" * 3200)),
            60,
        )
    sys.stdout.write(f"durable puts per second: {1e6 / ours:.0f}, bare SQLite {1e6 / bare:.0f}\n")
    row("durable put, 3200 octets (µs)", ours, bare, None)


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

    row("handshake, both ends (µs), beside the bare key exchange", *microseconds(lambda: shake(typed=False), bare, 50), None)
    row("handshake by a typed code (CPace), both ends (µs)", *microseconds(lambda: shake(typed=True), bare, 50), None)


async def page() -> None:
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
            found = await opened.evaluate("([payload, message]) => measure(payload, message)", [payload, message])
        await runner.cleanup()
    row("page: envelope, open (µs)", found["envelope"], found["bareEnvelope"], 2)
    row("page: stream message, seal + open (µs)", found["stream"], found["bareStream"], 2)
    row("page: handshake, its end alone (µs)", found["handshake"], found["bareHandshake"], None)


def main() -> None:
    sys.stdout.write(f"{'':<52} {'ours':>10} {'bare':>10} {'ratio':>8}\n")
    envelopes()
    streams()
    outbox()
    handshakes()
    asyncio.run(page())


if __name__ == "__main__":
    main()
