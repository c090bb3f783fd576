"""Detecto scales: weight, height and BMI on one line, when a button is pressed or the host asks.

Protocol: Detecto solo manual page 20: 9600 baud 8N1; the host may ask LF P CR; `HH:MM,MM/DD/YY,bmi,feet'inches",weight and unit` ends in CR. A value that
was not measured is empty. A height in feet and inches is given here in inches; one in cm is read too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Measurement
from drivers.wire.framing import LineStream
from drivers.wire.text import moment, number, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

ASK = b"\nP\r"
_LINE = re.compile(
    r"(\d\d):(\d\d),(\d\d)/(\d\d)/(\d\d),(\d+\.\d+)?,(?:(\d)'(\d\d\.\d)\"|(\d+(?:\.\d+)?) ?cm)?,(-?\d+(?:\.\d+)?) ?([a-z]+)",
    re.ASCII,
)


class Detecto(LineStream):
    """One line per weighing. The buffer holds 64 bytes."""

    name = "detecto"
    models = ("Detecto solo",)
    link = Serial("detecto", baud=9600)
    measures = ("weight", "height", "bmi")
    clock_step_s = 60
    proven_by: ClassVar[str] = "specification"
    longest = 64

    def commands(self) -> tuple[bytes, ...]:
        """Ask for the weight."""
        return (ASK,)

    def line(self, frame: Frame, text: str) -> Iterator[Reading]:
        """Decode one weighing."""
        found = _LINE.fullmatch(text.strip())
        if found is None:
            raise DecodeError("not a line of a Detecto scale")
        hour, minute, month, day, year = map(int, found.groups()[:5])
        bmi, feet, inches, centimetres, weight, printed = found.groups()[5:]
        values = [Measurement("weight", number(weight), unit(printed))]
        if feet:
            values.append(Measurement("height", number(feet) * 12 + number(inches), "[in_i]"))
        elif centimetres:
            values.append(Measurement("height", number(centimetres), "cm"))
        if bmi:
            values.append(Measurement("bmi", number(bmi), "kg/m2"))
        yield self.reading(frame, tuple(values), device_time=moment(2000 + year, month, day, hour, minute))
