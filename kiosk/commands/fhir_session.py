"""The session file of `telecabine fhir`: what is not in the decoded lines. Checked as a whole, with errors that name the field."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads it at run time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from drivers.device import ClockReading, Device
from drivers.identity import Identifier, Number
from drivers.measurement import Instant
from kiosk_fhir.context import Booth, Context, IdentityStatus, Patient, Professional
from kiosk_fhir.errors import MappingError

if TYPE_CHECKING:
    from datetime import tzinfo


class SessionError(ValueError):
    """The session file cannot be used; the message names the field and the reason."""


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class InsFields(_Struct, frozen=True):
    """A national identifier: `system` is one of the four OIDs of the INS."""

    system: str
    value: str


class PatientFields(_Struct, frozen=True):
    """The patient. Everything may be left out; without `id` the consultation's own id stands for the patient."""

    id: str = ""
    family_name: str = ""
    given_names: tuple[str, ...] = ()
    birth_date: str = ""
    sex: str = "unknown"
    birth_place: str = ""
    ins: InsFields | None = None
    status: IdentityStatus = IdentityStatus.PROVISIONAL
    reference: str = ""


class BoothFields(_Struct, frozen=True):
    """The booth; only its `id` is needed."""

    id: str
    name: str = ""
    organization: str = ""
    finess: str = ""
    system_id: str = ""
    software: str = ""
    source: str = ""


class PersonFields(_Struct, frozen=True):
    """A professional."""

    name: str
    rpps: str = ""
    role: str = ""


class DeviceFields(_Struct, frozen=True):
    """The instrument. At least one of `system_id`, `address`, `serial`, `model` or `name` says which it is."""

    name: str = ""
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    system_id: str = ""
    address: str = ""
    firmware: str = ""
    hardware: str = ""
    software: str = ""
    udi: str = ""


class ClockFields(_Struct, frozen=True):
    """What the instrument's clock said (local, no zone) when the booth's said `received_at`."""

    device_time: datetime
    received_at: datetime


class Session(_Struct, frozen=True):
    """The whole file. Times without a zone are in `timezone`."""

    consultation: str
    started: datetime
    timezone: str
    booth: BoothFields
    received_at: datetime
    patient: PatientFields = PatientFields()
    helper: PersonFields | None = None
    specialist: PersonFields | None = None
    device: DeviceFields | None = None
    clock: ClockFields | None = None
    ended: datetime | None = None
    production: bool = True

    @property
    def zone(self) -> ZoneInfo:
        """The time zone.

        Raises:
            SessionError: there is none of that name.
        """
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SessionError(f"timezone: {self.timezone!r} is no time zone, as Europe/Paris") from None

    def received(self) -> Instant:
        """When the booth received the lines."""
        return Instant(0.0, aware(self.received_at, self.zone))

    def context(self) -> Context:
        """The mapping's context.

        Raises:
            SessionError: a part is missing or impossible.
        """
        zone = self.zone
        try:
            return Context(
                self.consultation,
                aware(self.started, zone),
                self._patient(),
                Booth(**{**msgspec.structs.asdict(self.booth), "system_id": _hexadecimal(self.booth.system_id)}),
                None if self.helper is None else Professional(**msgspec.structs.asdict(self.helper)),
                None if self.specialist is None else Professional(**msgspec.structs.asdict(self.specialist)),
                self._device(),
                self._clock(zone),
                None if self.ended is None else aware(self.ended, zone),
                self.production,
            )
        except MappingError as error:
            raise SessionError(str(error)) from None

    def _patient(self) -> Patient:
        who = self.patient
        ins = None if who.ins is None else Identifier(who.ins.system, Number(who.ins.value))
        names = (who.family_name, who.given_names, who.birth_date, who.sex, who.birth_place)
        return Patient(who.id or self.consultation, *names, ins, who.status, who.reference)

    def _device(self) -> Device | None:
        if self.device is None:
            return None
        given = {name: text for name, text in msgspec.structs.asdict(self.device).items() if name not in ("system_id", "address")}
        key = " ".join(filter(None, (self.device.model, self.device.serial))) or self.device.name
        address = self.device.address.replace("-", ":").upper()
        return Device(key=key, driver="", system_id=_hexadecimal(self.device.system_id), address=address, **given)

    def _clock(self, zone: tzinfo) -> ClockReading | None:
        if self.clock is None:
            return None
        return ClockReading("", self.clock.device_time.replace(tzinfo=None), Instant(0.0, aware(self.clock.received_at, zone)))


def _hexadecimal(text: str) -> str:
    return text.replace("-", "").replace(":", "").upper()


def aware(given: datetime, zone: tzinfo) -> datetime:
    """`given` with its own zone, or `zone` where it has none."""
    return given if given.tzinfo is not None else given.replace(tzinfo=zone)


def load(text: bytes) -> Session:
    """Read a session file.

    Raises:
        SessionError: not JSON, an unknown, missing or wrong field.
    """
    try:
        return msgspec.json.decode(text, type=Session)
    except msgspec.ValidationError as error:
        raise SessionError(str(error).replace("`$.", "`")) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SessionError("the file is not JSON") from None
