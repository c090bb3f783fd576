"""Where and how it was measured: body sites and postures by name, and the MDC type that a thermometer's site gives. SNOMED CT codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk_fhir.codes import LOINC, MDC, SNOMED
from kiosk_fhir.errors import MappingError
from kiosk_fhir.wire import Json, coding, concept

if TYPE_CHECKING:
    from kiosk_fhir.codes import Term

#: site -> (SNOMED CT code, display, French text)
SITES: Final = {
    "armpit": ("91470000", "Axillary region structure", "Aisselle"),
    "ear": ("117590005", "Ear structure", "Oreille"),
    "finger": ("7569003", "Finger structure", "Doigt"),
    "gastro-intestinal-tract": ("122865005", "Gastrointestinal tract structure", "Tube digestif"),
    "mouth": ("74262004", "Oral cavity structure", "Bouche"),
    "rectum": ("34402009", "Rectum structure", "Rectum"),
    "toe": ("29707007", "Toe structure", "Orteil"),
    "tympanum": ("42859004", "Tympanic membrane structure", "Tympan"),
    "left-arm": ("368208006", "Left upper arm structure", "Bras gauche"),
    "right-arm": ("368209003", "Right upper arm structure", "Bras droit"),
}
#: posture -> (SNOMED CT code, display, French text)
POSITIONS: Final = {
    "sitting": ("33586001", "Sitting position", "Assis"),
    "standing": ("10904000", "Orthostatic body position", "Debout"),
    "lying": ("102538003", "Recumbent body position", "Allongé"),
}
#: site of a thermometer -> MDC type (Danish Core guide's IEEE value set)
TEMPERATURE_MDC: Final = {
    "armpit": ("188452", "MDC_TEMP_AXILLA"),
    "ear": ("188428", "MDC_TEMP_EAR"),
    "gastro-intestinal-tract": ("188456", "MDC_TEMP_GIT"),
    "mouth": ("188424", "MDC_TEMP_ORAL"),
    "rectum": ("188420", "MDC_TEMP_RECT"),
    "tympanum": ("150392", "MDC_TEMP_TYMP"),
}
#: sample of a glucose meter -> MDC type (IEEE 11073-10417 as public stacks implement it; the HL7 guide's examples use the first and the last)
GLUCOSE_MDC: Final = {
    "capillary-whole-blood": ("160184", "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD"),
    "capillary-plasma": ("160188", "MDC_CONC_GLU_CAPILLARY_PLASMA"),
    "venous-whole-blood": ("160192", "MDC_CONC_GLU_VENOUS_WHOLEBLOOD"),
    "venous-plasma": ("160196", "MDC_CONC_GLU_VENOUS_PLASMA"),
    "arterial-whole-blood": ("160200", "MDC_CONC_GLU_ARTERIAL_WHOLEBLOOD"),
    "arterial-plasma": ("160204", "MDC_CONC_GLU_ARTERIAL_PLASMA"),
    "undetermined-whole-blood": ("160364", "MDC_CONC_GLU_UNDETERMINED_WHOLEBLOOD"),
    "undetermined-plasma": ("160368", "MDC_CONC_GLU_UNDETERMINED_PLASMA"),
}
#: LOINC of a glucose that is not from a capillary, by unit
_GLUCOSE_LOINC: Final = {
    "mg/dL": ("2339-0", "Glucose [Mass/volume] in Blood"),
    "mmol/L": ("15074-8", "Glucose [Moles/volume] in Blood"),
}
BODY_POSITION: Final = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"


@dataclass(frozen=True, slots=True)
class Placement:
    """What the helper said of how it was measured: `site` a key of SITES, `position` a key of POSITIONS, `method` free French text."""

    site: str = ""
    position: str = ""
    method: str = ""


def site(name: str) -> Json:
    """The body site as a CodeableConcept.

    Raises:
        MappingError: the site is not in the table.
    """
    if name not in SITES:
        raise MappingError("placement.site", f"unknown body site; known are {', '.join(SITES)}")
    code, display, french = SITES[name]
    return concept(coding(SNOMED, code, display), text=french)


def position(name: str) -> Json:
    """The posture as the extension that HL7 has for it.

    Raises:
        MappingError: the posture is not in the table.
    """
    if name not in POSITIONS:
        raise MappingError("placement.position", f"unknown posture; known are {', '.join(POSITIONS)}")
    code, display, french = POSITIONS[name]
    return {"url": BODY_POSITION, "valueCodeableConcept": concept(coding(SNOMED, code, display), text=french)}


def device_site(flags: tuple[str, ...]) -> str:
    """The site that a thermometer says by a flag; nothing where it says none, or one that has no code ("body")."""
    for flag in flags:
        if flag.startswith("site-") and flag[5:] in SITES:
            return flag[5:]
    return ""


def code(term: Term, flags: tuple[str, ...], where: str) -> Json | None:
    """The code of a value that its site or its sample makes more precise than the table's line; None where it does not."""
    if term.vital == "temperature" and where in TEMPERATURE_MDC:
        return concept(*(coding(LOINC, *known) for known in term.loinc), coding(MDC, *TEMPERATURE_MDC[where]), text=term.french)
    if term.vital != "glucose":
        return None
    sample = next((flag[5:] for flag in flags if flag.startswith("type-")), "")
    if sample not in GLUCOSE_MDC or GLUCOSE_MDC[sample] == term.mdc:
        return None
    loinc = term.loinc[0] if sample.startswith("capillary") else _GLUCOSE_LOINC[next(iter(term.units.values()))]
    return concept(coding(LOINC, *loinc), coding(MDC, *GLUCOSE_MDC[sample]), text="Glycémie")
