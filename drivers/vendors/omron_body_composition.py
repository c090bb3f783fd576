"""Omron scales whose memory holds body composition.

Protocol: see `drivers.vendors.omron_device` and `omron_memory`. Records of 48 bytes (HBF-702T) or 32 (HBF-222T and kin), fields big-endian, as in
openScale. A field of 0 was not measured; a weight of 0 is an empty slot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.driver import DecodeError
from drivers.ieee11073 import scaled
from drivers.measurement import Absent, Measurement
from drivers.vendors.omron_device import OmronDevice, classic, occupied, word
from drivers.vendors.omron_memory import time

if TYPE_CHECKING:
    from drivers.measurement import Frame, Reading


class OmronBodyComposition(OmronDevice):
    """Scales with records of 48 or 32 bytes."""

    name = "omron-body-composition"
    models = ("Omron HBF-702T (48 bytes)", "Omron HBF-222T, HBF-227T, HBF-228T (32 bytes)")
    link = classic()
    measures = ("weight", "body-fat", "skeletal-muscle", "bmi", "basal-metabolism", "visceral-fat", "body-age")
    quirk = True
    sizes = (48, 32)
    proven_by = "specification"

    def _record(self, frame: Frame, record: bytes, flags: tuple[str, ...], user: int | None = None) -> Reading:
        occupied(record)
        weight, day_and_hour = word(record, 26) >> 4, word(record, 12)
        clock = day_and_hour >> 6 & 0x1F, record[9] & 0x3F, record[13] & 0x3F
        when = time(record[7] & 0x3F, record[11] & 0x0F, day_and_hour >> 11, *clock)
        if not weight or when is None:
            raise DecodeError("an empty slot of the memory")
        values = (
            Measurement("weight", scaled(weight, "0.05"), "kg"),
            _optional("body-fat", word(record, 2) >> 6, "0.1", "%"),
            _optional("skeletal-muscle", word(record, 6) >> 6, "0.1", "%"),
            _optional("bmi", word(record, 8) >> 6, "0.1", "kg/m2"),
            _optional("basal-metabolism", word(record, 4) >> 4, "1", "kcal"),
            _optional("visceral-fat", record[3] & 0x3F, "0.5" if len(record) == 48 else "1", "1"),
            _optional("body-age", record[10] & 0x7F, "1", "a"),
        )
        return self.reading(frame, values, device_time=when, user=user, flags=flags)


def _optional(vital: str, raw: int, step: str, unit: str) -> Measurement:
    return Measurement(vital, scaled(raw, step) if raw else Absent.NOT_PERFORMED, unit)
