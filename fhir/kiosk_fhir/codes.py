"""The one table of terms: which LOINC and MDC codes, French text, unit and profile each vital has. A new vital is a new line.

LOINC displays are LOINC's own. MDC codes are the 32-bit codes of ISO/IEEE 11073-10101 (context-sensitive partition number x 65536 + term
code). Where a line says so in `source`, the code stands in a published guide or its examples: "PHD" is the HL7 Personal Health Device guide,
"DK" the Danish Core guide's IEEE value set, "10407/10415/..." the IEEE 11073 specialisation with that number as public stacks implement it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LOINC: Final = "http://loinc.org"
MDC: Final = "urn:iso:std:iso:11073:10101"
UCUM: Final = "http://unitsofmeasure.org"
SNOMED: Final = "http://snomed.info/sct"
HL7_PROFILE: Final = "http://hl7.org/fhir/StructureDefinition/"
PHD_PROFILE: Final = "http://hl7.org/fhir/uv/phd/StructureDefinition/"
ANS_PROFILE: Final = "https://interop.esante.gouv.fr/ig/fhir/mesures/StructureDefinition/"
BLOOD_PRESSURE: Final = "blood-pressure"

#: display text of a unit, where it differs from the UCUM code
UNIT_TEXT: Final = {
    "mm[Hg]": "mmHg",
    "/min": "/min",
    "Cel": "°C",
    "[degF]": "°F",
    "kg/m2": "kg/m²",
    "[lb_av]": "lb",
    "[in_i]": "in",
    "1": "",
}


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One line of the table.

    `units` maps each UCUM unit that a device may send to the unit that the profile wants. `loinc` codes come most specific last, as the
    profiles want the general one present. `with_vital` narrows the line to Readings that also carry that vital (a cuff's pulse is not an
    oximeter's). `modality` is the MDC supplemental type of an averaging mode. `panel` groups components of one Observation.
    """

    vital: str
    french: str
    loinc: tuple[tuple[str, str], ...]
    mdc: tuple[str, str]
    units: dict[str, str]
    profile: str = ""
    ans: str = ""
    source: str = ""
    with_vital: str = ""
    modality: tuple[str, str] | None = None
    panel: str = ""


def _same(*units: str) -> dict[str, str]:
    return {unit: unit for unit in units}


