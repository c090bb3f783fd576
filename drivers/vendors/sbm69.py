"""SilverCrest SBM69: a cuff whose numbers are plain integers.

Protocol: Blood Pressure Measurement 0x2A35 in the normal layout, but each SFLOAT is an unsigned 16-bit integer (the same bytes up to 2045), as
the public package sbm69 describes it. The marks of a failed measurement keep their meaning: no cuff reads 2047.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import Gatt
from drivers.gatt.blood_pressure import BloodPressure
from drivers.ieee11073 import sfloat
from drivers.measurement import Absent

if TYPE_CHECKING:
    from drivers.ieee11073 import Fields


class Sbm69(BloodPressure):
    """The SilverCrest SBM69."""

    name = "sbm69"
    models: ClassVar[tuple[str, ...]] = ("SilverCrest SBM69",)
    link = Gatt(service="1810", indicate=("2A35",), names=("SBM69",))
    measures: ClassVar[tuple[str, ...]] = ("systolic", "diastolic", "mean-arterial-pressure", "pulse-rate")
    quirk = True
    proven_by: ClassVar[str] = "specification"

    @staticmethod
    def _number(fields: Fields, what: str) -> Decimal | Absent:
        word = fields.u16(what)
        special = sfloat(word)
        return special if isinstance(special, Absent) else Decimal(word)
