"""Measurements at the desk: live values pass, a settled result waits for the helper, is kept, sent and seen."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from drivers.device import ClockReading, Device
from drivers.gatt import record_access
from drivers.measurement import Absent
from kiosk.booth.view import Lines, curve_message, live_message, numbers
from kiosk.consultation import child_limits, session
from kiosk.consultation.live import LiveGate
from kiosk.consultation.measuring import Answer, BoothClockUnsure, DeviceChanged, Live, Measuring, Rejected, Settled, Unattributed
from kiosk.consultation.result import Result
from kiosk.consultation.session import State
from kiosk.links.link import ClockSet, RecordTransfer
from kiosk.mapping import Mapping
from kiosk.post import Post, Receipts
from kiosk_fhir.codes import BLOOD_PRESSURE
from protocol import screen, specialist

if TYPE_CHECKING:
    from drivers.measurement import Instant, Reading
    from kiosk.booth.case import Case
    from kiosk.booth.photos import Photos
    from kiosk.booth.ports import Ports
    from kiosk.consultation.idle import Idle
    from kiosk.links.link import Event as LinkEvent
    from kiosk.secure.envelope import Recipient
    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings
    from kiosk.storage import Storage
    from kiosk_fhir.media import Photograph

#: what a link says when its device is there and silent
NO_SIGNAL = "no signal"
#: seconds after which a live value is old (the screen greys it then)
STALE = 3.0


class Results:
    """The results of the open consultation and the way of each."""

    def __init__(
        self, case: Case, settings: Settings, keys: BoothKeys, storage: Storage, ports: Ports, measuring: Measuring, idle: Idle
    ) -> None:
        self._case, self._settings, self._ports, self._idle = case, settings, ports, idle
        self.measuring = measuring
        #: who else has envelopes on their way
        self.receipts = Receipts([self])
        self.post = Post(keys, storage.outbox, ports.to_station, self.receipts)
        self.mapping = Mapping(settings, keys)
        self.photos: Photos | None = None
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self.all: dict[str, Result] = {}
        #: what of the live values goes to the booth's own screen, and to the specialist
        self._shown, self._told = LiveGate(), LiveGate()
        self._heard: dict[str, float] = {}
        self._lost: set[str] = set()
        #: the vitals of which a device gives live values
        self._given: dict[str, frozenset[str]] = {}
        #: what has settled while the card was out: the specialist hears of it when the card is back
        self._held: set[str] = set()

    def aged(self) -> None:
        """The patient is known: judge by the age what comes, and what came before."""
        patient, today = self._case.session.patient, self._case.clock.now().wall.astimezone(self._settings.zone).date()
        age = child_limits.youngest(patient.birth_date, today) if patient is not None else None
        self.measuring.child(child_limits.at(age, self._settings.child_limits))
        for result in self.all.values():
            result.settled = replace(result.settled, remarks=self.measuring.remarks(result.settled.reading))

    def name(self, key: str) -> str:
        """What people call a device."""
        device = self.measuring.devices.get(key)
        return device.model or device.name or key if device is not None else key

    # --- what the links bring -------------------------------------------------------------------------------------------------------

    def take(self, event: LinkEvent) -> None:
        """One event of a device's link."""
        for outcome in self.measuring.take(event):
            match outcome:
                case Live():
                    self._live(outcome)
                case Settled():
                    self._settle(outcome)
                case Unattributed():
                    self._withdraw(outcome.id)
                    self._case.write("unattributed", device=self.name(outcome.reading.device), reason=outcome.reason)
                    self._case.dirty = True
                case DeviceChanged():
                    self._device(outcome)
                case BoothClockUnsure():
                    self._case.incident("booth-clock-unsure", device=self.name(outcome.device))
                    self._case.notify("booth-clock-unsure")
                case Answer():
                    self._ports.to_device(outcome.device, outcome.source, outcome.data)
                case Rejected():
                    if self._case.session.running and self._case.begins(f"refused:{outcome.device}"):
                        self._case.incident("reading-refused", device=self.name(outcome.device), why=outcome.reason)
        self._note(event)

    def _note(self, event: LinkEvent) -> None:
        match event:
            case ClockSet():
                self._case.write("clock-set", device=self.name(event.device))
            case RecordTransfer():
                self._records_read(event)
            case ClockReading() | Device():
                self._case.dirty = True

    def _records_read(self, transfer: RecordTransfer) -> None:
        if not transfer.result or not self._case.session.running:
            return
        self._case.write("records-read", device=self.name(transfer.device), result=transfer.result)
        waiting = any(entry.reading.device == transfer.device for entry in self.measuring.unattributed)
        if transfer.result == record_access.Result.NO_RECORDS and not waiting:
            self._case.notify("no-new-record", device=transfer.device)

    def _live(self, live: Live) -> None:
        reading = live.reading
        self._case.ends(f"refused:{reading.device}")
        if reading.device not in self._heard:
            self._case.dirty = True
        self._heard[reading.device] = reading.received.monotonic
        given = _given(reading)
        self._works(reading.device, given, new=given - self._given.get(reading.device, frozenset()))
        self._given[reading.device] = given
        if self._case.session.state is State.PAUSED or self._case.away:
            return
        self._shown.take(live)
        self._told.take(live)
        self._flow(self._case.clock.now())

    def behind(self, now: float) -> bool:
        """Whether the way to the specialist was full of late."""
        return self._told.behind(now)

    @property
    def lines(self) -> Lines:
        """What the devices are at."""
        return Lines(frozenset(self._heard), frozenset(self._lost))

    def tick(self, now: Instant) -> None:
        """Whoever has fallen silent does not measure any more; and the batches of curves whose samples do not come on."""
        for key in [key for key, at in self._heard.items() if now.monotonic - at > STALE]:
            del self._heard[key]
            self._given.pop(key, None)
            self._case.dirty = True
        self._flow(now)

    def _congested(self) -> bool:
        """Whether what is sent to the page waits on its way."""
        case = self._case
        if case.line is not None and case.line.late:
            return True
        elsewhere = case.line is not None and case.line.on_channel and case.visit is None
        return self._ports.congested() and not elsewhere

    def _flow(self, now: Instant) -> None:
        """Let go what is due of the live values: the screen never waits for the link."""
        if self._case.session.state is State.PAUSED or self._case.away:
            return
        for live in self._shown.numbers_due(now.monotonic):
            self._ports.to_screen(live_message(live.reading))
        for batch in self._shown.curves_due(now.monotonic):
            self._ports.to_screen(screen.Curve(batch.device, batch.vital, tuple(batch.samples), batch.period))
        congested = self._congested()
        for live in self._told.numbers_due(now.monotonic, congested=congested):
            reading = live.reading
            self._values(f"live:{reading.device}", reading, settled=False, measured=reading.received.wall.isoformat(), remarks=live.remarks)
        for batch in self._told.curves_due(now.monotonic, congested=congested):
            self._case.send(curve_message(batch, now))

    def _device(self, change: DeviceChanged) -> None:
        key = change.device.key
        self._case.dirty = True
        if change.up:
            self._case.ends(f"lost:{key}")
            self._lost.discard(key)
        elif change.reason:
            self._shown.forget(key)
            self._told.forget(key)
            self._heard.pop(key, None)
            self._given.pop(key, None)
            self._lost.add(key)
            self._ports.to_screen(screen.LinkLost(key, "no-data" if change.reason == NO_SIGNAL else "connection-lost"))
            self._case.send(specialist.DeviceLost(device=key, reason=change.reason))
            if self._case.session.running and self._case.begins(f"lost:{key}"):
                self._case.incident("device-lost", device=self.name(key), why=change.reason)
        self.situation()

    # --- the way of one result ------------------------------------------------------------------------------------------------------

    def _settle(self, settled: Settled) -> None:
        if settled.id in self.all:
            return
        self._idle.touched(self._case.clock.now().monotonic)
        self._case.ends(f"refused:{settled.reading.device}")
        self._told.settled(settled.reading.device)
        given = _given(settled.reading)
        failed = all(isinstance(measurement.value, Absent) for measurement in settled.reading.measurements)
        self._works(settled.reading.device, given, new=given)
        self.all[settled.id] = Result(settled, self.name(settled.reading.device), "failed" if failed else "pending")
        if self._case.away:
            self._held.add(settled.id)
        else:
            self.tell(settled.id)
        if failed:
            self._case.notify("measurement-failed", device=settled.reading.device)
            self._case.incident("measurement-failed", device=self.name(settled.reading.device), flags=list(settled.reading.flags))
        self._case.write("measured", reading=settled.id, device=self.name(settled.reading.device), values=_said(settled.reading))
        self._case.dirty = True

    def _works(self, device: str, given: frozenset[str], new: frozenset[str]) -> None:
        """A device gives values: what the screen has said of its failure is over, and that somebody waits for one of the `new` ones."""
        if given:
            self._case.over("measurement-failed", "no-new-record", device=device)
        self._case.over(*(f"asked-{vital}" for vital in new))

    def _withdraw(self, reading_id: str) -> None:
        """Take back a result that waits for the helper, and tell the specialist: it is not known to be this patient's any more."""
        result = self.all.get(reading_id)
        if result is None or result.state != "pending":
            return
        result.state = "rejected"
        if reading_id not in self._held:
            self.tell(reading_id)
        self._held.discard(reading_id)
        del self.all[reading_id]

    def confirm(self, reading_id: str, *, accepted: bool) -> None:
        """The helper's word on a pending result. Raises NotAllowedError."""
        result = self.all.get(reading_id)
        if result is None or result.state not in ("pending", "confirmed"):
            raise session.NotAllowedError("there is no such result to confirm")
        result.state = "confirmed" if accepted else "rejected"
        self._case.write("confirmed" if accepted else "rejected", reading=reading_id)
        self.tell(reading_id)
        if accepted and self._case.recipient is not None:
            self._keep(reading_id, self._case.recipient)

    def attach(self, reading_id: str) -> None:
        """The helper says that an unattributed reading is this patient's. Raises NotAllowedError."""
        settled = self.measuring.attach(reading_id)
        if settled is None:
            raise session.NotAllowedError("there is no such reading")
        self._case.write("attached", reading=reading_id, by=self._settings.helper)
        self._settle(settled)

    def tell_all(self) -> None:
        """Every result as it stands, for a guest who has just come; the specialist's list has them already."""
        for reading_id in self.all:
            if reading_id not in self._held:
                self.tell(reading_id)

    def deliver(self, recipient: Recipient) -> None:
        """A specialist is there: tell every result, and seal what has waited for somebody to seal it for."""
        for reading_id, result in self.all.items():
            if reading_id not in self._held:
                self.tell(reading_id)
            if result.state == "confirmed":
                self._keep(reading_id, recipient)

    def card_is_back(self) -> None:
        """Tell what has settled while it was out."""
        held, self._held = self._held, set()
        for reading_id in self.all:
            if reading_id in held:
                self.tell(reading_id)

    def _keep(self, reading_id: str, recipient: Recipient) -> None:
        result = self.all[reading_id]
        device = self.measuring.devices[result.settled.reading.device]
        payload = self.mapping.bundle(self._case.session, result.settled, device, self.measuring.clock(device.key))
        self.post.send(recipient, reading_id, "observation", self._case.session.id, payload, self._case.clock.now().wall)
        result.state = "kept"
        self._case.write("kept", reading=reading_id, bundle=hashlib.sha256(payload).hexdigest())

    def outcomes(self) -> dict[str, int]:
        """How many results are how far, of those that nobody needs to be told of by name."""
        states = [result.state for result in self.all.values()]
        return {state: states.count(state) for state in ("seen", "sent", "kept", "rejected") if state in states}

    def unsent(self) -> tuple[screen.Unsent, ...]:
        """What the end erases unsent: into the record, values and all, and by name for the slip."""
        found = []
        for reading_id, result in self.all.items():
            if result.state not in ("pending", "confirmed"):
                continue
            reason: Literal["unconfirmed", "no-specialist"] = "unconfirmed" if result.state == "pending" else "no-specialist"
            self._case.write(
                "unsent",
                reason=reason,
                reading=reading_id,
                device=result.name,
                measured=result.settled.effective.isoformat(timespec="seconds"),
                values=_said(result.settled.reading),
            )
            found.append(screen.Unsent(result.name, tuple(number.vital for number in numbers(result.settled.reading)), reason))
        return tuple(found)

    def send_photo(self, photo_id: str, photograph: Photograph, device: Device) -> None:
        """Seal a photograph that the patient lets go; on return it is on disk. Raises NotAllowedError without a specialist."""
        if self._case.recipient is None:
            raise session.NotAllowedError("nobody is there to seal it for")
        payload = self.mapping.photograph(self._case.session, photograph, device)
        self.post.send_in_parts(self._case.recipient, photo_id, "photo", self._case.session.id, payload, self._case.clock.now().wall)

    def sent(self, envelope_id: str) -> None:
        """The station has an envelope."""
        if self.photos is not None and self.photos.sent(envelope_id):
            return
        result = self.all.get(envelope_id)
        if result is not None and result.state == "kept":
            result.state = "sent"
            self._case.dirty = True

    def seen(self, envelope_id: str, at: int) -> None:
        """The specialist has signed for an envelope."""
        if self.photos is not None and self.photos.seen(envelope_id, at):
            return
        result = self.all.get(envelope_id)
        if result is not None:
            result.state, result.seen_at = "seen", at
            self._case.write("seen", reading=envelope_id, seen_at=at)
            self._case.dirty = True

    def forged(self, envelope_id: str) -> None:
        """A receipt without the specialist's signature."""
        self._case.incident("forged-receipt", reading=envelope_id)
        self._case.notify("forged-receipt")
        self._case.dirty = True

    # --- what the specialist is told ------------------------------------------------------------------------------------------------

    def tell(self, reading_id: str) -> None:
        """One result as it stands now."""
        result = self.all[reading_id]
        settled, marks = result.settled, result.settled.remarks
        if result.state in ("pending", "rejected"):
            marks = (*marks, "unconfirmed" if result.state == "pending" else "rejected")
        self._values(reading_id, settled.reading, settled=True, measured=settled.effective.isoformat(), remarks=marks)

    def _values(self, reading_id: str, reading: Reading, *, settled: bool, measured: str, remarks: tuple[str, ...]) -> None:
        self._case.send(
            specialist.Values(
                reading=reading_id,
                device=reading.device,
                name=self.name(reading.device),
                numbers=numbers(reading),
                settled=settled,
                received=reading.received.wall.timestamp() * 1000,
                measured=measured,
                flags=reading.flags,
                remarks=remarks,
            )
        )

    def situation(self) -> None:
        """Who is there, at which stage, and with which instruments."""
        here = self._case.session
        patient = here.patient
        if patient is None:
            return
        self._case.send(
            specialist.Situation(
                consultation=here.id,
                booth=self._settings.pharmacy,
                patient=here.label,
                birth_date=patient.birth_date[:4] if here.hidden else patient.birth_date,
                sex=patient.sex,
                stage=here.state.value,
                present=(
                    "patient",
                    *here.people,
                    *(("guest",) if self._case.visit is not None and self._case.visit.state == "here" else ()),
                ),
                instruments=tuple(
                    specialist.Instrument(device.key, self.name(device.key), "ready" if self.measuring.is_up(device.key) else "absent")
                    for device in self.measuring.devices.values()
                ),
                training=self._settings.training,
                identity=patient.status.value,
                guardian=here.guardian.label if here.guardian is not None else "",
                pseudonym=here.hidden,
            )
        )


def _given(reading: Reading) -> frozenset[str]:
    """The vitals of which it has a value, by the names that a specialist asks for them."""
    found = {measurement.vital for measurement in reading.measurements if not isinstance(measurement.value, Absent)}
    pressure = {BLOOD_PRESSURE} if {"systolic", "diastolic"} <= found else set()
    return frozenset(found | pressure | {wave.vital for wave in reading.waveforms})


def _said(reading: Reading) -> dict[str, str]:
    """A result as the act record holds it: vital -> value with its unit, or why there is none."""
    return {number.vital: f"{number.value or number.absent} {number.unit}".strip() for number in numbers(reading)}
