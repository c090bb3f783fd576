"""Encoders of the booth's picture: sizes by the ladder, rate by the controller. H.264 changes its rate live; VP8 needs a key frame for it."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from kiosk.call.bandwidth import Ladder, RateController, Rung

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.frame import Frame
    from av.video.codeccontext import VideoCodecContext

    from protocol.left import PictureLeft

#: asked-for key frames closer together than this are one, in seconds
KEY_FRAME_REST: Final = 0.5
#: seconds that a picture may be late and the next still keep its time
GRACE: Final = 0.05
#: seconds after which the last still is no picture of now
LONG_AGO: Final = 10.0
#: pictures a second that x264 shares its rate among at least: a still takes no more than a second of it
LEAST_RATE: Final = 1.0
#: the kind of an H.264 unit that tells a decoder nothing: x264's name and settings, 600 octets with each encoder
SEI: Final = 6
#: VP8 through PyAV takes a new rate only with a new encoder, hence a key frame: no more often than this, in seconds
VP8_REST: Final = 5.0
#: rows from which the cheaper preset is taken, without small blocks and fractions of a pixel: there is rate enough, and processors are not
#: (on the bench's scene a fifth less work at the same SSIM)
LARGE: Final = 540
#: seconds of the rate that one picture may take (a key frame is no more than this), a large one, and a still; and how much the rate may grow
#: before that is too tight
BUFFER, BUFFER_LARGE, STILL, SPARE = 0.15, 0.25, 0.35, 1.5


def size(frame_width: int, frame_height: int, height: int) -> tuple[int, int]:
    """The picture's size on a rung of `height` rows: never larger than the source, even, of its shape."""
    rows = min(height, frame_height)
    return max(2, round(frame_width * rows / frame_height / 2) * 2), max(2, rows // 2 * 2)


class Adaptation:
    """What both encoders share: which pictures are coded, how large, and when a key frame is due. Runs on the encoding thread."""

    def __init__(
        self, control: RateController, clock: Callable[[], float] = time.monotonic, full: Callable[[], bool] = lambda: False
    ) -> None:
        """`full` tells whether so much waits to be sent that a picture is better left out than late."""
        self.control = control
        self._full = full
        self.clock = clock
        self.ladder = Ladder(clock(), control.target)
        self.coded = 0  #: pictures coded
        self.key_frames = 0
        self._reformatter = VideoReformatter()
        self._slot = float("-inf")
        self._last: float | None = None
        self._key_at = float("-inf")
        self._key_due = False

    @property
    def picture(self) -> PictureLeft:
        """What the other side sees: nothing where the last still has been long ago, since no more of it may be added to a queue."""
        picture = self.ladder.rung.picture
        gone = self._last is not None and self.clock() - self._last > LONG_AGO
        return "none" if picture == "stills" and gone else picture

    def due(self, *, key_frame: bool) -> bool:
        """Whether this picture is coded, at the rung's frame rate. A key frame asked for is remembered until one is."""
        self._key_due = self._key_due or key_frame
        now = self.clock()
        rung = self.ladder.update(self.control.target, now)
        if self._full():
            return False
        period = 1 / rung.fps
        if now < self._slot + 0.75 * period:
            return False
        self._slot = max(self._slot + period, now - min(period / 2, GRACE))
        self._last = now
        self.coded += 1
        return True

    def key_frame(self) -> bool:
        """Whether this picture must be a key frame; asked once a picture. Each still is one, so that it lacks nothing when others were lost."""
        if self.ladder.rung.picture == "stills":
            self.note_key_frame()
            return True
        if not self._key_due or self.clock() < self._key_at + KEY_FRAME_REST:
            return False
        self.note_key_frame()
        return True

    def note_key_frame(self) -> None:
        """A key frame is made, asked for or not."""
        self._key_due = False
        self._key_at = self.clock()
        self.key_frames += 1

    def fit(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame at the rung's size, yuv420p, its time kept."""
        width, height = size(frame.width, frame.height, self.ladder.rung.height)
        if (frame.width, frame.height, frame.format.name) == (width, height, "yuv420p"):
            return frame
        fitted = self._reformatter.reformat(frame, width, height, format="yuv420p")
        fitted.pts, fitted.time_base = frame.pts, frame.time_base
        return fitted


def _video(frame: Frame) -> av.VideoFrame:
    if not isinstance(frame, av.VideoFrame):
        raise TypeError("a video encoder takes video frames")
    return frame


def _rtp_time(frame: av.VideoFrame) -> int:
    return convert_timebase(frame.pts or 0, frame.time_base or VIDEO_TIME_BASE, VIDEO_TIME_BASE)


class LiveH264Encoder(H264Encoder):
    """x264 `veryfast`, one encoder a rung, its rate changed in place.

    x264 takes a new rate without a key frame if it was opened with maxrate equal to bit_rate (measured); the buffer belongs to that rate,
    so each rung has its own. Splitting and packetising are aiortc's.
    """

    def __init__(self, adaptation: Adaptation) -> None:
        super().__init__()
        self._adaptation = adaptation
        self._context: VideoCodecContext | None = None
        self._rung: Rung | None = None

    @property
    def target_bitrate(self) -> int:
        """Bit/s; what aiortc sets here is REMB, which the controller already has."""
        return self._adaptation.control.target

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._adaptation.control.remb(bitrate, self._adaptation.clock())

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """RTP payloads of one picture, none when the rung's frame rate leaves it out."""
        video = _video(frame)
        if not self._adaptation.due(key_frame=force_keyframe):
            return [], 0
        coded = self._adaptation.fit(video)
        context = self._opened(coded)
        coded.pict_type = PictureType.I if self._adaptation.key_frame() else PictureType.NONE
        data = b"".join(bytes(packet) for packet in context.encode(coded))
        return self._packetize(unit for unit in self._split_bitstream(data) if unit[0] & 0x1F != SEI), _rtp_time(video)

    def _opened(self, frame: av.VideoFrame) -> VideoCodecContext:
        rung = self._adaptation.ladder.rung
        rate = min(self.target_bitrate, rung.most)
        context = self._context
        if context is None or (context.width, context.height) != (frame.width, frame.height) or rung != self._rung:
            context = self._open(frame.width, frame.height, rung, rate)
            self._context, self._rung = context, rung
            self._adaptation.note_key_frame()
        if context.bit_rate != rate:
            context.bit_rate = rate
        return context

    def _open(self, width: int, height: int, rung: Rung, rate: int) -> VideoCodecContext:
        buffer = max(BUFFER if height < LARGE else BUFFER_LARGE, min(STILL, 1 / rung.fps))
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.framerate, context.time_base = Fraction(max(LEAST_RATE, rung.fps)), VIDEO_TIME_BASE
        context.bit_rate = rung.most
        context.gop_size = 3000
        context.thread_count = 1
        context.profile = "Baseline"
        context.options = {
            "preset": "veryfast" if height < LARGE else "superfast",
            "tune": "zerolatency",
            "level": "31",
            "maxrate": str(rung.most),
            "bufsize": str(int(min(rung.most, SPARE * rate) * buffer)),
            "x264-params": "scenecut=0" if height < LARGE else "scenecut=0:partitions=none:subme=0",
        }
        context.open()
        return context


class LadderVp8Encoder(Vp8Encoder):
    """libvpx as aiortc drives it, with the ladder, and at most one change of rate in `VP8_REST` seconds, down excepted."""

    def __init__(self, adaptation: Adaptation) -> None:
        self._adaptation = adaptation
        self._rate = adaptation.control.target
        self._changed = adaptation.clock()
        super().__init__()

    @property
    def target_bitrate(self) -> int:
        """Bit/s that the encoder is opened with."""
        return self._rate

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._adaptation.control.remb(bitrate, self._adaptation.clock())

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """RTP payloads of one picture, none when the rung's frame rate leaves it out."""
        video = _video(frame)
        if not self._adaptation.due(key_frame=force_keyframe):
            return [], 0
        before = self._adaptation.ladder.rung
        self._settle()
        fitted = self._adaptation.fit(video)
        fitted.pict_type = PictureType.NONE  # aiortc sets it for a key frame, and a camera may hand the same frame out again
        opened = self.codec
        payloads, _ = super().encode(fitted, self._adaptation.key_frame())
        if self.codec is not opened or before is not self._adaptation.ladder.rung:
            self._adaptation.note_key_frame()
        return payloads, _rtp_time(video)

    def _settle(self) -> None:
        want, now = self._adaptation.control.target, self._adaptation.clock()
        rested = now - self._changed > VP8_REST
        if want < 0.85 * self._rate or (rested and want > 1.2 * self._rate):
            self._rate, self._changed = want, now
