"""Any health sensor of the generic profile: numbers, compounds, curves and events that describe themselves.

Protocol: Generic Health Sensor Service 1.0 (0x1840): Live Health Observations 0x2B8B and Stored Health Observations 0x2BDD (notified or
indicated), Health Sensor Features 0x2BF3 (read), live values switched on and off on 0x2BF4, records asked for on 0x2A52
(`drivers.gatt.record_access`); observations are IEEE 11073-10206 (ACOM) in the fixed format of the service. Each value comes in segments
with a header octet: bit 0 first, bit 1 last, bits 2 to 7 a counter. A stored observation has its 32-bit record number before it; one that
is no result is nobody's.

The layout was checked against the public sensor firmware and client of two vendors. An observation whose type has no name here is kept
out and named in a flag, since its meaning is not known. A whole observation without a segment header is taken too: that is how logs quote it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt, StoredRecords
from drivers.gatt.clock import ElapsedTime, elapsed_time
from drivers.gatt.nomenclature import EVENTS, MODIFIERS, SPOT, TYPE_FLAGS, TYPES, UNITS
from drivers.gatt.record_access import RecordAccess
from drivers.ieee11073 import Fields, bits
from drivers.measurement import Absent, Measurement, Waveform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LIVE, STORED, FEATURES, CONTROL = "2B8B", "2BDD", "2BF3", "2BF4"
#: of the control point 0x2BF4: send live observations, and no more
START, STOP = b"\x01", b"\x02"
FIRST, LAST = 0x01, 0x02
NUMERIC, DISCRETE, STRING, SAMPLES, EVENT, STATE, COMPOUND, TLV, BUNDLE = 1, 2, 3, 4, 5, 6, 7, 8, 0xFF
HEADER = 3
#: class, 16-bit length and what it can count, and the record number
LONGEST = HEADER + 0xFFFF + 4
DEPTH = 4
#: named as in the pulse oximeter profile, which has the same bits in another order
_STATUS = {
    0: "invalid-measurement-detected",
    1: "questionable-measurement-detected",
    2: "measurement-unavailable",
    3: "calibration-ongoing",
    4: "data-for-testing",
    5: "early-estimated-data",
    6: "manually-entered",
    7: "setting",
    14: "threshold-error",
    15: "threshold-disabled",
}
#: a value with one of these is no result
_UNSETTLED = {_STATUS[bit] for bit in (0, 2, 3, 4, 5, 7)}
#: vitals that a sensor streams: a result only where the sensor says "spot"
_STREAMED = {"spo2", "pulse-rate", "heart-rate", "rr-interval", "perfusion-index", "respiratory-rate", "pleth", "ecg"}


@dataclass
class _Observation:
    """What is gathered while one observation and its parts are read."""

    measurements: list[Measurement] = field(default_factory=list)
    waveforms: list[Waveform] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    stamp: ElapsedTime | None = None
    patient: int | None = None
    spot: bool = False


class HealthSensor(Driver):
    """A sensor that follows the Generic Health Sensor Service."""

    name = "health-sensor"
    models = ("sensors with the Generic Health Sensor profile",)
    link = Gatt(
        service="1840",
        notify=(LIVE, STORED),
        read=(FEATURES,),
        write=CONTROL,
        opening=(START,),
        closing=(STOP,),
        records=StoredRecords((STORED,), width=4),
    )
    measures = ("spo2", "pulse-rate", "systolic", "diastolic", "mean-arterial-pressure", "ecg")
    proven_by: ClassVar[str] = "specification"

    def __init__(self) -> None:
        self._parts: dict[str, bytes] = {}
        self._counters: dict[str, int] = {}

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a segment or a whole observation, live (2B8B) or stored (2BDD), or the types that the sensor has (2BF3)."""
        if frame.source == FEATURES:
            yield self._features(frame)
            return
        whole = frame.data if _is_whole(frame) else self._assembled(frame)
        if whole is None:
            yield self.reading(frame, settled=False, flags=("segment",))
            return
        fields = Fields(whole)
        record = fields.u32("record number") if frame.source == STORED else None
        found = _Observation()
        _observation(fields, found, depth=0)
        fields.end("observation")
        yield self._reading(frame, found, record)

    def commands(self) -> tuple[bytes, ...]:
        """Start and stop live values (0x2BF4); reports, counts and abort (0x2A52); never a deletion."""
        return (START, STOP, *RecordAccess().commands())

    def allows(self, command: bytes) -> bool:
        """Also records from a number on, of 32 bits."""
        return command in (START, STOP) or RecordAccess().allows(command)

    def _assembled(self, frame: Frame) -> bytes | None:
        header, piece = Fields(frame.data).u8("segment header"), frame.data[1:]
        counter, before = header >> 2, self._counters.pop(frame.source, None)
        earlier = self._parts.pop(frame.source, b"")
        if header & FIRST:
            earlier = b""
        elif before is None:
            raise DecodeError("a segment without the first one")
        elif counter != (before + 1) % 64:
            raise DecodeError(f"segment {counter} after segment {before}: one is missing")
        data = earlier + piece
        if len(data) > LONGEST:
            raise DecodeError("the segments are longer than an observation can be")
        if header & LAST:
            return data
        self._parts[frame.source], self._counters[frame.source] = data, counter
        return None

    def _reading(self, frame: Frame, found: _Observation, record: int | None) -> Reading:
        streamed = bool(found.waveforms) or any(value.vital in _STREAMED for value in found.measurements)
        stored, result = record is not None, bool(found.measurements) and not _UNSETTLED.intersection(found.flags)
        settled = result and (stored or found.spot or not streamed)
        if stored and not settled:
            found.flags.append("data-from-measurement-storage")
        local = found.stamp.local if found.stamp is not None else None
        return self.reading(
            frame,
            tuple(found.measurements),
            waveforms=tuple(found.waveforms),
            settled=settled,
            device_time=local,
            user=found.patient,
            sequence=record,
            flags=tuple(dict.fromkeys(found.flags)),
        )

    def _features(self, frame: Frame) -> Reading:
        fields = Fields(frame.data)
        flags = fields.u8("feature flags")
        names = [f"measures-{_vital(fields.u32('observation type'))}" for _ in range(fields.u8("number of observation types"))]
        if flags & 0x01:
            names += [f"specialization-{fields.u32('specialization') & 0xFFFF}" for _ in range(fields.u8("number of specializations"))]
        fields.end("features")
        return self.reading(frame, settled=False, flags=tuple(names))


