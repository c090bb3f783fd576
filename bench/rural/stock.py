"""The call process with aiortc's own encoders, buffers and rate control, for comparison: VP8, REMB only, Opus 96 kbit/s stereo."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from av.video.frame import PictureType

from kiosk.call import peer, upstream
from simulators.call import main

if TYPE_CHECKING:
    from aiortc import RTCRtpSender
    from av.frame import Frame

original = upstream.set_encoder

#: what the booth changes in aiortc, and this process does not
LEFT_OUT = (
    *("travel", "send_codec", "negotiate_feedback", "spare_the_level", "receive_with", "hear_reports", "leave_estimating", "tell_recorded"),
    *("encode_here", "decode_here", "decode_apart"),
)


class Vp8(Vp8Encoder):
    """aiortc's, for a camera that hands the same pictures out again: it would make each a key frame that once was one."""

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """One picture."""
        video: Any = frame  # av's types know the field of a video frame only
        video.pict_type = PictureType.NONE
        return super().encode(frame, force_keyframe)


def stock(sender: RTCRtpSender, _: Any) -> None:
    """Give the sender what aiortc would."""
    original(sender, OpusEncoder() if sender.kind == "audio" else Vp8())


def nothing(*_: Any) -> None:
    """What is left out."""


if __name__ == "__main__":
    upstream.set_encoder = stock
    for change in LEFT_OUT:
        setattr(upstream, change, nothing)
    vars(peer)["SILENT"] = float("inf")  # nothing is counted that comes
    sys.exit(main())
