"""Turns the JSON of `telecabine decode` into the keys that the third-party rows of tests/vectors/bluetooth.json expect."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
Row = dict[str, Any]

SPECIAL = {"not-a-number": "NaN", "error": "NRes", "positive-infinity": "+INF", "negative-infinity": "-INF"}
EPOCH_2000 = datetime(2000, 1, 1)  # noqa: DTZ001
BP_STATUS = ["body-movement", "cuff-too-loose", "irregular-pulse", "improper-position"]
PULSE_RANGE = {"pulse-rate-above-range": "above", "pulse-rate-below-range": "below", "pulse-rate-range-reserved": "reserved"}
BP_FEATURE = [
    "body-movement-detection",
    "cuff-fit-detection",
    "irregular-pulse-detection",
    "pulse-rate-range-detection",
    "measurement-position-detection",
    "multiple-bonds",
    "e2e-crc",
    "user-data-service",
    "user-facing-time",
]
SITES = {"site-gastro-intestinal-tract": "gi"}
PLX_STATUS = [
    "measurement-ongoing",
    "early-estimated-data",
    "validated-data",
    "fully-qualified-data",
    "data-from-measurement-storage",
    "data-for-demonstration",
    "data-for-testing",
    "calibration-ongoing",
    "measurement-unavailable",
    "questionable-measurement-detected",
    "invalid-measurement-detected",
]
PLX_SENSOR = [
    "extended-display-update-ongoing",
    "equipment-malfunction-detected",
    "signal-processing-irregularity-detected",
    "inadequate-signal-detected",
    "poor-signal-detected",
    "low-perfusion-detected",
    "erratic-signal-detected",
    "nonpulsatile-signal-detected",
    "questionable-pulse-detected",
]
PLX_FEATURE = [
    "measurement-status-support",
    "device-and-sensor-status-support",
    "measurement-storage-for-spot-check",
    "timestamp-for-spot-check",
    "spo2pr-fast-support",
    "spo2pr-slow-support",
    "pulse-amplitude-index-support",
    "multiple-bonds",
]
BODY_FEATURE = [
    "time-stamp",
    "multiple-users",
    "basal-metabolism",
    "muscle-percentage",
    "muscle-mass",
    "fat-free-mass",
    "soft-lean-mass",
    "body-water-mass",
    "impedance",
    "weight",
    "height",
    "mass-resolution-0.5-kg",
]
GLUCOSE_STATUS = [
    "device-battery-low",
    "sensor-malfunction",
    "sample-size-insufficient",
    "strip-insertion-error",
    "strip-type-incorrect",
    "result-too-high",
    "result-too-low",
    "temperature-too-high",
    "temperature-too-low",
    "read-interrupted",
    "general-device-fault",
    "time-fault",
]
SAMPLE_TYPE = {"type-capillary-whole-blood": 1, "type-capillary-plasma": 2}
SAMPLE_LOCATION = {"location-finger": 1, "location-alternate-site": 2, "location-not-available": 15}
REQUESTS = {"reply-to-report-records": 1, "reply-to-op-code-2": 2, "reply-to-abort": 3, "reply-to-count-records": 4}
RESULTS = [
    "success",
    "op-code-not-supported",
    "invalid-operator",
    "operator-not-supported",
    "invalid-operand",
    "no-records-found",
    "abort-unsuccessful",
]
RESOLUTIONS = {
    "resolution-1-s": ("ONE_SECOND", 1),
    "resolution-100-ms": ("HUNDRED_MILLISECONDS", 10),
    "resolution-1-ms": ("ONE_MILLISECOND", 1000),
    "resolution-100-us": ("HUNDRED_MICROSECONDS", 10000),
}
SYNC = {
    "time-source-unknown": (0, "UNKNOWN"),
    "time-source-network-time-protocol": (1, "NETWORK_TIME_PROTOCOL"),
    "time-source-manual": (4, "MANUAL"),
    "time-source-cellular-network": (6, "CELLULAR_NETWORK"),
}
UNITS = {"mm[Hg]": "mmHg", "Cel": "C", "[degF]": "F", "[lb_av]": "lb", "m": "METERS", "[in_i]": "INCHES"}
MDC = {"spo2": 150456, "systolic": 150021, "diastolic": 150022, "mean-arterial-pressure": 150023}
MDC_UNIT = {"%": 544, "mm[Hg]": 3872}
DAYS = ["unknown", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ADJUST = ["manual-time-update", "external-reference-time-update", "change-of-time-zone", "change-of-dst"]


def value(said: Json, vital: str) -> Any:
    """The value of a vital as a number, `{"special": ...}`, or None where the frame has no such field."""
    for measurement in said["measurements"]:
        if measurement["vital"] == vital:
            return number(measurement)
    return None


def number(measurement: Json) -> Any:
    if measurement["absent"] == "not-performed":
        return None
    return {"special": SPECIAL[measurement["absent"]]} if measurement["absent"] else float(measurement["value"])


def unit(said: Json) -> str | None:
    return UNITS.get(said["measurements"][0]["unit"], said["measurements"][0]["unit"]) if said["measurements"] else None


def bitmap(flags: list[str], names: list[str], first: int = 0) -> int:
    return sum(1 << names.index(flag) + first for flag in flags if flag in names)


def snake(flags: list[str], names: list[str]) -> list[str]:
    return [flag.replace("-", "_") for flag in flags if flag in names]


def pressure_status(said: Json, row: Row) -> Json | None:
    """The named booleans; a row without the field expects that no bit is said."""
    found: Json = {name.replace("-", "_"): name in said["flags"] for name in BP_STATUS}
    found["pulse_rate_range"] = next((PULSE_RANGE[flag] for flag in said["flags"] if flag in PULSE_RANGE), "in_range")
    nothing = not any(found[name.replace("-", "_")] for name in BP_STATUS) and found["pulse_rate_range"] == "in_range"
    return None if nothing and row["expected"].get("status", 0) is None else found


def blood_pressure(said: Json, row: Row) -> Json:
    return {
        "unit": unit(said),
        "systolic": value(said, "systolic"),
        "diastolic": value(said, "diastolic"),
        "map": value(said, "mean-arterial-pressure"),
        "cuff_pressure": value(said, "cuff-pressure"),
        "timestamp": said["time"],
        "pulse_rate": value(said, "pulse-rate"),
        "user_id": said["user"],
        "status": pressure_status(said, row),
    }


def temperature(said: Json, _row: Row) -> Json:
    site = next((flag for flag in said["flags"] if flag.startswith("site-")), None)
    return {
        "value": value(said, "temperature"),
        "unit": unit(said),
        "timestamp": said["time"],
        "type": site and SITES.get(site, site.removeprefix("site-")),
    }


def heart_rate(said: Json, _row: Row) -> Json:
    contact = {"sensor-contact": True, "no-sensor-contact": False}
    return {
        "bpm": value(said, "heart-rate"),
        "sensor_contact": next((contact[flag] for flag in said["flags"] if flag in contact), None),
        "energy_kj": value(said, "energy-expended"),
        "rr_1024": [float(each["value"]) * 1024 for each in said["measurements"] if each["vital"] == "rr-interval"],
    }


def oximeter(said: Json, _row: Row) -> Json:
    vitals = ("spo2", "pulse-rate", "spo2-fast", "pulse-rate-fast", "spo2-slow", "pulse-rate-slow")
    return {
        **{vital.replace("-", "_"): value(said, vital) for vital in vitals},
        "pulse_amplitude_index": value(said, "perfusion-index"),
        "timestamp": said["time"],
        "measurement_status": snake(said["flags"], PLX_STATUS),
        "device_sensor_status": snake(said["flags"], PLX_SENSOR),
    }


def oximeter_features(said: Json, _row: Row) -> Json:
    supported = [flag.removeprefix("supports-") for flag in said["flags"] if flag.startswith("supports-")]
    return {
        "supported": bitmap(said["flags"], PLX_FEATURE),
        "measurement_status_support": bitmap(supported, PLX_STATUS, 5),
        "device_sensor_status_support": bitmap(supported, PLX_SENSOR),
    }


def weight(said: Json, _row: Row) -> Json:
    heights = [each["unit"] for each in said["measurements"] if each["vital"] == "height"]
    return {
        "weight": value(said, "weight"),
        "unit": unit(said),
        "timestamp": said["time"],
        "user_id": said["user"],
        "bmi": value(said, "bmi"),
        "height": value(said, "height"),
        "height_unit": UNITS[heights[0]] if heights else None,
    }


def body_composition(said: Json, _row: Row) -> Json:
    vitals = ("basal-metabolism", "muscle-percentage", "muscle-mass", "fat-free-mass", "soft-lean-mass", "body-water-mass", "impedance")
    return {
        "body_fat_percentage": value(said, "body-fat"),
        "timestamp": said["time"],
        "user_id": said["user"],
        **{vital.replace("-", "_"): value(said, vital) for vital in (*vitals, "weight", "height")},
    }


def glucose(said: Json, row: Row) -> Json:
    """The row has base time and offset apart, the decoder their sum: taking the row's offset off must give the row's base time."""
    offset = row["expected"]["time_offset_min"]
    concentration, status = value(said, "glucose"), bitmap(said["flags"], GLUCOSE_STATUS)
    kind, place = ([names[flag] for flag in said["flags"] if flag in names] for names in (SAMPLE_TYPE, SAMPLE_LOCATION))
    return {
        "sequence": said["sequence"],
        "base_time": (datetime.fromisoformat(said["time"]) - timedelta(minutes=offset or 0)).isoformat(),
        "time_offset_min": offset,
        "unit": unit(said),
        "concentration": concentration,
        "mg_dl": concentration and concentration * 1e5,
        "type": kind[0] if kind else None,
        "sample_location": place[0] if place else None,
        "status_raw": status or None,
        "context_follows": "context-follows" in said["flags"],
    }


def record_access(said: Json, _row: Row) -> Json:
    if "latest-sequence-number" in said["flags"]:
        return {"opcode": 17, "sequence": said["sequence"]}
    if said["measurements"]:
        return {"opcode": 5, "number_of_records": value(said, "number-of-records")}
    request, result = said["flags"]
    return {"response_to": REQUESTS[request], "code": RESULTS.index(result) + 1}


def continuous_feature(said: Json, _row: Row) -> Json:
    return {
        "e2e_crc_supported": "e2e-crc" in said["flags"],
        "type": next(SAMPLE_TYPE[flag] for flag in said["flags"] if flag in SAMPLE_TYPE),
        "sample_location": next(SAMPLE_LOCATION[flag] for flag in said["flags"] if flag in SAMPLE_LOCATION),
    }


def current_time(said: Json, _row: Row) -> Json:
    day = next(flag for flag in said["flags"] if flag.startswith("day-of-week-"))
    return {
        "datetime": said["time"],
        "day_of_week": DAYS.index(day.removeprefix("day-of-week-")),
        "fractions256": value(said, "fraction-of-second") * 256,
        "adjust_reason": bitmap(said["flags"], ADJUST),
    }


def time_flags(flags: list[str]) -> int:
    """The flags as the rows have them: without the two bits of the resolution, which has a key of its own."""
    named = (("tick-counter", 1), ("utc", 2), ("time-zone-used", 0x10), ("current-timeline", 0x20))
    return sum(bit for name, bit in named if name in flags)


def elapsed_time(said: Json, _row: Row) -> Json:
    flags = said["flags"]
    name, per_second = next(RESOLUTIONS[flag] for flag in flags if flag in RESOLUTIONS)
    return {
        "flags": time_flags(flags),
        "time_value": value(said, "elapsed-time") * per_second,
        "time_resolution": name,
        "is_tick_counter": "tick-counter" in flags,
        "is_utc": "utc" in flags,
        "tz_dst_used": "time-zone-used" in flags,
        "is_current_timeline": "current-timeline" in flags,
        "sync_source_type": next(SYNC[flag][1] for flag in flags if flag in SYNC),
        "tz_dst_offset": value(said, "time-zone-offset") / 15,
        "clock_needs_set": "clock-needs-set" in flags,
        "clock_applies_dst": "clock-applies-dst" in flags,
        "clock_manages_tz": "clock-manages-time-zone" in flags,
    }


def plug_and_play(said: Json, _row: Row) -> Json:
    sources = {"vendor-id-source-bluetooth-sig": "BLUETOOTH_SIG", "vendor-id-source-usb-implementers-forum": "USB_IF"}
    numbers = {name.replace("-", "_"): value(said, name) for name in ("vendor-id", "product-id", "product-version")}
    return {"vendor_id_source": sources[said["flags"][0]], **numbers}


def health_sensor(said: Json, row: Row) -> Json:
    """Class and length are framing: the decoder checks them and does not say them."""
    flags = said["flags"]
    parts = [{"type_mdc": MDC[m["vital"]], "unit_mdc": MDC_UNIT[m["unit"]], "value": float(m["value"])} for m in said["measurements"]]
    compound = len(parts) > 1
    stamp = {
        "flags": time_flags(flags),
        "seconds_since_2000": (datetime.fromisoformat(said["time"]) - EPOCH_2000).total_seconds(),
        "utc": "utc" in flags,
        "current_timeline": "current-timeline" in flags,
        "sync_source": next(SYNC[flag][0] for flag in flags if flag in SYNC),
        "tz_offset_15min": 0 if "time-zone-used" not in flags else None,
    }
    identity = next((int(flag.removeprefix("observation-id-")) for flag in flags if flag.startswith("observation-id-")), None)
    return {
        "cls": "compound" if compound else "numeric",
        "length": len(row["hex"]) // 2 - 3,
        "timestamp": stamp,
        "observation_id": identity,
        "patient": said["user"],
        "supplemental": [150588] if "modality-spot" in flags else [],
        "components": parts,
        **({"type_mdc": 150020} if compound else parts[0]),
    }


def omron_frame(said: Json, row: Row) -> Json:
    """The JSON says what the record in the frame means; the row's data alone must mean the same."""
    types = {"frame-read": "0100", "frame-read-reply": "8100", "frame-close": "0f00"}
    said_flags = dict(flag.rpartition("-")[::2] for flag in said["flags"] if flag.startswith(("address-", "size-")))
    kind = next(types[flag] for flag in said["flags"] if flag in types)
    found = {"type": kind, "address": int(said_flags["address"]), "size": int(said_flags["size"]), "xor_ok": True}
    return {**found, "data": row["expected"].get("data")}


