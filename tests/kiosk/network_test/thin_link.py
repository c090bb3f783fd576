"""What is run in a network namespace of its own: station and relays on one side of a modelled link, the booth's test on the other.

`python -m tests.kiosk.network_test.thin_link FOLDER PROFILE RELAYS` prints the figures of one test as JSON. The booth's side is a second namespace, joined by the
forwarder of bench/rural/link.py alone. See test_thin_link.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING

from aiohttp import web

from bench.rural.link import no_offload
from kiosk.call import relays
from kiosk.network_test.station import measure
from kiosk.secure.keys import BoothKeys
from kiosk.secure.tls import context
from protocol.engine import IceServer
from station import directory
from station.app import Settings, application, wall_clock
from station.store import Store
from station.turn import Turn
from tests.kiosk.call.namespace import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BOOTH, HERE, PORT = "198.18.0.1", "198.18.0.2", 8080
KEYS, SECRET = BoothKeys(b"k" * 32), b"shared"
URL = f"ws://{HERE}:{PORT}/booth"
#: datagrams to port 9 vanish; 5349 has a certificate that nobody vouches for
RELAYS = (
    f"turn:{HERE}:3478?transport=udp",
    f"turn:{HERE}:3478?transport=tcp",
    f"turns:{HERE}:5349?transport=tcp",
    f"turn:{HERE}:9?transport=tcp",
)


async def booth() -> None:
    """The booth's side: the product's own test, once the line is there."""
    await asyncio.to_thread(sys.stdin.readline)
    figures, servers = await measure(URL, KEYS, "Cabine", context(None), wall_clock(), time.monotonic)
    found = dict(figures.written)
    if servers:
        tried = await relays.tried([IceServer(one.urls, one.username, one.credential) for one in servers])
        found |= {"tried": {one.url: [one.way, one.reason, one.detail] for one in tried.relays}, "sent": tried.sent, "back": tried.back}
    sys.stdout.write(json.dumps(found))


async def said(*command: str) -> None:
    """Run a command that must not fail."""
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=asyncio.subprocess.STDOUT)
    output, _ = await process.communicate()
    assert process.returncode == 0, (command, output)


@contextlib.asynccontextmanager
async def line(profile: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The booth's process in a namespace of its own, and the forwarder between the two sides."""
    python = sys.executable
    other = await asyncio.create_subprocess_exec(
        "unshare", "-n", python, "-m", "tests.kiosk.network_test.thin_link", stdin=PIPE, stdout=PIPE
    )
    own = Path("/proc/self/ns/net").readlink()  # noqa: ASYNC240  # nothing else runs
    while Path(f"/proc/{other.pid}/ns/net").readlink() == own:  # noqa: ASYNC240, ASYNC110
        await asyncio.sleep(0.01)
    inside = ("nsenter", f"--net=/proc/{other.pid}/ns/net")
    for command in ("ip link set lo up", "ip link add s0 type veth peer name s1", "ip link add b0 type veth peer name b1"):
        await said(*command.split())
    for device in ("s0", "s1", "b0", "b1"):
        no_offload(device)
    for command in (
        f"ip link set b0 netns {other.pid}",
        f"ip addr add {HERE}/24 dev s0",
        "ip link set s0 up",
        "ip link set s1 up",
        "ip link set b1 up",
    ):
        await said(*command.split())
    for command in ("ip link set lo up", f"ip addr add {BOOTH}/24 dev b0", "ip link set b0 up"):
        await said(*inside, *command.split())
    forwarder = await asyncio.create_subprocess_exec(
        python, "-m", "bench.rural.link", "b1", "s1", stdin=PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    assert forwarder.stdin
    forwarder.stdin.write(profile.encode() + b"\n")
    try:
        yield other
    finally:
        forwarder.stdin.close()
        await forwarder.wait()
        if other.returncode is None:
            other.kill()
            await other.wait()


@contextlib.asynccontextmanager
async def coturn(folder: Path) -> AsyncIterator[None]:
    """A relay by UDP, TCP and TLS."""
    key = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=relay")
    await said(*key, "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem")
    (folder / "turn.conf").write_text(
        f"listening-ip={HERE}\nrelay-ip={HERE}\nlistening-port=3478\ntls-listening-port=5349\nuse-auth-secret\n"
        f"static-auth-secret={SECRET.decode()}\nrealm=test\ncert={folder}/cert.pem\npkey={folder}/key.pem\nno-cli\n"
        f"pidfile={folder}/pid\nuserdb={folder}/db\nlog-file={folder}/log\nsimple-log\n"
    )
    server = await asyncio.create_subprocess_exec("turnserver", "-c", f"{folder}/turn.conf", stdout=asyncio.subprocess.DEVNULL)
    try:
        await listening(HERE, 3478)
        yield
    finally:
        server.terminate()
        await server.wait()


async def scene(folder: Path, profile: str, *, with_relays: bool) -> None:
    """Station, relays where they are wanted, and one test over the line."""
    store = Store(folder / "s.sqlite")
    store.call_now(lambda database: directory.enrol_booth(database, KEYS.public, "Cabine", wall_clock()))
    store.close()
    turn = tuple(Turn(url, SECRET) for url in RELAYS) if with_relays else ()
    async with line(profile) as other, contextlib.AsyncExitStack() as stack:
        if with_relays:
            await stack.enter_async_context(coturn(folder))
        runner = web.AppRunner(application(Settings(folder / "s.sqlite", f"http://{HERE}:{PORT}", turn)), shutdown_timeout=1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, HERE, PORT).start()
        output, _ = await other.communicate(b"\n")
        assert other.returncode == 0
        sys.stdout.write(output.decode())


if __name__ == "__main__":
    if len(sys.argv) == 1:
        asyncio.run(booth())
    else:
        asyncio.run(asyncio.wait_for(scene(Path(sys.argv[1]), sys.argv[2], with_relays=sys.argv[3] == "relays"), 60))
