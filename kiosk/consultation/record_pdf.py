"""The act record on paper, in French: what the record holds and nothing else. The same record gives the same octets."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

#: DejaVu has every letter that a European name is written with; the core fonts of PDF end at Latin-1
FONTS: Final = Path("/usr/share/fonts/truetype/dejavu")
_FILES: Final = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}

#: the kinds of lines; one that is not here is printed as it stands
KINDS: Final = {
    "opened": "Séance ouverte",
    "identity": "Identité du patient",
    "stop-list": "Liste d'urgence posée",
    "emergency": "Urgence",
    "information": "Information lue",
    "consent": "Consentement",
    "waiting": "Entrée en salle d'attente",
    "code-camera": "Caméra pour le code d'identité",
    "media": "Caméra et microphone du patient",
    "by-code": "Code d'un médecin",
    "guest-invited": "Invité appelé",
    "joined": "Arrivée du spécialiste",
    "left": "Départ du spécialiste",
    "authentication": "Comparaison des chiffres",
    "call-connected": "Appel établi",
    "asked": "Mesure demandée",
    "measured": "Mesure reçue",
    "confirmed": "Mesure confirmée",
    "rejected": "Mesure écartée",
    "attached": "Mesure rattachée à la main",
    "unattributed": "Mesure non attribuée",
    "clock-set": "Appareil mis à l'heure",
    "records-read": "Mémoire de l'appareil lue",
    "kept": "Mesure scellée",
    "seen": "Mesure vue par le spécialiste",
    "report": "Compte rendu",
    "pause": "Pause",
    "resume": "Reprise",
    "incident": "Incident technique",
    "station-refused": "Refus du relais",
    "present": "Personne dans la cabine",
    "card-out": "Carte retirée",
    "stays": "Le patient reste",
    "identity-status": "État de l'identité",
    "insi": "INSi sans réponse utilisable",
    "guardian": "Adulte qui répond du mineur",
    "pseudonym": "Pseudonyme",
    "break-glass": "Nom demandé par le spécialiste",
    "unsent": "Résultat non envoyé",
    "still-there": "Le patient est toujours là",
    "ended": "Fin de la séance",
}
FIELDS: Final = {
    "booth": "lieu",
    "helper": "accompagnant",
    "training": "formation",
    "family": "nom de naissance",
    "given": "prénom",
    "birth_date": "date de naissance",
    "sex": "sexe",
    "status": "statut",
    "source": "source",
    "version": "version",
    "information": "information",
    "subject": "objet",
    "given_": "donné",
    "ticket": "ticket",
    "camera": "caméra",
    "microphone": "microphone",
    "specialist": "spécialiste",
    "key": "clé",
    "same": "identiques",
    "by": "par",
    "vital": "mesure",
    "vitals": "mesures",
    "device": "appareil",
    "reading": "mesure n°",
    "bundle": "empreinte du document",
    "seen_at": "vue à",
    "text": "texte",
    "conclusion": "conclusion",
    "prescriptions": "actes et prescriptions",
    "author": "auteur",
    "reason": "motif",
    "result": "résultat",
    "why": "détail",
    "detail": "détail",
    "flags": "signaux",
    "emergency": "urgence",
    "advice": "conseil",
    "freeze_ms": "image figée (ms)",
    "loss_percent": "pertes (%)",
    "role": "rôle",
    "here": "présent",
    "after": "après",
    "step": "étape",
    "relation": "lien",
    "wanted": "demandé",
    "values": "valeurs",
    "measured": "mesuré à",
}
#: words for codes, by the field that holds them
CODES: Final = {
    "sex": {"female": "femme", "male": "homme", "other": "autre", "unknown": "inconnu"},
    "status": {"provisional": "provisoire", "retrieved": "récupérée", "validated": "validée", "qualified": "qualifiée"},
    "source": {"typed": "saisie", "fr-vitale": "carte Vitale", "fr-ins-datamatrix": "code INS"},
    "step": {
        "confirmed": "confirmée",
        "ins-found": "trouvée par INSi",
        "ins-refuted": "démentie par INSi",
        "document-seen": "pièce d'identité vue",
        "corrected": "corrigée",
        "doubted": "douteuse",
    },
    "relation": {"parent": "parent", "guardian": "tuteur", "other": "autre", "none": "venu seul"},
    "reason": {"unconfirmed": "jamais confirmé", "no-specialist": "aucun spécialiste n'est venu"},
    "after": {"power-cut": "coupure de courant", "card-out": "carte retirée", "card-back": "même carte revenue"},
    "subject": {"act": "acte", "sharing": "partage", "photos": "photos"},
    "by": {
        "booth": "la cabine",
        "specialist": "le spécialiste",
        "idle": "inactivité",
        "consent-withdrawn": "retrait du consentement",
        "other-card": "carte d'un autre patient",
    },
    "role": {"companion": "personne qui accompagne", "second-professional": "second professionnel", "helper": "accompagnant"},
}


class FontError(Exception):
    """The fonts are not installed."""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value) or "—"
    if isinstance(value, dict):
        return ", ".join(f"{name} : {_value(item)}" for name, item in sorted(value.items())) or "—"
    return "—" if value is None or value == "" else str(value)


def _field(kind: str, name: str) -> str:
    if kind == "consent" and name == "given":
        return FIELDS["given_"]
    return FIELDS.get(name, name)


def lines(record: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Hour, kind and text of each line of a parsed record, in French."""
    return [
        (
            str(entry["at"]).replace("T", " "),
            KINDS.get(entry["kind"], entry["kind"]),
            "\n".join(
                f"{_field(entry['kind'], name)} : {_value(CODES.get(name, {}).get(str(value), value))}"
                for name, value in entry["data"].items()
            ),
        )
        for entry in record["entries"]
    ]


