"""Every place where the booth reaches into aiortc 1.16's private parts, and nothing else. docs/rural-link.md says what upstream could offer instead.

Each function refuses to work when the part is no longer there; tests/kiosk/call/test_upstream.py fails when it is there but no longer used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiortc.rtp import RtcpRrPacket, RtcpSrPacket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver
    from aiortc.rtp import RtpPacket

    from kiosk.call.jitter import DeadlineBuffer, Requests


log = logging.getLogger("telecabine.call")


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


def harden(transport: RTCDtlsTransport) -> None:
    """Drop a media packet that aiortc fails to understand instead of ending the transport.

    A REMB that is shorter than it says (struct.error in `unpack_remb_fci`) ended the whole call; any such packet comes from the
    authenticated peer, but a bug there must not be an outage here.
    """
    for name in ("_handle_rtp_data", "_handle_rtcp_data"):
        handle = getattr(transport, name, None)
        if handle is None:
            raise ChangedUpstreamError(f"RTCDtlsTransport has no {name}")
        vars(transport)[name] = _tolerant(handle)


async def close(connection: RTCPeerConnection, patience: float) -> None:
    """Close a connection; what does not end in `patience` seconds is torn down.

    aiortc waits for ever for a report task that died, as it does when a peer's absurd time stamps make a report that cannot be packed.
    """
    try:
        async with asyncio.timeout(patience):
            await connection.close()
    except TimeoutError:
        log.warning("the connection did not close by itself")
        for transceiver in connection.getTransceivers():
            transceiver.receiver._handle_disconnect()  # noqa: SLF001 -- ends the decoder's thread
            with contextlib.suppress(ConnectionError):
                await transceiver.receiver.transport.stop()
            await transceiver.receiver.transport.transport.stop()


def _tolerant(handle: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def handled(*arguments: Any, **named: Any) -> None:
        try:
            await handle(*arguments, **named)
        except (struct.error, ValueError, LookupError, TypeError, AssertionError) as error:
            log.debug("a media packet is dropped: %r", error)

    return handled


def set_encoder(sender: RTCRtpSender, encoder: Any) -> None:
    """Give a sender its encoder before it starts; aiortc makes one by MIME type only if there is none yet."""
    _parts(sender, "_RTCRtpSender__encoder")["_RTCRtpSender__encoder"] = encoder


def send_codec(transceiver: RTCRtpTransceiver, name: str) -> bool:
    """Send this MIME type, if it is negotiated, whatever the answer names first; between the answer and the connection. False if it is not."""
    own = _parts(transceiver, "_codecs")
    first = [codec for codec in own["_codecs"] if codec.mimeType.lower() == name]
    own["_codecs"] = first + [codec for codec in own["_codecs"] if codec not in first]
    return bool(first)


def receive_with(receiver: RTCRtpReceiver, buffer: DeadlineBuffer, requests: Requests) -> None:
    """Let a video receiver use this buffer and these requests, and take every picture that a packet completes, not one a packet."""
    prefix = "_RTCRtpReceiver__"
    names = [prefix + name for name in ("jitter_buffer", "nack_generator", "timestamp_mapper", "decoder_queue", "codecs")]
    own = _parts(receiver, *names)
    jitter, nack, mapper, queue, codecs = names
    own[jitter], own[nack] = buffer, requests
    buffer.codec = lambda payload_type: own[codecs][payload_type].name
    handle = receiver._handle_rtp_packet  # noqa: SLF001

    async def handled(packet: RtpPacket, arrival_time_ms: int) -> None:
        await handle(packet, arrival_time_ms)
        for picture in buffer.more():
            picture.timestamp = own[mapper].map(picture.timestamp)
            own[queue].put((own[codecs][picture.payload_type], picture))

    own["_handle_rtp_packet"] = handled


async def ask_again(receiver: RTCRtpReceiver, requests: Requests) -> None:
    """Ask once more for what is missing and due; called by a timer."""
    if requests.source is not None and (due := requests.again()):
        await receiver._send_rtcp_nack(requests.source, due)  # noqa: SLF001


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
