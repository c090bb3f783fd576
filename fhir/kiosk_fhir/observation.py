"""A Reading as FHIR Observations: one per result (a blood pressure stays one), one per status word, one per strip of a curve.

Guides followed: FHIR R4 4.0.1 vital-signs profiles, and the HL7 Personal Health Device guide 2.0.0-ballot2 (github HL7/phd).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from drivers.measurement import Absent, Measurement
from drivers.units import convert
from kiosk_fhir import body, codes, status
from kiosk_fhir.body import Placement
from kiosk_fhir.codes import PANEL, Term
from kiosk_fhir.errors import MappingError
from kiosk_fhir.waveform import strips
from kiosk_fhir.wire import Json, Resource, coding, concept, identify, instant, moment, number, piece, refer, resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    import orjson

    from drivers.measurement import Reading
    from kiosk_fhir.context import Context

#: `Reading.driver` of a value that the helper typed
MANUAL: Final = "manual"
GATEWAY: Final = "http://hl7.org/fhir/StructureDefinition/observation-gatewayDevice"
COINCIDENT: Final = codes.PHD_PROFILE + "CoincidentTimeStampReference"
IDENTIFIER: Final = codes.PHD_PROFILE + "PhdBaseObservation"
TRANSLATION: Final = "http://hl7.org/fhir/StructureDefinition/iso21090-PQ-translation"
ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

_SUPPLEMENTAL: Final = "68193"
_SPOT: Final = ("150588", "MDC_MODALITY_SPOT")
_SPOT_SOURCE: Final = "2A5E"
_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a device's own clock, without zone
_EPOCH_UTC: Final = datetime(2000, 1, 1, tzinfo=UTC)
_NOWHERE: Final = Placement()
_REQUIRED: Final = ("systolic", "diastolic")
#: a meter's HI and LO: the limit is the value, with its sign
_BEYOND: Final = {"above-range": ">", "below-range": "<"}
_CONTROL: Final = "control-solution"
_MANUAL_NOTE: Final = "Saisie manuelle par l'accompagnant, sans appareil connecté"

_CATEGORY_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_VITAL_SIGNS = concept(coding(_CATEGORY_SYSTEM, "vital-signs", "Vital Signs"))
_PROCEDURE = concept(coding(_CATEGORY_SYSTEM, "procedure", "Procedure"))
_PHD = concept(coding("http://hl7.org/fhir/uv/phd/CodeSystem/PhdObservationCategories", "phd"))
_VITAL_BY_HAND: Final = piece([_VITAL_SIGNS])
_VITAL_BY_DEVICE: Final = piece([_VITAL_SIGNS, _PHD])
_CURVE: Final = piece([_PROCEDURE, _PHD])
_BITS: Final = piece([_PHD])
HTEST: Final = [coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data")]
_ABSENT: Final = {reason: piece(concept(coding(ABSENT, reason.value))) for reason in Absent}


def _code(term: Term) -> Json:
    loinc = [coding(codes.LOINC, *known) for known in term.loinc]
    return concept(*loinc, coding(codes.MDC, *term.mdc), text=term.french)


def _modality(supplemental: tuple[str, str]) -> orjson.Fragment:
    return piece(
        {
            "code": concept(coding(codes.MDC, _SUPPLEMENTAL, "MDC_ATTR_SUPPLEMENTAL_TYPES")),
            "valueCodeableConcept": concept(coding(codes.MDC, *supplemental)),
        }
    )


_CODE: Final = {term: piece(_code(term)) for term in (PANEL, *codes.TERMS)}
_MODALITY: Final = {known: _modality(known) for known in {_SPOT, *(term.modality for term in codes.TERMS if term.modality)}}
_UNIT: Final = {
    unit: {"unit": codes.UNIT_TEXT.get(unit, unit) or "1", "system": codes.UCUM, "code": unit}
    for term in codes.TERMS
    for unit in (*term.units, *term.units.values())
}


@dataclass(frozen=True, slots=True)
class Part:
    """One Observation before it is frozen: its line of the table (None for a status word), and its content.

    `test`: the device says that it is test or demonstration data.
    """

    term: Term | None
    content: Json
    test: bool = False


def build(
    reading: Reading,
    context: Context,
    *,
    effective: datetime,
    corrected: bool = False,
    rejected: bool = False,
    preliminary: bool = False,
    placement: Placement = _NOWHERE,
) -> tuple[Resource, ...]:
    """The Observations of one settled Reading, each built once; the results come first, then the status words that speak of them.

    Args:
        reading: a settled Reading; a live one is refused unless `preliminary`.
        context: the session, patient, booth and device.
        effective: when it was measured, with zone, on the booth's clock (attribution decides it).
        corrected: `effective` was worked out from a device clock that is off; needs `context.clock`.
        preliminary: let a live Reading pass, as `preliminary`.
        rejected: the helper says that the reading is wrong: it goes out as `entered-in-error`.
        placement: body site, posture and method, where the helper said them.

    Raises:
        MappingError: something needed is missing or impossible; nothing was built.
    """
    found = parts(
        reading, context, effective=effective, corrected=corrected, rejected=rejected, preliminary=preliminary, placement=placement
    )
    return tuple([resource(part.content) for part in found])


def parts(
    reading: Reading,
    context: Context,
    *,
    effective: datetime,
    corrected: bool = False,
    rejected: bool = False,
    preliminary: bool = False,
    placement: Placement = _NOWHERE,
    units: Mapping[str, str] | None = None,
) -> list[Part]:
    """As `build`, not frozen yet. `units` maps a unit to the one that a destination wants in its place.

    Raises:
        MappingError: as `build`.
    """
    return _Mapping(reading, context, effective, (corrected, rejected, preliminary), placement, units or {}).parts()


def stamp(reading: Reading) -> str:
    """The time part of the conditional-create identifier: seconds since 2000-01-01 as the device said them; without, as received, in UTC."""
    if reading.device_time is not None:
        elapsed = reading.device_time.replace(tzinfo=None) - _EPOCH
        return f"{elapsed.days * 86400 + elapsed.seconds}" + (f".{elapsed.microseconds:06d}" if elapsed.microseconds else "")
    elapsed = reading.received.wall - _EPOCH_UTC
    return f"{elapsed.days * 86400 + elapsed.seconds}.{elapsed.microseconds // 1000:03d}"


class _Mapping:
    """One Reading on its way: what all its Observations share is worked out once."""

    __slots__ = ("company", "context", "effective", "manual", "placement", "reading", "shared", "stamp", "standing", "tail", "units")

    def __init__(
        self,
        reading: Reading,
        context: Context,
        effective: datetime,
        said: tuple[bool, bool, bool],
        placement: Placement,
        units: Mapping[str, str],
    ) -> None:
        self.reading, self.context, self.effective, self.placement, self.units = reading, context, effective, placement, units
        self.manual = reading.driver == MANUAL
        corrected, rejected, preliminary = said
        if not (reading.settled or preliminary):
            raise MappingError("reading", "a live value does not become an Observation before it is settled")
        if _CONTROL in reading.flags:
            raise MappingError("reading", "a control solution is no patient's measurement")
        if corrected and context.clock is None:
            raise MappingError("clock", "the time was corrected, and no reading of the device's clock is given")
        self.company = frozenset(measurement.vital for measurement in reading.measurements)
        self.standing = status.standing(reading.flags, rejected=rejected, live=not reading.settled)
        self.shared = self._shared()
        self.stamp = stamp(reading)
        self.tail = self._tail()

    def parts(self) -> list[Part]:
        found = self._results()
        if self.reading.waveforms:
            found += self._curves()
        if not found:
            raise MappingError("measurements", "nothing in the Reading becomes an Observation")
        return found + list(self._status_words(found)) if self.reading.flags else found

    def _shared(self) -> Json:
        times = {"effectiveDateTime": moment(self.effective, "effective"), "issued": instant(self.reading.received.wall, "received")}
        return self._lasting() | times

    def _lasting(self) -> Json:
        """What is the same for every Observation of the session and its instrument, encoded once."""
        memo, name = self.context.memo, "by hand" if self.manual else "by device"
        if name not in memo:
            memo[name] = _lasting(self.context, manual=self.manual)
        lasting: Json = memo[name]
        return lasting

    def _tail(self) -> Json:
        if not (self.manual or self.reading.flags) and self.placement is _NOWHERE:
            return {}
        tail: Json = {}
        if self.standing.interpretation:
            tail["interpretation"] = [concept(coding(status.MEASUREMENT_STATUS, code)) for code in self.standing.interpretation]
        said = [flag for flag in self.reading.flags if flag not in status.SAID_ELSEWHERE and flag not in status.BITS]
        site = self.placement.site or body.device_site(self.reading.flags)
        said = [flag for flag in said if flag != f"site-{site}"]
        notes = [_MANUAL_NOTE] if self.manual else []
        if said:
            notes.append(f"Indications de l'appareil : {', '.join(said)}")
        if notes:
            tail["note"] = [{"text": text} for text in notes]
        if site:
            tail["bodySite"] = body.site(site)
        if self.placement.method:
            tail["method"] = {"text": self.placement.method}
        return tail

    def _results(self) -> list[Part]:
        pressures: dict[str, tuple[Term, Measurement]] = {}
        found: list[Part] = []
        for measurement in self.reading.measurements:
            if measurement.vital in codes.LIVE_ONLY:
                continue
            term = self._term(measurement.vital, measurement.unit, f"measurements.{measurement.vital}")
            if term.panel:
                pressures[measurement.vital] = term, measurement
            else:
                found.append(Part(term, self._single(term, measurement), self.standing.test))
        return [Part(PANEL, self._panel(pressures), self.standing.test), *found] if pressures else found

    def _term(self, vital: str, unit: str, what: str) -> Term:
        found = codes.term(vital, unit, self.company)
        if found is not None:
            return found
        if vital not in codes.VITALS:
            raise MappingError(what, "unknown vital")
        raise MappingError(what, f"the unit {unit!r} is impossible for it")

    def _single(self, term: Term, measurement: Measurement) -> Json:
        content = self._head(term, "PhdNumericObservation")
        site = self.placement.site or body.device_site(self.reading.flags)
        precise = body.code(term, self.reading.flags, site)
        if precise is not None:
            content["code"] = precise
        content |= self._value(term, measurement)
        modality = term.modality or (_SPOT if self.reading.source == _SPOT_SOURCE else None)
        if modality is not None:
            content["component"] = [_MODALITY[modality]]
        return content

    def _panel(self, pressures: dict[str, tuple[Term, Measurement]]) -> Json:
        content = self._head(PANEL, "PhdCompoundNumericObservation")
        components = [{"code": _CODE[term], **self._value(term, measurement)} for term, measurement in pressures.values()]
        for vital in _REQUIRED:
            if vital not in pressures:
                missing = self._term(vital, "mm[Hg]", f"measurements.{vital}")
                components.append({"code": _CODE[missing], "dataAbsentReason": _ABSENT[Absent.UNKNOWN]})
        content["component"] = components
        return content

    def _value(self, term: Term, measurement: Measurement) -> Json:
        if self.standing.absent is not None:
            return {"dataAbsentReason": _ABSENT[self.standing.absent]}
        if isinstance(measurement.value, Absent):
            return {"dataAbsentReason": _ABSENT[measurement.value]}
        what = f"measurements.{measurement.vital}"
        wanted = term.units[measurement.unit]
        wanted = self.units.get(wanted, wanted)
        limit = self._limit() if measurement.vital == "glucose" else {}
        if wanted == measurement.unit:
            exact = _quantity(measurement.value, wanted, what)
            return {"valueQuantity": limit | exact if limit else exact}
        if not measurement.value.is_finite():
            raise MappingError(what, "the value is not a finite number")
        quantity = _quantity(convert(measurement.value, measurement.unit, wanted), wanted, what)
        original = {"url": TRANSLATION, "valueQuantity": _quantity(measurement.value, measurement.unit, what)}
        return {"valueQuantity": {"extension": [original], **limit, **quantity}}

    def _limit(self) -> Json:
        return next(({"comparator": sign} for flag, sign in _BEYOND.items() if flag in self.reading.flags), {})

    def _curves(self) -> Iterator[Part]:
        for wave in self.reading.waveforms:
            if wave.vital in codes.LIVE_ONLY:
                continue
            term = self._term(wave.vital, wave.unit, f"waveforms.{wave.vital}")
            for later, data in strips(wave, wave.unit):
                content = self._head(term, "PhdRtsaObservation", f"{later.total_seconds():.3f}")
                content["category"] = _CURVE
                content["effectiveDateTime"] = moment(self.effective + later, "effective")
                content["valueSampledData"] = data
                yield Part(term, content)

    def _head(self, term: Term, phd: str, piece_of: str = "") -> Json:
        profiles = (term.profile, "" if self.manual else phd)
        content = self._content(term.mdc[0], term.modality, piece_of, profiles, _CODE[term])
        content.update(self.tail)
        return content

    def _content(
        self,
        mdc: str,
        modality: tuple[str, str] | None,
        piece_of: str,
        profiles: tuple[str, str],
        code: Any,
    ) -> Json:
        extra = "-".join(filter(None, (modality[0] if modality else "", piece_of))) if modality or piece_of else ""
        content: Json = {"resourceType": "Observation", "id": self._id(mdc, extra), "meta": _meta(profiles, self.standing.test)}
        extension = self._extension()
        if extension is not None:
            content["extension"] = extension
        content["identifier"] = [{"system": IDENTIFIER, "value": self._identifier(mdc, extra)}]
        content["status"] = self.standing.status
        content["category"] = _VITAL_BY_HAND if self.manual else _VITAL_BY_DEVICE
        content["code"] = code
        content.update(self.shared)
        return content

    def _extension(self) -> Any:
        if self.placement.position:
            return [*self._gateway(), body.position(self.placement.position)]
        if self.manual:
            return None
        stamped = self.context.clock is not None and self.reading.device_time is not None
        memo, name = self.context.memo, "stamped" if stamped else "unstamped"
        if name not in memo:
            memo[name] = piece(self._gateway())
        return memo[name]

    def _gateway(self) -> list[Json]:
        found: list[Json] = []
        if not self.manual:
            found.append({"url": GATEWAY, "valueReference": {"reference": f"urn:uuid:{self.context.booth_id}"}})
            if self.context.clock is not None and self.reading.device_time is not None:
                found.append({"url": COINCIDENT, "valueReference": {"reference": f"urn:uuid:{self.context.coincident_id}"}})
        return found

    def _source(self) -> str:
        return self.context.booth_id if self.manual else self.context.device_hardware

    def _id(self, mdc: str, extra: str) -> str:
        reading = self.reading
        return identify(
            "Observation",
            self._source(),
            self.context.patient_reference,
            mdc,
            extra,
            self.stamp,
            "" if reading.sequence is None else str(reading.sequence),
            reading.raw_sha256,
        )

    def _identifier(self, mdc: str, extra: str) -> str:
        patient = self.context.patient.local_id or self.context.patient.reference
        value = f"{self._source()}-{patient}-{self.context.local_system}-{mdc}-{self.stamp}"
        return f"{value}-{extra}" if extra else value

    def _status_words(self, results: list[Part]) -> Iterator[Part]:
        for attribute, listed in status.bits(self.reading.flags).items():
            about = status.SUBJECT[attribute]
            wanted = codes.BLOOD_PRESSURE if about == "systolic" else about
            source = next((part for part in results if part.term is not None and part.term.vital == wanted), results[0])
            code = concept(coding(codes.MDC, attribute, status.ATTRIBUTES[attribute]))
            content = self._content(attribute, None, "", ("", "PhdBitsEnumerationObservation"), code)
            content["category"] = _BITS
            content["derivedFrom"] = [{"reference": f"urn:uuid:{source.content['id']}"}]
            content["component"] = [
                {"code": concept(coding(status.ASN1, f"{attribute}.{bit}", name)), "valueBoolean": True} for bit, name in listed
            ]
            yield Part(None, content)


@cache
def _meta(profiles: tuple[str, str], test: bool) -> orjson.Fragment:
    hl7, phd = profiles
    urls = [url for name, url in ((hl7, codes.HL7_PROFILE + hl7), (phd, codes.PHD_PROFILE + phd)) if name]
    meta: Json = {"profile": urls} if urls else {}
    return piece({**meta, "security": HTEST} if test else meta)


def _lasting(context: Context, *, manual: bool) -> Json:
    lasting: Json = {"subject": {"reference": context.patient_reference}, "encounter": {"reference": f"urn:uuid:{context.encounter_id}"}}
    if context.helper is not None:
        lasting["performer"] = [refer(f"urn:uuid:{context.helper_role_id}", context.helper.name)]
    if not manual:
        lasting["device"] = {"reference": f"urn:uuid:{context.device_id}"}
    return {name: piece(value) for name, value in lasting.items()}


def _quantity(value: Decimal, unit: str, what: str) -> Json:
    return {"value": number(value, what), **_UNIT[unit]}
