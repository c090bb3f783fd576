"""Every place where the booth reaches into aiortc 1.16's private parts, and nothing else. docs/rural-link.md says what upstream could offer instead.

Each function refuses to work when the part is no longer there; tests/kiosk/call/test_upstream.py fails when it is there but no longer used.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiortc.rtp import RtcpRrPacket, RtcpSrPacket

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiortc import RTCRtpSender, RTCRtpTransceiver


class ChangedUpstreamError(RuntimeError):
    """This aiortc is made differently: the function named must be written anew."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a receiver report says of one sent stream: `loss` 0 to 1 since the last, `round_trip` s if known, `octets` sent so far."""

    loss: float
    round_trip: float | None
    octets: int


def _parts(owner: object, *names: str) -> dict[str, Any]:
    own = vars(owner)
    for name in names:
        if name not in own:
            raise ChangedUpstreamError(f"{type(owner).__name__} has no {name}")
    return own


def set_encoder(sender: RTCRtpSender, encoder: Any) -> None:
    """Give a sender its encoder before it starts; aiortc makes one by MIME type only if there is none yet."""
    _parts(sender, "_RTCRtpSender__encoder")["_RTCRtpSender__encoder"] = encoder


def codec(transceiver: RTCRtpTransceiver) -> str:
    """The MIME type, in lower case, that this transceiver will send; after the answer is made."""
    chosen: str = _parts(transceiver, "_codecs")["_codecs"][0].mimeType
    return chosen.lower()


def hear_reports(sender: RTCRtpSender, listener: Callable[[Report], None]) -> None:
    """Call `listener` at each receiver report about this sender, after aiortc has handled it.

    The round trip is that of this report alone; aiortc keeps a slow average only.
    """
    handle = sender._handle_rtcp_packet  # noqa: SLF001
    lsr, lsr_time, count = "_RTCRtpSender__lsr", "_RTCRtpSender__lsr_time", "_RTCRtpSender__octet_count"
    own = _parts(sender, lsr, lsr_time, count)

    async def heard(packet: Any) -> None:
        arrived = time.time()
        await handle(packet)
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == sender._ssrc:  # noqa: SLF001
                    known = report.dlsr and report.lsr == own[lsr]
                    round_trip = max(0.0, arrived - own[lsr_time] - report.dlsr / 65536) if known else None
                    listener(Report(report.fraction_lost / 256, round_trip, own[count]))

    own["_handle_rtcp_packet"] = heard
