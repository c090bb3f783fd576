"""Errors of this room: one root, so that a caller refuses them all alike.

SecureError
├── KeyFileError        the booth's key file is missing, readable by others, or damaged
├── HandshakeError      the other end broke a rule of the handshake; `reason` is a text key
├── StreamError         a sealed message does not open, or the stream is over
├── EnvelopeError       an envelope does not open or is not what it claims
├── TrustError          a directory or a key is not to be believed; `reason` is a text key
├── TlsError            the station's TLS is not good enough
├── EnrolmentError      the booth is not enrolled
└── CodeError           a code is malformed, or codes cannot be used on this machine
"""

from __future__ import annotations


class SecureError(Exception):
    """Root of the room's errors. `reason` is a text key of the interface."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class KeyFileError(SecureError):
    """The booth's key file cannot be used."""


class HandshakeError(SecureError):
    """The other end broke a rule of the handshake."""


class StreamError(SecureError):
    """A sealed message does not open, or came after the end."""


class EnvelopeError(SecureError):
    """An envelope does not open, or is not what it claims."""


class TrustError(SecureError):
    """A directory is not believed, or a key is not in it, revoked or expired."""


class TlsError(SecureError):
    """The station's certificate or TLS version is refused, or the booth's own authority file is none."""


class EnrolmentError(SecureError):
    """The booth is not enrolled; `reason` is an error code of RFC 8628, or "not-reached", "no-station", "not-listed"."""


class CodeError(SecureError):
    """A code is malformed, or codes cannot be used on this machine."""
