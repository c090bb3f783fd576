"""The work of one 720p30 picture in the encoder alone: the booth's, aiortc's own, and GStreamer's where it is installed. Processor time, not time."""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from aiortc.codecs.vpx import Vp8Encoder
from av.video.frame import PictureType

from kiosk.call.bandwidth import RateController
from kiosk.call.video_encoders import Adaptation, LiveH264Encoder
from simulators.camera import render

if TYPE_CHECKING:
    import av
    from av.frame import Frame

WIDTH, HEIGHT, FPS, COUNT = 1280, 720, 30, 300
RATE = 1_200_000
#: as the booth opens x264
X264 = f"x264enc tune=zerolatency speed-preset=superfast option-string=partitions=none:subme=0 threads=1 key-int-max=3000 bitrate={RATE // 1000}"
#: as aiortc opens libvpx
VP8 = f"vp8enc deadline=1 cpu-used=-6 threads=1 lag-in-frames=0 end-usage=cbr target-bitrate={RATE} keyframe-max-dist=3000"


class Encoder(Protocol):
    """aiortc's interface."""

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]: ...


def measure() -> dict[str, float]:
    """Milliseconds of processor a picture, by encoder; what is not installed is left out."""
    frames = render(WIDTH, HEIGHT)
    found = {"the booth's (x264)": _ours(frames), "aiortc's VP8": _alone(Vp8Encoder(), frames)}
    if shutil.which("gst-launch-1.0"):
        with tempfile.NamedTemporaryFile(suffix=".i420") as raw:
            for number in range(COUNT):
                raw.write(octets(frames[number % len(frames)]))
            raw.flush()
            reading = _gstreamer(raw.name, "identity")
            found |= {f"GStreamer's {name}": _gstreamer(raw.name, element) - reading for name, element in (("x264", X264), ("VP8", VP8))}
    return {name: round(value, 1) for name, value in found.items()}


def octets(frame: av.VideoFrame) -> bytes:
    """The planes one after the other, without the padding of their rows."""
    rows = []
    for plane in frame.planes:
        data = bytes(plane)
        rows += [data[at * plane.line_size : at * plane.line_size + plane.width] for at in range(plane.height)]
    return b"".join(rows)


def _ours(frames: list[av.VideoFrame]) -> float:
    now = 0.0
    control = RateController(0.0, start=RATE)

    def clock() -> float:
        return now

    encoder = LiveH264Encoder(Adaptation(control, clock))
    begun = time.process_time()
    for number in range(COUNT):
        now = number / FPS
        _one(encoder, frames, number)
    return 1000 * (time.process_time() - begun) / COUNT


def _alone(encoder: Vp8Encoder, frames: list[av.VideoFrame]) -> float:
    encoder.target_bitrate = RATE
    begun = time.process_time()
    for number in range(COUNT):
        _one(encoder, frames, number)
    return 1000 * (time.process_time() - begun) / COUNT


def _one(encoder: Encoder, frames: list[av.VideoFrame], number: int) -> None:
    frame = frames[number % len(frames)]
    frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, FPS), PictureType.NONE
    encoder.encode(frame)


def _gstreamer(raw: str, element: str) -> float:
    source = f"filesrc location={raw} ! rawvideoparse width={WIDTH} height={HEIGHT} format=i420 framerate={FPS}/1"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["gst-launch-1.0", "-q", *f"{source} ! {element} ! fakesink".split()], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / COUNT
