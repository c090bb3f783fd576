"""Every place where the booth reaches into aiortc 1.16's private parts, and nothing else. docs/rural-link.md says what upstream could offer instead.

One file a subject. Each function refuses to work when the part is no longer there; tests/kiosk/call/test_upstream.py fails when it is there but no longer used.
"""

from kiosk.call.upstream.guard import ChangedUpstreamError
from kiosk.call.upstream.negotiation import (
    negotiate_feedback,
    read_certificate,
    send_codec,
    serve_handshake,
    stream_alone,
    use_certificate,
    write_certificate,
)
from kiosk.call.upstream.receiving import ask_again, decode_apart, decode_here, hear_sender, hear_with, receive_with
from kiosk.call.upstream.sending import Report, encode_here, hear_reports, set_encoder, spare_the_level, tell_recorded, wall
from kiosk.call.upstream.transport import close, harden, harden_data, leave_estimating, travel

__all__ = (
    "ChangedUpstreamError",
    "Report",
    "ask_again",
    "close",
    "decode_apart",
    "decode_here",
    "encode_here",
    "harden",
    "harden_data",
    "hear_reports",
    "hear_sender",
    "hear_with",
    "leave_estimating",
    "negotiate_feedback",
    "read_certificate",
    "receive_with",
    "send_codec",
    "serve_handshake",
    "set_encoder",
    "spare_the_level",
    "stream_alone",
    "tell_recorded",
    "travel",
    "use_certificate",
    "wall",
    "write_certificate",
)
