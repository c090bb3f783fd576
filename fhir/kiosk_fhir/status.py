"""What an instrument says about its own measurement: FHIR status, interpretation, absent reason, and the status bits by name.

Bits are mapped by name only: Bluetooth counts from the low bit, IEEE 11073 from the high one, and their orders differ. Source: HL7 Personal
Health Device guide, "Measurement Status" and CodeSystem ASN1ToHL7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drivers.measurement import Absent

ASN1: Final = "http://terminology.hl7.org/CodeSystem/ASN1ToHL7"
MEASUREMENT_STATUS: Final = "http://hl7.org/fhir/uv/pocd/CodeSystem/measurement-status"
FINAL, PRELIMINARY, ENTERED_IN_ERROR = "final", "preliminary", "entered-in-error"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the measurement may be trusted, as the device and the helper say."""

    status: str = FINAL
    interpretation: tuple[str, ...] = ()
    absent: Absent | None = None
    test: bool = False


_INTERPRETATION: Final = {
    "questionable-measurement-detected": "questionable",
    "questionable": "questionable",
    "calibration-ongoing": "calibration-ongoing",
    "early-estimate": "early-indication",
    "threshold-error": "in-alarm",
    "threshold-disabled": "alarm-inhibited",
    "early-estimated-data": "early-indication",
    "validated-data": "validated-data",
}
_TEST: Final = frozenset({"data-for-demonstration", "data-for-testing", "test-data"})
_PRELIMINARY: Final = frozenset({"early-estimated-data", "early-estimate", "measurement-ongoing"})
_INVALID: Final = frozenset({"invalid-measurement-detected", "invalid"})
_UNAVAILABLE: Final = frozenset({"measurement-unavailable", "not-available"})


def standing(flags: tuple[str, ...], *, rejected: bool = False, live: bool = False) -> Standing:
    """Judge the flags of a Reading. `rejected`: the helper says that the reading is wrong; that overrides what the device thinks.

    `live`: the value was not settled yet.
    """
    if not (flags or rejected or live):
        return _GOOD
    invalid = not _INVALID.isdisjoint(flags)
    status = ENTERED_IN_ERROR if rejected or invalid else PRELIMINARY if live or _PRELIMINARY.intersection(flags) else FINAL
    return Standing(
        status,
        tuple(_INTERPRETATION[flag] for flag in flags if flag in _INTERPRETATION),
        Absent.ERROR if invalid else Absent.NOT_PERFORMED if not _UNAVAILABLE.isdisjoint(flags) else None,
        not _TEST.isdisjoint(flags),
    )


_GOOD: Final = Standing()
#: flags that another element of the Observation already says
SAID_ELSEWHERE: Final = frozenset({*_INTERPRETATION, *_TEST, *_PRELIMINARY, *_INVALID, *_UNAVAILABLE})

#: the MDC status attributes, by code: their name
ATTRIBUTES: Final = {
    "8410608": "MDC_BLOOD_PRESSURE_MEASUREMENT_STATUS",
    "150604": "MDC_PULS_OXIM_DEV_STATUS",
    "8417752": "MDC_GLU_METER_DEV_STATUS",
    "8410584": "MDC_ECG_DEV_STAT",
}
#: which vitals a status attribute speaks of: its Observation is derived from the first of these
SUBJECT: Final = {"8410608": "systolic", "150604": "spo2", "8417752": "glucose", "8410584": "ecg"}

#: flag of a driver -> (MDC attribute, bit, name in ASN1ToHL7)
BITS: Final[dict[str, tuple[str, int, str]]] = {
    "body-movement": ("8410608", 0, "body-movement"),
    "cuff-too-loose": ("8410608", 1, "cuff-too-loose"),
    "irregular-pulse": ("8410608", 2, "irregular-pulse"),
    "pulse-rate-above-range": ("8410608", 3, "pulse-over-range-limit"),
    "pulse-rate-below-range": ("8410608", 4, "pulse-under-range-limit"),
    "improper-position": ("8410608", 5, "improper-body-position"),
    "sensor-disconnected": ("150604", 0, "sensor-disconnected"),
    "sensor-malfunctioning": ("150604", 1, "sensor-malfunction"),
    "sensor-displaced": ("150604", 2, "sensor-displaced"),
    "unknown-sensor-connected": ("150604", 3, "sensor-unsupported"),
    "sensor-unconnected-to-user": ("150604", 4, "sensor-off"),
    "sensor-interference-detected": ("150604", 5, "sensor-interference"),
    "signal-analysis-ongoing": ("150604", 6, "signal-searching"),
    "questionable-pulse-detected": ("150604", 7, "signal-pulse-questionable"),
    "nonpulsatile-signal-detected": ("150604", 8, "signal-non-pulsatile"),
    "erratic-signal-detected": ("150604", 9, "signal-erratic"),
    "low-perfusion-detected": ("150604", 10, "signal-low-perfusion"),
    "poor-signal-detected": ("150604", 11, "signal-poor"),
    "inadequate-signal-detected": ("150604", 12, "signal-inadequate"),
    "signal-processing-irregularity-detected": ("150604", 13, "signal-processing-irregularity"),
    "equipment-malfunction-detected": ("150604", 14, "device-equipment-malfunction"),
    "extended-display-update-ongoing": ("150604", 15, "device-extended-update"),
    # the same states as other oximeters name them
    "no-sensor": ("150604", 0, "sensor-disconnected"),
    "defective-sensor": ("150604", 1, "sensor-malfunction"),
    "probe-error": ("150604", 1, "sensor-malfunction"),
    "unrecognized-sensor": ("150604", 3, "sensor-unsupported"),
    "sensor-off": ("150604", 4, "sensor-off"),
    "finger-out": ("150604", 4, "sensor-off"),
    "pulse-search": ("150604", 6, "signal-searching"),
    "searching": ("150604", 6, "signal-searching"),
    "low-perfusion": ("150604", 10, "signal-low-perfusion"),
    "device-battery-low": ("8417752", 0, "device-battery-low"),
    "sensor-malfunction": ("8417752", 1, "sensor-malfunction"),
    "sample-size-insufficient": ("8417752", 2, "sensor-sample-size-insufficient"),
    "strip-insertion-error": ("8417752", 3, "sensor-strip-insertion"),
    "strip-type-incorrect": ("8417752", 4, "sensor-strip-type-incorrect"),
    "sensor-result-too-high": ("8417752", 5, "sensor-result-too-high"),
    "sensor-result-too-low": ("8417752", 6, "sensor-result-too-low"),
    "sensor-temperature-too-high": ("8417752", 7, "sensor-temp-too-high"),
    "sensor-temperature-too-low": ("8417752", 8, "sensor-temp-too-low"),
    "sensor-read-interrupted": ("8417752", 9, "sensor-read-interrupt"),
    "general-device-fault": ("8417752", 10, "device-gen-fault"),
}


def bits(flags: tuple[str, ...]) -> dict[str, list[tuple[int, str]]]:
    """The set bits of each status attribute that is spoken of, by attribute code, lowest bit first."""
    found: dict[str, set[tuple[int, str]]] = {}
    for flag in flags:
        if flag in BITS:
            attribute, bit, name = BITS[flag]
            found.setdefault(attribute, set()).add((bit, name))
    return {attribute: sorted(listed) for attribute, listed in found.items()}
