"""Oxygen saturation and pulse, spot check and continuous.

Protocol: Pulse Oximeter Service 1.0.1 (0x1822), PLX Spot-Check Measurement 0x2A5E (indicated), PLX Continuous Measurement 0x2A5F
(notified), PLX Features 0x2A60 (read); GATT Specification Supplement 3.166 to 3.168.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import Fields, bits
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from drivers.measurement import Frame, Reading

_STATUS = {
    5: "measurement-ongoing",
    6: "early-estimated-data",
    7: "validated-data",
    8: "fully-qualified-data",
    9: "data-from-measurement-storage",
    10: "data-for-demonstration",
    11: "data-for-testing",
    12: "calibration-ongoing",
    13: "measurement-unavailable",
    14: "questionable-measurement-detected",
    15: "invalid-measurement-detected",
}
_SENSOR = {
    0: "extended-display-update-ongoing",
    1: "equipment-malfunction-detected",
    2: "signal-processing-irregularity-detected",
    3: "inadequate-signal-detected",
    4: "poor-signal-detected",
    5: "low-perfusion-detected",
    6: "erratic-signal-detected",
    7: "nonpulsatile-signal-detected",
    8: "questionable-pulse-detected",
    9: "signal-analysis-ongoing",
    10: "sensor-interference-detected",
    11: "sensor-unconnected-to-user",
    12: "unknown-sensor-connected",
    13: "sensor-displaced",
    14: "sensor-malfunctioning",
    15: "sensor-disconnected",
}
_FEATURE = {
    0: "measurement-status-support",
    1: "device-and-sensor-status-support",
    2: "measurement-storage-for-spot-check",
    3: "timestamp-for-spot-check",
    4: "spo2pr-fast-support",
    5: "spo2pr-slow-support",
    6: "pulse-amplitude-index-support",
    7: "multiple-bonds",
}


class PulseOximeter(Driver):
    """An oximeter that follows the Pulse Oximeter Service."""

    name = "pulse-oximeter"
    models = ("Nonin 3230", "Masimo MightySat", "Jumper JPD-500F", "Beurer PO60 and later")
    link = Gatt(service="1822", indicate=("2A5E",), notify=("2A5F",), read=("2A60",))
    measures = ("spo2", "pulse-rate", "spo2-fast", "pulse-rate-fast", "spo2-slow", "pulse-rate-slow", "perfusion-index")
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a spot check (2A5E), a live value (2A5F) or the features (2A60)."""
        fields = Fields(frame.data)
        if frame.source == "2A60":
            yield self._features(frame, fields)
            return
        spot = frame.source == "2A5E"
        flags = fields.u8("flags")
        if flags & 0xE0:
            raise DecodeError(f"unknown flags 0x{flags:02x}: fields may follow that this profile does not have")
        values = self._pair(fields, "")
        device_time: datetime | None = None
        if spot:
            clock_set = not flags & 0x10
            if flags & 0x01:
                stamp = fields.date_time("time stamp")
                device_time = stamp if clock_set else None
            names: tuple[str, ...] = () if clock_set else ("device-clock-not-set",)
            flags = flags << 1 & 0x1C
        else:
            values += self._pair(fields, "-fast") if flags & 0x01 else ()
            values += self._pair(fields, "-slow") if flags & 0x02 else ()
            names = ()
        if flags & 0x04:
            names = (*bits(fields.u16("measurement status"), _STATUS), *names)
        if flags & 0x08:
            names = (*names, *bits(fields.u24("device and sensor status"), _SENSOR))
        if flags & 0x10:
            values += (Measurement("perfusion-index", fields.sfloat("pulse amplitude index"), "%"),)
        fields.end("measurement")
        yield self.reading(frame, tuple(values), settled=spot, device_time=device_time, flags=names)

    @staticmethod
    def _pair(fields: Fields, suffix: str) -> tuple[Measurement, ...]:
        spo2, rate = f"spo2{suffix}", f"pulse-rate{suffix}"
        return Measurement(spo2, fields.sfloat(spo2), "%"), Measurement(rate, fields.sfloat(rate), "/min")

    def _features(self, frame: Frame, fields: Fields) -> Reading:
        supported = fields.u16("supported features")
        names = bits(supported, _FEATURE)
        if supported & 0x01:
            names += tuple(f"supports-{name}" for name in bits(fields.u16("measurement status support"), _STATUS))
        if supported & 0x02:
            names += tuple(f"supports-{name}" for name in bits(fields.u24("device and sensor status support"), _SENSOR))
        fields.end("features")
        return self.reading(frame, settled=False, flags=names)
