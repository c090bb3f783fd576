"""What answers take up and ask for, and the certificate that a connection shows."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtp
from aiortc import RTCCertificate
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpHeaderExtensionParameters
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from kiosk.call import incoming, sync, transport_feedback
from kiosk.call.upstream.guard import ChangedUpstreamError, parts

if TYPE_CHECKING:
    from aiortc import RTCPeerConnection, RTCRtpSender, RTCRtpTransceiver

#: what the other side's voice shall cost (RFC 7587 section 6.1): a browser sends 32 kbit/s without a pause otherwise, and in packets of
#: 20 ms, whose headers cost as much as the voice
VOICE: Final = {"minptime": "10", "useinbandfec": "1", "maxaveragebitrate": "24000", "usedtx": "1", "ptime": "40"}
#: kbit/s that a browser takes the way to carry before it knows better (its own guess is 300): it sends at three and six times that at once, to
#: try, which fills a thin link for seconds before it can be told anything
PICTURE: Final = {"x-google-start-bitrate": "120"}
#: "how long a picture may be held back where it is shown": from none to this much, in units of 10 ms. A browser shows a picture as soon as it
#: has it where the least is none and the most is small; otherwise it holds each back for what it thinks pictures of different sizes need
PLAYOUT_DELAY: Final = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"


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


def use_certificate(connection: RTCPeerConnection, certificate: RTCCertificate) -> None:
    """Let a new connection show this certificate: before its first transceiver. aiortc has no setting for it."""
    name = "_RTCPeerConnection__certificates"
    parts(connection, name)[name] = [certificate]


def write_certificate(certificate: RTCCertificate) -> bytes:
    """Key and certificate as PEM (RFC 7468), for the process that comes after this one."""
    own = parts(certificate, "_key", "_cert")
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


def stream_alone(sender: RTCRtpSender) -> None:
    """Put a sender's track into a media stream of its own (RFC 8830); before the answer.

    aiortc puts all into one, and a browser holds no sound to its picture in a stream that has two sounds.
    """
    parts(sender, "_stream_id")["_stream_id"] = str(uuid.uuid4())


def serve_handshake(connection: RTCPeerConnection, offer: str) -> None:
    """Be the DTLS server where the offer leaves the choice (RFC 8842 section 5.3); between the offer and the answer.

    The client's timer is what sends again a lost last flight of the server: aiortc's is a second, and a browser that is the server sends pictures and its
    tries of the rate to nobody meanwhile. A browser's own begins with twice the round trip.
    """
    if "\na=setup:actpass" not in offer:
        return
    transports = [transceiver.receiver.transport for transceiver in connection.getTransceivers()]
    for transport in (*transports, *((connection.sctp.transport,) if connection.sctp is not None else ())):
        parts(transport, "_role")["_role"] = "server"


def send_codec(transceiver: RTCRtpTransceiver, name: str) -> bool:
    """Send this MIME type, if it is negotiated, whatever the answer names first; between the answer and the connection. False if it is not."""
    own = parts(transceiver, "_codecs")
    first = [codec for codec in own["_codecs"] if codec.mimeType.lower() == name]
    own["_codecs"] = first + [codec for codec in own["_codecs"] if codec not in first]
    return bool(first)
