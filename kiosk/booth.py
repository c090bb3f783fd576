"""The booth's desk: what each message of the screen, the links, the station, the specialist and the call means. Sans-IO.

It holds no socket, no file and no timer: ports are given, `tick` is called about every 12 ms, and the clock is an argument.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from drivers.device import ClockReading, Device
from drivers.gatt import record_access
from drivers.measurement import Absent
from kiosk.consultation import ending, interrupted, session, snapshot
from kiosk.consultation.idle import Idle, Phase
from kiosk.consultation.live import LiveGate
from kiosk.consultation.measuring import Answer, DeviceChanged, Live, Measuring, Rejected, Settled, Unattributed
from kiosk.consultation.record import ActRecord
from kiosk.consultation.session import Event, State
from kiosk.links.link import ClockSet, RecordTransfer
from kiosk.mapping import Mapping
from kiosk.post import Post
from kiosk.secure.envelope import Recipient
from kiosk.specialist_line import SpecialistLine
from kiosk.view import Result, blanked, live_message, numbers, view
from protocol import engine, screen, specialist, station

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.measurement import Instant, Reading
    from kiosk.links.link import Clock
    from kiosk.links.link import Event as LinkEvent
    from kiosk.secure.handshake import Agreement
    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings
    from kiosk.storage import Storage

_log = logging.getLogger(__name__)

#: the handshake does not wait longer for the call process: values do not depend on it
PREPARE_DEADLINE = 2.0
#: seconds between two copies of an unchanged consultation: the 15 minutes after a power cut count from the newest
PRESERVE = 60.0
FREEZE_MS = 2000.0
LOSS = 0.05
#: what a link says when its device is there and silent
NO_SIGNAL = "no signal"


class Ports(Protocol):
    """Where the booth's words go. None of these may block."""

    def to_screen(self, message: screen.ToScreen) -> None:
        """To the UI, if there is one."""

    def to_station(self, message: station.FromBooth) -> None:
        """To the station, if it is reached."""

    def relay(self, kind: int, body: bytes) -> None:
        """To the specialist's page, through the station."""

    def to_call(self, message: engine.ToCall) -> None:
        """To the call process, if it runs."""

    def to_device(self, device: str, source: str, data: bytes) -> None:
        """To an instrument, what its protocol waits for."""

    def congested(self) -> bool:
        """Whether the station's socket is behind."""


@dataclass(frozen=True, slots=True)
class Names:
    """Identifiers of a new consultation, from outside so that tests know them."""

    consultation: str
    ticket: str


