"""One direction each of the sealed stream: libsodium secretstream, FINAL mandatory, one error type."""

from __future__ import annotations

from nacl import bindings

from kiosk.secure.errors import StreamError

HEADER = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


class Sealer:
    """The sending direction. `header` goes to the peer inside the handshake."""

    def __init__(self, key: bytes, associated: bytes) -> None:
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        self.header: bytes = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        self._associated = associated
        self.ended = False

    def seal(self, plaintext: bytes, *, final: bool = False) -> bytes:
        """Seal the next message; `final` ends the direction.

        Raises:
            StreamError: the direction is over.
        """
        if self.ended:
            raise StreamError("stream-over", "nothing can follow the final message")
        self.ended = final
        tag = _FINAL if final else _MESSAGE
        return bytes(bindings.crypto_secretstream_xchacha20poly1305_push(self._state, plaintext, self._associated, tag))


class Opener:
    """The receiving direction, with the peer's `header` of HEADER octets. A message that does not open ends it for good."""

    def __init__(self, key: bytes, header: bytes, associated: bytes) -> None:
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)
        self._associated = associated
        self._broken = False
        self._count = 0
        self.ended = False

    def open(self, sealed: bytes) -> bytes:
        """Open the next message in order.

        Raises:
            StreamError: altered, repeated, out of order, from another stream, or after the end.
        """
        if self.ended or self._broken:
            raise StreamError("stream-over", "a message after the end of the stream")
        try:
            plaintext, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(self._state, sealed, self._associated)
        except (RuntimeError, ValueError):  # ValueError: too short to be sealed
            self._broken = True
            raise StreamError("message-altered", f"message {self._count + 1} is altered, repeated or out of order") from None
        self._count += 1
        self.ended = tag == _FINAL
        return bytes(plaintext)
