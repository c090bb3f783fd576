"""Whose measurement, where, by whom, with what: everything of an Observation that is not in the Reading."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from kiosk_fhir.errors import MappingError
from kiosk_fhir.wire import NAMESPACE, identify, moment

if TYPE_CHECKING:
    from datetime import datetime

    from drivers.device import ClockReading, Device
    from drivers.identity import Identifier

INS_NIR, INS_NIA = "urn:oid:1.2.250.1.213.1.4.8", "urn:oid:1.2.250.1.213.1.4.9"
INS_TEST, INS_DEMO = "urn:oid:1.2.250.1.213.1.4.10", "urn:oid:1.2.250.1.213.1.4.11"
_EUI64: Final = re.compile(r"[0-9A-F]{16}")
_EUI48: Final = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")
_DATE: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_SEX: Final = ("male", "female", "other", "unknown")


class IdentityStatus(StrEnum):
    """How far the identity was checked (French national identity-vigilance rules)."""

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient as the helper confirmed them. `local_id` is the booth's own number, never a national one.

    `reference` ("Patient/123") is set where the receiving server knows the patient: then no copy is sent. `ins` is sent only when
    `status` is QUALIFIED. `birth_date` is ISO, partial allowed; `birth_place` the INSEE code of the commune or country.
    """

    local_id: str = field(repr=False)
    family_name: str = field(repr=False, default="")
    given_names: tuple[str, ...] = field(repr=False, default=())
    birth_date: str = field(repr=False, default="")
    sex: str = field(repr=False, default="unknown")
    birth_place: str = field(repr=False, default="")
    ins: Identifier | None = field(repr=False, default=None)
    status: IdentityStatus = IdentityStatus.PROVISIONAL
    reference: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Booth:
    """The booth, as the gateway of its instruments. `id` is its stable name; `system_id` an EUI-64 in 16 hex capitals.

    `finess` is the pharmacy's number; `source` the OID of the sending system as "urn:oid:..." (needed for Mon espace santé).
    `synchronised`: whether its clock follows NTP.
    """

    id: str
    name: str = ""
    organization: str = ""
    finess: str = ""
    system_id: str = ""
    software: str = ""
    source: str = ""
    synchronised: bool = True


@dataclass(frozen=True, slots=True)
class Professional:
    """A person who takes part: the helper (pharmacist) or the specialist. `rpps` is the national number, where it is known."""

    name: str
    rpps: str = ""
    role: str = ""


@dataclass(frozen=True)
class Context:
    """The session in which something was measured, and the instrument it was measured with.

    `device` is None only for a value typed by hand. `clock` is the last reading of the device's clock. `production` decides which INS
    identifiers pass: real ones only in production, test and demonstration ones only outside.

    Raises:
        MappingError: a part that everything needs is missing or impossible.
    """

    consultation: str
    started: datetime
    patient: Patient
    booth: Booth
    helper: Professional | None = None
    specialist: Professional | None = None
    device: Device | None = None
    clock: ClockReading | None = None
    ended: datetime | None = None
    production: bool = True
    #: pieces built once for this session; they live and die with it
    memo: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.consultation:
            raise MappingError("consultation", "the session has no id")
        if not self.booth.id:
            raise MappingError("booth.id", "the booth has no id")
        moment(self.started, "started")
        _check_patient(self.patient, production=self.production)
        _check_hardware("booth.system_id", self.booth.system_id, _EUI64, "16 hex capitals")
        if self.device is not None:
            _check_hardware("device.system_id", self.device.system_id, _EUI64, "16 hex capitals")
            _check_hardware("device.address", self.device.address, _EUI48, "six pairs of hex capitals with colons")

    @property
    def qualified(self) -> bool:
        """Whether the national identifier may be sent."""
        return self.patient.status is IdentityStatus.QUALIFIED and self.patient.ins is not None

    @cached_property
    def local_system(self) -> str:
        """The name space of this booth's own numbers, as a URI."""
        return f"urn:uuid:{uuid.uuid5(NAMESPACE, f'booth|{self.booth.id}')}"

    @cached_property
    def patient_id(self) -> str:
        """Id of the Patient resource."""
        return identify("Patient", self.booth.id, self.patient.local_id)

    @cached_property
    def patient_reference(self) -> str:
        """The patient, as other resources say it."""
        return self.patient.reference or f"urn:uuid:{self.patient_id}"

    @cached_property
    def encounter_id(self) -> str:
        """Id of the Encounter: one per consultation."""
        return identify("Encounter", self.booth.id, self.consultation)

    @cached_property
    def booth_id(self) -> str:
        """Id of the booth's Device resource."""
        return identify("Device", self.booth.system_id or self.booth.id)

    @cached_property
    def device_hardware(self) -> str:
        """What names the instrument for ever: its EUI-64, else its address, else the booth's key of it."""
        if self.device is None:
            raise MappingError("device", "no device is given, and the value was not typed by hand")
        found = self.device.system_id or self.device.address.replace(":", "") or self.device.key
        if not found:
            raise MappingError("device", "the device has neither system id, address nor key")
        return found

    @cached_property
    def helper_id(self) -> str:
        """Id of the helper's Practitioner resource."""
        return identify("Practitioner", self.booth.id, *_who(self.helper))

    @cached_property
    def helper_role_id(self) -> str:
        """Id of the helper's PractitionerRole resource: the helper at this booth."""
        return identify("PractitionerRole", self.booth.id, *_who(self.helper))

    @cached_property
    def coincident_id(self) -> str:
        """Id of the Observation that holds what the device's clock said."""
        if self.clock is None:
            raise MappingError("clock", "no reading of the device's clock is given")
        return identify("Observation", "coincident", self.device_hardware, moment(self.clock.received.wall, "clock.received"))

    @cached_property
    def device_id(self) -> str:
        """Id of the instrument's Device resource."""
        return identify("Device", self.device_hardware)


def _who(person: Professional | None) -> tuple[str, str]:
    return ("", "") if person is None else (person.rpps, person.name)


def _check_patient(patient: Patient, *, production: bool) -> None:
    if not patient.local_id and not patient.reference:
        raise MappingError("patient.local_id", "the patient has no id of the booth's own")
    if patient.birth_date and not _DATE.fullmatch(patient.birth_date):
        raise MappingError("patient.birth_date", "not a date as 1970-05-21, 1970-05 or 1970")
    if patient.sex not in _SEX:
        raise MappingError("patient.sex", f"not one of {', '.join(_SEX)}")
    if patient.reference and not re.fullmatch(r"Patient/[A-Za-z0-9\-.]{1,64}", patient.reference):
        raise MappingError("patient.reference", "not of the form Patient/id")
    if patient.ins is None:
        return
    real, made_up = patient.ins.system in (INS_NIR, INS_NIA), patient.ins.system in (INS_TEST, INS_DEMO)
    if not real and not made_up:
        raise MappingError("patient.ins", "its system is none of the four of the INS")
    if production and made_up:
        raise MappingError("patient.ins", "a test or demonstration identifier is refused in production")
    if not production and real:
        raise MappingError("patient.ins", "a real identifier is refused outside production")


def _check_hardware(what: str, value: str, form: re.Pattern[str], words: str) -> None:
    if value and not form.fullmatch(value):
        raise MappingError(what, f"not {words}")
