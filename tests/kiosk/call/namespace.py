"""What is run inside a network namespace of its own, from which no packet can leave. See test_namespace.py.

`python -m tests.kiosk.call.namespace NAME FOLDER` runs one of the scenes and exits 0 when it went as it says.
"""

import asyncio
import sys
import time
from pathlib import Path

import pytest
from aiortc import RTCIceServer

from kiosk.call.engine import CallError
from kiosk.call.peer import AiortcEngine
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


async def relay(folder: Path) -> None:
    """coturn with the station's credentials. A dead relay, one with a certificate of its own, and one that works: the call goes by the last."""
    secret = b"shared"
    (folder / "turn.conf").write_text(
        f"listening-ip=198.18.0.1\nrelay-ip=198.18.0.1\nlistening-port=3478\ntls-listening-port=5349\nuse-auth-secret\n"
        f"static-auth-secret={secret.decode()}\nrealm=test\ncert={folder}/cert.pem\npkey={folder}/key.pem\nno-cli\nfingerprint\n"
        f"pidfile={folder}/pid\nuserdb={folder}/db\nlog-file={folder}/log\nsimple-log\n"
    )
    command = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=relay",
        "-days",
        "2",
    )
    made = await asyncio.create_subprocess_exec(
        *command, "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", stderr=asyncio.subprocess.DEVNULL
    )
    await made.wait()
    server = await asyncio.create_subprocess_exec("turnserver", "-c", f"{folder}/turn.conf", stdout=asyncio.subprocess.DEVNULL)
    urls = ("turn:198.18.0.1:9?transport=udp", "turns:198.18.0.1:5349?transport=tcp", "turn:198.18.0.1:3478?transport=tcp")
    now = round(time.time() * 1000)
    good = tuple(credentials(Turn(url, secret), now) for url in urls)
    wrong = tuple(credentials(Turn(url, b"other"), now) for url in urls[2:])
    try:
        await listening("198.18.0.1", 3478)
        _, failures = await usable([RTCIceServer(one.urls, one.username, one.credential) for one in (*good, *wrong)])
        assert failures[1:] == [f"{urls[1]}: certificate not trusted", f"{urls[2]}: credentials refused"], failures
        assert failures[0].startswith(urls[0])
        engine = AiortcEngine({"booth": StampedCamera(320, 180)}, None)
        states: list[State] = []
        engine.on_state = states.append
        await engine.prepare(good, relay_only=True)
        specialist = AiortcSpecialist()
        answer = await engine.accept_offer(await specialist.offer())
        assert "typ relay" in answer
        assert "typ host" not in answer
        await specialist.accept(answer)
        await until(lambda: State("connected", "") in states and len(specialist.pictures) > 10)
        await specialist.close()
        await engine.prepare(wrong, relay_only=True)
        with pytest.raises(CallError, match=r"no-relay: .*credentials refused"):
            await engine.accept_offer(await AiortcSpecialist(sends=False).offer())
        await engine.stop()
    finally:
        server.terminate()
        await server.wait()


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
    scene = {one.__name__: one for one in (receive_only, no_interface, loopback, relay)}[sys.argv[1]]
    asyncio.run(asyncio.wait_for(scene(Path(sys.argv[2])), 50))
