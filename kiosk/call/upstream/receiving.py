"""What comes: buffers, decoders, what is asked for again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtp
from aiortc.rtp import RtcpSrPacket

from kiosk.call import handing, sound_buffer
from kiosk.call.opus import OpusError
from kiosk.call.upstream.guard import ChangedUpstreamError, parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiortc import RTCRtpReceiver
    from aiortc.codecs.base import Decoder
    from aiortc.rtcrtpparameters import RTCRtpCodecParameters
    from aiortc.rtp import RtpPacket

    from kiosk.call.jitter import DeadlineBuffer, Requests
    from kiosk.call.sound_buffer import SoundBuffer

log = logging.getLogger("telecabine.call")


def decode_here(receiver: RTCRtpReceiver) -> None:
    """Decode on the event loop, not on the receiver's thread: for sound. Before the receiver starts."""
    _decode_by(receiver, handing.AtOnce)


def decode_apart(receiver: RTCRtpReceiver) -> None:
    """Hand each decoded frame over without a task of its own. Before the receiver starts, on the event loop."""
    _decode_by(receiver, handing.Apart)


def _decode_by(receiver: RTCRtpReceiver, made: type[handing.AtOnce | handing.Apart]) -> None:
    queue, failed, module = "_RTCRtpReceiver__decoder_queue", "_RTCRtpReceiver__decoder_error", vars(aiortc.rtcrtpreceiver)
    own = parts(receiver, queue, failed, "_track")
    if "get_decoder" not in module:
        raise ChangedUpstreamError("aiortc.rtcrtpreceiver has no get_decoder")
    own[queue] = made(lambda: own["_track"]._queue, own[failed], lambda codec: module["get_decoder"](codec))  # noqa: SLF001


def receive_with(receiver: RTCRtpReceiver, buffer: DeadlineBuffer, requests: Requests) -> None:
    """Let a video receiver use this buffer and these requests, and take every picture that a packet completes, not one a packet."""
    nack, codecs = "_RTCRtpReceiver__nack_generator", "_RTCRtpReceiver__codecs"
    own = parts(receiver, nack, codecs)
    own[nack] = requests
    buffer.codec = lambda payload_type: own[codecs][payload_type].name
    _take_all(receiver, buffer)


def hear_with(receiver: RTCRtpReceiver, buffer: SoundBuffer) -> None:
    """Let a receiver of sound use this buffer, and conceal what is lost (aiortc leaves a hole)."""
    _conceal()
    _take_all(receiver, buffer)


def _take_all(receiver: RTCRtpReceiver, buffer: DeadlineBuffer | SoundBuffer) -> None:
    names = ["_RTCRtpReceiver__" + name for name in ("jitter_buffer", "timestamp_mapper", "decoder_queue", "codecs")]
    own = parts(receiver, *names)
    jitter, mapper, queue, codecs = names
    own[jitter] = buffer
    handle = receiver._handle_rtp_packet  # noqa: SLF001

    async def handled(packet: RtpPacket, arrival_time_ms: int) -> None:
        await handle(packet, arrival_time_ms)
        for piece in buffer.more():
            piece.timestamp = own[mapper].map(piece.timestamp)
            own[queue].put((own[codecs][piece.payload_type], piece))

    own["_handle_rtp_packet"] = handled


def _conceal() -> None:
    """Let this process decode Opus with concealment. Twice is once; without libopus it stays as it was, with a warning."""
    module = vars(aiortc.rtcrtpreceiver)
    plain = module.get("get_decoder")
    if plain is None:
        raise ChangedUpstreamError("aiortc.rtcrtpreceiver has no get_decoder")
    if hasattr(plain, "plain"):
        return
    try:
        sound_buffer.ConcealingDecoder()
    except OpusError as error:
        log.warning("lost sound is not concealed: %s", error)
        return

    def concealing(codec: RTCRtpCodecParameters) -> Decoder:
        return sound_buffer.ConcealingDecoder() if codec.mimeType.lower() == "audio/opus" else plain(codec)

    vars(concealing)["plain"] = plain
    module["get_decoder"] = concealing


async def ask_again(receiver: RTCRtpReceiver, requests: Requests) -> None:
    """Ask once more for what is missing and due; called by a timer."""
    if requests.source is not None and (due := requests.again()):
        await receiver._send_rtcp_nack(requests.source, due)  # noqa: SLF001


def hear_sender(receiver: RTCRtpReceiver, listener: Callable[[int, int], None]) -> None:
    """Call `listener(ntp, timestamp)` at each sender report about what is received: NTP time (64 bits) and the RTP time stamp of that moment."""
    handle = receiver._handle_rtcp_packet  # noqa: SLF001

    async def heard(packet: Any) -> None:
        await handle(packet)
        if isinstance(packet, RtcpSrPacket):
            listener(packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)

    vars(receiver)["_handle_rtcp_packet"] = heard
