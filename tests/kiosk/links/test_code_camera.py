"""The booth's camera as a reader of identity codes: the real process before a synthetic camera. Needs SYS-12, F004-18, F000-33."""

import asyncio
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest
import zxingcpp

from drivers.identity import CodeError, CodeProblem, IdentityCandidate
from kiosk.code_reader import STEADY, Steady
from kiosk.links.code_camera import CodeCamera, CodeCameraState
from kiosk.links.identity_source import Candidates, IdentitySource
from protocol.engine import Painted, Ring, to_video
from simulators import code_camera
from simulators.camera import render
from tests.kiosk.links.video import Bench as UvcBench
from tests.kiosk.links.video import built

ROWS = {row["id"]: row for row in json.loads((Path(__file__).parents[2] / "vectors/ins-datamatrix.json").read_text(encoding="utf-8"))}
CODE = ROWS["INS-2"]["hex"]
PATIENCE = 30.0


class Bench:
    """A camera, what is held before it, and what is said of it."""

    def __init__(self, folder: Path, camera: str = "") -> None:
        self.paper, self.video = folder / "paper", folder / "code.sock"
        module = "kiosk.code_reader" if camera else "simulators.code_camera"
        self.camera = CodeCamera([sys.executable, "-m", module, "--camera", camera or f"paper:{self.paper}", "--video", str(self.video)])
        self.events = self.camera.events()

    async def next(self) -> IdentityCandidate | CodeError | CodeCameraState:
        async with asyncio.timeout(PATIENCE):
            return await anext(self.events)

    @property
    def pid(self) -> int:
        process = self.camera._process
        assert process is not None
        return process.pid

    def hold(self, text: str) -> None:
        new = self.paper.with_suffix(".new")
        new.write_text(text, encoding="ascii")
        new.replace(self.paper)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    await made.events.aclose()  # type: ignore[attr-defined]


def alive(process: Path) -> bool:
    return process.exists()


async def test_a_code_before_the_camera_gives_its_candidate_and_the_camera_is_off(bench: Bench) -> None:
    bench.camera.switch(on=True)
    assert await bench.next() == CodeCameraState(up=True)
    running = Path(f"/proc/{bench.pid}")
    assert re.search(r"Max core file size +0 +0 ", (running / "limits").read_text())
    bench.hold(f"qr {b'https://example.org/'.hex()}")
    wrong = await bench.next()
    assert isinstance(wrong, CodeError)
    assert wrong.reason is CodeProblem.NOT_INS
    bench.hold(CODE)
    found = await bench.next()
    assert isinstance(found, IdentityCandidate)
    assert (found.family_name, found.driver, found.identifiers[0].value.reveal()) == (
        "GARCIA-HAMMADI",
        "fr-ins-datamatrix",
        "277010115400329",
    )
    assert await bench.next() == CodeCameraState(up=False)
    assert not alive(running), "what has seen the paper is gone"