class _Sheet(FPDF):
    def __init__(self, foot: str) -> None:
        super().__init__()
        self._foot = foot
        for style, file in _FILES.items():
            if not (FONTS / file).is_file():
                raise FontError(f"the font {FONTS / file} is missing; install the package fonts-dejavu-core")
            self.add_font("DejaVu", style, FONTS / file)
        self.set_auto_page_break(auto=True, margin=20)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("DejaVu", "", 7)
        self.cell(0, 5, f"{self._foot}    page {self.page_no()}/{{nb}}", align="C")

    def put(self, text: str, *, bold: bool = False, size: float = 9) -> None:
        """A paragraph."""
        self.set_font("DejaVu", "B" if bold else "", size)
        self.multi_cell(0, size * 0.55, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def as_pdf(record: dict[str, Any]) -> bytes:
    """The PDF of a parsed record that has no faults.

    Raises:
        FontError: DejaVu Sans is not installed.
    """
    entries, head = record["entries"], record["head"]
    sheet = _Sheet(f"Téléconsultation {record['consultation']}")
    if entries:
        sheet.set_creation_date(datetime.fromisoformat(entries[-1]["at"]))
    else:
        sheet.set_creation_date(datetime.fromisoformat("1970-01-01T00:00:00+00:00"))
    sheet.set_title("Dossier de l'acte de téléconsultation")
    sheet.set_lang("fr-FR")
    sheet.add_page()
    sheet.put("Dossier de l'acte de téléconsultation", bold=True, size=15)
    sheet.ln(2)
    sheet.put(f"Consultation : {record['consultation']}\nClé publique de la cabine : {record['booth']}")
    for at, kind, text in lines(record):
        sheet.ln(2)
        sheet.put(f"{at}   {kind}", bold=True)
        if text:
            sheet.put(text)
    sheet.ln(4)
    sheet.put("Sceau de la cabine", bold=True)
    sheet.put(
        f"Lignes : {head['count']}\nEmpreinte de la dernière ligne : {head['hash'] or '—'}\nSignature Ed25519 : {head['signature']}", size=7
    )
    return bytes(sheet.output())
