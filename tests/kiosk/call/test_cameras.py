"""Cameras in the call process: USB cameras decoded, the exam camera in the place of the booth's, photographs from pixels alone. Needs F002-06, F002-22."""

import io
from pathlib import Path

import pytest
from PIL import Image

from kiosk.call.photo import PhotoError, decoded, encoded, markers
from protocol.engine import Device, DropPhoto, Hangup, PhotoFailed, PhotoPart, Room, Sources, TakePhoto
from tests.kiosk.call.agent import Agent, Screen
from tests.kiosk.call.specialist import until
from tests.kiosk.links.video import JPEG, Bench, built


def test_a_photograph_has_nothing_in_it_but_its_picture() -> None:
    """A third party's photograph with Exif, position and maker note; another library looks at what leaves."""
    before = Image.open(io.BytesIO(JPEG.read_bytes()))
    exif = before.getexif()
    assert exif[0x0110] == "COOLPIX P6000"
    assert exif.get_ifd(0x8825)[2] == pytest.approx((43, 28, 2.814))
    assert len(exif.get_ifd(0x8769)[0x927C]) > 3_000
    photo = encoded(decoded(JPEG.read_bytes()))
    after = Image.open(io.BytesIO(photo.jpeg))
    assert (after.size, (photo.width, photo.height)) == (before.size, before.size)
    assert not after.getexif()
    assert not after.info
    for trace in (b"Exif", b"NIKON", b"COOLPIX", b"2008:10:22", b"WGS-84", b"JFIF", b"Lavc", b"http"):
        assert (trace in JPEG.read_bytes()) or trace in (b"JFIF", b"Lavc", b"http")
        assert trace not in photo.jpeg
    assert not [marker for marker in markers(photo.jpeg) if 0xE0 <= marker <= 0xFE]
    there, here = (image.convert("RGB").resize((64, 48)).tobytes() for image in (before, after))
    assert sum(abs(a - b) for a, b in zip(there, here, strict=True)) / len(here) < 2


@pytest.mark.parametrize("jpeg", [b"", b"rubbish", JPEG.read_bytes()[:5000], JPEG.read_bytes() + b"hidden", JPEG.read_bytes()[:-2]])
def test_what_is_no_whole_photograph_is_named(jpeg: bytes) -> None:
    with pytest.raises(PhotoError):
        list(markers(jpeg))


async def seen(agent: Agent, kind: str, reason: str) -> None:
    while Device(kind, reason) not in agent.seen:
        await agent.receive()


async def photograph(agent: Agent, name: str, camera: str) -> bytes:
    await agent.send(TakePhoto(name, camera))
    pieces: list[PhotoPart] = []
    while not pieces or len(pieces) < pieces[0].parts:
        pieces.append(await agent.expect(PhotoPart))
    assert [(piece.id, piece.part) for piece in pieces] == [(name, number) for number in range(len(pieces))]
    return b"".join(piece.data for piece in pieces)


async def test_a_usb_camera_is_seen_photographed_and_taken_away(tmp_path: Path) -> None:
    bench = Bench(built(tmp_path), tmp_path / "cameras")
    large = f"jpeg {JPEG} 640 480 30"
    path = bench.plug("video0", "pixels YUYV 320 240 30", large)
    lost = bench.plug("video1", "gone 12", "pixels YUYV 320 240 30")
    own = tmp_path / "own"
    prefix = ("env", *(f"{name}={value}" for name, value in bench.environment.items()))
    options = (
        "--own",
        str(own),
        "--camera",
        f"v4l2:{path}",
        "--exam",
        f"otoscope=v4l2:{lost}",
        "--exam",
        "dermatoscope=v4l2:/dev/video-none",
    )
    async with Agent(tmp_path, *options, prefix=prefix) as agent:
        screen = Screen(own)
        await agent.send(Sources(camera=False, microphone=False, seen="booth"))
        await seen(agent, "camera", "")
        await screen.painted()
        assert screen.shape is not None
        assert (screen.shape.width, screen.shape.height) == (640, 480)  # its larger mode, decoded from JPEG
        assert (bench.folder / "video0.streaming").exists()
        while (room := await agent.expect(Room)).face is None or room.level is None:
            pass
        assert 0.2 < room.face < 0.9

        jpeg = await photograph(agent, "one", "booth")
        assert Image.open(io.BytesIO(jpeg)).size == (640, 480)
        assert b"NIKON" not in jpeg
        still = screen.picture(await screen.painted())
        await agent.send(DropPhoto())
        painted = await screen.painted()
        while any(screen.picture(painted)[: 640 * 4]):
            painted = await screen.painted()
        assert any(still[: 640 * 4])

        await agent.send(Sources(camera=False, microphone=False, seen="otoscope"))
        await seen(agent, "otoscope", "camera-lost")
        await agent.send(Sources(camera=False, microphone=False, seen="dermatoscope"))
        await seen(agent, "dermatoscope", "no-camera")
        await agent.send(TakePhoto("two", "dermatoscope"))
        assert await agent.expect(PhotoFailed) == PhotoFailed("two", "no-camera")
        assert not (bench.folder / "video0.streaming").exists()

        await agent.send(Sources(camera=True, microphone=True, seen="booth"))
        await screen.painted()
        await agent.send(Hangup())  # the next patient's switches start off
        await until(lambda: not (bench.folder / "video0.streaming").exists())
        screen.close()
