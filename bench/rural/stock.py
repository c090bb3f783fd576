"""The call process with aiortc's own encoders and rate control, for comparison: VP8, REMB only, Opus 96 kbit/s stereo."""

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


if __name__ == "__main__":
    upstream.set_encoder = stock
    sys.exit(main())
