"""Blood glucose from a meter's memory, and the context of a meal.

Protocol: Glucose Service 1.0.1 (0x1808), Glucose Measurement 0x2A18 (notified), Glucose Measurement Context 0x2A34 (notified), Glucose
Feature 0x2A51 (read), records asked for on 0x2A52 (`drivers.gatt.record_access`); GATT Specification Supplement 3.105 to 3.107.
The time of a result is base time plus offset: what the meter's display shows. A control solution (type 10, location 4) is no patient's
value and is flagged. Records are told apart by their sequence number.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt, StoredRecords
from drivers.gatt.record_access import RecordAccess
from drivers.ieee11073 import Fields, bits, scaled
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from drivers.measurement import Frame, Reading

OFFSET, CONCENTRATION, MOLES, STATUS, CONTEXT = 0x01, 0x02, 0x04, 0x08, 0x10
CARBOHYDRATE, MEAL, TESTER, EXERCISE, MEDICATION, LITRES, HBA1C, EXTENDED = (1 << bit for bit in range(8))
_OUT_OF_RANGE = {0x7FFF: "time-offset-overrun", -0x8000: "time-offset-underrun"}
SAMPLE = {
    1: "capillary-whole-blood",
    2: "capillary-plasma",
    3: "venous-whole-blood",
    4: "venous-plasma",
    5: "arterial-whole-blood",
    6: "arterial-plasma",
    7: "undetermined-whole-blood",
    8: "undetermined-plasma",
    9: "interstitial-fluid",
    10: "control-solution",
}
LOCATION = {1: "finger", 2: "alternate-site", 3: "earlobe", 4: "control-solution", 5: "subcutaneous-tissue", 15: "not-available"}
_STATUS = {
    0: "device-battery-low",
    1: "sensor-malfunction",
    2: "sample-size-insufficient",
    3: "strip-insertion-error",
    4: "strip-type-incorrect",
    5: "result-too-high",
    6: "result-too-low",
    7: "temperature-too-high",
    8: "temperature-too-low",
    9: "read-interrupted",
    10: "general-device-fault",
    11: "time-fault",
}
_FEATURE = {
    0: "low-battery-detection",
    1: "sensor-malfunction-detection",
    2: "sample-size",
    3: "strip-insertion-error-detection",
    4: "strip-type-error-detection",
    5: "sensor-result-high-low-detection",
    6: "sensor-temperature-high-low-detection",
    7: "sensor-read-interrupt-detection",
    8: "general-device-fault",
    9: "time-fault",
    10: "multiple-bonds",
}
_CARBOHYDRATE = {1: "breakfast", 2: "lunch", 3: "dinner", 4: "snack", 5: "drink", 6: "supper", 7: "brunch"}
_MEAL = {1: "preprandial", 2: "postprandial", 3: "fasting", 4: "casual", 5: "bedtime"}
_TESTER = {1: "self", 2: "health-care-professional", 3: "lab-test", 15: "not-available"}
_HEALTH = {1: "minor-issues", 2: "major-issues", 3: "during-menses", 4: "under-stress", 5: "no-issues", 15: "not-available"}
_MEDICATION = {
    1: "rapid-acting-insulin",
    2: "short-acting-insulin",
    3: "intermediate-acting-insulin",
    4: "long-acting-insulin",
    5: "pre-mixed-insulin",
}


def named(prefix: str, code: int, names: dict[int, str]) -> str:
    """The flag of an enumerated field; a code without a name is said to be reserved."""
    return f"{prefix}-{names.get(code, f'reserved-{code}')}"


def sample(octet: int) -> tuple[str, ...]:
    """Flags of the type (low nibble) and sample location (high nibble); a control solution by either is said plainly."""
    kind, place = octet & 0x0F, octet >> 4
    control = ("control-solution",) if kind == 10 or place == 4 else ()
    return (named("type", kind, SAMPLE), named("location", place, LOCATION), *control)


class Glucose(Driver):
    """A meter that follows the Glucose Service."""

    name = "glucose"
    models = ("Accu-Chek Guide, Mobile", "Contour Next One, Plus", "Taidoc / GlucoRx")
    link = Gatt(service="1808", notify=("2A18", "2A34"), read=("2A51",), records=StoredRecords(("2A18", "2A34")))
    measures = ("glucose", "carbohydrate", "exercise-duration", "exercise-intensity", "medication", "hba1c")
    proven_by: ClassVar[str] = "capture"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a record (2A18), its context (2A34, linked by its sequence number) or the features (2A51)."""
        fields = Fields(frame.data)
        if frame.source == "2A51":
            names = bits(fields.u16("feature"), _FEATURE)
            fields.end("feature")
            yield self.reading(frame, settled=False, flags=names)
        elif frame.source == "2A34":
            yield self._context(frame, fields)
        else:
            yield self._measurement(frame, fields)

    def commands(self) -> tuple[bytes, ...]:
        """What the control point may be sent: reports, counts, abort; never a deletion."""
        return RecordAccess().commands()

    def allows(self, command: bytes) -> bool:
        """As the control point does."""
        return RecordAccess().allows(command)

    def _measurement(self, frame: Frame, fields: Fields) -> Reading:
        flags = fields.u8("flags")
        if flags & 0xE0:
            raise DecodeError(f"unknown flags 0x{flags:02x}: fields may follow that this profile does not have")
        sequence = fields.u16("sequence number")
        when = fields.date_time("base time")
        names: tuple[str, ...] = ()
        if flags & OFFSET:
            when, names = _shifted(when, fields.i16("time offset"))
        values: tuple[Measurement, ...] = ()
        if flags & CONCENTRATION:
            concentration = fields.sfloat("glucose concentration")
            values = (Measurement("glucose", concentration, "mol/L" if flags & MOLES else "kg/L"),)
            names += sample(fields.u8("type and sample location"))
        if flags & STATUS:
            names += bits(fields.u16("sensor status annunciation"), _STATUS)
        if flags & CONTEXT:
            names += ("context-follows",)
        fields.end("measurement")
        return self.reading(frame, tuple(values), settled=bool(values), device_time=when, sequence=sequence, flags=names)

    def _context(self, frame: Frame, fields: Fields) -> Reading:
        flags, sequence = fields.u8("flags"), fields.u16("sequence number")
        values: list[Measurement] = []
        names: list[str] = []
        if flags & EXTENDED:
            fields.u8("extended flags")
        if flags & CARBOHYDRATE:
            names.append(named("carbohydrate", fields.u8("carbohydrate id"), _CARBOHYDRATE))
            values.append(Measurement("carbohydrate", fields.sfloat("carbohydrate"), "kg"))
        if flags & MEAL:
            names.append(named("meal", fields.u8("meal"), _MEAL))
        if flags & TESTER:
            octet = fields.u8("tester and health")
            names += (named("tester", octet & 0x0F, _TESTER), named("health", octet >> 4, _HEALTH))
        if flags & EXERCISE:
            seconds = fields.u16("exercise duration")
            names += ["exercise-duration-overrun"] if seconds == 0xFFFF else []
            values.append(Measurement("exercise-duration", scaled(seconds, "1"), "s"))
            values.append(Measurement("exercise-intensity", scaled(fields.u8("exercise intensity"), "1"), "%"))
        if flags & MEDICATION:
            names.append(named("medication", fields.u8("medication id"), _MEDICATION))
            values.append(Measurement("medication", fields.sfloat("medication"), "L" if flags & LITRES else "kg"))
        if flags & HBA1C:
            values.append(Measurement("hba1c", fields.sfloat("HbA1c"), "%"))
        fields.end("context")
        return self.reading(frame, tuple(values), settled=False, sequence=sequence, flags=("context", *names))


def later(base: datetime | None, minutes: int) -> datetime | None:
    """`base` and so many minutes, None where there is no base or the sum is past the calendar."""
    try:
        return None if base is None else base + timedelta(minutes=minutes)
    except OverflowError:
        return None


def _shifted(base: datetime | None, minutes: int) -> tuple[datetime | None, tuple[str, ...]]:
    if minutes in _OUT_OF_RANGE:
        return None, (_OUT_OF_RANGE[minutes],)
    return later(base, minutes), ()
