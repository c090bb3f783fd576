"""The way of all packets: by the path of the call, past what is hostile, and an end that ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
from typing import TYPE_CHECKING, Any, Final

from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap

from kiosk.call import incoming, sync, transport_feedback
from kiosk.call.upstream.guard import ChangedUpstreamError, parts
from kiosk.call.upstream.negotiation import PLAYOUT_DELAY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpTransceiver, RTCSctpTransport
    from aiortc.rtcrtpparameters import RTCRtpParameters, RTCRtpReceiveParameters

    from kiosk.call.media_path import MediaPath

log = logging.getLogger("telecabine.call")

#: `PLAYOUT_DELAY` of each picture: from none to 0.4 s; in the first seconds from 60 ms, since a browser plays the first sound late and
#: holds the picture to it only after some seconds of looking at sender reports
AT_ONCE: Final = (40).to_bytes(3)
AT_FIRST: Final = (6 << 12 | 40).to_bytes(3)
FIRST_SECONDS: Final = 8.0


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


def harden_data(transport: RTCSctpTransport) -> None:
    """The same for a packet of the data channel: SCTP that aiortc fails to understand is dropped. Once the transport is there."""
    if not hasattr(transport, "_handle_data"):
        raise ChangedUpstreamError("RTCSctpTransport has no _handle_data")
    vars(transport)["_handle_data"] = _tolerant(transport._handle_data)  # noqa: SLF001


class _NumberedExtensions(HeaderExtensionsMap):
    """Transport-wide numbers, where they are negotiated: the path fills them in when the packet leaves. With pictures, the play-out delay."""

    def __init__(self, path: MediaPath) -> None:
        super().__init__()
        self._path = path
        self._room = self._delay = b""
        self._begun: float | None = None

    def configure(self, parameters: RTCRtpParameters) -> None:
        super().configure(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == incoming.URI:
                self._path.stamp = extension.id
            if extension.uri == sync.URI:
                self._path.recorded = extension.id
            if extension.uri == transport_feedback.URI and extension.id < 15:
                self._path.identifier = extension.id
                self._room = bytes([extension.id << 4 | 1, 0, 0, 0])
            if extension.uri == PLAYOUT_DELAY and extension.id < 15:
                self._delay = bytes([extension.id << 4 | 2])

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        if not self._room:
            return super().set(values)
        return 0xBEDE, self._room + (self._delay + self._least() if self._delay else b"")

    def _least(self) -> bytes:
        now = self._path.clock()
        self._begun = now if self._begun is None else self._begun
        return AT_FIRST if now - self._begun < FIRST_SECONDS else AT_ONCE


def travel(transceiver: RTCRtpTransceiver, path: MediaPath) -> None:
    """Let a transceiver's media go by this path, and nothing come once it was stopped. Before the connection is made, and before `harden`.

    A connection that is closed while it is being made goes on to start its receivers: the thread of a decoder then keeps the process for ever.
    """
    sender = transceiver.sender
    parts(sender, "_RTCRtpSender__rtp_header_extensions_map")["_RTCRtpSender__rtp_header_extensions_map"] = _NumberedExtensions(path)
    path.own_source = sender._ssrc  # noqa: SLF001
    if transceiver.kind == "video":
        path.retransmitted = sender._rtx_ssrc  # noqa: SLF001
        path.video_sources |= {sender._ssrc, sender._rtx_ssrc}  # noqa: SLF001
    configure, end = transceiver.receiver.receive, transceiver.receiver.stop
    ended = False

    async def stop() -> None:
        nonlocal ended
        ended = True
        await end()

    async def receive(parameters: RTCRtpReceiveParameters) -> None:
        if ended:
            return
        types = (codec.payloadType for codec in parameters.codecs if codec.name.lower() != "rtx")
        kind: sync.Kind = "video" if transceiver.kind == "video" else "audio"
        path.kinds.update({number: kind for number in types if number is not None})
        await configure(parameters)

    vars(transceiver.receiver).update(receive=receive, stop=stop)
    _carry(transceiver.receiver.transport, path)


def _carry(transport: RTCDtlsTransport, path: MediaPath) -> None:
    if transport in path.transports:  # aiortc gives two sections of one kind one transport: a packet is numbered once
        return
    path.transports.add(transport)
    for name in ("_send_rtp", "_handle_rtp_data", "_handle_rtcp_data"):
        if not hasattr(transport, name):
            raise ChangedUpstreamError(f"RTCDtlsTransport has no {name}")
    out, take, take_reports = transport._send_rtp, transport._handle_rtp_data, transport._handle_rtcp_data  # noqa: SLF001

    async def send(data: bytes) -> None:
        await path.send(data, out)

    async def received(data: bytes, arrival_time_ms: int) -> None:
        path.received(data)
        await take(data, arrival_time_ms)

    async def received_reports(data: bytes) -> None:
        if rest := path.received_reports(data):
            await take_reports(rest)

    vars(transport).update(_send_rtp=send, _handle_rtp_data=received, _handle_rtcp_data=received_reports)


def leave_estimating(receiver: RTCRtpReceiver) -> None:
    """Estimate nothing here: the other side does, by the feedbacks it gets."""
    parts(receiver, "_RTCRtpReceiver__remote_bitrate_estimator")["_RTCRtpReceiver__remote_bitrate_estimator"] = None


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
