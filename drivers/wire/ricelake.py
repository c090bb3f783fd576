"""Rice Lake scales in print mode: the weight on one line.

Protocol: Rice Lake 350-10 manual page 10: 9600 baud 8N1; `xxxxxxxxx uu mode`: nine characters of weight with its sign, the unit, gross or net, CR LF.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Measurement
from drivers.wire.framing import LineStream
from drivers.wire.text import number, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

_LINE = re.compile(r" *(- *)?(\d{1,7}(?:\.\d{1,3})?) +([a-z]{1,2}) +(Gross|Net|GROSS|NET|G|N)", re.ASCII)
_MODES = {"g": "gross", "n": "net"}


class RiceLake(LineStream):
    """One line per print. The buffer holds 64 bytes."""

    name = "ricelake"
    models = ("Rice Lake 350-10",)
    link = Serial("ricelake", baud=9600)
    measures = ("weight",)
    proven_by: ClassVar[str] = "specification"
    longest = 64

    def line(self, frame: Frame, text: str) -> Iterator[Reading]:
        """Decode one print; the flag says whether a tare is taken off (net)."""
        found = _LINE.fullmatch(text.rstrip())
        if found is None:
            raise DecodeError("not a line of a Rice Lake scale")
        sign, weight, printed, mode = found.groups()
        value = number(f"-{weight}" if sign else weight)
        yield self.reading(frame, (Measurement("weight", value, unit(printed)),), flags=(_MODES[mode[0].casefold()],))
