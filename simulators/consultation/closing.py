"""Words both ways, the export, the report, and the end with its act record."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

from kiosk.consultation.record import faults
from kiosk_fhir.check import check_bundle
from simulators.consultation.arriving import FAMILY
from simulators.consultation.step import NotObservedError

if TYPE_CHECKING:
    from simulators.consultation.auscultating import Auscultating
    from simulators.consultation.examining import Examining
    from simulators.consultation.measuring import Measuring
    from simulators.consultation.stage import Stage

NOTE = "Essoufflée depuis mardi en montant l'escalier"
ANSWER = "Asseyez-vous, nous reprenons la tension."
REPORT = "Dyspnée d'effort à explorer, tension normale au repos."
CANARY = "36.8437"
#: what every act record of this consultation tells of
KINDS = {"identity", "consent", "joined", "authentication", "measured", "kept", "seen", "photo", "report", "unattributed", "ended"}


class Closing:
    """What was measured, heard and photographed must be in what is exported."""

    def __init__(self, stage: Stage, measuring: Measuring, auscultating: Auscultating, examining: Examining) -> None:
        self._stage, self._hand, self._doctor = stage, stage.hand, stage.doctor
        self._measuring, self._auscultating, self._examining = measuring, auscultating, examining
        self.bundle = stage.out / "bundle.json"

    async def write_both_ways(self) -> None:
        """One line from each."""
        await self._hand.type("textInput", NOTE)
        await self._hand.tap("textSend")
        await self._hand.tap("padDone")
        await self._doctor.page.locator("#line").fill(ANSWER)
        await self._doctor.page.locator(".conversation form button").click()

    async def both_have_read(self) -> str:
        """Each line is on the other's screen."""
        await self._doctor.until("(text) => document.querySelector('.conversation ul').textContent.includes(text)", NOTE)
        await self._hand.until("texts", lambda item: ANSWER in item.text, "the specialist's words")
        return "each has read the other"

    async def export(self) -> None:
        """The specialist saves the Bundle."""
        await self._doctor.download("button.export", self.bundle)

    async def bundle_is_whole(self) -> str:
        """Every result, sound and photograph, each signed for in a Provenance, with every digit."""
        if not self.bundle.exists():
            raise NotObservedError("the page has exported nothing")
        text = self.bundle.read_text(encoding="utf-8")
        bundle = json.loads(text)
        check_bundle(bundle)
        resources = [entry["resource"] for entry in bundle["entry"]]
        kinds = [resource["resourceType"] for resource in resources]
        media = sorted(resource["content"]["contentType"] for resource in resources if resource["resourceType"] == "Media")
        kept = ["audio/wav"] * self._auscultating.kept + ["image/jpeg"] * self._examining.kept
        signed = len(self._measuring.confirmed) + len(kept)
        if CANARY not in text or FAMILY not in text or kinds.count("Provenance") != signed or media != kept:
            raise NotObservedError(f"the exported Bundle does not hold {signed} results, sounds and photographs: {kinds}, {media}")
        return f"{len(kinds)} resources, {kinds.count('Observation')} Observations, {len(media)} Media"

    async def report(self) -> None:
        """The specialist's report."""
        await self._doctor.page.locator("#report-text").fill(REPORT)
        await self._doctor.page.locator("#report-prescriptions").fill("Auscultation à distance. Radiographie du thorax.")
        await self._doctor.page.locator("#report-conclusion").fill("Consultation en présence sous un mois")
        await self._doctor.page.locator(".report form button").click()

    async def report_has_left(self) -> str:
        """The page says so."""
        await self._doctor.see(".report [role=status]:not(:empty)")
        return "the page says that the report left"

    async def end(self) -> None:
        """The helper ends it."""
        await self._hand.tap("endConsultation")
        await self._hand.tap("endConfirm")

    async def record_is_whole(self) -> str:
        """Signed by the booth, as the specialist holds it; its hash is on the slip."""
        await self._doctor.see("[data-phase='ended']")
        await self._doctor.see(".kept li:has(button) .seen:not(:empty)")
        path = self._stage.out / "act-record.json"
        await self._doctor.download(".kept li button", path)
        record = path.read_bytes()
        key = base64.b64decode((await self._stage.status())["key"])
        found = faults(record, key)
        kinds = {entry["kind"] for entry in json.loads(record)["entries"]}
        missing = KINDS - kinds
        digest = hashlib.sha256(record).hexdigest()
        slip = (await self._hand.until("slip", lambda item: bool(item.text), "the slip")).text
        if found or missing or digest[:12] not in slip.replace(" ", ""):
            raise NotObservedError(f"the act record: faults {found}, missing {sorted(missing)}, slip {slip!r}, digest {digest}")
        return f"signed and whole, {len(kinds)} kinds of lines, its hash is on the slip"
