"""Transport-wide feedback: which packets came and when, on the wire (draft-holmer-rmcat-transport-wide-cc-extensions-01). Sans-IO.

Browsers send it about ten times a second for all media of a connection together, and steer their own rate by it. It tells the delay of
each packet, so a queue is seen while it grows; REMB and receiver reports tell of it a second later.
"""

from __future__ import annotations

import contextlib
import struct
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from aiortc.utils import uint16_add

if TYPE_CHECKING:
    from collections.abc import Callable

URI: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#: RTCP transport layer feedback with this format (section 3.1 of the draft)
PACKET_TYPE, FORMAT = 205, 15
#: seconds of a reference time and of a receive delta
REFERENCE, TICK = 0.064, 0.00025
#: packets that one feedback tells of; more are several feedbacks
MOST: Final = 420
#: packets back that are told again when one of them comes late
HISTORY: Final = 512
#: packets between two of video, at most
BURST: Final = 20
#: how often a packet is told of where a feedback may be lost
TIMES: Final = 3
#: packets that tell of a share
FEWEST: Final = 50

_MISSING, _SMALL, _LARGE = 0, 1, 2
_SYMBOLS_OF_A_CHUNK = 7


@dataclass(frozen=True, slots=True)
class Feedback:
    """`arrivals[n]` is when packet `first + n` (modulo 65536) came, in s of the receiver's clock, None if it has not."""

    first: int
    arrivals: tuple[float | None, ...]


def parse(data: bytes) -> Feedback:
    """Read the body of a feedback, after the two SSRCs.

    Raises:
        ValueError: it is shorter than it says.
    """
    try:
        first, count, reference, _ = struct.unpack_from("!HHiB", data[:4] + b"\0" + data[4:8])
        if reference & 0x800000:
            reference -= 1 << 24
        symbols, at = _symbols(data, count)
        arrivals: list[float | None] = []
        ticks = 0
        for symbol in symbols:
            if symbol == _SMALL:
                ticks += data[at]
                at += 1
            elif symbol == _LARGE:
                ticks += struct.unpack_from("!h", data, at)[0]
                at += 2
            arrivals.append(None if symbol not in (_SMALL, _LARGE) else reference * REFERENCE + ticks * TICK)
    except (struct.error, IndexError):
        raise ValueError("a transport-wide feedback is shorter than it says") from None
    return Feedback(first, tuple(arrivals))


def _symbols(data: bytes, count: int) -> tuple[list[int], int]:
    symbols: list[int] = []
    at = 8
    while len(symbols) < count:
        chunk = struct.unpack_from("!H", data, at)[0]
        at += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13 & 3] * min(chunk & 0x1FFF, count)
        elif chunk & 0x4000:
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    return symbols[:count], at


def build(feedback: Feedback, number: int) -> bytes:
    """The body of a feedback; `number` counts the feedbacks (modulo 256). At least one packet has come; MOST at most are told of.

    Raises:
        ValueError: arrivals further apart than a delta can say (8 s), or none.
    """
    known = [at for at in feedback.arrivals if at is not None]
    if not known or len(feedback.arrivals) > MOST:
        raise ValueError("a feedback tells of 1 to 420 packets, one of which has come")
    reference = int(known[0] / REFERENCE)
    symbols, deltas, last = [], b"", round(reference * REFERENCE / TICK)
    for at in feedback.arrivals:
        if at is None:
            symbols.append(_MISSING)
            continue
        ticks = round(at / TICK)
        delta, last = ticks - last, ticks
        if 0 <= delta < 256:
            symbols.append(_SMALL)
            deltas += bytes([delta])
        elif -32768 <= delta < 32768:
            symbols.append(_LARGE)
            deltas += struct.pack("!h", delta)
        else:
            raise ValueError("arrivals too far apart for one feedback")
    head = struct.pack("!HHI", feedback.first, len(symbols), (reference & 0xFFFFFF) << 8 | number & 0xFF)
    body = head + _chunks(symbols) + deltas
    return body + bytes(-len(body) % 4)


def _chunks(symbols: list[int]) -> bytes:
    out = b""
    for at in range(0, len(symbols), _SYMBOLS_OF_A_CHUNK):
        chunk = 0xC000
        for place, symbol in enumerate(symbols[at : at + _SYMBOLS_OF_A_CHUNK]):
            chunk |= symbol << 2 * (_SYMBOLS_OF_A_CHUNK - 1 - place)
        out += struct.pack("!H", chunk)
    return out


Fate = Literal["lost", "repaired", "awaited"]


