"""From the booth's consultation to the FHIR Bundle of one settled result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_fhir import bundle
from kiosk_fhir.context import Booth, Context, Patient, Professional

if TYPE_CHECKING:
    from drivers.device import ClockReading, Device
    from kiosk.consultation.measuring import Settled
    from kiosk.consultation.session import Consultation
    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings


class Mapping:
    """The booth's own part of every Bundle."""

    def __init__(self, settings: Settings, keys: BoothKeys) -> None:
        self._booth = Booth(id=keys.public.hex()[:16], name=settings.pharmacy, organization=settings.pharmacy)
        self._helper = Professional(settings.helper) if settings.helper else None
        self._production = not settings.training

    def bundle(self, consultation: Consultation, settled: Settled, device: Device, clock: ClockReading | None) -> bytes:
        """The transaction Bundle of one result: built once, these are the bytes that are signed and sent.

        Raises:
            MappingError: something that FHIR needs is missing.
        """
        if consultation.opened is None or consultation.patient is None:
            raise ValueError("no consultation is open")
        patient = consultation.patient
        context = Context(
            consultation=consultation.id,
            started=consultation.opened.wall,
            patient=Patient(consultation.id, patient.family_name, (patient.given_name,), patient.birth_date, patient.sex),
            booth=self._booth,
            helper=self._helper,
            device=device,
            clock=clock,
            production=self._production,
        )
        return bundle.settled(settled.reading, context, effective=settled.effective, corrected=settled.corrected)
