"""The screen's View and the values of a reading, from what the booth knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from drivers.measurement import Absent, Reading
from kiosk.consultation.prompts import prompt
from kiosk.consultation.session import State
from kiosk.consultation.shown import shown, text, unit
from protocol import screen, specialist

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.device import Device
    from drivers.measurement import Instant
    from kiosk.consultation.live import Batch
    from kiosk.consultation.measuring import Measuring
    from kiosk.consultation.result import Result
    from kiosk.consultation.session import Consultation
    from kiosk.settings import Settings


@dataclass(frozen=True, slots=True)
class Lines:
    """Devices that bring values at this moment, and devices that were lost in this consultation."""

    measuring: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


def values(reading: Reading) -> tuple[screen.Value, ...]:
    """The reading's numbers for the screen."""
    return tuple(screen.Value(number.vital, number.value, number.absent, number.unit) for number in numbers(reading))


def numbers(reading: Reading) -> tuple[specialist.Number, ...]:
    """The reading's numbers for the specialist."""
    return tuple(
        specialist.Number(
            vital=measurement.vital,
            value=text(measurement),
            absent=measurement.value.value if isinstance(measurement.value, Absent) else None,
            unit=unit(measurement.unit),
        )
        for measurement in shown(reading.measurements)
    )


def live_message(reading: Reading) -> screen.Live:
    """A live reading for the screen."""
    return screen.Live(reading.device, values(reading), reading.flags, reading.received.monotonic)


def curve_message(batch: Batch, now: Instant) -> specialist.Curve:
    """Samples for the specialist."""
    return specialist.Curve(
        device=batch.device,
        vital=batch.vital,
        sequence=batch.sequence,
        samples=tuple(batch.samples),
        period=batch.period * 1000,
        received=(now.wall.timestamp() - (now.monotonic - batch.last)) * 1000,
    )


_SHOWN_STATE = {"confirmed": "pending", "failed": "rejected"}


def _kept(results: dict[str, Result]) -> tuple[screen.Kept, ...]:
    return tuple(
        screen.Kept(
            id=key,
            values=values(result.settled.reading),
            device=result.name,
            taken=result.settled.effective.isoformat(timespec="seconds"),
            state=_SHOWN_STATE.get(result.state, result.state),  # type: ignore[arg-type]
            seen_at=None if result.seen_at is None else datetime.fromtimestamp(result.seen_at / 1000, UTC).astimezone().isoformat(),
            remarks=(*result.settled.remarks, *(("waits-for-specialist",) if result.state == "confirmed" else ())),
        )
        for key, result in results.items()
    )


def _unattributed(measuring: Measuring) -> tuple[screen.Unattributed, ...]:
    return tuple(
        screen.Unattributed(
            id=entry.id,
            values=values(entry.reading),
            device=entry.reading.device,
            taken=None if entry.reading.device_time is None else entry.reading.device_time.isoformat(),
            reason=entry.reason,
        )
        for entry in measuring.unattributed
    )


def _devices(measuring: Measuring, lines: Lines, *, child: bool) -> tuple[screen.DeviceLine, ...]:
    return tuple(_device(key, device, measuring, lines, child=child) for key, device in sorted(measuring.devices.items()))


def _device(key: str, device: Device, measuring: Measuring, lines: Lines, *, child: bool) -> screen.DeviceLine:
    name = device.model or device.name or key
    if not measuring.is_up(key):
        return screen.DeviceLine(key, name, "absent", "device-lost" if key in lines.lost else "device-off")
    if key in lines.measuring:
        return screen.DeviceLine(key, name, "measuring", "device-measuring")
    return screen.DeviceLine(key, name, "ready", prompt(measuring.measures(key), child=child))


def blanked(shown: screen.View) -> screen.View:
    """The view with nothing of the patient: nobody seems to be there."""
    return msgspec.structs.replace(
        shown,
        blank=True,
        patient="",
        kept=(),
        unattributed=(),
        texts=(),
        candidates=(),
        guardian=None,
        revealed="",
        unsent=(),
        exam=screen.ExamView(),
        room=screen.RoomView(),
    )


def view(
    settings: Settings,
    session: Consultation,
    station: str,
    measuring: Measuring,
    results: dict[str, Result],
    lines: Lines,
    call: screen.CallView,
    texts: Iterable[screen.TextLine],
    notices: tuple[str, ...],
    slip: str | None,
    remaining: screen.Remaining | None = None,
) -> screen.View:
    """Everything the screen shows but live values and curves; nothing of the patient while nobody knows whether it is still the same one."""
    hidden = session.state is State.INTERRUPTED
    return screen.View(
        stage="idle" if session.state is State.OPENED else session.state.value,  # type: ignore[arg-type]
        training=settings.training,
        pharmacy=settings.pharmacy,
        ticket=session.ticket,
        patient="" if hidden else session.label,
        station=station,  # type: ignore[arg-type]
        devices=_devices(measuring, lines, child=session.minor),
        kept=() if hidden else _kept(results),
        unattributed=_unattributed(measuring),
        call=call,
        texts=tuple(texts),
        notices=notices,
        consents=dict(session.consents),
        slip=slip,
        opened=session.state is State.OPENED,
        remaining=remaining,
        emergency=session.triage,
        identity="" if session.patient is None else session.patient.status.value,
        minor=session.minor,
        guardian=None if session.guardian is None or hidden else session.guardian.label,
        pseudonym=session.pseudonym,
        revealed=session.revealed,
        copies=bool(settings.patient_copy),
        present=("patient", *session.people, *(("specialist",) if call.authentication else ())) if session.running else (),
    )
