"""LifeScan OneTouch Ultra and Ultra 2: the stored glucose results, as lines of text with a checksum.

Protocol: 9600 baud 8N1; the host sends 11 0D, a command and 0D: DMF reads the clock, DMP the memory. A line ends in a space and four hex digits, the 16-bit sum of all
before that space. `F "DOW","MM/DD/YY","HH:MM:SS   "` is the clock, `P nnn,"serial","MG/DL "` the header, `P "DOW","MM/DD/YY","HH:MM:SS   ","C 074 ","N","00",
00` a record: C marks control solution, a ? after the value a damaged one, then (Ultra 2) meal and comment. Values are always in mg/dL; the
meter shows HI above 600 and LO below 20. Sources: the drivers of glucometerutils and of the Tidepool uploader. DMZ clears the memory and DMT sets the
clock: neither is ever sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.wire.framing import LineStream
from drivers.wire.glucose import CONTROL, within
from drivers.wire.text import moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from drivers.measurement import Frame, Reading

LOW, HIGH = 20, 600
ASK_CLOCK, ASK_MEMORY = b"\x11\rDMF\r", b"\x11\rDMP\r"
_CHECKED = re.compile(r"(.+) ([0-9A-F]{4})", re.ASCII)
_MOMENT = r'"[A-Z]{3}","(\d\d)/(\d\d)/(\d\d)","(\d\d):(\d\d):(\d\d)   "'
_CLOCK = re.compile(rf"[FT] {_MOMENT}", re.ASCII)
_HEADER = re.compile(r'P \d{3},"[0-9A-Z]{9}","(?:MG/DL |MMOL/L)"', re.ASCII)
_RECORD = re.compile(rf'P {_MOMENT},"([C ]) (\d{{3}})([? ])"(?:,"([NBA])","\d\d")?, 00', re.ASCII)
_MEAL = {"B": ("before-meal",), "A": ("after-meal",)}


def checksum(data: bytes) -> int:
    """The 16-bit sum that ends a line."""
    return sum(data) & 0xFFFF


class LifescanAscii(LineStream):
    """Lines of the memory dump. The buffer holds 128 bytes."""

    name = "lifescan-ascii"
    models = ("LifeScan OneTouch Ultra", "LifeScan OneTouch Ultra 2")
    link = Serial("lifescan-ascii", baud=9600, opening=(ASK_CLOCK, ASK_MEMORY))
    measures = ("glucose",)
    proven_by: ClassVar[str] = "specification"

    def commands(self) -> tuple[bytes, ...]:
        """Read the clock, read the memory."""
        return ASK_CLOCK, ASK_MEMORY

    def line(self, frame: Frame, text: str) -> Iterator[Reading]:
        """Decode one line; one without a result is a Reading without measurements."""
        text = text.replace("\x11", "").strip()
        if not text:
            return
        checked = _CHECKED.fullmatch(text)
        if checked is None:
            raise DecodeError("a line without its checksum")
        if checksum(checked[1].encode()) != int(checked[2], 16):
            raise DecodeError("wrong checksum")
        yield self._decode(frame, checked[1])

    def _decode(self, frame: Frame, text: str) -> Reading:
        clock, record = _CLOCK.fullmatch(text), _RECORD.fullmatch(text)
        if clock is not None:
            return self.reading(frame, settled=False, device_time=_stamp(clock), flags=("device-clock",))
        if _HEADER.fullmatch(text):
            return self.reading(frame, settled=False, flags=("record-count",))
        if record is None:
            raise DecodeError("not a line that the booth asks for")
        control, value, damaged, meal = record.groups()[6:]
        if damaged == "?":
            raise DecodeError("the meter says that this record is damaged")
        glucose, flags = within(int(value), LOW, HIGH)
        flags = (*flags, *((CONTROL,) if control == "C" else ()), *_MEAL.get(meal, ()))
        return self.reading(frame, (glucose,), device_time=_stamp(record), flags=flags)


def _stamp(found: re.Match[str]) -> datetime | None:
    month, day, year, hour, minute, second = map(int, found.groups()[:6])
    return moment(2000 + year, month, day, hour, minute, second)