def omron_record(said: Json, _row: Row) -> Json:
    marks = (("ihb", "irregular-pulse"), ("mov", "body-movement"), ("cuff_ok", "cuff-fit-ok"))
    pressures = {"systolic": value(said, "systolic"), "diastolic": value(said, "diastolic"), "pulse_rate": value(said, "pulse-rate")}
    return {**pressures, "timestamp": said["time"], **{key: float(flag in said["flags"]) for key, flag in marks}}


def omron_composition(said: Json, _row: Row) -> Json:
    keys = {
        "weight_kg": "weight",
        "body_fat_pct": "body-fat",
        "skeletal_muscle_pct": "skeletal-muscle",
        "bmi": "bmi",
        "bmr_kcal": "basal-metabolism",
        "visceral_fat": "visceral-fat",
        "body_age": "body-age",
    }
    return {**{key: value(said, vital) for key, vital in keys.items()}, "timestamp": said["time"]}


def emay(said: Json, _row: Row) -> Json:
    return {"pulse_rate": value(said, "pulse-rate"), "spo2": value(said, "spo2"), "checksum_ok": True}


def microlife(said: Json, _row: Row) -> Json:
    return {"payload": said["flags"][0].removeprefix("reply-")}


def mi_scale(said: Json, _row: Row) -> Json:
    return {
        "weight_kg": value(said, "weight"),
        "stabilized": "stabilized" in said["flags"],
        "removed": "removed" in said["flags"],
        "impedance_ohm": value(said, "impedance"),
    }


