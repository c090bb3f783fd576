"""What is sent: encoders, and what both sides' reports tell of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtp
from aiortc.clock import current_ntp_time
from aiortc.rtp import RtcpRrPacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSourceInfo, RtcpSrPacket

from kiosk.call import handing
from kiosk.call.upstream.guard import ChangedUpstreamError, parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiortc import RTCRtpSender
    from aiortc.rtcrtpparameters import RTCRtpCodecParameters

#: seconds after the first packet at which a sender report goes out beside aiortc's own: a browser needs two of each stream to know anything
EARLY: Final = (0.0, 0.3, 0.8, 1.3)


@dataclass(frozen=True, slots=True)
class Report:
    """What a receiver report says of one sent stream: `loss` 0 to 1 since the last, `round_trip` s if known, `octets` sent so far."""

    loss: float
    round_trip: float | None
    octets: int


def spare_the_level() -> None:
    """Send no audio level: nobody mixes this call, and aiortc takes a twentieth of the process's time to compute it."""
    if not hasattr(aiortc.rtp, "compute_audio_level_dbov"):
        raise ChangedUpstreamError("aiortc.rtp has no compute_audio_level_dbov")
    vars(aiortc.rtp)["compute_audio_level_dbov"] = lambda _: None


def set_encoder(sender: RTCRtpSender, encoder: Any) -> None:
    """Give a sender its encoder before it starts; aiortc makes one by MIME type only if there is none yet."""
    parts(sender, "_RTCRtpSender__encoder")["_RTCRtpSender__encoder"] = encoder


def encode_here(sender: RTCRtpSender) -> None:
    """Encode on the event loop, not on a thread: for sound. Before the sender starts."""
    parts(sender, "_RTCRtpSender__loop")["_RTCRtpSender__loop"] = handing.Here()


def hear_reports(sender: RTCRtpSender, listener: Callable[[Report], None]) -> None:
    """Call `listener` at each receiver report about this sender, after aiortc has handled it.

    The round trip is that of this report alone; aiortc keeps a slow average only.
    """
    handle = sender._handle_rtcp_packet  # noqa: SLF001
    lsr, lsr_time, count = "_RTCRtpSender__lsr", "_RTCRtpSender__lsr_time", "_RTCRtpSender__octet_count"
    own = parts(sender, lsr, lsr_time, count)

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


def wall(clock: Callable[[], float]) -> Callable[[float], int]:
    """NTP time (64 bits) of a time of this monotonic clock; what it says is not set while it runs, whatever becomes of the machine's own."""
    zero = current_ntp_time() - round(clock() * (1 << 32))
    return lambda at: zero + round(at * (1 << 32))


def tell_recorded(
    sender: RTCRtpSender, rate: int, start: Callable[[], float | None], clock: Callable[[], float], ntp: Callable[[float], int]
) -> None:
    """Let a sender's reports say when what it sends was recorded, and send some at once.

    aiortc's say when it was sent, coded and after what waited, and the first comes after a second. `start` gives when the content of the
    encoder's time stamp 0 was recorded, by `clock`; None while nothing is known.
    """
    names = [f"_RTCRtpSender__{name}" for name in ("rtp_timestamp", "packet_count", "octet_count", "cname", "lsr", "lsr_time")]
    own = parts(sender, *names)
    stamp, packets, octets, cname, lsr, lsr_time = names
    take, send = sender._next_encoded_frame, sender._send_rtcp  # noqa: SLF001
    given: int | None = None  # the encoder's time stamp of what aiortc sends now
    added: int | None = None  # the random number that aiortc adds to them
    due: list[float] = []

    async def next_frame(codec: RTCRtpCodecParameters) -> Any:
        nonlocal given, added
        if given is not None and added is None:
            added = own[stamp] - given
            due.extend(clock() + later for later in EARLY)
        if due and clock() >= due[0]:
            due.pop(0)
            name = RtcpSourceInfo(ssrc=sender._ssrc, items=[(1, str(own[cname]).encode())])  # noqa: SLF001
            report = RtcpSrPacket(ssrc=sender._ssrc, sender_info=RtcpSenderInfo(0, 0, own[packets], own[octets]))  # noqa: SLF001
            await reports([report, RtcpSdesPacket(chunks=[name])])
        frame = await take(codec)
        given = given if frame is None else frame.timestamp
        return frame

    async def reports(compound: list[Any]) -> None:
        begun = start()
        for packet in compound:
            if isinstance(packet, RtcpSrPacket) and added is not None and begun is not None:
                now = clock()
                info = packet.sender_info
                info.ntp_timestamp, info.rtp_timestamp = ntp(now), (added + round((now - begun) * rate)) % (1 << 32)
                own[lsr], own[lsr_time] = info.ntp_timestamp >> 16 & 0xFFFFFFFF, time.time()
        await send(compound)

    own["_next_encoded_frame"], own["_send_rtcp"] = next_frame, reports
