"""Encoding and decoding of messages: one error type, one size limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

#: no message between programs is larger
LIMIT = 256 * 1024

T = TypeVar("T")


class ProtocolError(ValueError):
    """A message that is not one of the protocol: too large, malformed, or of unknown type. `str` says which, in plain words."""


class Codec(Generic[T]):
    """Encoder and decoder of one union of structs (`union`), as msgpack or JSON (`wire`)."""

    def __init__(self, union: Any, wire: Literal["json", "msgpack"]) -> None:
        self.union, self.wire = union, wire
        self._decode: Callable[[bytes], T]
        self._encode: Callable[[T], bytes]
        if wire == "msgpack":
            self._encode = msgspec.msgpack.Encoder().encode
            self._decode = msgspec.msgpack.Decoder(union).decode
        else:
            self._encode = msgspec.json.Encoder().encode
            self._decode = msgspec.json.Decoder(union).decode

    def encode(self, message: T) -> bytes:
        """The message's bytes.

        Raises:
            ProtocolError: larger than LIMIT.
        """
        data = self._encode(message)
        if len(data) > LIMIT:
            raise ProtocolError(f"a message of {len(data)} bytes, the limit is {LIMIT}")
        return data

    def decode(self, data: bytes | str) -> T:
        """The message of these bytes.

        Raises:
            ProtocolError: anything else than one whole message of the union.
        """
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > LIMIT:
            raise ProtocolError(f"a message of {len(raw)} bytes, the limit is {LIMIT}")
        try:
            return self._decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError(f"not a message of this protocol: {error}") from None
