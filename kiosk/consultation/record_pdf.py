"""The act record on paper, in French: what the record holds and nothing else. The same record gives the same octets."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from kiosk.consultation.record_summary import summary
from kiosk.consultation.record_words import KINDS, code, field

#: DejaVu has every letter that a European name is written with; the core fonts of PDF end at Latin-1
FONTS: Final = Path("/usr/share/fonts/truetype/dejavu")
_FILES: Final = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}


class FontError(Exception):
    """The fonts are not installed."""


def lines(record: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Hour, kind and text of each line of a parsed record, in French."""
    return [
        (
            _moment(entry["at"]),
            KINDS.get(entry["kind"], entry["kind"]),
            "\n".join(f"{field(entry['kind'], name)} : {code(name, given)}" for name, given in entry["data"].items()),
        )
        for entry in record["entries"]
    ]


def _moment(at: str) -> str:
    return datetime.fromisoformat(at).strftime("%d/%m/%Y %H:%M:%S")


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
    """The PDF of a parsed record that has no faults: what matters first, then every line, then the booth's seal.

    Raises:
        FontError: DejaVu Sans is not installed.
    """
    entries, head = record["entries"], record["head"]
    sheet = _Sheet(f"Téléconsultation {record['consultation']}")
    sheet.set_creation_date(datetime.fromisoformat(entries[-1]["at"] if entries else "1970-01-01T00:00:00+00:00"))
    sheet.set_title("Dossier de l’acte de téléconsultation")
    sheet.set_lang("fr-FR")
    sheet.add_page()
    sheet.put("Dossier de l’acte de téléconsultation", bold=True, size=15)
    for title, text in summary(record):
        sheet.ln(3)
        sheet.put(title, bold=True, size=11)
        sheet.put(text, size=10)
    sheet.ln(6)
    sheet.put("Journal complet", bold=True, size=11)
    for at, kind, text in lines(record):
        sheet.ln(1.5)
        sheet.put(f"{at}   {kind}", bold=True, size=8)
        if text:
            sheet.put(text, size=8)
    sheet.ln(4)
    sheet.put("Sceau de la cabine", bold=True)
    sheet.put(
        f"Consultation : {record['consultation']}\nClé publique de la cabine : {record['booth']}\nLignes : {head['count']}\n"
        f"Empreinte de la dernière ligne : {head['hash'] or '—'}\nSignature Ed25519 : {head['signature']}",
        size=7,
    )
    return bytes(sheet.output())
