"""A consultation's own values as what is searched for when it is over: names, birth date, numbers, what was written, and long enough figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from drivers.measurement import Absent
from kiosk.consultation.erase import SHORTEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.consultation.measuring import Settled
    from kiosk.consultation.session import Consultation

#: a figure that is shorter stands in many places by chance
_FIGURE: Final = 5
#: what the act record holds of what people wrote: kind of line -> fields
_WRITTEN: Final = {"report": ("text", "conclusion", "prescriptions"), "break-glass": ("reason",)}


def needles(
    consultation: Consultation, entries: Iterable[dict[str, Any]], settled: Iterable[Settled], texts: Iterable[str] = ()
) -> tuple[str, ...]:
    """Each once. A name of fewer letters than can be searched for stands in the whole name."""
    found = [*_identity(consultation), *texts]
    found += [entry["data"].get(name, "") for entry in entries for name in _WRITTEN.get(entry["kind"], ())]
    figures = (
        str(measurement.value) for one in settled for measurement in one.reading.measurements if not isinstance(measurement.value, Absent)
    )
    found += [figure for figure in figures if len(figure) >= _FIGURE]
    lines = (line.strip() for text in found for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if len(line) >= SHORTEST))


def _identity(consultation: Consultation) -> list[str]:
    patient, guardian, found = consultation.patient, consultation.guardian, list[str]()
    if patient is not None:
        given = " ".join(patient.given_names)
        found += [
            patient.family_name,
            *patient.given_names,
            patient.label,
            f"{given} {patient.family_name}",
            f"{patient.family_name} {given}",
        ]
        found += [patient.birth_date, *(one.value.reveal() for one in (patient.ins, patient.claimed) if one is not None)]
    if guardian is not None and guardian.relation != "none":
        found += [guardian.family_name, guardian.given_name, guardian.label]
    return found