class Arrivals:
    """Notes the packets that come and makes the feedbacks about them. Times in seconds of one clock."""

    def __init__(self) -> None:
        self._came: dict[int, float] = {}
        self._video: dict[int, bool] = {}  # whether it was the last of its picture
        self._highest: int | None = None
        self._first = 0
        #: the first packet that nothing was told of yet, and which one that was the last times; the one after the last that was lost
        self._told: deque[int] = deque(maxlen=TIMES)
        self._after_lost = 0
        self._late: int | None = None
        self._number = 0

    def note(self, sequence: int, now: float, *, video: bool = True, last: bool = False) -> None:
        """Packet `sequence` (16 bits) has come; `last`: it is the last of a picture."""
        if self._highest is None:
            self._highest = self._first = number = sequence + 65_536
            self._told.append(number)
        else:
            ahead = uint16_add(sequence, -self._highest & 0xFFFF)
            number = self._highest + (ahead if ahead < 32_768 else ahead - 65_536)
            if number <= self._highest - HISTORY:
                return
            self._highest = max(self._highest, number)
        self._came.setdefault(number, now)
        if video:
            self._video[number] = last
        if number < self._told[-1]:
            self._late = number if self._late is None else min(self._late, number)

    @property
    def loss(self) -> float:
        """The share of the last packets that has not come; of `FEWEST` at least."""
        if self._highest is None:
            return 0.0
        sent = self._highest + 1 - self._first
        return max(0, sent - len(self._came)) / max(FEWEST, sent)

    def feedbacks(self, fate: Callable[[float, float | None], Fate] = lambda *_: "lost", *, again: bool = False) -> list[bytes]:
        """The bodies of what is to be told since the last time; none when nothing has come.

        `again`: each packet that came is told of three times in all; one that was lost is not, since a browser counts it each time.
        `fate` is asked of each packet that has not come, with the times when the next one did and the next one of video (None: none yet). One
        that was repaired is told as if it had come in its place, since a browser that tries a rate measures it by the last of five packets; of
        one that is awaited, and of all after it, nothing is told yet.
        """
        if self._highest is None or (self._late is None and self._told[-1] > self._highest):
            return []
        start = min(self._told[-1], max(self._told[0], self._after_lost)) if again else self._told[-1]
        first = max(start if self._late is None else min(start, self._late), self._highest + 1 - HISTORY)
        told, out = self._fates(first, self._highest, fate), []
        if self._late is None and first + len(told) <= self._told[-1]:
            return []
        for at in range(0, len(told), MOST):
            out += self._body(first + at, told[at : at + MOST])
        self._told.append(first + len(told))
        self._after_lost = max((first + place + 1 for place, at in enumerate(told) if at is None), default=self._after_lost)
        self._late = None
        if len(self._came) > 2 * HISTORY:
            self._first = self._highest + 1 - HISTORY
            self._came = {number: at for number, at in self._came.items() if number >= self._first}
            self._video = {number: last for number, last in self._video.items() if number >= self._first}
        return out

    def _body(self, first: int, told: list[float | None]) -> list[bytes]:
        """One feedback, or none when nothing came; without what came before a silence of eight seconds, which no feedback can span."""
        for left_out in range(len(told)):
            part = tuple(told[left_out:])
            if not any(part):
                break
            with contextlib.suppress(ValueError):
                body = build(Feedback(first + left_out & 0xFFFF, part), self._number)
                self._number += 1
                return [body]
        return []

    def _fates(self, first: int, last: int, fate: Callable[[float, float | None], Fate]) -> list[float | None]:
        """When each came, from the first to the one before the first that is awaited."""
        told: list[tuple[float | None, Fate | None]] = []
        after, picture = self._came[last], None
        for number in range(last, first - 1, -1):
            at = self._came.get(number)
            became = None
            if at is None:
                became = fate(after, picture)
                if became == "awaited":
                    told.clear()
                    continue
            else:
                after, picture = at, at if number in self._video else picture
            told.append((None if became == "lost" else after, became))
        return self._spaced(first, told[::-1])

    def _spaced(self, first: int, told: list[tuple[float | None, Fate | None]]) -> list[float | None]:
        """A repaired packet is put with the next one where a picture was over, else as far behind the one before as that one was behind its own."""
        spaced: list[float | None] = []
        second, newest, over = self._came.get(first - 2), self._came.get(first - 1), self._over(first - 1)
        for number, (after, became) in enumerate(told, first):
            at = after
            if after is not None:
                if became == "repaired" and not over and second is not None and newest is not None:
                    at = min(after, newest + max(0.0, newest - second))
                second, newest, over = newest, at, self._video.get(number, over and became is None)
            spaced.append(at)
        return spaced

    def _over(self, number: int) -> bool:
        """Whether the last packet of video up to this one was the last of its picture."""
        return next((self._video[one] for one in range(number, number - BURST, -1) if one in self._video), False)
