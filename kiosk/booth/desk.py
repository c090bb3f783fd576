"""The desk itself: its parts put together, the station's word, time, and what the screen shows.

It holds no socket, no file and no timer: ports are given, `tick` is called about every 12 ms, and the clock is an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from kiosk.booth import remains
from kiosk.booth.auscultation import DEVICE, Auscultation
from kiosk.booth.call import Call
from kiosk.booth.case import Case
from kiosk.booth.closing import Closing
from kiosk.booth.exam import Exam
from kiosk.booth.guest import Guest
from kiosk.booth.identification import Identification, Turns
from kiosk.booth.network import Network
from kiosk.booth.power_cut import PowerCut
from kiosk.booth.results import Results
from kiosk.booth.room import RoomCheck
from kiosk.booth.specialist import Specialist
from kiosk.booth.stay import Stay
from kiosk.booth.touches import Touches
from kiosk.booth.view import blanked, view
from kiosk.consultation.idle import Idle, Phase
from kiosk.consultation.session import State
from kiosk.links.code_camera import CodeCameraState
from kiosk.links.scanner import DoctorCode, ScannerState
from kiosk.links.smart_card import CardEvent
from protocol import engine, screen, station

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.identity import IdentityCandidate
    from kiosk.booth.ports import Names, Ports
    from kiosk.consultation.identity import IdentityError, InsiError, PatientIdentity
    from kiosk.consultation.measuring import Measuring
    from kiosk.links.identity_source import Event as IdentityEvent
    from kiosk.links.link import Clock
    from kiosk.links.link import Event as LinkEvent
    from kiosk.network_test.figures import Figures
    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings
    from kiosk.storage import Storage


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
        self._settings, self._storage, self._ports = settings, storage, ports
        self._station: str = "connecting"
        self._distrusted = ""
        self._case = Case(clock)
        self._idle = Idle(clock.now().monotonic)
        self._results = Results(self._case, settings, keys, storage, ports, measuring, self._idle)
        self._call = Call(self._case, ports, lambda: self._network.thin)
        self._exam = Exam(self._case, settings, ports, self._results, self._call)
        self._auscultation = Auscultation(self._case, settings, ports, self._results, self._call)
        self._results.receipts.append(self._auscultation)
        self._network = Network(self._case, ports)
        self._room = RoomCheck(self._case, self._call)
        self._closing = Closing(self._case, keys, storage, ports, self._results, self._call, self._auscultation, self._exam.photos)
        self._guest = Guest(self._case, settings, keys, ports, self._results)
        self._specialist = Specialist(
            self._case,
            settings,
            keys,
            ports,
            self._results,
            self._call,
            self._exam,
            self._auscultation,
            storage.trust,
            self._closing.end,
            self._guest,
        )
        self._power_cut = PowerCut(self._case, storage, self._results, self._idle)
        stay = Stay(self._case, self._results, self._call, self._exam, self._auscultation)
        turns = Turns(
            open=lambda: self._touches.open(),
            identified=self._results.aged,
            resume=self._power_cut.resume,
            replace=self._replace,
            away=stay.away,
        )
        self._identification = Identification(self._case, settings, ports, turns)
        self._closing.forget = self._forget
        self._touches = Touches(
            self._case,
            settings,
            names,
            self._results,
            self._call,
            self._auscultation,
            self._exam,
            self._room,
            self._network,
            self._specialist,
            self._guest,
            self._identification,
            self._closing,
        )
        self._power_cut.take_up()

    @property
    def screen_ms(self) -> float | None:
        """Milliseconds from the screen's start to its first frame, once it has said so."""
        return self._touches.screen_ms

    def from_screen(self, message: screen.FromScreen) -> None:
        """One touch of the helper or the patient."""
        if self._idle.phase is Phase.CLOSING:
            self._case.write("still-there")
        self._idle.touched(self._case.clock.now().monotonic)
        self._touches.take(message)

    def from_identity(self, event: IdentityEvent) -> None:
        """One event of the card readers or the hand scanner."""
        if not isinstance(event, CardEvent | ScannerState | CodeCameraState):
            self._idle.touched(self._case.clock.now().monotonic)
        if isinstance(event, DoctorCode):
            self._touches.take(screen.DoctorCode(event.text))
        else:
            self._identification.take(event)

    def card_checked(self, candidate: IdentityCandidate, *, still: bool) -> None:
        """Whether the card that is in the reader now names the candidate."""
        self._identification.checked(candidate, still=still)

    def insi_answered(self, asked: PatientIdentity, answer: PatientIdentity | IdentityError | InsiError) -> None:
        """What INSi says of an identity."""
        self._identification.insi_answered(asked, answer)

    def copy_printed(self, *, done: bool) -> None:
        """What became of the patient's copy."""
        if self._case.copy == "printing":
            self._case.copy = "printed" if done else "failed"
            self._case.dirty = True

    def _forget(self) -> None:
        for part in (self._identification, self._exam, self._room, self._network):
            part.clear()

    def erasure_checked(self, consultation: str, outcome: Literal["clean", "found", "failed"], searched: int) -> None:
        """What came of searching the booth for the values of the consultation that has ended."""
        if self._case.checked == "checking" and self._case.session.id == consultation:
            self._case.checked, self._case.searched = outcome, searched
            self._case.dirty = True

    def _replace(self) -> None:
        self._closing.end("other-card")
        self._touches.next()

    def network_measured(self, figures: Figures, relays: tuple[station.IceServer, ...]) -> None:
        """What the line to the station carries, and the relays that the station names."""
        self._network.measured(figures, relays)

    def from_link(self, event: LinkEvent) -> None:
        """One event of a device's link."""
        self._results.take(event)

    def call_up(self) -> None:
        """The call process is there."""
        self._call.up()
        self._auscultation.call_up()

    def call_down(self) -> None:
        """The call process is gone; the agent starts it again."""
        self._exam.lost()
        self._call.down()

    def from_call(self, message: engine.FromCall) -> None:
        """One message of the call process."""
        match message:
            case engine.Heard():
                self._auscultation.heard(message)
            case engine.Device(kind=kind) if kind == DEVICE:
                self._auscultation.device(message)
            case engine.PhotoPart():
                self._exam.photos.part(message)
            case engine.PhotoFailed():
                self._exam.photos.failed(message)
            case engine.Room():
                self._room.take(message)
            case engine.RelaysTried():
                self._network.tried(message)
            case engine.Device():
                self._exam.device(message)
                self._call.take(message)
            case _:
                self._call.take(message)

    @property
    def directory(self) -> tuple[int, int]:
        """Epoch and number of the organisation's directory in force."""
        return self._storage.trust.position

    # --- the station ----------------------------------------------------------------------------------------------------------------

    def station_up(self) -> None:
        """Signed in at the station."""
        self._station, self._distrusted = "connected", ""
        self._network.reached()
        self._specialist.online = True
        self._specialist.enter_waiting_room()
        self._results.post.station_up()
        self._case.dirty = True

    def station_down(self, reason: str) -> None:
        """The station is not reached ("connecting"), refuses ("refused"), or is not to be trusted (the text key of why)."""
        if self._station == "connected" and self._case.session.running:
            self._case.incident("station-lost")
        self._station = "connecting" if reason == "connecting" else "refused"
        self._distrusted = reason if reason not in ("connecting", "refused") else ""
        if self._distrusted and self._case.begins(reason):
            self._case.incident(reason)
        self._specialist.online = False
        self._specialist.gone()
        self._guest.gone()
        self._case.dirty = True

    def from_station(self, message: station.ToBooth) -> None:
        """One message of the station."""
        match message:
            case station.Joined():
                self._room.end()
                self._network.stop()
                (self._guest if message.guest else self._specialist).joined(message)
            case station.Left():
                (self._guest if message.guest else self._specialist).gone()
            case station.Deposited():
                self._results.post.deposited(message, self._case.clock.now().wall)
            case station.Receipt():
                self._results.post.receipt(message)
            case station.Invited():
                self._guest.invited(message)
            case station.KeyDirectory():
                self._specialist.directory(message.octets)
            case station.Wait():
                self._specialist.expect(message)
            case station.Refused():
                self._case.write("station-refused", reason=message.reason)
                self._specialist.refused(message.reason)
                self._results.post.refused()
            case _:
                pass
        self._case.dirty = True

    def unreadable(self) -> None:
        """A message of the station that is none: an incident, once in a consultation, whatever the station goes on to send."""
        if self._case.session.running and self._case.begins("station-message"):
            self._case.incident("station-message")

    def relayed(self, kind: int, body: bytes) -> None:
        """One frame of the specialist's page, or of the guest's."""
        (self._guest if kind & station.GUEST else self._specialist).relayed(kind & ~station.GUEST, body)

    # --- time -----------------------------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Batches, deadlines and the view."""
        now = self._case.clock.now()
        self._results.tick(now)
        self._call.tick(now.monotonic)
        self._network.tick(now.monotonic, online=self._station == "connected")
        self._auscultation.send()
        self._specialist.tick(now.monotonic)
        self._guest.tick(now.monotonic)
        self._nobody_there(now.monotonic)
        self._identification.tick(now.monotonic, blank=self._idle.blank)
        if self._case.dirty or self._power_cut.due(now.monotonic):
            self._power_cut.preserve(now)
        if self._case.dirty:
            self._case.dirty = False
            self._ports.to_screen(self.view())

    def _nobody_there(self, now: float) -> None:
        """Warn, blank and close when nobody touches the screen; a specialist in the consultation is somebody."""
        if not self._case.session.open or self._case.session.state is State.IN_CALL:
            self._idle.touched(now)
        if self._idle.passed(now):
            self._case.dirty = True
            if self._idle.phase is Phase.OVER:
                self._ports.chime()
                self._closing.end("idle")
                self._idle.touched(now)
                self._idle.passed(now)
        if self._idle.sounds(now):
            self._ports.chime()

    def view(self) -> screen.View:
        """What the screen shows now."""
        case = self._case
        left = remains.envelopes(self._storage, case.session.id) if case.session.state is State.ERASED else None
        unvouched = case.line is not None and case.line.agreement is not None and not self._storage.trust.organised
        lasting = (self._distrusted, self._network.notice, "no-organisation" if unvouched and not self._call.verified else "")
        notices = (*self._idle.notices, *case.notices, *self._call.missing, *(key for key in lasting if key))
        shown = view(
            self._settings,
            case.session,
            self._station,
            self._results.measuring,
            self._results.all,
            self._results.lines,
            self._call.view,
            case.texts,
            notices,
            case.slip,
            left,
        )
        shown = msgspec.structs.replace(
            shown,
            link=self._call.link(self._station, congested=self._results.behind(case.clock.now().monotonic)),
            wait=self._specialist.wait,
            card=self._identification.card,
            candidates=self._identification.candidates,
            problem=self._identification.problem,
            code_camera=self._identification.camera.view,
            closes_in=self._idle.closes_in,
            ended=case.ended,
            checked=case.checked,
            searched=case.searched,
            leaving=self._identification.leaving,
            away=case.away,
            outcomes=case.outcomes,
            unsent=case.unsent,
            copy=case.copy,
            auscultation=self._auscultation.view,
            exam=self._exam.view,
            room=self._room.view,
            network=self._network.view(self._station),
            code=case.code_state if case.session.state is State.WAITING else "",
            visit=case.visit.shown if case.visit is not None else None,
            about={key: self._results.name(case.about) for key in case.notices} if case.about else {},
            present=(*shown.present, *(("guest",) if case.visit is not None and case.visit.state == "here" else ())),
        )
        if case.alone:
            shown = msgspec.structs.replace(shown, alone=True, kept=(), unattributed=())
        return blanked(shown) if self._idle.blank or case.away else shown
