"""Abbott FreeStyle Optium and Precision Xtra: the stored glucose results, as lines of text.

Protocol: 19200 baud 8N1; the host sends `$xmem` and CR LF, the meter answers serial number, version, `Clock:`, the count, one line a record and the sum of
all with END. `Clock:<TAB>Apr  22 2014<TAB>02:14:37`; record `133  Apr  22 2014 02:14 G 0x00`: HI or mg/dL always, G glucose or K ketones. The meter
shows HI above 500. Source: the driver of glucometerutils. The records carry no checksum of their own: they are decoded only when they match the form
exactly.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.wire.framing import LineStream
from drivers.wire.glucose import within
from drivers.wire.text import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LOW, HIGH = 20, 500
ASK = b"$xmem\r\n"
_MONTHS = {name: at for at, name in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}
_CLOCK = re.compile(r"Clock:\t([A-Z][a-z]{2})  (\d\d) (\d{4})\t(\d\d):(\d\d):(\d\d)", re.ASCII)
_RECORD = re.compile(r"(HI |\d{3})  ([A-Z][a-z]{2})[ ey] (\d\d) (\d{4}) (\d\d):(\d\d) ([GK]) 0x00", re.ASCII)
_OTHER = re.compile(
    r"(?:S/N|Ver|Market|ROM|Usage):\t.*|CMD OK|Log Empty|\d{3}|[A-Z0-9]{4,}-[A-Z0-9]+|\d\.\d{2}.*|0x[0-9A-F]{4}  END", re.ASCII
)


def _month(name: str) -> int:
    try:
        return _MONTHS[name]
    except KeyError:
        raise DecodeError(f"unknown month {name!r}") from None


class Freestyle(LineStream):
    """Lines of the memory dump. The buffer holds 128 bytes."""

    name = "freestyle"
    models = ("Abbott FreeStyle Optium", "Abbott Precision Xtra")
    link = Serial("freestyle", baud=19200, opening=(ASK,))
    measures = ("glucose",)
    clock_step_s = 60
    proven_by: ClassVar[str] = "simulator"

    def commands(self) -> tuple[bytes, ...]:
        """Read the memory."""
        return (ASK,)

    def line(self, frame: Frame, text: str) -> Iterator[Reading]:
        """Decode one line; one without a result is a Reading without measurements."""
        clock, record = _CLOCK.fullmatch(text), _RECORD.fullmatch(text)
        if clock is not None:
            day, year, hour, minute, second = map(int, clock.groups()[1:])
            now = moment(year, _month(clock[1]), day, hour, minute, second)
            yield self.reading(frame, settled=False, device_time=now, flags=("device-clock",))
        elif record is not None:
            yield self._record(frame, record)
        elif _OTHER.fullmatch(text):
            yield self.reading(frame, settled=False, flags=("about-the-meter",))
        else:
            raise DecodeError("not a line of a FreeStyle meter")

    def _record(self, frame: Frame, found: re.Match[str]) -> Reading:
        day, year, hour, minute = map(int, found.groups()[2:6])
        taken = moment(year, _month(found[2]), day, hour, minute)
        if found[7] == "K":
            return self.reading(frame, settled=False, device_time=taken, flags=("ketones",))
        glucose, flags = within(HIGH + 1 if found[1] == "HI " else int(found[1]), LOW, HIGH)
        return self.reading(frame, (glucose,), device_time=taken, flags=flags)
