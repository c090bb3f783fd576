"""An open consultation as octets and back: traits, consents, record, and the results that are not sealed yet with their devices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from drivers.device import ClockReading, Device
from drivers.identity import Check, Identifier, Number, Trust
from drivers.measurement import Absent, Instant, Measurement, Reading, Waveform
from kiosk.consultation.identity import PatientIdentity, Step
from kiosk.consultation.measuring import Settled
from kiosk.consultation.result import Result
from kiosk.consultation.session import Consultation, Guardian, State
from kiosk.secure.envelope import Recipient
from kiosk_fhir.context import IdentityStatus

if TYPE_CHECKING:
    from kiosk.consultation.measuring import Measuring

UNSEALED = ("pending", "confirmed")


@dataclass(frozen=True)
class Snapshot:
    """What a power cut must not lose. Masked in `repr`."""

    consultation: Consultation = field(repr=False)
    entries: list[dict[str, Any]] = field(repr=False)
    results: dict[str, Result] = field(repr=False)
    devices: tuple[Device, ...] = ()
    clocks: tuple[ClockReading, ...] = ()
    specialist: str = field(default="", repr=False)
    recipient: Recipient | None = field(default=None, repr=False)


def take(
    consultation: Consultation,
    entries: list[dict[str, Any]],
    results: dict[str, Result],
    measuring: Measuring,
    specialist: str,
    recipient: Recipient | None,
) -> bytes:
    """The octets of what is known now."""
    unsealed = {key: result for key, result in results.items() if result.state in UNSEALED}
    keys = sorted({result.settled.reading.device for result in unsealed.values()})
    clocks = (measuring.clock(key) for key in keys)
    snapshot = Snapshot(
        consultation,
        entries,
        unsealed,
        tuple(measuring.devices[key] for key in keys if key in measuring.devices),
        tuple(clock for clock in clocks if clock is not None),
        specialist,
        recipient,
    )
    return msgspec.msgpack.encode(msgspec.to_builtins(snapshot, builtin_types=(bytes,), enc_hook=_number_text))


def _number_text(value: object) -> str:
    """A person's number, which no encoder takes by itself: it may stand in the sealed file."""
    if isinstance(value, Number):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} is nothing that a power cut leaves")


def restore(octets: bytes) -> Snapshot:
    """What `take` has kept.

    Raises:
        ValueError: not of this version.
    """
    try:
        known = msgspec.msgpack.decode(octets)
        recipient = known["recipient"]
        return Snapshot(
            _consultation(known["consultation"]),
            known["entries"],
            {key: Result(_settled(kept["settled"]), kept["name"], kept["state"]) for key, kept in known["results"].items()},
            tuple(Device(**device) for device in known["devices"]),
            tuple(ClockReading(clock["device"], _time(clock["device_time"]), _instant(clock["received"])) for clock in known["clocks"]),
            known["specialist"],
            None if recipient is None else Recipient(**recipient),
        )
    except (KeyError, TypeError, ArithmeticError, msgspec.MsgspecError) as error:
        raise ValueError(f"not a consultation of this version: {type(error).__name__}") from None


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _instant(known: dict[str, Any]) -> Instant:
    return Instant(known["monotonic"], datetime.fromisoformat(known["wall"]))


def _consultation(known: dict[str, Any]) -> Consultation:
    opened, patient, guardian = known["opened"], known["patient"], known["guardian"]
    return replace(
        Consultation(**known),
        state=State(known["state"]),
        people=tuple(known["people"]),
        opened=None if opened is None else _instant(opened),
        patient=None if patient is None else _patient(patient),
        guardian=None if guardian is None else Guardian(**guardian),
    )


def _patient(known: dict[str, Any]) -> PatientIdentity:
    return replace(
        PatientIdentity(**known),
        trust=Trust(known["trust"]),
        given_names=tuple(known["given_names"]),
        status=IdentityStatus(known["status"]),
        ins=_identifier(known["ins"]),
        claimed=_identifier(known["claimed"]),
        history=tuple(Step(step["event"], step["by"], datetime.fromisoformat(step["at"]), step["detail"]) for step in known["history"]),
    )


def _identifier(known: dict[str, Any] | None) -> Identifier | None:
    return None if known is None else Identifier(known["system"], Number(known["value"]), Check(known["check"]), known["belongs_to"])


def _settled(known: dict[str, Any]) -> Settled:
    return Settled(
        known["id"],
        _reading(known["reading"]),
        datetime.fromisoformat(known["effective"]),
        known["corrected"],
        tuple(known["remarks"]),
        known["attached"],
    )


def _reading(known: dict[str, Any]) -> Reading:
    return msgspec.structs.replace(
        Reading(**known),
        received=_instant(known["received"]),
        device_time=_time(known["device_time"]),
        measurements=tuple(Measurement(one["vital"], _number(one["value"]), one["unit"]) for one in known["measurements"]),
        waveforms=tuple(_waveform(one) for one in known["waveforms"]),
        flags=tuple(known["flags"]),
    )


def _number(text: str) -> Decimal | Absent:
    return Absent(text) if text in set(Absent) else Decimal(text)


def _waveform(known: dict[str, Any]) -> Waveform:
    offset = known["offset"]
    return replace(
        Waveform(**known),
        samples=tuple(known["samples"]),
        period=Decimal(known["period"]),
        scale=Decimal(known["scale"]),
        offset=None if offset is None else Decimal(offset),
    )
