"""The camera reader against another implementation of Video4Linux2, which v4l2-ctl (another client) reads from too. Need F002-06."""

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
from kiosk.links.camera import CameraError, Capture, video_mode

def look(path, wanted=""):
    said = {}
    try:
        with Capture(Path(path)) as camera:
            modes = camera.modes()
            said = {"name": camera.name, "bus": camera.bus, "modes": [[m.format, m.width, m.height, str(m.interval)] for m in modes]}
            mode = next((m for m in modes if m.format == wanted), None) or video_mode(modes)
            said["pictures"] = []
            for picture in islice(camera.pictures(mode), 12):
                said["pictures"].append([picture.format, picture.width, picture.height, picture.stride, len(picture.data), picture.data[1]])
    except CameraError as error:
        said["error"] = error.reason
    return said

print(json.dumps([look(*argument.split("=")) for argument in sys.argv[1:]]))
"""
LIST = """
import argparse, contextlib, io, sys
from kiosk.commands import cameras
parser = argparse.ArgumentParser()
cameras.register(parser.add_subparsers())
lines = io.StringIO()
with contextlib.redirect_stdout(lines):
    cameras.run(parser.parse_args(["cameras", "--directory", sys.argv[1]]))
print("[" + ",".join(lines.getvalue().splitlines()) + "]")
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
    ours = bench.run(LOOK, f"{path}=YUYV")[0]["pictures"]
    theirs = out.read_bytes()
    assert len(theirs) == 5 * 640 * 480 * 2
    assert [picture[5] for picture in ours[:5]] == [theirs[at * 640 * 480 * 2 + 1] for at in range(5)] == [0, 1, 2, 3, 4]


def test_modes_and_pictures_of_both_formats(bench: Bench) -> None:
    path = bench.plug("video0", *OTOSCOPE, card="Otoscope", bus="usb-0000:00:14.0-3")
    raw, jpeg = bench.run(LOOK, f"{path}=YUYV", f"{path}=MJPG")
    assert (raw["name"], raw["bus"]) == ("Otoscope", "usb-0000:00:14.0-3")
    assert raw["modes"] == [["YUYV", 640, 480, "1/30"], ["MJPG", 640, 480, "1/30"]]
    assert [picture[:5] for picture in raw["pictures"]] == [["YUYV", 640, 480, 1280, 614_400]] * 12
    assert [picture[5] for picture in raw["pictures"]] == list(range(12))
    assert [picture[:5] for picture in jpeg["pictures"]] == [["MJPG", 640, 480, 0, JPEG.stat().st_size]] * 12


#: what a camera's file says -> the text key, and how many pictures came before
WRONG = {
    "forbidden": ("camera-forbidden", 0),
    "busy": ("camera-busy", 0),
    "output": ("camera-unfit", 0),
    "pixels H264 640 480 30": ("camera-unfit", 0),
    "gone 5": ("camera-lost", 5),
    "silent 5": ("camera-lost", 6),
}


def test_what_is_wrong_has_a_name(bench: Bench, tmp_path: Path) -> None:
    ways = (() if line.startswith("pixels") else OTOSCOPE for line in WRONG)
    paths = [bench.plug(f"video{at}", line, *way) for at, (line, way) in enumerate(zip(WRONG, ways, strict=True))]
    (tmp_path / "text").write_text("nothing")
    said = bench.run(LOOK, *paths, bench.folder / "video77", tmp_path / "text")
    assert [(one["error"], len(one.get("pictures", []))) for one in said] == [*WRONG.values(), ("no-camera", 0), ("camera-unfit", 0)]


def test_a_damaged_picture_is_left_out(bench: Bench) -> None:
    said = bench.run(LOOK, f"{bench.plug('video0', 'damaged 3', *OTOSCOPE)}=YUYV")[0]
    assert [picture[5] for picture in said["pictures"]] == [0, 1, 2, *range(4, 13)]


def test_two_cameras_of_one_name_are_told_apart_by_their_port(bench: Bench) -> None:
    bench.plug("pci-0000:00:14.0-usb-0:1:1-video-index0", *OTOSCOPE, bus="usb-0000:00:14-1")
    bench.plug("pci-0000:00:14.0-usb-0:2:1-video-index0", *OTOSCOPE, bus="usb-0000:00:14-2")
    (bench.folder / "other").write_text("")
    listed = bench.run(LIST, bench.folder)
    assert [(line["name"], line["bus"]) for line in listed] == [("HD Camera", "usb-0000:00:14-1"), ("HD Camera", "usb-0000:00:14-2")]
    assert [Path(line["setting"]).name for line in listed] == [
        "pci-0000:00:14.0-usb-0:1:1-video-index0",
        "pci-0000:00:14.0-usb-0:2:1-video-index0",
    ]
    assert listed[0]["modes"] == ["YUYV 640x480 30/s", "MJPG 640x480 30/s"]


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
