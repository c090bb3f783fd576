"""Readings, clocks and sessions at a few seconds past ten, to ask whose a reading is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from drivers.device import ClockReading
from drivers.measurement import Instant, Measurement, Reading
from kiosk.consultation.attribution import REASONS, Attributed, Attributor, Unattributed

CUFF, METER, SCALE, OXIMETER = "ble:cuff", "ble:meter", "serial:scale", "ble:oximeter"
PARIS = timezone(timedelta(hours=1))
#: the booth's wall clock says 10:00 when its steady clock says 1000
NOON = datetime(2026, 1, 12, 10, 0, tzinfo=PARIS)
LOCAL = NOON.replace(tzinfo=None)
_UNITS = {"systolic": "mm[Hg]", "cuff-pressure": "mm[Hg]", "glucose": "mg/dL", "weight": "kg", "spo2": "%"}


def at(seconds: float, step: float = 0.0) -> Instant:
    """`seconds` after 10:00 by the steady clock; `step` is by how much the wall clock was set since."""
    return Instant(1000.0 + seconds, NOON + timedelta(seconds=seconds + step))


def told(seconds: float) -> datetime:
    """What a right clock writes down `seconds` after 10:00."""
    return LOCAL + timedelta(seconds=seconds)


def reading(
    received: Instant, *, device: str = CUFF, vital: str = "systolic", value: str = "120", driver: str = "blood-pressure", **more: object
) -> Reading:
    measurement = Measurement(vital, Decimal(value), _UNITS[vital])
    return Reading(driver, "2A35", received, "hash", device, (measurement,), **more)  # type: ignore[arg-type]


def glucose(seconds: float, sequence: int | None, value: str = "111", **more: object) -> Reading:
    return reading(at(seconds), device=METER, vital="glucose", driver="glucose", value=value, sequence=sequence, **more)


def pressure(seconds: float) -> Reading:
    """The cuff inflating."""
    return reading(at(seconds), vital="cuff-pressure", settled=False)


def opened(seconds: float = 0.0) -> Attributor:
    attributor = Attributor()
    attributor.open(at(seconds))
    return attributor


def reason(decision: Attributed | Unattributed) -> str:
    """Why it is nobody's; "" when it is the patient's."""
    if isinstance(decision, Attributed):
        return ""
    assert decision.reason in REASONS, "the screens have words for these"
    return decision.reason


def attributed(decision: Attributed | Unattributed) -> Attributed:
    assert isinstance(decision, Attributed), decision
    return decision


def clock(device_time: datetime | None, received: Instant, device: str = CUFF) -> ClockReading:
    return ClockReading(device, device_time, received)
