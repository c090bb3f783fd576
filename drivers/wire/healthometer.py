"""Health o meter scales (and Rice Lake scales in "ESC" mode): weight, height, BMI and the patient id that was typed on the scale.

Protocol: Health o meter ProPlus manual page 23: 9600 baud 8N1; `ESC R`, then fields `ESC letter value` and `ESC E`: I patient id, W weight, H height, T tare,
B BMI, N unit (m metric: kg and cm, c constitutional: lb and in), D date and time. 999.9 is a scale out of range (Rice Lake 160-10-7N manual, 5.2.1). The letters that
request, update, set or clear (Q, U, C, S, X) are never sent.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Absent, Measurement
from drivers.wire.framing import FrameStream, Until
from drivers.wire.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

START, END = b"\x1bR", b"\x1bE"
LONGEST = 128
OUT_OF_RANGE = Decimal("999.9")
_NUMBER = re.compile(r"\d{1,5}(?:\.\d{1,2})?", re.ASCII)
_UNITS = {"m": ("kg", "cm"), "c": ("[lb_av]", "[in_i]")}
_PATIENT = re.compile(r"[0-9A-Za-z ._-]{1,32}", re.ASCII)


class HealthOMeter(FrameStream):
    """One packet per weighing. The buffer holds 128 bytes."""

    name = "healthometer"
    models = ("Health o meter ProPlus", "Rice Lake scales in ESC mode")
    link = Serial("healthometer", baud=9600)
    measures = ("weight", "height", "bmi")
    starts = START[:1]
    proven_by: ClassVar[str] = "specification"

    def size(self, data: bytearray) -> int | Until | None:
        """A packet lasts from ESC R to ESC E."""
        if not START.startswith(data[:2]):
            return 0
        if len(data) < len(START):
            return None
        if data.find(START, 2) >= 0:
            return 0
        end = data.find(END)
        if end >= 0:
            return end + len(END)
        return Until(END[1:], LONGEST) if len(data) < LONGEST else 0

    def frame(self, frame: Frame) -> Iterator[Reading]:
        """Decode one weighing."""
        try:
            text = frame.data[2:-2].decode("ascii")
        except UnicodeDecodeError:
            raise DecodeError("a field that is not ASCII text") from None
        fields: dict[str, str] = {}
        for field in text.split("\x1b")[1:]:
            if not field or field[0] in fields or field[0] not in "IWHTBND":
                raise DecodeError(f"unknown or repeated field {field[:1]!r}")
            fields[field[0]] = field[1:]
        if text and not text.startswith("\x1b"):
            raise DecodeError("bytes before the first field")
        if fields.get("N") not in _UNITS:
            raise DecodeError("the weighing does not say its unit")
        mass, length = _UNITS[fields["N"]]
        wanted = (("W", "weight", mass), ("H", "height", length), ("B", "bmi", "kg/m2"))
        values = [Measurement(vital, _value(fields[letter]), code) for letter, vital, code in wanted if letter in fields]
        patient = fields.get("I", "").strip()
        if patient and not _PATIENT.fullmatch(patient):
            raise DecodeError("a patient id with characters that no keyboard of a scale has")
        yield self.reading(frame, tuple(values), patient=patient)


def _value(printed: str) -> Decimal | Absent:
    if not _NUMBER.fullmatch(printed):
        raise DecodeError("a value that is not a number")
    return Absent.ERROR if number(printed) >= OUT_OF_RANGE else number(printed)
