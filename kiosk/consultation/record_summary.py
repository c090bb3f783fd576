"""What a reader of the act record looks for first, gathered from its lines: who, when, where, what was found, done, prescribed, and what failed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from kiosk.consultation.record_words import code, value

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]


def summary(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Title and text of each part of a parsed record that has something to say, in French."""
    entries = record["entries"]
    parts = (
        ("Consultation", _when(entries)),
        ("Patient", _patient(entries)),
        ("Présents", _present(entries)),
        ("Accords du patient", _consents(entries)),
        ("Mesures", "\n".join(_measured(entries))),
        *_report(entries),
        ("Incidents techniques", "\n".join(_incidents(entries)) or "aucun"),
    )
    return [(title, text) for title, text in parts if text]


def _of(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [entry["data"] for entry in entries if entry["kind"] == kind]


def _hour(entry: dict[str, Any]) -> str:
    return datetime.fromisoformat(entry["at"]).strftime("%H:%M:%S")


def _when(entries: list[dict[str, Any]]) -> str:
    if not entries:
        return ""
    first, last = (datetime.fromisoformat(entries[at]["at"]) for at in (0, -1))
    places = [opened.get("booth", "") for opened in _of(entries, "opened")]
    day = f"{first.day} {_MONTHS[first.month - 1]} {first.year}"
    text = f"Le {day}, de {first:%H:%M} à {last:%H:%M} (heures de la cabine, UTC{first.isoformat()[-6:]})"
    return "\n".join(
        [text, *places, *("Formation : patient et appareils fictifs" for opened in _of(entries, "opened") if opened.get("training"))]
    )


def _patient(entries: list[dict[str, Any]]) -> str:
    known = _of(entries, "identity")
    if not known:
        return "personne n’a été identifié"
    patient = known[-1]
    status = ([step["status"] for step in _of(entries, "identity-status")] or [patient.get("status", "")])[-1]
    born = "/".join(reversed(str(patient.get("birth_date", "")).split("-")))
    traits = (f"né(e) le {born}" if born else "", code("sex", patient.get("sex", "")), f"identité {code('status', status)}")
    return f"{patient['given']} {str(patient['family']).upper()}, " + ", ".join(trait for trait in traits if trait)


def _present(entries: list[dict[str, Any]]) -> str:
    found = [f"Accompagnant : {opened['helper']}" for opened in _of(entries, "opened") if opened.get("helper")]
    for guardian in _of(entries, "guardian")[-1:]:
        nobody = guardian.get("relation") == "none"
        name = f"{guardian.get('given', '')} {str(guardian.get('family', '')).upper()} ({code('relation', guardian.get('relation', ''))})"
        found.append("Mineur venu seul" if nobody else f"Adulte qui répond du mineur : {name}")
    found += [f"Spécialiste : {name}" for name in dict.fromkeys(joined["specialist"] for joined in _of(entries, "joined"))]
    found += [
        f"Aussi présent : {role}" for role in dict.fromkeys(code("role", one["role"]) for one in _of(entries, "present") if one.get("here"))
    ]
    return "\n".join(found)


def _consents(entries: list[dict[str, Any]]) -> str:
    latest = {consent["subject"]: consent["given"] for consent in _of(entries, "consent")}
    return ", ".join(f"{code('subject', subject)} : {value(given)}" for subject, given in latest.items())


def _measured(entries: list[dict[str, Any]]) -> Iterator[str]:
    rejected = {line.get("reading") for line in _of(entries, "rejected")}
    for entry in entries:
        data = entry["data"]
        if entry["kind"] == "measured":
            mark = " (écartée)" if data.get("reading") in rejected else ""
            yield f"{_hour(entry)}   {value(data.get('values') or data.get('vitals', []))}, {data.get('device', '')}{mark}"


def _report(entries: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for report in _of(entries, "report"):
        yield "Compte rendu", str(report.get("text", ""))
        yield "Actes et prescriptions", str(report.get("prescriptions", ""))
        yield "Conclusion", str(report.get("conclusion", ""))


def _incidents(entries: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each kind of incident of each device: on a thin line one kind comes dozens of times."""
    hours: dict[str, list[str]] = {}
    for entry in entries:
        data = entry["data"]
        if entry["kind"] == "incident":
            what = code("reason", data.get("reason", "")) + (f", {code('device', data['device'])}" if data.get("device") else "")
            hours.setdefault(what, []).append(_hour(entry))
    for what, [first, *again] in hours.items():
        yield f"{first}   {what}" + (f" ({len(again) + 1} fois, la dernière à {again[-1]})" if again else "")
