"""Bundles that are wrong, each in one way, and which judges can see it. Made from a good one by changing one thing."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drivers.measurement import Waveform
from kiosk_fhir import bundle, consultation
from tests.kiosk_fhir.sessions import CLOCK, CONTEXT, CUFF, DEVICE_TIME, EFFECTIVE, PARIS, RECEIVED, pressure, reading

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT_WITH_CLOCK = replace(CONTEXT, clock=CLOCK, device=CUFF)


def good() -> dict[str, Any]:
    """One transaction with every kind of resource."""
    wave = Waveform("pleth", tuple(range(60)), Decimal("0.02"), Decimal(1), "1")
    found = [
        *bundle.resources(
            pressure(device_time=DEVICE_TIME, flags=("irregular-pulse",)), CONTEXT_WITH_CLOCK, effective=EFFECTIVE, corrected=True
        ),
        *bundle.resources(reading(("spo2", "97", "%"), ("pulse-rate", "71", "/min"), waveforms=(wave,)), CONTEXT, effective=EFFECTIVE),
        *bundle.resources(reading(("temperature", "36.60", "Cel"), ("weight", "71.4", "kg")), CONTEXT, effective=EFFECTIVE),
        consultation.consent(CONTEXT, consultation.Subject.SHARING, given=True, at=EFFECTIVE),
        consultation.note(CONTEXT, "Bonjour", at=EFFECTIVE, from_helper=True),
        consultation.report(CONTEXT, title="Compte rendu", issued=EFFECTIVE, conclusion="RAS"),
        consultation.access(CONTEXT, action="R", at=RECEIVED.wall.astimezone(PARIS), by_specialist=True),
    ]
    made: dict[str, Any] = json.loads(bundle.transaction({one.id: one for one in found}.values()))
    return made


def find(made: dict[str, Any], kind: str, code: str = "") -> dict[str, Any]:
    """The first resource of a kind, or the Observation with a code."""
    for entry in made["entry"]:
        found: dict[str, Any] = entry["resource"]
        if found["resourceType"] == kind and (not code or code in {coding["code"] for coding in found["code"]["coding"]}):
            return found
    raise LookupError(kind, code)


BP, SPO2, PULSE, TEMPERATURE, WEIGHT, PLETH = "85354-9", "2708-6", "8867-4", "8310-5", "29463-7", "150452"


def _quantity(about: str, **fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda made: find(made, "Observation", about)["valueQuantity"].update(fields)


def _component(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda made: find(made, "Observation", BP)["component"][0]["valueQuantity"].update(fields)


def _set(kind: str, code: str = "", **fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda made: find(made, kind, code).update(fields)


def _without(kind: str, name: str, code: str = "") -> Callable[[dict[str, Any]], None]:
    return lambda made: find(made, kind, code).__delitem__(name)


def _one_component(made: dict[str, Any]) -> None:
    find(made, "Observation", BP)["component"].pop()


def _silent_component(made: dict[str, Any]) -> None:
    del find(made, "Observation", BP)["component"][0]["valueQuantity"]


def _without_general_code(made: dict[str, Any]) -> None:
    codings = find(made, "Observation", SPO2)["code"]["coding"]
    codings[:] = [coding for coding in codings if coding["code"] != "2708-6"]


def _only_device_category(made: dict[str, Any]) -> None:
    find(made, "Observation", TEMPERATURE)["category"].pop(0)


def _untyped_specialisation(made: dict[str, Any]) -> None:
    del find(made, "Device")["specialization"][0]["systemType"]


def _twice(made: dict[str, Any]) -> None:
    made["entry"].append(copy.deepcopy(made["entry"][0]))


def _wild_method(made: dict[str, Any]) -> None:
    made["entry"][0]["request"]["method"] = "UPSERT"


def _nowhere(made: dict[str, Any]) -> None:
    find(made, "Observation", BP)["device"] = {"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}


def _practitioner_as_subject(made: dict[str, Any]) -> None:
    who = next(entry["fullUrl"] for entry in made["entry"] if entry["resource"]["resourceType"] == "Practitioner")
    find(made, "Observation", BP)["subject"] = {"reference": who}


def _shapeless_wave(made: dict[str, Any]) -> None:
    del find(made, "Observation", PLETH)["valueSampledData"]["dimensions"]


S, P, M = "fhir.resources", "pyrofile", "medplum"
#: name -> (what is done to the good Bundle, the judges that see it)
BROKEN: dict[str, tuple[Callable[[dict[str, Any]], None], set[str]]] = {
    "a blood pressure without its diastolic": (_one_component, {M}),
    "a unit that is no UCUM": (_component(code="mmHg"), {M}),
    "a blood pressure in kPa": (_component(code="kPa"), {M}),
    "a temperature in kelvin": (_quantity(TEMPERATURE, code="K"), {M}),
    "a weight in stone": (_quantity(WEIGHT, code="[stone_av]"), {M}),
    "a rate in beats": (_quantity(PULSE, code="{Beats}/min"), {M}),
    "a saturation with the specific code alone": (_without_general_code, {M}),
    "a component that says nothing": (_silent_component, {M}),
    "no vital-signs category": (_only_device_category, {M}),
    "no effective time": (_without("Observation", "effectiveDateTime", BP), {M}),
    "an effective time without zone": (_set("Observation", BP, effectiveDateTime="2026-01-12T10:15:30"), {S, P, M}),
    "an issued time without zone": (_set("Observation", BP, issued="2026-01-12T10:15:30"), {S, P, M}),
    "a status that does not exist": (_set("Observation", BP, status="finished"), {P, M}),
    "no status": (_without("Observation", "status", BP), {S, P, M}),
    "no code": (_without("Observation", "code", WEIGHT), {S, M}),
    "a number as text": (_quantity(WEIGHT, value="71.4"), {M}),
    "a truth as number": (_quantity(WEIGHT, value=True), {S, M}),
    "a field of one's own": (_set("Observation", BP, vendor="x"), {S, P, M}),
    "a value and a reason for its absence": (_set("Observation", WEIGHT, dataAbsentReason={"text": "x"}), {M}),
    "two values": (_set("Observation", WEIGHT, valueString="71.4"), {S, P}),
    "a practitioner as subject": (_practitioner_as_subject, {M}),
    "a device that is nowhere": (_nowhere, {M}),
    "a curve without dimensions": (_shapeless_wave, {S, M}),
    "a specialisation without type": (_untyped_specialisation, {S, M}),
    "a Provenance without agent": (_without("Provenance", "agent"), {S, M}),
    "a Consent without policy": (_without("Consent", "policyRule"), {M}),
    "a Consent without scope": (_without("Consent", "scope"), {S, M}),
    "an Encounter without class": (_without("Encounter", "class"), {S, M}),
    "an Encounter status that does not exist": (_set("Encounter", status="done"), {P, M}),
    "a gender in French": (_set("Patient", gender="femme"), {P, M}),
    "a birth date in French": (_set("Patient", birthDate="21/05/1970"), {S, P, M}),
    "an id with a space": (_set("Patient", id="p 17"), {S, P}),
    "a report without code": (_without("DiagnosticReport", "code"), {S, M}),
    "a message without status": (_without("Communication", "status"), {S, P, M}),
    "an access without source": (_without("AuditEvent", "source"), {S, M}),
    "the same entry twice": (_twice, {P, M}),
    "a request that does not exist": (_wild_method, {P, M}),
    "a report status that does not exist": (_set("DiagnosticReport", status="done"), {P, M}),
    "a Provenance time without zone": (_set("Provenance", recorded="2026-01-12T10:15:30"), {S, P, M}),
    "an access time without zone": (_set("AuditEvent", recorded="2026-01-12T10:15:30"), {S, P, M}),
    "a message time without zone": (_set("Communication", sent="2026-01-12T10:15:30"), {S, P, M}),
    "a name that is one text": (_set("Patient", name="Martin"), {S, P, M}),
    "a Device with a field of one's own": (_set("Device", vendor="x"), {S, P, M}),
    "a Patient with a field of one's own": (_set("Patient", vendor="x"), {S, P, M}),
    "an Encounter without status": (_without("Encounter", "status"), {S, P, M}),
    "a report without status": (_without("DiagnosticReport", "status"), {S, P, M}),
    "a Consent without status": (_without("Consent", "status"), {S, P, M}),
    "a day that is none": (_set("Patient", birthDate="1970-02-31"), {S}),
    "a Provenance without target": (_without("Provenance", "target"), {S, M}),
    "an empty note": (_set("Observation", WEIGHT, note=[{}]), {S, M}),
    "a category outside of a list": (_set("Observation", BP, category={"text": "x"}), {S, M}),
}


def broken(name: str) -> dict[str, Any]:
    """The good Bundle with one thing wrong."""
    made = good()
    BROKEN[name][0](made)
    return made