async def test_the_screen_sees_what_the_camera_sees(bench: Bench) -> None:
    bench.camera.switch(on=True)
    assert await bench.next() == CodeCameraState(up=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as screen:
        screen.connect(str(bench.video))
        screen.setblocking(False)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            assert to_video.decode(await loop.sock_recv(screen, 65536)) == Ring(1280, 720, 4)
            assert isinstance(to_video.decode(await loop.sock_recv(screen, 65536)), Painted)
            bench.camera.switch(on=False)
            while await loop.sock_recv(screen, 65536):
                pass
    assert await bench.next() == CodeCameraState(up=False)


async def test_switched_off_it_is_gone_at_once_and_says_nothing_more(bench: Bench) -> None:
    """Also when a code was held before it at that moment; switched on again it looks again."""
    bench.camera.switch(on=True)
    assert await bench.next() == CodeCameraState(up=True)
    running = Path(f"/proc/{bench.pid}")
    bench.hold(CODE)
    bench.camera.switch(on=False)
    assert await bench.next() == CodeCameraState(up=False)
    assert not alive(running)
    bench.camera.switch(on=True)
    assert await bench.next() == CodeCameraState(up=True)
    assert isinstance(await bench.next(), IdentityCandidate)


async def test_a_camera_that_is_not_there_is_said(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "v4l2:/dev/no-such-camera")
    for _ in range(2):
        bench.camera.switch(on=True)
        missing = await bench.next()
        assert isinstance(missing, CodeError)
        assert missing.reason is CodeProblem.IMAGE
        assert await bench.next() == CodeCameraState(up=False)
    await bench.events.aclose()  # type: ignore[attr-defined]


async def test_a_camera_that_is_unplugged_is_said(bench: Bench) -> None:
    bench.camera.switch(on=True)
    assert await bench.next() == CodeCameraState(up=True)
    bench.hold("unplugged")
    lost = await bench.next()
    assert isinstance(lost, CodeError)
    assert lost.reason is CodeProblem.IMAGE


async def test_a_usb_camera_by_the_kernels_interface_reads_the_paper(tmp_path: Path) -> None:
    """The product's own process on Video4Linux2 (tests/kiosk/links/v4l2_double), Motion JPEG as UVC cameras send it."""
    cameras = UvcBench(built(tmp_path), tmp_path / "cameras")
    jpeg = tmp_path / "paper.jpg"
    (room,) = render(1280, 720, 1)
    held = code_camera.held(code_camera.paper(bytes.fromhex(CODE), zxingcpp.BarcodeFormat.DataMatrix), room).reformat(format="yuvj420p")
    with av.open(str(jpeg), "w", format="image2") as out:
        stream = out.add_stream("mjpeg", rate=1, options={"qmin": "3", "qmax": "3"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuvj420p"  # type: ignore[attr-defined]
        out.mux([*stream.encode(held), *stream.encode(None)])  # type: ignore[attr-defined]
    path = cameras.plug("video0", f"jpeg {jpeg} 1280 720 10")
    environment = [f"{name}={value}" for name, value in cameras.environment.items()]
    worker = [sys.executable, "-m", "kiosk.code_reader", "--camera", f"v4l2:{path}", "--video", str(tmp_path / "code.sock")]
    camera = CodeCamera(["env", *environment, *worker])
    events = camera.events()
    camera.switch(on=True)
    async with asyncio.timeout(PATIENCE):
        assert await anext(events) == CodeCameraState(up=True)
        found = await anext(events)
        assert isinstance(found, IdentityCandidate)
        assert found.family_name == "GARCIA-HAMMADI"
        assert await anext(events) == CodeCameraState(up=False)
    await events.aclose()  # type: ignore[attr-defined]


async def test_it_is_one_of_the_sources_of_an_identity(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.hold(CODE)
    events: asyncio.Queue[object] = asyncio.Queue()
    source = IdentitySource(None, camera=bench.camera._command)
    running = asyncio.create_task(source.run(events.put_nowait))
    source.look(on=True)
    async with asyncio.timeout(PATIENCE):
        assert await events.get() == CodeCameraState(up=True)
        found = await events.get()
        assert isinstance(found, Candidates)
        assert found.candidates[0].family_name == "GARCIA-HAMMADI"
        assert await events.get() == CodeCameraState(up=False)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_only_what_is_refused_for_a_while_is_said_and_once() -> None:
    """A prescription has bar codes beside the identity code: they pass by."""
    steady, wrong, cut = Steady(), CodeError(CodeProblem.NOT_INS), CodeError(CodeProblem.SEPARATOR)
    assert not any(steady.refused(wrong) for _ in range(STEADY - 1))
    assert not steady.refused(cut)
    assert not any(steady.refused(wrong) for _ in range(STEADY - 1))
    assert not steady.refused(CodeError(CodeProblem.NO_CODE))
    assert [steady.refused(wrong) for _ in range(3)] == [True, False, False]
