"""Curves as FHIR SampledData: strips of at most ten seconds, the device's raw samples with its own scale, nothing resampled."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Final

from kiosk_fhir.codes import UCUM, UNIT_TEXT
from kiosk_fhir.errors import MappingError
from kiosk_fhir.wire import Json, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Waveform

STRIP: Final = Decimal(10)
#: a period that was cut at 28 digits must not cost a strip its last sample
_SLACK: Final = Decimal("1E-9")
#: a period such as 1000/60 ms has no end: it is written with this many digits
_PERIOD: Final = Context(prec=12, rounding=ROUND_HALF_EVEN)


def strips(wave: Waveform, unit: str) -> Iterator[tuple[timedelta, Json]]:
    """Each strip as the time from the first sample to the strip's own, and its SampledData. A missing sample is "E".

    Raises:
        MappingError: no samples, or a period or scale that is not positive.
    """
    what = f"waveforms.{wave.vital}"
    if not wave.samples:
        raise MappingError(what, "the curve has no samples")
    if not wave.period > 0 or not wave.scale.is_finite() or wave.scale == 0:
        raise MappingError(what, "the period or the scale is impossible")
    length = max(1, int(STRIP / wave.period + _SLACK))
    origin = {
        "value": number(wave.offset if wave.offset is not None else Decimal(0), what),
        "unit": UNIT_TEXT.get(unit, unit) or "1",
        "system": UCUM,
        "code": unit,
    }
    period, factor = number(_PERIOD.multiply(wave.period, Decimal(1000)).normalize(), what), number(wave.scale, what)
    for start in range(0, len(wave.samples), length):
        data = " ".join("E" if raw is None else str(raw) for raw in wave.samples[start : start + length])
        yield (
            timedelta(seconds=float(start * wave.period)),
            {"origin": origin, "period": period, "factor": factor, "dimensions": 1, "data": data},
        )