def _is_whole(frame: Frame) -> bool:
    """Whether the bytes are an observation by themselves: its length field counts exactly what follows it."""
    data = frame.data[4:] if frame.source == STORED else frame.data
    if len(data) < HEADER or data[0] not in (NUMERIC, DISCRETE, STRING, SAMPLES, EVENT, STATE, COMPOUND, TLV, BUNDLE):
        return False
    return int.from_bytes(data[1:HEADER], "little") == len(data) - HEADER


def _vital(code: int) -> str:
    return TYPES.get(code, f"type-{code}")


def _observation(fields: Fields, found: _Observation, depth: int) -> None:
    kind, length = fields.u8("observation class"), fields.u16("observation length")
    body = Fields(fields.take(length, "observation"))
    code = _attributes(body, found)
    if kind == BUNDLE:
        if depth == DEPTH:
            raise DecodeError("observations inside observations, deeper than any sensor needs")
        for _ in range(body.u8("number of observations")):
            _observation(body, found, depth + 1)
    elif kind == TLV:
        _type_length_values(body, found)
    else:
        _value(body, found, kind, code)
    body.end("observation")


def _attributes(body: Fields, found: _Observation) -> int | None:
    flags = body.u16("observation flags")
    if flags & 0xFC00:
        raise DecodeError(f"unknown flags 0x{flags:04x}: fields may follow that this service does not have")
    code = body.u32("observation type") if flags & 0x001 else None
    if flags & 0x002:
        found.stamp = elapsed_time(body)
        found.flags += (*found.stamp.flags, *(() if "current-timeline" in found.stamp.flags else ("not-current-timeline",)))
    if flags & 0x004:
        found.flags.append(f"measurement-duration-{body.medfloat('measurement duration')}-s")
    if flags & 0x008:
        found.flags += bits(body.u16("measurement status"), _STATUS)
    if flags & 0x010:
        found.flags.append(f"observation-id-{body.u32('observation id')}")
    if flags & 0x020:
        found.patient = body.u8("patient")
    if flags & 0x040:
        codes = [body.u32("supplemental information") for _ in range(body.u8("number of supplemental codes"))]
        found.spot = found.spot or SPOT in codes
        found.flags += [MODIFIERS.get(each, f"supplemental-{each}") for each in codes]
    _references(body, found, flags)
    return code


