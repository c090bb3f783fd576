"""What is run inside a network namespace of its own, from which no packet can leave. See test_namespace.py.

`python -m tests.kiosk.call.namespace NAME FOLDER` runs one of the scenes and exits 0 when it went as it says.
"""

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aioice.turn import create_turn_endpoint
from aiortc import RTCIceServer

from kiosk.call.aiortc_engine import AiortcEngine
from kiosk.call.engine import CallError
from kiosk.call.relays import usable
from protocol.engine import IceServer, Offer, Prepare, Prepared, Sources, State
from simulators.call import allow_loopback
from simulators.camera import StampedCamera
from station.turn import Turn
from tests.kiosk.call.agent import Agent
from tests.kiosk.call.specialist import AiortcSpecialist, chromium, until
from tests.kiosk.call.test_chromium import call as call_chromium
from tests.kiosk.call.test_process import call

CAMERA = ("--camera", "lavfi:testsrc2=size=320x180:rate=30", "--microphone", "none")


async def receive_only(folder: Path) -> None:
    """The product's own process, and a browser that was not asked for camera or microphone: it hides its address behind an mDNS name."""
    async with Agent(folder, *CAMERA, module="kiosk.call") as agent, chromium(permissions=()) as page:
        await agent.send(Sources(camera=True, microphone=False))
        await call_chromium(agent, page, send=False)
        await page.wait_for_function("seen.frames > 20")


async def no_interface(folder: Path) -> None:
    """Without any address but 127.0.0.1 the product says so at once."""
    async with Agent(folder, *CAMERA, module="kiosk.call") as agent:
        specialist = AiortcSpecialist(sends=False)
        await agent.send(Prepare((), relay_only=False))
        await agent.expect(Prepared)
        await agent.send(Offer(await specialist.offer()))
        assert await agent.receive() == State("failed", "no-candidate")
        await specialist.close()


async def loopback(folder: Path) -> None:
    """The simulated process falls back to 127.0.0.1 there, and the call works."""
    allow_loopback()
    async with Agent(folder, "--camera", "stamped:320x180") as agent:
        specialist = AiortcSpecialist(sends=False)
        await call(agent, specialist)
        await specialist.close()


RELAY, SECRET = "198.18.0.1", b"shared"


@contextlib.asynccontextmanager
async def coturn(folder: Path) -> AsyncIterator[None]:
    """A relay that takes the station's credentials: plain on port 3478, with a certificate of its own on 5349."""
    (folder / "turn.conf").write_text(
        f"listening-ip={RELAY}\nrelay-ip={RELAY}\nlistening-port=3478\ntls-listening-port=5349\nuse-auth-secret\n"
        f"static-auth-secret={SECRET.decode()}\nrealm=test\ncert={folder}/cert.pem\npkey={folder}/key.pem\nno-cli\nfingerprint\n"
        f"pidfile={folder}/pid\nuserdb={folder}/db\nlog-file={folder}/log\nsimple-log\nverbose\n"
    )
    certificate = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=relay")
    made = await asyncio.create_subprocess_exec(
        *certificate, "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", stderr=asyncio.subprocess.DEVNULL
    )
    await made.wait()
    server = await asyncio.create_subprocess_exec("turnserver", "-c", f"{folder}/turn.conf", stdout=asyncio.subprocess.DEVNULL)
    try:
        await listening(RELAY, 3478)
        yield
    finally:
        server.terminate()
        await server.wait()