_PRESSURE = {"mm[Hg]": "mm[Hg]", "kPa": "mm[Hg]"}
_RATE = _same("/min")
_MASS = _same("kg", "g", "[lb_av]")
_HEART = (("8867-4", "Heart rate"),)
_SPO2 = (("2708-6", "Oxygen saturation in Arterial blood"), ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"))
_FAST, _SLOW = ("150580", "MDC_MODALITY_FAST"), ("150584", "MDC_MODALITY_SLOW")
_PULSE = ("149530", "MDC_PULS_OXIM_PULS_RATE")
_SAT = ("150456", "MDC_PULS_OXIM_SAT_O2")

#: the Observation that holds the pressures as components
PANEL: Final = Term(
    BLOOD_PRESSURE,
    "Pression artérielle",
    (("85354-9", "Blood pressure panel with all children optional"),),
    ("150020", "MDC_PRESS_BLD_NONINV"),
    {},
    "bp",
    "mesures-fr-observation-bp",
    "PHD example",
)

TERMS: Final[tuple[Term, ...]] = (
    Term(
        "systolic",
        "Pression artérielle systolique",
        (("8480-6", "Systolic blood pressure"),),
        ("150021", "MDC_PRESS_BLD_NONINV_SYS"),
        _PRESSURE,
        source="PHD example",
        panel=BLOOD_PRESSURE,
    ),
    Term(
        "diastolic",
        "Pression artérielle diastolique",
        (("8462-4", "Diastolic blood pressure"),),
        ("150022", "MDC_PRESS_BLD_NONINV_DIA"),
        _PRESSURE,
        source="PHD example",
        panel=BLOOD_PRESSURE,
    ),
    Term(
        "mean-arterial-pressure",
        "Pression artérielle moyenne",
        (("8478-0", "Mean blood pressure"),),
        ("150023", "MDC_PRESS_BLD_NONINV_MEAN"),
        _PRESSURE,
        source="PHD example",
        panel=BLOOD_PRESSURE,
    ),
    Term(
        "pulse-rate",
        "Fréquence du pouls (oxymètre)",
        _HEART,
        _PULSE,
        _RATE,
        "heartrate",
        "mesures-fr-observation-heartrate",
        "PHD example",
        "spo2",
    ),
    Term(
        "pulse-rate",
        "Fréquence du pouls (brassard)",
        _HEART,
        ("149546", "MDC_PULS_RATE_NON_INV"),
        _RATE,
        "heartrate",
        "mesures-fr-observation-heartrate",
        "DK, 10407",
        "systolic",
    ),
    Term(
        "pulse-rate",
        "Fréquence du pouls",
        _HEART,
        ("149514", "MDC_PULS_RATE"),
        _RATE,
        "heartrate",
        "mesures-fr-observation-heartrate",
        "DK",
    ),
    Term("pulse-rate-fast", "Fréquence du pouls (moyenne rapide)", _HEART, _PULSE, _RATE, "heartrate", source="PHD, 10404", modality=_FAST),
    Term("pulse-rate-slow", "Fréquence du pouls (moyenne lente)", _HEART, _PULSE, _RATE, "heartrate", source="PHD, 10404", modality=_SLOW),
    Term(
        "heart-rate",
        "Fréquence cardiaque",
        _HEART,
        ("147842", "MDC_ECG_HEART_RATE"),
        _RATE,
        "heartrate",
        "mesures-fr-observation-heartrate",
        "PHD, DK",
    ),
    Term(
        "spo2",
        "Saturation en oxygène (SpO2)",
        _SPO2,
        _SAT,
        _same("%"),
        "oxygensat",
        "mesures-fr-observation-oxygen-sat",
        "PHD example",
    ),
    Term("spo2-fast", "Saturation en oxygène (moyenne rapide)", _SPO2, _SAT, _same("%"), "oxygensat", source="PHD, 10404", modality=_FAST),
    Term("spo2-slow", "Saturation en oxygène (moyenne lente)", _SPO2, _SAT, _same("%"), "oxygensat", source="PHD, 10404", modality=_SLOW),
    Term(
        "perfusion-index",
        "Indice de perfusion",
        (("61006-3", "Perfusion index Tissue by Pulse oximetry"),),
        ("150320", "MDC_SAT_O2_QUAL"),
        _same("%"),
        "vitalsigns",
        source="PHD example",
    ),
    Term("pleth", "Courbe de pléthysmographie", (), ("150452", "MDC_PULS_OXIM_PLETH"), _same("1", "%"), source="10404"),
    Term(
        "temperature",
        "Température corporelle",
        (("8310-5", "Body temperature"),),
        ("150364", "MDC_TEMP_BODY"),
        _same("Cel", "[degF]"),
        "bodytemp",
        "mesures-fr-observation-body-temperature",
        "PHD example, DK",
    ),
    Term(
        "weight",
        "Poids",
        (("29463-7", "Body weight"),),
        ("188736", "MDC_MASS_BODY_ACTUAL"),
        _MASS,
        "bodyweight",
        "mesures-fr-observation-body-weight",
        "DK, 10415",
    ),
    Term(
        "height",
        "Taille",
        (("8302-2", "Body height"),),
        ("188740", "MDC_LEN_BODY_ACTUAL"),
        {"cm": "cm", "[in_i]": "[in_i]", "m": "cm", "mm": "cm"},
        "bodyheight",
        "mesures-fr-observation-bodyheight",
        "DK, 10415",
    ),
    Term(
        "bmi",
        "Indice de masse corporelle",
        (("39156-5", "Body mass index (BMI) [Ratio]"),),
        ("188752", "MDC_RATIO_MASS_BODY_LEN_SQ"),
        _same("kg/m2"),
        "bmi",
        "mesures-fr-observation-bmi",
        "DK, 10415",
    ),
    Term(
        "body-fat",
        "Masse grasse",
        (("41982-0", "Percentage of body fat Measured"),),
        ("188748", "MDC_BODY_FAT"),
        _same("%"),
        "vitalsigns",
        source="10420",
    ),
    Term(
        "glucose",
        "Glycémie capillaire",
        (("41653-7", "Glucose [Mass/volume] in Capillary blood by Glucometer"),),
        ("160184", "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD"),
        {"mg/dL": "mg/dL", "kg/L": "mg/dL"},
        "vitalsigns",
        "mesures-observation-glucose",
        "PHD example, 10417",
    ),
    Term(
        "glucose",
        "Glycémie capillaire",
        (("14743-9", "Glucose [Moles/volume] in Capillary blood by Glucometer"),),
        ("160184", "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD"),
        {"mmol/L": "mmol/L", "mol/L": "mmol/L"},
        "vitalsigns",
        "mesures-observation-glucose",
        "PHD example, 10417",
    ),
    Term("fat-free-mass", "Masse maigre", (), ("188756", "MDC_MASS_BODY_FAT_FREE"), _MASS, source="10420"),
    Term("soft-lean-mass", "Masse maigre molle", (), ("188760", "MDC_MASS_BODY_SOFT_LEAN"), _MASS, source="10420"),
    Term("body-water-mass", "Eau corporelle", (), ("188764", "MDC_BODY_WATER"), _MASS, source="10420"),
    Term(
        "respiratory-rate",
        "Fréquence respiratoire",
        (("9279-1", "Respiratory rate"),),
        ("151562", "MDC_RESP_RATE"),
        _RATE,
        "resprate",
        source="DK",
    ),
    Term(
        "ecg", "Électrocardiogramme", (("11524-6", "EKG study"),), ("131328", "MDC_ECG_ELEC_POTL"), {"mV": "mV", "uV": "uV"}, source="10406"
    ),
)

#: vitals that never become an Observation, and why
LIVE_ONLY: Final = {
    **dict.fromkeys(("cuff-pressure", "rr-interval", "energy-expended", "movement"), "a running stream: shown, never a result"),
    **dict.fromkeys(
        ("signal-strength", "glucose-quality", "visceral-fat", "body-age"), "a grade of the maker's own, without a published code"
    ),
    **dict.fromkeys(("basal-metabolism", "muscle-percentage", "skeletal-muscle", "impedance"), "computed by the maker; no code verified"),
    **dict.fromkeys(("muscle-mass", "glucose-trend"), "no code verified"),
    **dict.fromkeys(
        ("carbohydrate", "exercise-duration", "exercise-intensity", "medication", "hba1c"),
        "what the patient once typed into the meter: shown, never measured here",
    ),
    "measurement-duration": "part of how another value was taken",
    **dict.fromkeys(
        ("battery", "battery-voltage", "number-of-records", "elapsed-time", "time-zone-offset", "fraction-of-second"),
        "the state of the instrument, not of the patient",
    ),
    **dict.fromkeys(("vendor-id", "product-id", "product-version"), "names the instrument, not the patient"),
}


def _table() -> dict[tuple[str, str], tuple[Term, ...]]:
    found: dict[tuple[str, str], tuple[Term, ...]] = {}
    for term in TERMS:
        for unit in term.units:
            found[term.vital, unit] = (*found.get((term.vital, unit), ()), term)
    return found


_BY_VITAL_AND_UNIT: Final = _table()
VITALS: Final = frozenset(term.vital for term in TERMS)


def term(vital: str, unit: str, company: frozenset[str]) -> Term | None:
    """The line for `vital` sent in `unit` by a Reading whose vitals are `company`; None when no line fits."""
    for found in _BY_VITAL_AND_UNIT.get((vital, unit), ()):
        if not found.with_vital or found.with_vital in company:
            return found
    return None