class Booth:
    """One booth."""

    def __init__(
        self,
        settings: Settings,
        keys: BoothKeys,
        storage: Storage,
        clock: Clock,
        ports: Ports,
        names: Callable[[], Names],
        measuring: Measuring,
    ) -> None:
        self._settings, self._keys, self._clock, self._ports, self._names = settings, keys, clock, ports, names
        self._storage = storage
        self._measuring = measuring
        self._post = Post(keys, storage.outbox, ports.to_station, self)
        self._gate = LiveGate()
        self._mapping = Mapping(settings, keys)
        self._station: str = "connecting"
        self._call_up = False
        self._dirty = True
        self._idle = Idle(clock.now().monotonic)
        self.screen_ms: float | None = None
        self._reset()
        self._saved: tuple[bytes, float] = (b"", 0.0)
        self._take_up()

    def _reset(self) -> None:
        """Forget everything of the last consultation."""
        self._session = session.Consultation()
        self._record = ActRecord("")
        self._results: dict[str, Result] = {}
        self._texts: list[screen.TextLine] = []
        self._notices: tuple[str, ...] = ()
        self._line: SpecialistLine | None = None
        self._line_since = 0.0
        self._recipient: Recipient | None = None
        self._specialist = ""
        self._media = (False, False)
        self._verified: bool | None = None
        self._call_state: str = "off"
        self._call_reason = ""
        self._incidents: dict[str, bool] = {}
        self._slip: str | None = None
        self._gate = LiveGate()

    # --- a power cut ----------------------------------------------------------------------------------------------------------------

    def _take_up(self) -> None:
        """The consultation that a power cut has interrupted, if there is one."""
        now = self._clock.now()
        found = interrupted.load(self._storage.session, now.wall)
        if found is None:
            return
        kept, saved = found
        self._session = interrupted.cut(kept.consultation)
        self._record, self._results = ActRecord(kept.consultation.id, kept.entries), kept.results
        self._specialist, self._recipient = kept.specialist, kept.recipient
        self._measuring.remember(kept.devices, kept.clocks)
        self._idle.touched(now.monotonic - (now.wall - saved).total_seconds())
        self._incident("power-cut")

    def _resume(self) -> None:
        """Go on after a power cut: to the instruments when the consents were given, else to the questions before them."""
        self._step(Event.RESUME if self._session.consented else Event.IDENTIFY)
        self._measuring.open(self._clock.now())
        self._measuring.patient((self._session.ticket, self._session.ticket[1:]))
        self._write("resume", after="power-cut")

    def _preserve(self, now: Instant) -> None:
        """Keep the consultation for a power cut, whenever it has changed and once a minute."""
        if not self._session.open or self._session.patient is None:
            return
        state = snapshot.take(self._session, self._record.entries, self._results, self._measuring, self._specialist, self._recipient)
        if state == self._saved[0] and now.monotonic - self._saved[1] < PRESERVE:
            return
        interrupted.save(self._storage.session, state, now.wall)
        self._saved = (state, now.monotonic)

    # --- the screen -----------------------------------------------------------------------------------------------------------------

    def from_screen(self, message: screen.FromScreen) -> None:
        """One touch of the helper or the patient. What the state forbids changes nothing and is said."""
        self._idle.touched(self._clock.now().monotonic)
        try:
            self._touches()[type(message)](message)
        except session.NotAllowedError as error:
            _log.info("refused: %s", error)
            self._notices = ("not-now",)
        self._dirty = True

    def _touches(self) -> dict[type[screen.FromScreen], Callable[..., None]]:
        """What each message of the screen does."""
        return {
            screen.Ready: self._screen_ready,
            screen.OpenSession: lambda _: self._open(),
            screen.TypedIdentity: self._identify,
            screen.StopList: lambda message: self._triage(emergency=message.emergency),
            screen.Informed: self._inform,
            screen.Consent: self._consent,
            screen.Wait: lambda _: self._wait(),
            screen.Confirm: lambda message: self._confirm(message.id, accepted=message.accepted),
            screen.Attach: lambda message: self._attach(message.id),
            screen.Identical: lambda message: self._compare(same=message.same, by="booth"),
            screen.Media: self._switch_media,
            screen.Say: lambda message: self._say(message.text),
            screen.Pause: lambda message: self._pause(paused=message.paused),
            screen.End: lambda _: self._end("booth"),
            screen.NextPatient: lambda _: self._next(),
            screen.Touched: lambda _: None,
            screen.Person: self._person,
        }

    def _screen_ready(self, message: screen.Ready) -> None:
        self.screen_ms = message.first_frame_ms

    def _inform(self, message: screen.Informed) -> None:
        self._step(Event.INFORM, information=message.version)
        self._write("information", version=message.version)

    def _switch_media(self, message: screen.Media) -> None:
        self._media = (message.camera, message.microphone)
        self._ports.to_call(engine.Sources(camera=message.camera, microphone=message.microphone))
        self._write("media", camera=message.camera, microphone=message.microphone)

    def _person(self, message: screen.Person) -> None:
        self._session = session.person(self._session, message.role, here=message.here)
        self._write("present", role=message.role, here=message.here)
        joined = {"companion": "companion-joined", "second-professional": "professional-joined"}
        self._notices = tuple(key for key in (joined.get(message.role) if message.here else "person-left",) if key is not None)
        self._situation()

    def _pause(self, *, paused: bool) -> None:
        if self._session.state is State.INTERRUPTED and not paused:
            self._resume()
            return
        self._step(Event.PAUSE if paused else Event.RESUME)
        self._write("pause" if paused else "resume")
        self._ports.to_call(engine.Sources(camera=not paused and self._media[0], microphone=not paused and self._media[1]))
        self._situation()

    def _next(self) -> None:
        self._step(Event.NEXT)
        self._reset()

    def _open(self) -> None:
        if self._session.state is not State.IDLE:
            raise session.NotAllowedError("a consultation is open")
        names, now = self._names(), self._clock.now()
        self._reset()
        self._session = session.opened(names.consultation, names.ticket, now)
        self._record = ActRecord(names.consultation)
        self._measuring.open(now)
        self._measuring.patient((names.ticket, names.ticket[1:]))  # a scale's keyboard has no letters
        self._write("opened", booth=self._settings.pharmacy, helper=self._settings.helper, training=self._settings.training)

    def _identify(self, message: screen.TypedIdentity) -> None:
        patient = session.Patient(message.family_name.strip(), message.given_name.strip(), message.birth_date, message.sex)
        if not patient.family_name or not patient.given_name:
            self._notices = ("identity-incomplete",)
            return
        self._step(Event.IDENTIFY, patient=patient)
        traits = {"family": patient.family_name, "given": patient.given_name, "birth_date": patient.birth_date, "sex": patient.sex}
        self._write("identity", **traits, status="provisional", source="typed")

    def _triage(self, *, emergency: bool) -> None:
        if emergency:
            self._step(Event.EMERGENCY, triage=True)
            self._write("emergency", advice="15 / 112")
            return
        if not self._session.running or self._session.state is State.OPENED:
            raise session.NotAllowedError("the stop list comes after the identity")
        self._session = replace(self._session, triage=False)
        self._notices = ()
        self._write("stop-list", emergency=False)

    def _consent(self, message: screen.Consent) -> None:
        if not self._session.running or self._session.state in (State.OPENED, State.IDENTIFIED):
            raise session.NotAllowedError("consent comes after the information")
        consents = {**self._session.consents, message.subject: message.given}
        self._session = replace(self._session, consents=consents)
        self._write("consent", subject=message.subject, given=message.given, information=self._session.information)
        if self._session.state is State.INFORMED and self._session.consented:
            self._step(Event.CONSENT)
        elif self._session.state is not State.INFORMED and not self._session.consented:
            self._end("consent-withdrawn")

    def _wait(self) -> None:
        self._step(Event.WAIT)
        self._write("waiting", ticket=self._session.ticket)
        self._enter_waiting_room()

    def _enter_waiting_room(self) -> None:
        self._ports.to_station(station.OpenRoom(consultation=self._session.id, ticket=self._session.ticket))

    def _say(self, text: str) -> None:
        now = self._clock.now().wall
        if not text.strip() or self._line is None:
            return
        if self._line.send(specialist.Text(text=text, at=int(now.timestamp() * 1000))):
            self._texts.append(screen.TextLine("booth", text, now.isoformat(timespec="seconds")))

    def _compare(self, *, same: bool, by: str) -> None:
        if self._line is None or self._line.agreement is None:
            raise session.NotAllowedError("there is nothing to compare yet")
        self._write("authentication", same=same, by=by)
        self._verified = same if by == "booth" or not same else self._verified
        if not same:
            self._incident("key-mismatch")
            self._ports.to_call(engine.Hangup())
            self._leave_line()
            self._notices = ("authentication-differs",)

    # --- measurements ---------------------------------------------------------------------------------------------------------------

    def from_link(self, event: LinkEvent) -> None:
        """One event of a device's link."""
        for outcome in self._measuring.take(event):
            match outcome:
                case Live():
                    self._live(outcome)
                case Settled():
                    self._settle(outcome)
                case Unattributed():
                    self._withdraw(outcome.id)
                    self._write("unattributed", device=self._name(outcome.reading.device), reason=outcome.reason)
                    self._dirty = True
                case DeviceChanged():
                    self._device(outcome)
                case Answer():
                    self._ports.to_device(outcome.device, outcome.source, outcome.data)
                case Rejected():
                    if self._session.running and not self._incidents.get(f"refused:{outcome.device}"):
                        self._incidents[f"refused:{outcome.device}"] = True
                        self._incident("reading-refused", device=self._name(outcome.device), why=outcome.reason)
        self._note(event)

    def _note(self, event: LinkEvent) -> None:
        match event:
            case ClockSet():
                self._write("clock-set", device=self._name(event.device))
            case RecordTransfer():
                self._records_read(event)
            case ClockReading() | Device():
                self._dirty = True

    def _records_read(self, transfer: RecordTransfer) -> None:
        if not transfer.result or not self._session.running:
            return
        self._write("records-read", device=self._name(transfer.device), result=transfer.result)
        if transfer.result == record_access.Result.NO_RECORDS:
            self._notices = ("no-new-record",)
            self._dirty = True

    def _name(self, key: str) -> str:
        device = self._measuring.devices.get(key)
        return device.model or device.name or key if device is not None else key

    def _live(self, live: Live) -> None:
        reading = live.reading
        if self._session.state is State.PAUSED:
            return
        self._gate.curve(reading)
        if reading.measurements and self._gate.numbers_due(reading, congested=self._ports.congested()):
            self._ports.to_screen(live_message(reading))
            self._values(f"live:{reading.device}", reading, settled=False, measured=reading.received.wall.isoformat(), remarks=live.remarks)

    def _values(self, reading_id: str, reading: Reading, *, settled: bool, measured: str, remarks: tuple[str, ...]) -> None:
        if self._line is None:
            return
        self._line.send(
            specialist.Values(
                reading=reading_id,
                device=reading.device,
                name=self._name(reading.device),
                numbers=numbers(reading),
                settled=settled,
                received=reading.received.wall.timestamp() * 1000,
                measured=measured,
                flags=reading.flags,
                remarks=remarks,
            )
        )

    def _settle(self, settled: Settled) -> None:
        if settled.id in self._results:
            return
        self._idle.touched(self._clock.now().monotonic)
        failed = all(isinstance(measurement.value, Absent) for measurement in settled.reading.measurements)
        self._results[settled.id] = Result(settled, self._name(settled.reading.device), "failed" if failed else "pending")
        self._tell_result(settled.id)
        if failed:
            self._notices = ("measurement-failed",)
            self._incident("measurement-failed", device=self._name(settled.reading.device), flags=list(settled.reading.flags))
        self._write("measured", device=self._name(settled.reading.device), vitals=[m.vital for m in settled.reading.measurements])
        self._dirty = True

    def _withdraw(self, reading_id: str) -> None:
        """Take back a result that waits for the helper, and tell the specialist: it is not known to be this patient's any more."""
        result = self._results.get(reading_id)
        if result is None or result.state != "pending":
            return
        result.state = "rejected"
        self._tell_result(reading_id)
        del self._results[reading_id]

    def _tell_result(self, reading_id: str) -> None:
        result = self._results[reading_id]
        settled, marks = result.settled, result.settled.remarks
        if result.state in ("pending", "rejected"):
            marks = (*marks, "unconfirmed" if result.state == "pending" else "rejected")
        self._values(reading_id, settled.reading, settled=True, measured=settled.effective.isoformat(), remarks=marks)

    def _confirm(self, reading_id: str, *, accepted: bool) -> None:
        result = self._results.get(reading_id)
        if result is None or result.state not in ("pending", "confirmed"):
            raise session.NotAllowedError("there is no such result to confirm")
        result.state = "confirmed" if accepted else "rejected"
        self._write("confirmed" if accepted else "rejected", reading=reading_id)
        self._tell_result(reading_id)
        if accepted and self._recipient is not None:
            self._keep(reading_id, self._recipient)

    def _attach(self, reading_id: str) -> None:
        settled = self._measuring.attach(reading_id)
        if settled is None:
            raise session.NotAllowedError("there is no such reading")
        self._write("attached", reading=reading_id, by=self._settings.helper)
        self._settle(settled)

    def _keep(self, reading_id: str, recipient: Recipient) -> None:
        result = self._results[reading_id]
        device = self._measuring.devices[result.settled.reading.device]
        payload = self._mapping.bundle(self._session, result.settled, device, self._measuring.clock(device.key))
        self._post.send(recipient, reading_id, "observation", self._session.id, payload, self._clock.now().wall)
        result.state = "kept"
        self._write("kept", reading=reading_id, bundle=hashlib.sha256(payload).hexdigest())

    def sent(self, envelope_id: str) -> None:
        """The station has an envelope."""
        result = self._results.get(envelope_id)
        if result is not None and result.state == "kept":
            result.state = "sent"
            self._dirty = True

    def seen(self, envelope_id: str, at: int) -> None:
        """The specialist has signed for an envelope."""
        result = self._results.get(envelope_id)
        if result is not None:
            result.state, result.seen_at = "seen", at
            self._write("seen", reading=envelope_id, seen_at=at)
            self._dirty = True

    def forged(self, envelope_id: str) -> None:
        """A receipt without the specialist's signature."""
        self._incident("forged-receipt", reading=envelope_id)

    def _device(self, change: DeviceChanged) -> None:
        key = change.device.key
        self._dirty = True
        if change.up:
            self._incidents.pop(f"lost:{key}", None)
        elif change.reason:
            self._gate.forget(key)
            self._ports.to_screen(screen.LinkLost(key, "no-data" if change.reason == NO_SIGNAL else "connection-lost"))
            if self._line is not None:
                self._line.send(specialist.DeviceLost(device=key, reason=change.reason))
            if self._session.running and not self._incidents.get(f"lost:{key}"):
                self._incidents[f"lost:{key}"] = True
                self._incident("device-lost", device=self._name(key), why=change.reason)
        self._situation()

    # --- the station and the specialist ---------------------------------------------------------------------------------------------

    def station_up(self) -> None:
        """Signed in at the station."""
        self._station = "connected"
        if self._session.state in (State.WAITING, State.IN_CALL, State.PAUSED):
            self._enter_waiting_room()
        self._post.station_up()
        self._dirty = True

    def station_down(self, reason: str) -> None:
        """The station is not reached; `reason` "connecting" or "refused"."""
        if self._station == "connected" and self._session.running:
            self._incident("station-lost")
        self._station = "refused" if reason == "refused" else "connecting"
        self._specialist_gone()
        self._dirty = True

    def from_station(self, message: station.ToBooth) -> None:
        """One message of the station."""
        match message:
            case station.Joined():
                self._joined(message)
            case station.Left():
                self._specialist_gone()
            case station.Deposited():
                self._post.deposited(message, self._clock.now().wall)
            case station.Receipt():
                self._post.receipt(message)
            case station.Refused():
                self._write("station-refused", reason=message.reason)
            case _:
                pass
        self._dirty = True

    def relayed(self, kind: int, body: bytes) -> None:
        """One frame of the specialist's page."""
        if self._line is not None:
            self._line.received(kind, body)

    def _joined(self, message: station.Joined) -> None:
        if message.consultation != self._session.id or self._session.state not in (State.WAITING, State.IN_CALL, State.PAUSED):
            return
        self._leave_line()
        self._line = SpecialistLine(self._keys, self._session.id, self._settings.pharmacy, self._ports.relay, self)
        self._line_since = self._clock.now().monotonic
        self._verified, self._call_state, self._call_reason = None, "connecting", ""
        servers = tuple(engine.IceServer(server.urls, server.username, server.credential) for server in message.ice_servers)
        self._ports.to_call(engine.Prepare(ice_servers=servers, relay_only=False))

    def agreed(self, agreement: Agreement) -> None:
        """The handshake with the page is done."""
        if self._session.state is State.WAITING:
            self._step(Event.JOIN)
        self._specialist = agreement.name
        self._recipient = Recipient(agreement.identity, agreement.sealing)
        self._write("joined", specialist=agreement.name, key=agreement.identity.hex())
        self._situation()
        for reading_id, result in self._results.items():
            self._tell_result(reading_id)
            if result.state == "confirmed":
                self._keep(reading_id, self._recipient)
        self._dirty = True

    def said(self, message: specialist.FromSpecialist) -> None:
        """One sealed message of the specialist."""
        match message:
            case specialist.Offer():
                self._ports.to_call(engine.Offer(sdp=message.sdp))
                self._ports.to_call(engine.Sources(camera=self._media[0], microphone=self._media[1]))
            case specialist.Candidate():
                self._ports.to_call(engine.RemoteCandidate(candidate=message.candidate, mid=message.mid))
            case specialist.Text():
                self._texts.append(screen.TextLine("specialist", message.text, self._clock.now().wall.isoformat(timespec="seconds")))
            case specialist.Ask():
                self._notices = (f"asked-{message.vital}",)
                self._write("asked", vital=message.vital)
            case specialist.Verified():
                self._compare(same=message.same, by="specialist")
            case specialist.Report():
                self._write("report", text=message.text, conclusion=message.conclusion, author=self._specialist)
            case specialist.Leave():
                self._end("specialist")
        self._dirty = True

    def broken(self, reason: str, *, detail: str) -> None:
        """The line to the page is over without its final message."""
        self._incident(reason, detail=detail)
        self._notices = (reason,)
        self._dirty = True

    def _specialist_gone(self) -> None:
        if self._line is None:
            return
        self._line.left()
        self._leave_line()
        if self._session.state in (State.IN_CALL, State.PAUSED):
            self._write("left", specialist=self._specialist)
            self._step(Event.LEAVE)

    def _leave_line(self) -> None:
        if self._line is not None:
            self._line = None
            self._call_state = "off"
            self._ports.to_call(engine.Hangup())

    def _situation(self) -> None:
        if self._line is None or self._session.patient is None:
            return
        patient = self._session.patient
        self._line.send(
            specialist.Situation(
                consultation=self._session.id,
                booth=self._settings.pharmacy,
                patient=patient.label,
                birth_date=patient.birth_date,
                sex=patient.sex,
                stage=self._session.state.value,
                present=("patient", *self._session.people),
                instruments=tuple(
                    specialist.Instrument(device.key, self._name(device.key), "ready" if self._measuring.is_up(device.key) else "absent")
                    for device in self._measuring.devices.values()
                ),
                training=self._settings.training,
            )
        )

    # --- the call -------------------------------------------------------------------------------------------------------------------

    def call_up(self) -> None:
        """The call process is there."""
        self._call_up = True

    def call_down(self) -> None:
        """The call process is gone; the agent starts it again."""
        if self._call_up and self._session.state is State.IN_CALL:
            self._incident("call-process-lost")
            self._call_failed("call-restarted")
        self._call_up = False

    def from_call(self, message: engine.FromCall) -> None:
        """One message of the call process."""
        match message:
            case engine.Prepared():
                if self._line is not None:
                    self._line.prepared(message.fingerprints)
            case engine.Answer():
                if self._line is not None:
                    self._line.send(specialist.Answer(sdp=message.sdp))
            case engine.State():
                self._call(message)
            case engine.Statistics():
                self._quality(message)
            case _:
                pass

    def _call(self, message: engine.State) -> None:
        if message.state == "connected" and self._call_state != "connected":
            self._write("call-connected")
        if message.state == "failed":
            self._call_failed(message.reason)
        elif self._line is not None and message.state in ("connecting", "connected"):
            self._call_state = message.state
        self._dirty = True

    def _call_failed(self, reason: str) -> None:
        self._call_state, self._call_reason = "failed", reason
        self._incident("call-failed", why=reason)
        if self._line is not None:
            self._line.send(specialist.CallFailed(reason=reason))
        self._dirty = True

    def _quality(self, message: engine.Statistics) -> None:
        for reason, bad in (("freeze", message.freeze_ms > FREEZE_MS), ("loss", message.loss > LOSS)):
            if bad and not self._incidents.get(reason):
                self._incident(reason, freeze_ms=round(message.freeze_ms), loss_percent=round(message.loss * 100))
            self._incidents[reason] = bad

    # --- the end --------------------------------------------------------------------------------------------------------------------

    def _end(self, by: str) -> None:
        self._step(Event.END)
        self._write("ended", by=by)
        record = self._record.close(self._keys)
        digest = hashlib.sha256(record).hexdigest()
        if self._recipient is not None:
            self._post.send(self._recipient, f"record-{digest[:24]}", "record", self._session.id, record, self._clock.now().wall)
        if self._line is not None:
            self._line.send(specialist.Ended(record=digest), final=True)
        ending.keep_trace(self._storage, self._record, digest)
        self._leave_line()
        self._ports.to_station(station.CloseRoom(consultation=self._session.id))
        self._measuring.close()
        self._storage.session.erase()
        ended = self._session
        self._reset()
        self._session = session.step(session.Consultation(id=ended.id, ticket=ended.ticket, state=ended.state), Event.ERASE)
        self._slip = digest
        self._dirty = True

    # --- time -----------------------------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Batches, deadlines and the view."""
        now = self._clock.now()
        for batch in self._gate.curves_due(now.monotonic, congested=self._ports.congested()):
            self._ports.to_screen(screen.Curve(batch.device, batch.vital, tuple(batch.samples), batch.period))
            if self._line is not None and not self._ports.congested():
                received = (now.wall.timestamp() - (now.monotonic - batch.last)) * 1000
                self._line.send(
                    specialist.Curve(
                        device=batch.device,
                        vital=batch.vital,
                        sequence=batch.sequence,
                        samples=tuple(batch.samples),
                        period=batch.period * 1000,
                        received=received,
                    )
                )
        if self._line is not None and now.monotonic - self._line_since > PREPARE_DEADLINE:
            self._line.prepared(())
        self._nobody_there(now.monotonic)
        if self._dirty or now.monotonic - self._saved[1] >= PRESERVE:
            self._preserve(now)
        if self._dirty:
            self._dirty = False
            self._ports.to_screen(self.view())

    def _nobody_there(self, now: float) -> None:
        """Warn, blank and close when nobody touches the screen; a specialist in the consultation is somebody."""
        if not self._session.open or self._session.state is State.IN_CALL:
            self._idle.touched(now)
        if self._idle.passed(now):
            self._dirty = True
            if self._idle.phase is Phase.OVER:
                self._end("idle")
                self._idle.touched(now)
                self._idle.passed(now)

    def view(self) -> screen.View:
        """What the screen shows now."""
        agreement = self._line.agreement if self._line is not None else None
        call = screen.CallView(
            state=self._call_state,  # type: ignore[arg-type]
            specialist=self._specialist if self._line is not None else "",
            authentication=agreement.authentication if agreement is not None else None,
            verified=self._verified,
            camera=self._media[0],
            microphone=self._media[1],
            message=self._call_reason,
        )
        left = ending.remaining(self._storage, self._session.id) if self._session.state is State.ERASED else None
        notices = (*self._idle.notices, *self._notices)
        shown = view(
            self._settings, self._session, self._station, self._measuring, self._results, call, self._texts, notices, self._slip, left
        )
        return blanked(shown) if self._idle.blank else shown

    # --- helpers --------------------------------------------------------------------------------------------------------------------

    def _step(self, event: Event, **changes: object) -> None:
        self._session = replace(session.step(self._session, event), **changes)  # type: ignore[arg-type]
        self._notices = ()

    def _write(self, kind: str, **data: object) -> None:
        if self._session.state is not State.IDLE:
            self._record.add(self._clock.now().wall, kind, **data)

    def _incident(self, reason: str, **data: object) -> None:
        _log.warning("incident: %s", reason)
        self._write("incident", reason=reason, **data)