def _references(body: Fields, found: _Observation, flags: int) -> None:
    for bit, name in ((0x080, "derived-from"), (0x100, "member-of")):
        if flags & bit:
            found.flags += [f"{name}-{body.u32(name)}" for _ in range(body.u8(f"number of {name} references"))]
    if flags & 0x200:
        _type_length_values(body, found)


def _value(body: Fields, found: _Observation, kind: int, code: int | None) -> None:
    if code in TYPE_FLAGS:
        found.flags.append(TYPE_FLAGS[code])
    if kind == NUMERIC:
        _numeric(body, found, code)
    elif kind == COMPOUND:
        for _ in range(body.u8("number of components")):
            component = body.u32("component type")
            _value(body, found, _component_kind(body), component)
    elif kind == SAMPLES:
        _samples(body, found, code)
    elif kind == DISCRETE:
        found.flags.append(f"{_vital(code or 0)}-is-{body.u32('value')}")
    elif kind == EVENT:
        terms = [body.u32("event") for _ in range(body.u8("number of events"))]
        found.flags += [EVENTS.get(term, f"event-{term >> 16}-{term & 0xFFFF}") for term in terms]
    elif kind == STATE:
        size = body.u8("size of the state")
        body.take(2 * size, "masks of the state")
        found.flags.append(f"state-{body.take(size, 'state').hex()}")
    elif kind == STRING:
        found.flags.append("text")
        body.take(body.u16("length of the text"), "text")
    else:
        raise DecodeError(f"observation class {kind} is reserved")


def _component_kind(body: Fields) -> int:
    kind = body.u8("component value type")
    if kind in (COMPOUND, TLV, BUNDLE):
        raise DecodeError(f"a component of class {kind}")
    return kind


def _numeric(body: Fields, found: _Observation, code: int | None) -> None:
    unit, value = body.u16("unit"), body.medfloat("value")
    if code not in TYPES or unit not in UNITS:
        found.flags.append(f"unknown-observation-type-{code}-unit-{unit}")
        return
    found.measurements.append(Measurement(TYPES[code], value, UNITS[unit]))


def _samples(body: Fields, found: _Observation, code: int | None) -> None:
    unit = body.u16("unit")
    scale, offset, period = (body.medfloat(what) for what in ("scale factor", "offset", "sample period"))
    per_period, width = body.u8("samples per period"), body.u8("bytes per sample")
    count = body.u32("number of samples")
    if not per_period or width not in (1, 2, 4):
        raise DecodeError(f"{per_period} samples a period of {width} bytes each")
    data = body.take(count * width, "samples")
    if isinstance(scale, Absent) or isinstance(offset, Absent) or isinstance(period, Absent) or period <= 0:
        raise DecodeError("a curve without a scale, an offset or a period")
    if code not in TYPES or unit not in UNITS:
        found.flags.append(f"unknown-observation-type-{code}-unit-{unit}")
        return
    raw = tuple(int.from_bytes(data[at : at + width], "little") for at in range(0, len(data), width))
    found.waveforms.append(Waveform(TYPES[code], raw, Decimal(period) / per_period, scale, UNITS[unit], offset=offset))


def _type_length_values(body: Fields, found: _Observation) -> None:
    for _ in range(body.u8("number of type-length-values")):
        code, length = body.u32("type"), body.u16("length")
        body.take(length, "type-length-value")
        found.flags.append(f"tlv-{code}")
