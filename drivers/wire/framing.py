"""How a stream becomes frames or lines: byte by byte, with a bounded buffer, and nothing lost but what is damaged.

A driver of a serial protocol derives from `FrameStream` or `LineStream`. Both give the same result however the stream is cut, carry the
hash of exactly the bytes of one frame as evidence, and report every byte that is left out as Refused.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver
from drivers.measurement import Frame, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drivers.measurement import Reading

_PIECES = re.compile(rb"[\r\n]|[^\r\n]+")

#: bytes left out are reported in pieces of at most this size
LEFT_OUT = 256


@dataclass(frozen=True, slots=True)
class Until:
    """Nothing can be said of what is there before one of the bytes `last` comes, or before there are `limit` bytes."""

    last: bytes
    limit: int

    def count(self, data: bytes, at: int, have: int) -> int:
        """How many bytes of `data` from `at` on may be added unseen to the `have` that are there."""
        end = at + self.limit - have
        for last in self.last:
            found = data.find(last, at, end)
            if found >= 0:
                end = found + 1
        return end - at

    def reached(self, data: bytearray) -> bool:
        """Whether `data` is to be judged again."""
        return data[-1] in self.last or len(data) >= self.limit


class FrameStream(Driver):
    """A binary protocol. The buffer never holds more than the longest frame that `size` announces, plus LEFT_OUT bytes of rubbish."""

    stream = True
    #: the bytes that a frame can begin with
    starts: ClassVar[bytes] = bytes(range(256))
    _never: ClassVar[bytes] = b""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._never = bytes(set(range(256)) - set(cls.starts))

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._left_out = bytearray()
        self._reason = ""
        self._needed = 0
        self._until: Until | None = None
        self._last: Frame | None = None

    @abstractmethod
    def size(self, data: bytearray) -> int | Until | None:
        """The length of the frame that `data` begins with: 0 when no frame begins so, None or an Until when more bytes are needed to say.

        A length beyond what is there may be a lower bound: the driver is asked again when that many bytes are there.
        """

    @abstractmethod
    def frame(self, frame: Frame) -> Iterable[Reading | Refused]:
        """Decode one whole frame.

        Raises:
            DecodeError: it is no frame after all (checksum); its first byte is left out and the next may begin a frame.
        """

    def broken(self) -> Iterator[Refused]:
        """Say what is given up of a unit above the frame (a packet of frames) when bytes are left out. Nothing by default."""
        return iter(())

    def receive(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Take any piece of the stream; a byte lost or damaged costs the frame it stands in, never the next."""
        self._last = frame
        at = 0
        while at < len(frame.data):
            # judged at the same lengths however the stream is cut: byte by byte, or when an announced frame is whole
            have, until = len(self._buffer), self._until
            count = max(1, self._needed - have if until is None else until.count(frame.data, at, have))
            self._buffer += frame.data[at : at + count]
            at += count
            if len(self._buffer) >= self._needed if until is None else until.reached(self._buffer):
                yield from self._advance(frame)

    def finish(self) -> Iterator[Reading | Refused]:
        """Refuse what is incomplete, but for a frame that stands whole behind a false start."""
        while self._buffer and self._last is not None:
            self._leave_out(1, f"incomplete: the stream ends after {len(self._buffer)} bytes of a frame")
            yield from self._advance(self._last)
        if self._left_out:
            yield from self._flush()
        yield from self.broken()

    def _advance(self, frame: Frame) -> Iterator[Reading | Refused]:
        self._needed, self._until = 0, None
        while self._buffer:
            size = self.size(self._buffer)
            if isinstance(size, Until):
                self._until = size
                return
            if size is None or size > len(self._buffer):
                self._needed = size or 0
                return
            if size == 0:
                rubbish = len(self._buffer) - len(self._buffer[1:].lstrip(self._never))
                self._leave_out(rubbish, "bytes outside any frame")
            else:
                whole = bytes(self._buffer[:size])
                try:
                    found = list(self.frame(Frame(frame.source, whole, frame.received, frame.device)))
                except DecodeError as error:
                    self._leave_out(1, str(error))
                else:
                    del self._buffer[:size]
                    if self._left_out:
                        yield from self._flush()
                    yield from found
                    continue
            yield from self.broken()
            while len(self._left_out) >= LEFT_OUT:
                yield Refused(self._reason, bytes(self._left_out[:LEFT_OUT]))
                del self._left_out[:LEFT_OUT]

    def _leave_out(self, count: int, reason: str) -> None:
        if not self._left_out:
            self._reason = reason
        self._left_out += self._buffer[:count]
        del self._buffer[:count]

    def _flush(self) -> Iterator[Refused]:
        yield Refused(self._reason, bytes(self._left_out))
        self._left_out.clear()


class LineStream(Driver):
    """A text protocol of lines that end in CR, LF or both. The buffer never holds more than `longest` bytes of one line."""

    stream = True
    #: the longest line of the protocol, in bytes; a longer one is refused as a whole
    longest: ClassVar[int] = 128

    def __init__(self) -> None:
        self._line = bytearray()
        self._too_long = False
        self._last: Frame | None = None

    @abstractmethod
    def line(self, frame: Frame, text: str) -> Iterable[Reading | Refused]:
        """Decode one line, which never is empty; `frame.data` are its bytes without their end.

        Raises:
            DecodeError: the line is refused.
        """

    def receive(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Take any piece of the stream; a line that is not one of the protocol is refused whole, the next is not touched."""
        self._last = frame
        for piece in _PIECES.findall(frame.data):
            if piece in (b"\r", b"\n"):
                yield from self._end(frame)
            elif not self._too_long:
                self._line += piece
                if len(self._line) > self.longest:
                    yield Refused(f"a line longer than {self.longest} bytes", bytes(self._line[: self.longest]))
                    self._line.clear()
                    self._too_long = True

    def finish(self) -> Iterator[Reading | Refused]:
        """Decode a last line that lacks its end; the line's own form says whether it is whole."""
        if self._last is not None:
            yield from self._end(self._last)

    def _end(self, frame: Frame) -> Iterator[Reading | Refused]:
        data, self._too_long = bytes(self._line), False
        self._line.clear()
        if not data.strip():
            return
        try:
            yield from list(self.line(Frame(frame.source, data, frame.received, frame.device), data.decode("ascii")))
        except UnicodeDecodeError:
            yield Refused("a line that is not ASCII text", data)
        except DecodeError as error:
            yield Refused(str(error), data)
