"""How webrtcbin's sender obeys the receiver's REMB: the rate it says, and the size of picture that fits into it."""

from __future__ import annotations

#: bit/s of the picture: at first, and what REMB may make of it
START, LEAST, MOST = 200_000, 50_000, 1_500_000
#: bit/s -> what the sides of a 720p picture are divided by from there on; below, the coarsest quantizer does not fit
LADDER = ((0, 4), (180_000, 2), (700_000, 1))
#: share by which a rate exceeds its step before the picture grows
MARGIN = 0.15


def allowed(feedback: bytes) -> int | None:
    """Bit/s that application layer feedback allows, within LEAST and MOST; None when it is no REMB (draft-alvestrand-rmcat-remb-03, 2.2)."""
    if len(feedback) < 8 or feedback[:4] != b"REMB":
        return None
    word = int.from_bytes(feedback[5:8], "big")
    return min(MOST, max(LEAST, (word & 0x3FFFF) << (word >> 18)))


def divisor(rate: int, now: int | None = None) -> int:
    """What the picture is divided by at a rate, when it is divided by `now`."""
    bound, found = max(step for step in LADDER if rate >= step[0])
    return found if now is None or found > now or rate >= (1 + MARGIN) * bound else now


def asked(sdp: str, payload: int) -> str:
    """An answer that asks for REMB for the VP8 of a payload type: webrtcbin hears it but does not speak of it."""
    line = f"a=rtpmap:{payload} VP8/90000\r\n"
    return sdp.replace(line, f"{line}a=rtcp-fb:{payload} goog-remb\r\n")
