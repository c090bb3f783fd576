"""Every place where the booth reaches into aiortc 1.16's private parts, and nothing else. docs/rural-link.md says what upstream could offer instead.

Each function refuses to work when the part is no longer there; tests/kiosk/call/test_upstream.py fails when it is there but no longer used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtp
from aiortc import RTCCertificate
from aiortc.clock import current_ntp_time
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpHeaderExtensionParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtcpRrPacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSourceInfo, RtcpSrPacket
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from kiosk.call import handing, incoming, sound_buffer, sync, transport_feedback
from kiosk.call.opus import OpusError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver, RTCSctpTransport
    from aiortc.codecs.base import Decoder
    from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpParameters, RTCRtpReceiveParameters
    from aiortc.rtp import RtpPacket

    from kiosk.call.jitter import DeadlineBuffer, Requests
    from kiosk.call.media_path import MediaPath
    from kiosk.call.sound_buffer import SoundBuffer


log = logging.getLogger("telecabine.call")

#: what the other side's voice shall cost (RFC 7587 section 6.1): a browser sends 32 kbit/s without a pause otherwise, and in packets of
#: 20 ms, whose headers cost as much as the voice
VOICE: Final = {"minptime": "10", "useinbandfec": "1", "maxaveragebitrate": "24000", "usedtx": "1", "ptime": "40"}
#: kbit/s that a browser takes the way to carry before it knows better (its own guess is 300): it sends at three and six times that at once, to
#: try, which fills a thin link for seconds before it can be told anything
PICTURE: Final = {"x-google-start-bitrate": "120"}
#: "how long a picture may be held back where it is shown": from none to this much, in units of 10 ms. A browser shows a picture as soon as it
#: has it where the least is none and the most is small; otherwise it holds each back for what it thinks pictures of different sizes need
PLAYOUT_DELAY: Final = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
AT_ONCE: Final = (40).to_bytes(3)
#: seconds after the first packet at which a sender report goes out beside aiortc's own: a browser needs two of each stream to know anything
EARLY: Final = (0.0, 0.3, 0.8, 1.3)


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


def harden_data(transport: RTCSctpTransport) -> None:
    """The same for a packet of the data channel: SCTP that aiortc fails to understand is dropped. Once the transport is there."""
    if not hasattr(transport, "_handle_data"):
        raise ChangedUpstreamError("RTCSctpTransport has no _handle_data")
    vars(transport)["_handle_data"] = _tolerant(transport._handle_data)  # noqa: SLF001


def negotiate_feedback() -> None:
    """Let answers take up what the other side offers of feedback and play-out delay, and ask for what a thin link carries. Twice is once."""
    if not all(aiortc.codecs.HEADER_EXTENSIONS.get(kind) for kind in ("audio", "video")):
        raise ChangedUpstreamError("aiortc.codecs has no HEADER_EXTENSIONS")
    for kind, extensions in aiortc.codecs.HEADER_EXTENSIONS.items():
        if all(one.uri != transport_feedback.URI for one in extensions):
            extensions.append(RTCRtpHeaderExtensionParameters(id=4, uri=transport_feedback.URI))
            extensions.append(RTCRtpHeaderExtensionParameters(id=6, uri=sync.URI))
            if all(one.uri != incoming.URI for one in extensions):
                extensions.append(RTCRtpHeaderExtensionParameters(id=3, uri=incoming.URI))
            if kind == "video":
                extensions.append(RTCRtpHeaderExtensionParameters(id=5, uri=PLAYOUT_DELAY))
            for codec in aiortc.codecs.CODECS[kind]:
                if codec.name.lower() in {"opus", "vp8", "h264"}:
                    codec.rtcpFeedback.append(RTCRtcpFeedback(type="transport-cc"))
                if codec.name.lower() == "opus":
                    codec.parameters.update(VOICE)
                if codec.name.lower() == "vp8":
                    codec.parameters.update(PICTURE)


def spare_the_level() -> None:
    """Send no audio level: nobody mixes this call, and aiortc takes a twentieth of the process's time to compute it."""
    if not hasattr(aiortc.rtp, "compute_audio_level_dbov"):
        raise ChangedUpstreamError("aiortc.rtp has no compute_audio_level_dbov")
    vars(aiortc.rtp)["compute_audio_level_dbov"] = lambda _: None


class _NumberedExtensions(HeaderExtensionsMap):
    """Transport-wide numbers, where they are negotiated: the path fills them in when the packet leaves. With pictures, the play-out delay."""

    def __init__(self, path: MediaPath) -> None:
        super().__init__()
        self._path = path
        self._room = self._delay = b""

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
                self._delay = bytes([extension.id << 4 | 2]) + AT_ONCE

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        return (0xBEDE, self._room + self._delay) if self._room else super().set(values)


def travel(transceiver: RTCRtpTransceiver, path: MediaPath) -> None:
    """Let a transceiver's media go by this path. Before the connection is made, and before `harden`."""
    sender = transceiver.sender
    _parts(sender, "_RTCRtpSender__rtp_header_extensions_map")["_RTCRtpSender__rtp_header_extensions_map"] = _NumberedExtensions(path)
    path.own_source = sender._ssrc  # noqa: SLF001
    if transceiver.kind == "video":
        path.retransmitted = sender._rtx_ssrc  # noqa: SLF001
        path.video_sources |= {sender._ssrc, sender._rtx_ssrc}  # noqa: SLF001
    configure = transceiver.receiver.receive

    async def receive(parameters: RTCRtpReceiveParameters) -> None:
        types = (codec.payloadType for codec in parameters.codecs if codec.name.lower() != "rtx")
        kind: sync.Kind = "video" if transceiver.kind == "video" else "audio"
        path.kinds.update({number: kind for number in types if number is not None})
        await configure(parameters)

    vars(transceiver.receiver)["receive"] = receive
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
    _parts(receiver, "_RTCRtpReceiver__remote_bitrate_estimator")["_RTCRtpReceiver__remote_bitrate_estimator"] = None


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


