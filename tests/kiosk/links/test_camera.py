"""The camera reader against another implementation of Video4Linux2, which v4l2-ctl (another client) reads from too. Needs F002-06, F002-23."""

from fractions import Fraction
from pathlib import Path

import pytest

from kiosk.links.camera import Mode, still_mode, video_mode
from tests.kiosk.links.video import JPEG, Bench, built

OTOSCOPE = ("pixels YUYV 640 480 30", f"jpeg {JPEG} 640 480 30")

LOOK = """
import json, sys
from itertools import islice
from pathlib import Path
from kiosk.links.camera import CameraError, Capture, Mode, found, video_mode
said = {}
try:
    with Capture(Path(sys.argv[1])) as camera:
        modes = camera.modes()
        said = {"name": camera.name, "bus": camera.bus, "modes": [[m.format, m.width, m.height, str(m.interval)] for m in modes]}
        mode = next((m for m in modes if m.format == sys.argv[2]), None) if len(sys.argv) > 2 else video_mode(modes)
        said["pictures"] = []
        for picture in islice(camera.pictures(mode), 12):
            said["pictures"].append([picture.format, picture.width, picture.height, picture.stride, len(picture.data), picture.data[1]])
except CameraError as error:
    said["error"] = error.reason
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("double"))


@pytest.fixture
def bench(library: Path, tmp_path: Path) -> Bench:
    return Bench(library, tmp_path / "cameras")


def test_another_client_streams_from_the_double(bench: Bench, tmp_path: Path) -> None:
    """So that the double is not only what our own reader believes."""
    path, out = bench.plug("video0", *OTOSCOPE, card="Otoscope"), tmp_path / "out.yuv"
    listed = bench.program("v4l2-ctl", "-d", path, "--info", "--list-formats-ext")
    assert "Otoscope" in listed
    assert "'YUYV' (YUYV 4:2:2)" in listed
    assert "'MJPG' (Motion-JPEG, compressed)" in listed
    assert "Discrete 640x480" in listed
    wanted = "--set-fmt-video=width=640,height=480,pixelformat=YUYV"
    bench.program("v4l2-ctl", "-d", path, wanted, "--stream-mmap=4", "--stream-count=5", f"--stream-to={out}")
    ours = bench.run(LOOK, path, "YUYV")["pictures"]
    theirs = out.read_bytes()
    assert len(theirs) == 5 * 640 * 480 * 2
    assert [picture[5] for picture in ours[:5]] == [theirs[at * 640 * 480 * 2 + 1] for at in range(5)] == [0, 1, 2, 3, 4]


def test_modes_and_pictures_of_both_formats(bench: Bench) -> None:
    path = bench.plug("video0", *OTOSCOPE, card="Otoscope", bus="usb-0000:00:14.0-3")
    raw, jpeg = bench.run(LOOK, path, "YUYV"), bench.run(LOOK, path, "MJPG")
    assert (raw["name"], raw["bus"]) == ("Otoscope", "usb-0000:00:14.0-3")
    assert raw["modes"] == [["YUYV", 640, 480, "1/30"], ["MJPG", 640, 480, "1/30"]]
    assert [picture[:5] for picture in raw["pictures"]] == [["YUYV", 640, 480, 1280, 614_400]] * 12
    assert [picture[5] for picture in raw["pictures"]] == list(range(12))
    assert [picture[:5] for picture in jpeg["pictures"]] == [["MJPG", 640, 480, 0, JPEG.stat().st_size]] * 12


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("forbidden",), "camera-forbidden"),
        (("busy", *OTOSCOPE), "camera-busy"),
        (("output", *OTOSCOPE), "camera-unfit"),
        (("pixels H264 640 480 30",), "camera-unfit"),
        (("gone 5", *OTOSCOPE), "camera-lost"),
        (("silent 5", *OTOSCOPE), "camera-lost"),
    ],
)
def test_what_is_wrong_has_a_name(bench: Bench, lines: tuple[str, ...], reason: str) -> None:
    said = bench.run(LOOK, bench.plug("video0", *lines))
    assert said["error"] == reason
    assert len(said.get("pictures", [])) == (5 if lines[0] == "gone 5" else 6 if lines[0] == "silent 5" else 0)


def test_no_camera_and_no_camera_at_all(bench: Bench, tmp_path: Path) -> None:
    assert bench.run(LOOK, bench.folder / "video7")["error"] == "no-camera"
    (tmp_path / "text").write_text("nothing")
    assert bench.run(LOOK, tmp_path / "text")["error"] == "camera-unfit"


def test_a_damaged_picture_is_left_out(bench: Bench) -> None:
    said = bench.run(LOOK, bench.plug("video0", "damaged 3", *OTOSCOPE), "YUYV")
    assert [picture[5] for picture in said["pictures"]] == [0, 1, 2, *range(4, 13)]


def test_two_cameras_of_one_name_are_told_apart_by_their_port(bench: Bench) -> None:
    bench.plug("pci-0000:00:14.0-usb-0:1:1-video-index0", *OTOSCOPE, bus="usb-0000:00:14-1")
    bench.plug("pci-0000:00:14.0-usb-0:2:1-video-index0", *OTOSCOPE, bus="usb-0000:00:14-2")
    (bench.folder / "other").write_text("")
    code = """
import json, sys
from pathlib import Path
from kiosk.links.camera import found
print(json.dumps([[camera.path.name, camera.name, camera.bus] for camera in found(Path(sys.argv[1]))]))
"""
    renamed = bench.run(code, bench.folder)
    assert [(name, bus) for _, name, bus in renamed] == [("HD Camera", "usb-0000:00:14-1"), ("HD Camera", "usb-0000:00:14-2")]
    assert len({path for path, _, _ in renamed}) == 2


MODES = [
    Mode("YUYV", 640, 480, Fraction(1, 30)),
    Mode("YUYV", 1280, 720, Fraction(1, 10)),
    Mode("MJPG", 640, 480, Fraction(1, 30)),
    Mode("MJPG", 1280, 720, Fraction(1, 30)),
    Mode("MJPG", 2592, 1944, Fraction(1, 15)),
]


def test_the_mode_for_moving_pictures_and_the_one_for_photographs() -> None:
    assert video_mode(MODES) == MODES[3]
    assert still_mode(MODES) == MODES[4]
    assert video_mode(MODES[:1] + MODES[2:3]) == MODES[0]  # the same size without decoding
    assert video_mode([MODES[1], MODES[4]]) == MODES[1]  # nothing is fast
    assert video_mode([MODES[4]]) == MODES[4]  # nothing is small
