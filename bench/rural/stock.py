"""The call process with aiortc's own encoders, buffers and rate control, for comparison: VP8, REMB only, Opus 96 kbit/s stereo."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder

from kiosk.call import upstream
from simulators.call import main

if TYPE_CHECKING:
    from aiortc import RTCRtpSender

original = upstream.set_encoder


def stock(sender: RTCRtpSender, _: Any) -> None:
    """Give the sender what aiortc would."""
    original(sender, OpusEncoder() if sender.kind == "audio" else Vp8Encoder())


def nothing(*_: Any) -> None:
    """What is left out."""


if __name__ == "__main__":
    upstream.set_encoder = stock
    for change in ("travel", "negotiate_feedback", "spare_the_level", "receive_with", "hear_reports", "leave_estimating"):
        setattr(upstream, change, nothing)
    sys.exit(main())
