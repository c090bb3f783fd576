"""Blood pressure and the cuff's inflation curve.

Protocol: Blood Pressure Service 1.1.1 (0x1810), Blood Pressure Measurement 0x2A35 (indicated), Intermediate Cuff Pressure 0x2A36
(notified), Blood Pressure Feature 0x2A49 (read); field layouts in GATT Specification Supplement 3.31, 3.30 and 3.125. A failed measurement is four NaN
with a status word that may well be clear (seen on devices): the NaN is the only sign. A mean pressure of 0 is what cuffs send that do not
measure it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import Fields, bits
from drivers.measurement import Absent, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from drivers.measurement import Frame, Reading

KPA, TIME, PULSE, USER, STATUS = 0x01, 0x02, 0x04, 0x08, 0x10
USER_UNKNOWN = 0xFF
_STATUS = {0: "body-movement", 1: "cuff-too-loose", 2: "irregular-pulse", 5: "improper-position"}
_PULSE_RANGE = {1: ("pulse-rate-above-range",), 2: ("pulse-rate-below-range",), 3: ("pulse-rate-range-reserved",)}
_FEATURE = {
    0: "body-movement-detection",
    1: "cuff-fit-detection",
    2: "irregular-pulse-detection",
    3: "pulse-rate-range-detection",
    4: "measurement-position-detection",
    5: "multiple-bonds",
    6: "e2e-crc",
    7: "user-data-service",
    8: "user-facing-time",
}


#: the bits of the status that a bit of the features stands for
_STANDS_FOR = {0: 0x01, 1: 0x02, 2: 0x04, 3: 0x18, 4: 0x20}


def status_flags(word: int, supported: int = 0xFFFF) -> tuple[str, ...]:
    """Names of the Measurement Status bits; bits 3 and 4 are one field, the pulse rate range.

    A bit that the cuff's features do not have says nothing, neither set nor clear; that it was set all the same is said.
    """
    strange = ("status-without-its-feature",) if word & ~supported else ()
    word &= supported
    return (*bits(word & ~0x18, _STATUS), *_PULSE_RANGE.get(word >> 3 & 3, ()), *strange)


def supported_status(feature: int) -> int:
    """The status bits that a cuff with these features may set."""
    return sum(mask for bit, mask in _STANDS_FOR.items() if feature >> bit & 1)


def results(systolic: Decimal | Absent, diastolic: Decimal | Absent, mean: Decimal | Absent, unit: str) -> tuple[Measurement, ...]:
    """The three pressures of a result; a mean of 0 was not measured."""
    return (
        Measurement("systolic", systolic, unit),
        Measurement("diastolic", diastolic, unit),
        Measurement("mean-arterial-pressure", mean or Absent.NOT_PERFORMED, unit),
    )


class BloodPressure(Driver):
    """A cuff that follows the Blood Pressure Service."""

    name = "blood-pressure"
    models: ClassVar[tuple[str, ...]] = (
        "A&D UA-651BLE",
        "Omron BP7xxx in standard mode",
        "Beurer BM54, BM57",
        "boso medicus",
        "Medisana BU",
        "Microlife with 1810",
    )
    link = Gatt(service="1810", indicate=("2A35",), notify=("2A36",), read=("2A49",))
    measures: ClassVar[tuple[str, ...]] = ("systolic", "diastolic", "mean-arterial-pressure", "pulse-rate", "cuff-pressure")
    proven_by: ClassVar[str] = "capture"

    def __init__(self) -> None:
        #: all of them, until the cuff has told its features
        self._supported = 0xFFFF

    @staticmethod
    def _number(fields: Fields, what: str) -> Decimal | Absent:
        return fields.sfloat(what)

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a result (2A35), a live cuff pressure (2A36) or the features (2A49)."""
        fields = Fields(frame.data)
        if frame.source == "2A49":
            feature = fields.u16("feature")
            fields.end("feature")
            self._supported = supported_status(feature)
            yield self.reading(frame, settled=False, flags=bits(feature, _FEATURE))
            return
        flags = fields.u8("flags")
        if flags & ~(KPA | TIME | PULSE | USER | STATUS):
            raise DecodeError(f"unknown flags 0x{flags:02x}: fields may follow that this profile does not have")
        unit = "kPa" if flags & KPA else "mm[Hg]"
        first, second, third = (self._number(fields, name) for name in ("systolic", "diastolic", "mean arterial pressure"))
        device_time = fields.date_time("time stamp") if flags & TIME else None
        pulse = (Measurement("pulse-rate", self._number(fields, "pulse rate"), "/min"),) if flags & PULSE else ()
        user = fields.u8("user id") if flags & USER else None
        names = status_flags(fields.u16("measurement status"), self._supported) if flags & STATUS else ()
        fields.end("measurement")
        if user == USER_UNKNOWN:
            user, names = None, (*names, "user-unknown")
        if frame.source == "2A36":
            pressures: tuple[Measurement, ...] = (Measurement("cuff-pressure", first, unit),)
        else:
            pressures = results(first, second, third, unit)
        yield self.reading(frame, (*pressures, *pulse), settled=frame.source == "2A35", device_time=device_time, user=user, flags=names)