def polar(said: Json, _row: Row) -> Json:
    since = datetime.fromisoformat(said["time"]) - EPOCH_2000
    return {
        "timestamp_ns": since // timedelta(microseconds=1) * 1000,
        "samples_uv": [float(each["value"]) for each in said["measurements"]],
    }


def ring(said: Json, _row: Row) -> Json:
    flags = said["flags"]
    values = {"spo2": value(said, "spo2"), "pulse_rate": value(said, "pulse-rate"), "battery": value(said, "battery")}
    return {**values, "worn": "worn" in flags, "calibrating": "calibrating" in flags, "charging": "charging" in flags}


def yonker(said: Json, _row: Row) -> Json:
    pressures = {"systolic": value(said, "systolic"), "diastolic": value(said, "diastolic"), "pulse_rate": value(said, "pulse-rate")}
    return {**pressures, "timestamp": said["time"]}


def of_flags(names: list[str]) -> Callable[[Json, Row], Json]:
    return lambda said, _row: {"bitmap": bitmap(said["flags"], names)}


#: protocol of a row -> source of `telecabine decode`, driver where it must be named, and how its JSON turns into the row's keys
PROTOCOLS: dict[str, tuple[str, str | None, Callable[[Json, Row], Any]]] = {
    "2A08": ("2A08", None, lambda said, _row: said["time"]),
    "2A18": ("2A18", None, glucose),
    "2A19": ("2A19", None, lambda said, _row: value(said, "battery")),
    "2A1C": ("2A1C", None, temperature),
    "2A2B": ("2A2B", None, current_time),
    "2A35": ("2A35", None, blood_pressure),
    "2A35+quirk:beurer-bm85": ("2A35", "beurer-bm85", blood_pressure),
    "2A36": ("2A36", None, blood_pressure),
    "2A37": ("2A37", None, heart_rate),
    "2A49": ("2A49", None, of_flags(BP_FEATURE)),
    "2A50": ("2A50", None, plug_and_play),
    "2A52": ("2A52", None, record_access),
    "Omron RACP (2A52 ext)": ("2A52", None, record_access),
    "2A5E": ("2A5E", None, oximeter),
    "2A5F": ("2A5F", None, oximeter),
    "2A60": ("2A60", None, oximeter_features),
    "2A9B": ("2A9B", None, of_flags(BODY_FEATURE)),
    "2A9C": ("2A9C", None, body_composition),
    "2A9D": ("2A9D", None, weight),
    "2AA8": ("2AA8", None, continuous_feature),
    "2BF2": ("2BF2", None, elapsed_time),
    "GHS observation (2B8B payload)": ("2B8B", None, health_sensor),
    "omron-link-frame": ("omron-eeprom", None, omron_frame),
    "omron-eeprom-14-le": ("omron-eeprom", None, omron_record),
    "omron-wlc-48": ("omron-eeprom", "omron-body-composition", omron_composition),
    "cms50d-bt/emay (ff02)": ("emay", None, emay),
    "microlife-frame": ("microlife", None, microlife),
    "miscale-v1 (181D adv)": ("miscale", None, mi_scale),
    "miscale-v2 (181B adv)": ("miscale", None, mi_scale),
    "polar-pmd ECG type 0": ("polar-ecg", None, polar),
    "viatom-reading payload": ("viatom", None, ring),
    "yonker-bp (cdeacd81)": ("yonker", None, yonker),
}
