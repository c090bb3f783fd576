"""Omron cuffs without the standard profile, whose memory is read.

Protocol: see `drivers.vendors.omron_device` and `omron_memory`. A record has 14 bytes; two layouts are known: with little-endian fields
(HEM-7142T2 and kin, `omron-eeprom`), and packed big-endian (HEM-7322T, HEM-7600T and kin, `omron-eeprom-packed`). Checked on captures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError
from drivers.ieee11073 import scaled
from drivers.measurement import Measurement
from drivers.vendors.omron_device import OmronDevice, classic, modern, occupied, word
from drivers.vendors.omron_memory import PROTOCOL, time

if TYPE_CHECKING:
    from drivers.measurement import Frame, Reading

#: the first byte of a record above this marks an empty slot
FULLEST = 0xE1


def _pressures(systolic: int, diastolic: int, pulse: int) -> tuple[Measurement, ...]:
    return (
        Measurement("systolic", scaled(systolic + 25, "1"), "mm[Hg]"),
        Measurement("diastolic", scaled(diastolic, "1"), "mm[Hg]"),
        Measurement("pulse-rate", scaled(pulse, "1"), "/min"),
    )


def _marks(irregular: int, moved: int, cuff: int) -> tuple[str, ...]:
    marks = ((irregular, "irregular-pulse"), (moved, "body-movement"), (cuff, "cuff-fit-ok"))
    return tuple(name for mark, name in marks if mark)


class _Cuff(OmronDevice):
    """Cuffs: both layouts hold the same two words of date and time, in their own byte order."""

    measures: ClassVar[tuple[str, ...]] = ("systolic", "diastolic", "pulse-rate")

    def _cuff(
        self, frame: Frame, pressures: tuple[int, int, int, int], words: tuple[int, int], flags: tuple[str, ...], user: int | None
    ) -> Reading:
        """Make the Reading of raw systolic, diastolic, pulse rate and year, and of the words of the date and of the time."""
        systolic, diastolic, pulse, year = pressures
        date, clock = words
        if systolic > FULLEST:
            raise DecodeError("an empty slot of the memory")
        when = time(year, date >> 10 & 0x0F, date >> 5 & 0x1F, date & 0x1F, clock >> 6 & 0x3F, clock & 0x3F)
        names = flags + _marks(date >> 14 & 1, date >> 15, clock >> 12 & 1)
        return self.reading(frame, _pressures(systolic, diastolic, pulse), device_time=when, user=user, flags=names)


class OmronEeprom(_Cuff):
    """Cuffs with little-endian records."""

    name = PROTOCOL
    models = ("Omron HEM-7142T2 and others of its record layout",)
    link = modern()

    def _record(self, frame: Frame, record: bytes, flags: tuple[str, ...], user: int | None = None) -> Reading:
        occupied(record)
        words = record[4] | record[5] << 8, record[6] | record[7] << 8
        return self._cuff(frame, (record[0], record[1], record[2], record[3] & 0x3F), words, flags, user)


class OmronEepromPacked(_Cuff):
    """Cuffs with records packed big-endian."""

    name = "omron-eeprom-packed"
    models: ClassVar[tuple[str, ...]] = ("Omron HEM-7322T, HEM-7600T",)
    link = classic()
    quirk = True

    def _record(self, frame: Frame, record: bytes, flags: tuple[str, ...], user: int | None = None) -> Reading:
        occupied(record)
        words = word(record, 4), word(record, 6)
        return self._cuff(frame, (record[1], record[0], record[3], record[2]), words, flags, user)
