"""Glucose from a continuous sensor.

Protocol: Continuous Glucose Monitoring Service 1.0.2 (0x181F), CGM Measurement 0x2AA7 (notified), CGM Feature 0x2AA8 and CGM Session Start
Time 0x2AAA (read); GATT Specification Supplement 3.42 to 3.46. The E2E-CRC is CRC-16/MCRF4XX over the record without itself; a record whose
CRC does not fit is refused. The octets of the sensor status annunciation are taken in the order of CGM Status (status, calibration and
temperature, warning); public stacks differ in it where a record has several, and no capture was at hand.

Values are live: `sequence` is the record's time offset in minutes since the session began, `device_time` that time once 0x2AAA was read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drivers.checksums import crc16_mcrf4xx
from drivers.driver import DecodeError, Driver, Gatt, StoredRecords
from drivers.gatt.glucose import LOCATION, SAMPLE, later, named
from drivers.gatt.record_access import RecordAccess
from drivers.ieee11073 import Fields, bits
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from drivers.measurement import Frame, Reading

TREND, QUALITY, WARNING, CALIBRATION, STATUS = 0x01, 0x02, 0x20, 0x40, 0x80
E2E_CRC_FEATURE = 12
NO_CRC = 0xFFFF
MINIMUM = 6
_ANNUNCIATION = {
    0: "session-stopped",
    1: "device-battery-low",
    2: "sensor-type-incorrect",
    3: "sensor-malfunction",
    4: "device-specific-alert",
    5: "general-device-fault",
    8: "time-synchronization-required",
    9: "calibration-not-allowed",
    10: "calibration-recommended",
    11: "calibration-required",
    12: "temperature-too-high",
    13: "temperature-too-low",
    14: "calibration-pending",
    16: "result-below-patient-low-level",
    17: "result-above-patient-high-level",
    18: "result-below-hypo-level",
    19: "result-above-hyper-level",
    20: "rate-of-decrease-exceeded",
    21: "rate-of-increase-exceeded",
    22: "result-too-low",
    23: "result-too-high",
}
_FEATURE = {
    0: "calibration",
    1: "patient-high-low-alerts",
    2: "hypo-alerts",
    3: "hyper-alerts",
    4: "rate-alerts",
    5: "device-specific-alert",
    6: "sensor-malfunction-detection",
    7: "sensor-temperature-high-low-detection",
    8: "sensor-result-high-low-detection",
    9: "low-battery-detection",
    10: "sensor-type-error-detection",
    11: "general-device-fault",
    12: "e2e-crc",
    13: "multiple-bonds",
    14: "multiple-sessions",
    15: "trend-information",
    16: "quality",
}


class ContinuousGlucose(Driver):
    """A sensor that follows the Continuous Glucose Monitoring Service."""

    name = "continuous-glucose"
    models = ("sensors with the SIG profile",)
    link = Gatt(service="181F", notify=("2AA7",), read=("2AA8", "2AAA"), records=StoredRecords(("2AA7",)))
    measures = ("glucose", "glucose-trend", "glucose-quality")
    proven_by: ClassVar[str] = "specification"

    def __init__(self) -> None:
        self._must_have_crc = False
        self._started: datetime | None = None

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode the records of a notification (2AA7), the features (2AA8) or when the session began (2AAA)."""
        if frame.source == "2AA8":
            yield self._features(frame)
        elif frame.source == "2AAA":
            yield self._session_start(frame)
        else:
            yield from self._records(frame)

    def commands(self) -> tuple[bytes, ...]:
        """What the control point may be sent: reports, counts, abort; never a deletion."""
        return RecordAccess().commands()

    def allows(self, command: bytes) -> bool:
        """As the control point does; the filter is the time offset."""
        return RecordAccess().allows(command)

    def _records(self, frame: Frame) -> list[Reading]:
        rest = frame.data
        found: list[Reading] = []
        while rest or not found:
            size = Fields(rest).u8("size of the record")
            if size < MINIMUM:
                raise DecodeError(f"a record of {size} bytes, where {MINIMUM} are the least")
            record = Fields(rest).take(size, "record")
            found.append(self._record(frame, record))
            rest = rest[size:]
        return found

    def _record(self, frame: Frame, record: bytes) -> Reading:
        fields = Fields(record)
        fields.u8("size")
        flags = fields.u8("flags")
        if flags & 0x1C:
            raise DecodeError(f"unknown flags 0x{flags:02x}: fields may follow that this profile does not have")
        values = [Measurement("glucose", fields.sfloat("glucose concentration"), "mg/dL")]
        offset = fields.u16("time offset")
        word = 0
        for bit, shift in ((STATUS, 0), (CALIBRATION, 8), (WARNING, 16)):
            word |= fields.u8("sensor status annunciation") << shift if flags & bit else 0
        if flags & TREND:
            values.append(Measurement("glucose-trend", fields.sfloat("trend"), "mg/dL/min"))
        if flags & QUALITY:
            values.append(Measurement("glucose-quality", fields.sfloat("quality"), "%"))
        self._check_crc(fields, record)
        when, names = later(self._started, offset), bits(word, _ANNUNCIATION)
        return self.reading(frame, tuple(values), settled=False, device_time=when, sequence=offset, flags=names)

    def _check_crc(self, fields: Fields, covered: bytes) -> None:
        if fields.left == 0 and not self._must_have_crc:
            return
        position = fields.position
        sent = fields.u16("E2E-CRC")
        fields.end("record")
        if sent != crc16_mcrf4xx(covered[:position]):
            raise DecodeError(f"the E2E-CRC 0x{sent:04x} does not fit the record")

    def _features(self, frame: Frame) -> Reading:
        fields = Fields(frame.data)
        word, octet, sent = fields.u24("feature"), fields.u8("type and sample location"), fields.u16("E2E-CRC")
        fields.end("feature")
        has_crc = bool(word >> E2E_CRC_FEATURE & 1)
        if sent != (crc16_mcrf4xx(frame.data[:4]) if has_crc else NO_CRC):
            raise DecodeError(f"the E2E-CRC 0x{sent:04x} does not fit the feature")
        self._must_have_crc = has_crc
        names = (*bits(word, _FEATURE), named("type", octet & 0x0F, SAMPLE), named("location", octet >> 4, LOCATION))
        return self.reading(frame, settled=False, flags=names)

    def _session_start(self, frame: Frame) -> Reading:
        fields = Fields(frame.data)
        started = fields.date_time("session start time")
        fields.take(2, "time zone and DST offset")
        self._check_crc(fields, frame.data)
        self._started = started
        return self.reading(frame, settled=False, device_time=started, flags=("session-start",))
