"""Glucose meters that speak ASTM E1381 / E1394 (Ascensia and Bayer Contour): the stored results.

Protocol: ASTM E1381 (framing) and E1394 (records), as in the Bayer Blood Glucose Meter Computer Interface Specification: 9600 baud 8N1; ENQ, answered by ACK; frames
STX, number 0-7, text, CR, ETB or ETX, two hex digits (sum mod 256 from the number to ETB or ETX), CR LF, each answered by ACK, or by NAK and sent again; EOT. A frame without
CR is continued by the next. Record H: product, serial number, V= low and high limit (10600: 10 and 600), results stored, clock. Record R: number, test, value, unit^method, markers
(< and > beyond the limits, whose value is the limit; C control solution; B before and A after a meal), time. A record that comes outside any frame has no checksum: it is
taken only where no frame, ENQ or EOT was ever seen on the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Measurement, Refused
from drivers.wire.framing import FrameStream, Until
from drivers.wire.glucose import ABOVE, BELOW, CONTROL
from drivers.wire.text import moment, number, unit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from drivers.measurement import Frame, Reading

STX, ETX, EOT, ENQ, ACK, CR, LF, NAK, ETB = 0x02, 0x03, 0x04, 0x05, 0x06, 0x0D, 0x0A, 0x15, 0x17
LONGEST = 512
_CONTROLS = (EOT, ENQ, ACK, NAK)
_FRAME_TURN, _RECORD_END = Until(bytes((STX, ETX, ETB)), LONGEST), Until(b"\r", LONGEST)
_MARKERS = {">": ABOVE, "<": BELOW, "C": CONTROL, "B": "before-meal", "A": "after-meal"}
_RECORD_TYPES = b"HPORCQML"
_VALUE = re.compile(r"\d{1,4}(?:\.\d{1,2})?", re.ASCII)
_MARKER = re.compile(r"[0-9A-Z<>]{1,4}", re.ASCII)
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?", re.ASCII)
_LIMITS = re.compile(r"(?:^|\^)V=(\d\d)(\d{3})(?:\^|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Header:
    """What a record H says of the meter. `low` and `high` are the limits in mg/dL, None when they are not given."""

    product: str
    serial: str
    low: int | None
    high: int | None
    results: int | None
    clock: datetime | None


def header(record: str) -> Header:
    """Read a record H."""
    fields = _fields(record, 14)
    limits = _LIMITS.search(fields[5])
    product, _, serial = (*fields[4].split("^"), "", "")[:3]
    results = int(fields[6]) if fields[6].isdecimal() else None
    low, high = (int(limits[1]), int(limits[2])) if limits else (None, None)
    return Header(product, serial, low, high, results, _stamp(fields[13]))


def _fields(record: str, count: int) -> list[str]:
    """The fields of a record, the missing ones empty."""
    fields = record.split("|")
    return fields + [""] * (count - len(fields))


def _stamp(printed: str) -> datetime | None:
    found = _STAMP.fullmatch(printed)
    return None if found is None else moment(*map(int, found.groups("0")))


class Astm(FrameStream):
    """Frames to records. The buffer holds one frame of 512 bytes and one record of 1024."""

    name = "astm"
    models = ("Ascensia / Bayer Contour", "Ascensia / Bayer Breeze")
    link = Serial("astm", baud=9600)
    measures = ("glucose",)
    starts = bytes((*_CONTROLS, STX, *_RECORD_TYPES))
    clock_step_s = 60
    proven_by: ClassVar[str] = "capture"

    def __init__(self) -> None:
        super().__init__()
        self._framed = self._established = self._ended = False
        self._number: int | None = None
        self._record = ""
        self._replies: list[bytes] = []

    def commands(self) -> tuple[bytes, ...]:
        """Acknowledge or refuse a frame."""
        return bytes((ACK,)), bytes((NAK,))

    def replies(self) -> tuple[bytes, ...]:
        """ACK to ENQ and to each frame after it, NAK to a damaged one."""
        replies, self._replies = tuple(self._replies), []
        return replies

    def size(self, data: bytearray) -> int | Until | None:
        """A control character, a frame up to its CR LF, or a bare record up to its CR."""
        if data[0] in _CONTROLS:
            return 1
        if data[0] == STX:
            self._framed = True
            return self._frame_size(data)
        if self._framed or data[0] not in _RECORD_TYPES or (len(data) > 1 and data[1] != ord("|")):
            return 0
        end = data.find(CR)
        if end >= 0:
            return end + 1
        if self._ended and len(data) > 1:
            return len(data)
        if len(data) == 1:
            return None
        return _RECORD_END if len(data) < LONGEST else 0

    @staticmethod
    def _frame_size(data: bytearray) -> int | Until:
        last, more = data.find(ETX), data.find(ETB)
        end = more if last < 0 or 0 <= more < last else last
        if end >= 0:
            return end + 5
        return _FRAME_TURN if len(data) < LONGEST and data.find(STX, 1) < 0 else 0

    def finish(self) -> Iterator[Reading | Refused]:
        """Decode a bare record that lacks its CR; refuse what is incomplete."""
        self._ended = True
        if self._last is not None:
            yield from self._advance(self._last)
        yield from super().finish()
        self._ended = False

    def broken(self) -> Iterator[Refused]:
        """A record whose continuation is damaged waits for the frame to be sent again."""
        return iter(())

    def frame(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Decode a control character, a frame, or a bare record."""
        first = frame.data[0]
        if first in _CONTROLS:
            yield from self._control(first)
        elif first == STX:
            yield from self._framed_text(frame)
        else:
            yield self._decode(frame, self._text(frame.data))

    def _control(self, character: int) -> Iterator[Refused]:
        self._framed = True
        if character == ENQ:
            self._established = True
            self._replies.append(bytes((ACK,)))
        if character in (ENQ, EOT):
            self._number = None
            if self._record:
                yield Refused("a record without its end", self._record.encode())
                self._record = ""
        if character == EOT:
            self._established = False

    def _framed_text(self, frame: Frame) -> Iterator[Reading | Refused]:
        data = frame.data
        good = data[-2:] == b"\r\n" and data[-4:-2] == b"%02X" % (sum(data[1:-4]) & 0xFF)
        number_sent = data[1] - ord("0")
        if not good or not 0 <= number_sent <= 7:
            self._answer(NAK)
            raise DecodeError("wrong checksum" if 0 <= number_sent <= 7 else "a frame without its number")
        if number_sent == self._number:
            self._answer(ACK)
            return
        if self._number is not None and number_sent != (self._number + 1) % 8:
            self._answer(NAK)
            yield Refused(f"frame {number_sent} where frame {(self._number + 1) % 8} is due", data)
            return
        self._number = number_sent
        self._answer(ACK)
        self._record += self._text(data[2:-5], keep=True)
        if data[-5] == ETB and "\r" not in self._record and len(self._record) <= 2 * LONGEST:
            return
        record, self._record = self._record.rstrip("\r"), ""
        try:
            yield self._decode(frame, record)
        except DecodeError as error:
            yield Refused(str(error), data)

    def _answer(self, character: int) -> None:
        if self._established:
            self._replies.append(bytes((character,)))

    @staticmethod
    def _text(data: bytes, *, keep: bool = False) -> str:
        try:
            text = data.decode("ascii")
        except UnicodeDecodeError:
            raise DecodeError("a record that is not ASCII text") from None
        return text if keep else text.rstrip("\r")

    def _decode(self, frame: Frame, record: str) -> Reading:
        kind = record[:1]
        if kind == "H":
            return self.reading(frame, settled=False, device_time=header(record).clock, flags=("device-clock",))
        if kind == "R":
            return self._result(frame, record)
        if not kind or kind.encode() not in _RECORD_TYPES:
            raise DecodeError("an unknown type of record")
        return self.reading(frame, settled=False, flags=(f"record-{kind.casefold()}",))

    def _result(self, frame: Frame, record: str) -> Reading:
        fields = _fields(record, 9)
        if fields[2].split("^")[-1].casefold() != "glucose":
            raise DecodeError("a result that is not glucose")
        if not _VALUE.fullmatch(fields[3]) or not fields[1].isdecimal() or len(fields[1]) > 5:
            raise DecodeError("a result without its number or value")
        markers = [marker for marker in fields[6].split("/") if marker]
        if not all(_MARKER.fullmatch(marker) for marker in markers):
            raise DecodeError("markers that are not of the protocol")
        glucose = Measurement("glucose", number(fields[3]), unit(fields[4].split("^")[0]))
        names = (_MARKERS.get(marker, f"marker-{marker.casefold()}") for marker in markers)
        # the number counts the results of one transfer: it names no result for good
        flags = (*names, "sequence-restarts")
        return self.reading(frame, (glucose,), device_time=_stamp(fields[8]), sequence=int(fields[1]), flags=flags)
