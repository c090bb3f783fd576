"""Scales that speak MT-SICS (Mettler-Toledo, Ohaus and others): body weight once it is stable.

Protocol: MT-SICS Reference Manual 11780711, commands S and SI: 9600 baud 8N1; the answer is `S S value unit` (stable), `S D value unit` (dynamic),
`S I` (not executable now), `S +` (overload) or `S -` (underload). Only `S S` brings a weight, settled once per weighing: while the scale repeats the
same stable value it is the same weighing, and an empty scale (nothing above zero) is none. Of the commands only SI is sent: @ resets, Z and T move the zero.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Absent, Measurement
from drivers.wire.framing import LineStream
from drivers.wire.text import number, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

ASK = b"SI\r\n"
_WEIGHT = re.compile(r"S ([SD]) +(-?\d+(?:\.\d+)?) ([A-Za-z]+)", re.ASCII)
_NO_WEIGHT = {"S +": "overload", "S -": "underload"}


class MtSics(LineStream):
    """Answers to SI, asked every second. The buffer holds 64 bytes."""

    name = "mt-sics"
    models = ("Mettler-Toledo scales", "Ohaus scales with MT-SICS")
    link = Serial("mt-sics", baud=9600, opening=(ASK,), keep_alive=ASK, keep_alive_s=1.0)
    measures = ("weight",)
    proven_by: ClassVar[str] = "specification"
    longest = 64

    def __init__(self) -> None:
        super().__init__()
        self._settled: Measurement | None = None

    def commands(self) -> tuple[bytes, ...]:
        """Ask for the weight."""
        return (ASK,)

    def line(self, frame: Frame, text: str) -> Iterator[Reading]:
        """Decode one answer."""
        answer = text.strip()
        if answer == "S I":
            yield self.reading(frame, settled=False, flags=("not-executable",))
            return
        if answer in _NO_WEIGHT:
            self._settled = None
            yield self.reading(frame, (Measurement("weight", Absent.ERROR, "kg"),), settled=False, flags=(_NO_WEIGHT[answer],))
            return
        found = _WEIGHT.fullmatch(answer)
        if found is None:
            raise DecodeError("not a weight of MT-SICS")
        weight = Measurement("weight", number(found[2]), unit(found[3]))
        if found[1] == "D":
            self._settled = None
            yield self.reading(frame, settled=False, flags=("not-stable",))
            return
        yield self.reading(frame, (weight,), settled=number(found[2]) > 0 and weight != self._settled)
        self._settled = weight