def use_certificate(connection: RTCPeerConnection, certificate: RTCCertificate) -> None:
    """Let a new connection show this certificate: before its first transceiver. aiortc has no setting for it."""
    name = "_RTCPeerConnection__certificates"
    _parts(connection, name)[name] = [certificate]


def write_certificate(certificate: RTCCertificate) -> bytes:
    """Key and certificate as PEM (RFC 7468), for the process that comes after this one."""
    own = _parts(certificate, "_key", "_cert")
    key: bytes = own["_key"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + bytes(own["_cert"].public_bytes(Encoding.PEM))


def read_certificate(data: bytes) -> RTCCertificate:
    """What `write_certificate` wrote.

    Raises:
        ValueError, TypeError: it is no key on an elliptic curve with its certificate.
    """
    key = load_pem_private_key(data, None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("the key is of another kind")
    return RTCCertificate(key, load_pem_x509_certificate(data))


def set_encoder(sender: RTCRtpSender, encoder: Any) -> None:
    """Give a sender its encoder before it starts; aiortc makes one by MIME type only if there is none yet."""
    _parts(sender, "_RTCRtpSender__encoder")["_RTCRtpSender__encoder"] = encoder


def encode_here(sender: RTCRtpSender) -> None:
    """Encode on the event loop, not on a thread: for sound. Before the sender starts."""
    _parts(sender, "_RTCRtpSender__loop")["_RTCRtpSender__loop"] = handing.Here()


def decode_here(receiver: RTCRtpReceiver) -> None:
    """Decode on the event loop, not on the receiver's thread: for sound. Before the receiver starts."""
    _decode_by(receiver, handing.AtOnce)


def decode_apart(receiver: RTCRtpReceiver) -> None:
    """Hand each decoded frame over without a task of its own. Before the receiver starts, on the event loop."""
    _decode_by(receiver, handing.Apart)


def _decode_by(receiver: RTCRtpReceiver, made: type[handing.AtOnce | handing.Apart]) -> None:
    queue, failed, module = "_RTCRtpReceiver__decoder_queue", "_RTCRtpReceiver__decoder_error", vars(aiortc.rtcrtpreceiver)
    own = _parts(receiver, queue, failed, "_track")
    if "get_decoder" not in module:
        raise ChangedUpstreamError("aiortc.rtcrtpreceiver has no get_decoder")
    own[queue] = made(lambda: own["_track"]._queue, own[failed], lambda codec: module["get_decoder"](codec))  # noqa: SLF001


def stream_alone(sender: RTCRtpSender) -> None:
    """Put a sender's track into a media stream of its own (RFC 8830); before the answer.

    aiortc puts all into one, and a browser holds no sound to its picture in a stream that has two sounds.
    """
    _parts(sender, "_stream_id")["_stream_id"] = str(uuid.uuid4())


def send_codec(transceiver: RTCRtpTransceiver, name: str) -> bool:
    """Send this MIME type, if it is negotiated, whatever the answer names first; between the answer and the connection. False if it is not."""
    own = _parts(transceiver, "_codecs")
    first = [codec for codec in own["_codecs"] if codec.mimeType.lower() == name]
    own["_codecs"] = first + [codec for codec in own["_codecs"] if codec not in first]
    return bool(first)


def receive_with(receiver: RTCRtpReceiver, buffer: DeadlineBuffer, requests: Requests) -> None:
    """Let a video receiver use this buffer and these requests, and take every picture that a packet completes, not one a packet."""
    nack, codecs = "_RTCRtpReceiver__nack_generator", "_RTCRtpReceiver__codecs"
    own = _parts(receiver, nack, codecs)
    own[nack] = requests
    buffer.codec = lambda payload_type: own[codecs][payload_type].name
    _take_all(receiver, buffer)


def hear_with(receiver: RTCRtpReceiver, buffer: SoundBuffer) -> None:
    """Let a receiver of sound use this buffer, and conceal what is lost (aiortc leaves a hole)."""
    _conceal()
    _take_all(receiver, buffer)


def _take_all(receiver: RTCRtpReceiver, buffer: DeadlineBuffer | SoundBuffer) -> None:
    names = ["_RTCRtpReceiver__" + name for name in ("jitter_buffer", "timestamp_mapper", "decoder_queue", "codecs")]
    own = _parts(receiver, *names)
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
    own = _parts(sender, *names)
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


def hear_sender(receiver: RTCRtpReceiver, listener: Callable[[int, int], None]) -> None:
    """Call `listener(ntp, timestamp)` at each sender report about what is received: NTP time (64 bits) and the RTP time stamp of that moment."""
    handle = receiver._handle_rtcp_packet  # noqa: SLF001

    async def heard(packet: Any) -> None:
        await handle(packet)
        if isinstance(packet, RtcpSrPacket):
            listener(packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)

    vars(receiver)["_handle_rtcp_packet"] = heard