async def relay(folder: Path) -> None:
    """coturn with the station's credentials. A dead relay, one with a certificate of its own, and one that works: the call goes by the last."""
    urls = (f"turn:{RELAY}:9?transport=udp", f"turns:{RELAY}:5349?transport=tcp", f"turn:{RELAY}:3478?transport=tcp")
    now = round(time.time() * 1000)
    good = tuple(credentials(Turn(url, SECRET), now) for url in urls)
    wrong = tuple(credentials(Turn(url, b"other"), now) for url in urls[2:])
    async with coturn(folder):
        _, failures = await usable([RTCIceServer(one.urls, one.username, one.credential) for one in (*good, *wrong)])
        assert failures[1:] == [f"{urls[1]}: certificate not trusted", f"{urls[2]}: credentials refused"], failures
        assert failures[0].startswith(urls[0])
        engine, specialist, answer = await called(good)
        assert "typ relay" in answer
        assert "typ host" not in answer
        await specialist.close()
        await engine.prepare(wrong, relay_only=True)
        with pytest.raises(CallError, match=r"no-relay: .*credentials refused"):
            await engine.accept_offer(await AiortcSpecialist(sends=False).offer())
        await engine.stop()


async def called(servers: tuple[IceServer, ...]) -> tuple[AiortcEngine, AiortcSpecialist, str]:
    """A call by relay that shows pictures, and the booth's answer."""
    engine, specialist = AiortcEngine({"booth": StampedCamera(320, 180)}, None), AiortcSpecialist()
    states: list[State] = []
    engine.on_state = states.append
    await engine.prepare(servers, relay_only=True)
    specialist.listen()
    answer = await engine.accept_offer(await specialist.offer())
    await specialist.accept(answer)
    await until(lambda: State("connected", "") in states and len(specialist.pictures) > 10)
    return engine, specialist, answer


async def blind_relay(folder: Path) -> None:
    """Everything into and out of the relay, and what it writes, is searched for the sound and the pictures as they were before they were sealed.

    The planted canary goes by the same relay, from somebody who seals nothing.
    """
    seen = bytearray()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003)) as tap:
        tap.bind(("lo", 0))
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        tap.setblocking(False)
        asyncio.get_running_loop().add_reader(tap, lambda: seen.extend(tap.recv(1 << 17)))
        turn = credentials(Turn(f"turn:{RELAY}:3478?transport=udp", SECRET), round(time.time() * 1000))
        async with coturn(folder):
            engine, specialist, _ = await called((turn,))
            engine.set_sources(camera=True, microphone=False)  # black pictures are all alike
            await until(lambda: len(cut_up(specialist.media)) > 50)
            await specialist.close()
            await engine.stop()
            await send_in_clear(turn)
            await until(lambda: CANARY in seen)
        asyncio.get_running_loop().remove_reader(tap)
    assert len(seen) > sum(map(len, specialist.media))
    written = b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("log"))  # noqa: ASYNC240  # nothing else runs
    assert turn.username.encode() in written
    assert not [needle for needle in cut_up(specialist.media) if needle in seen or needle in written]


def cut_up(media: list[bytes]) -> set[bytes]:
    """16 octets here and there of what stands behind the headers of media packets, which no relay needs."""
    return {packet[at : at + 16] for packet in media for at in range(40, len(packet) - 16, 8)}


CANARY = b"canary-that-nobody-has-sealed"


async def send_in_clear(turn: IceServer) -> None:
    """Send the canary through the relay to somebody else, and wait until it is there."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[bytes] = loop.create_future()

    class Hears(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, _: object) -> None:
            arrived.set_result(data)

    receiver, _ = await loop.create_datagram_endpoint(Hears, local_addr=(RELAY, 0))
    transport, _ = await create_turn_endpoint(asyncio.DatagramProtocol, (RELAY, 3478), turn.username, turn.credential)
    transport.sendto(CANARY, receiver.get_extra_info("sockname"))
    assert await asyncio.wait_for(arrived, 5) == CANARY
    transport.close()
    receiver.close()


def credentials(turn: Turn, now: int) -> IceServer:
    """The station's entry for one relay, as the call process gets it."""
    made = turn.credentials("c1", now)
    return IceServer(made.urls, made.username, made.credential)


async def listening(host: str, port: int) -> None:
    """Until a server is up."""
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


if __name__ == "__main__":
    scene = {one.__name__: one for one in (receive_only, no_interface, loopback, relay, blind_relay)}[sys.argv[1]]
    asyncio.run(asyncio.wait_for(scene(Path(sys.argv[2])), 50))
