"""Adam Equipment medical scales: weight, height and BMI as labelled lines, with the patient id that was typed on the scale.

Protocol: Adam Equipment MUW 300L manual page 16: 9600 baud 8N1; lines `Doctor Id: n`, `Patient Id: n`, `Weight: n kg`, `Height: n cm`, `BMI: n`, each ending
in CR LF. A print ends with its BMI; one without ends at the first line of the next print, or when the line is quiet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from drivers.driver import DecodeError, Serial
from drivers.measurement import Measurement, Refused
from drivers.wire.framing import LineStream
from drivers.wire.text import number, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

_LABELS = ("Doctor Id", "Patient Id", "Weight", "Height", "BMI")
_LINE = re.compile(r"(Doctor Id|Patient Id|Weight|Height|BMI): *(\S+)(?: +([a-z]+))?", re.ASCII)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_VITALS = {"Weight": "weight", "Height": "height", "BMI": "bmi"}


class Adam(LineStream):
    """One print per weighing. The buffer holds one line of 64 bytes and five fields."""

    name = "adam"
    models = ("Adam Equipment MUW 300L",)
    link = Serial("adam", baud=9600)
    measures = ("weight", "height", "bmi")
    proven_by: ClassVar[str] = "specification"
    longest = 64

    def __init__(self) -> None:
        super().__init__()
        self._fields: dict[str, tuple[str, str]] = {}
        self._last_line: Frame | None = None
        self._lines: list[bytes] = []

    def line(self, frame: Frame, text: str) -> Iterator[Reading | Refused]:
        """Decode one line; the last of a print brings the Reading."""
        found = _LINE.fullmatch(text.strip())
        if found is None:
            yield from self._give_up("a line that an Adam scale does not print")
            raise DecodeError("not a line of an Adam scale")
        label, value, printed = found[1], found[2], found[3] or ""
        if self._fields and _LABELS.index(label) <= max(map(_LABELS.index, self._fields)):
            yield from self._complete()
        self._fields[label] = (value, printed)
        self._lines.append(frame.data)
        self._last_line = frame
        if label == "BMI":
            yield from self._complete()

    def finish(self) -> Iterator[Reading | Refused]:
        """Complete the print that is under way."""
        yield from super().finish()
        yield from self._complete()

    def _give_up(self, reason: str) -> Iterator[Refused]:
        if self._lines:
            yield Refused(f"a print cut short by {reason}", b"\r\n".join(self._lines))
        self._fields, self._lines = {}, []

    def _complete(self) -> Iterator[Reading | Refused]:
        fields, lines = self._fields, self._lines
        self._fields, self._lines = {}, []
        if self._last_line is None or not lines:
            return
        frame = replace(self._last_line, data=b"\r\n".join(lines))
        try:
            values = [_measured(label, *fields[label]) for label in _VITALS if label in fields]
        except DecodeError as error:
            yield Refused(str(error), frame.data)
            return
        if "Weight" not in fields:
            yield Refused("a print without a weight", frame.data)
            return
        yield self.reading(frame, tuple(values), patient=fields.get("Patient Id", ("", ""))[0])


def _measured(label: str, value: str, printed: str) -> Measurement:
    if not _NUMBER.fullmatch(value):
        raise DecodeError(f"{label} is not a number")
    return Measurement(_VITALS[label], number(value), "kg/m2" if label == "BMI" else unit(printed))
