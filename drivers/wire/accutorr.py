"""Datascope Accutorr 3: a monitor's line, live only.

Protocol: Datascope Accutorr 3 manual page 131: 9600 baud 8N1; `P:SpO2,pulse,systolic,mean,diastolic,status,status,status,minutes` and CR LF; `--` means "no value". The
last number says how many minutes ago the blood pressure was taken: it travels as a flag, and the line is never a settled result.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Absent, Measurement
from drivers.wire.framing import LineStream
from drivers.wire.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

_LINE = re.compile(r"P:" + r"(\d+|-+)," * 5 + r"(\d{3}),(\d{3}),(\d{3}),(\d+|-+)", re.ASCII)
_FIELDS = (("spo2", "%"), ("pulse-rate", "/min"), ("systolic", "mm[Hg]"), ("mean-arterial-pressure", "mm[Hg]"), ("diastolic", "mm[Hg]"))


class Accutorr(LineStream):
    """One line per update. The buffer holds 64 bytes."""

    name = "accutorr"
    models = ("Datascope Accutorr 3",)
    link = Serial("accutorr", baud=9600)
    measures = ("spo2", "pulse-rate", "systolic", "mean-arterial-pressure", "diastolic")
    proven_by: ClassVar[str] = "specification"
    longest = 64

    def line(self, frame: Frame, text: str) -> Iterator[Reading]:
        """Decode one line; the three status fields are flags as sent, the manual's page does not name their bits."""
        found = _LINE.fullmatch(text.replace(" ", ""))
        if found is None:
            raise DecodeError("not a line of an Accutorr")
        values = [
            Measurement(vital, Absent.NOT_PERFORMED if "-" in printed else number(printed), code)
            for (vital, code), printed in zip(_FIELDS, found.groups()[:5], strict=True)
        ]
        status = tuple(f"status-{at}-{word}" for at, word in enumerate(found.groups()[5:8], 1) if int(word))
        minutes = found[9]
        age = () if "-" in minutes else (f"blood-pressure-{int(minutes)}-min-ago",)
        yield self.reading(frame, tuple(values), settled=False, flags=(*status, *age))
