"""From the booth's consultation to the FHIR Bundle of one settled result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.device import Device
from kiosk.consultation.identity import as_patient
from kiosk_fhir import auscultation, bundle, media
from kiosk_fhir.context import Booth, Context, Patient, Professional
from protocol.sound import RATE

if TYPE_CHECKING:
    from datetime import datetime

    from drivers.device import ClockReading
    from kiosk.consultation.identity import PatientIdentity
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
        self._stethoscope = settings.stethoscope
        self._send_ins = settings.identification.send_ins

    def bundle(self, consultation: Consultation, settled: Settled, device: Device, clock: ClockReading | None) -> bytes:
        """The transaction Bundle of one result: built once, these are the bytes that are signed and sent.

        Raises:
            MappingError: something that FHIR needs is missing.
        """
        context = self._context(consultation, device, clock)
        return bundle.settled(settled.reading, context, effective=settled.effective, corrected=settled.corrected)

    def photograph(self, consultation: Consultation, photograph: media.Photograph, device: Device) -> bytes:
        """The transaction Bundle of one photograph by the camera `device`.

        Raises:
            MappingError: as `bundle`.
        """
        return media.bundle(self._context(consultation, device), photograph)

    def sound(self, consultation: Consultation, samples: bytes, site: str, ended: datetime) -> bytes:
        """The transaction Bundle of what the stethoscope heard; arguments as `kiosk_fhir.auscultation.bundle`.

        Raises:
            MappingError: something that FHIR needs is missing.
        """
        device = Device(f"stethoscope:{self._stethoscope}", "", name="Stéthoscope électronique")
        return auscultation.bundle(samples, RATE, self._context(consultation, device), site=site, ended=ended)

    def _context(self, consultation: Consultation, device: Device, clock: ClockReading | None = None) -> Context:
        if consultation.opened is None or consultation.patient is None:
            raise ValueError("no consultation is open")
        return Context(
            consultation=consultation.id,
            started=consultation.opened.wall,
            patient=self._patient(consultation, consultation.patient),
            booth=self._booth,
            helper=self._helper,
            device=device,
            clock=clock,
            production=self._production,
        )

    def _patient(self, consultation: Consultation, identity: PatientIdentity) -> Patient:
        """Without its name and with the year alone where a pseudonym stands for it."""
        if consultation.hidden:
            return Patient(consultation.id, birth_date=identity.birth_date[:4], sex=identity.sex, status=identity.status)
        return as_patient(identity, consultation.id, send_ins=self._send_ins)
