"""The specialist at the desk: joins, is recognised, speaks, leaves."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.consultation import session
from kiosk.consultation.session import Event, State
from kiosk.secure import codes, prekeys
from kiosk.secure.envelope import Recipient
from kiosk.secure.errors import CodeError, TrustError
from kiosk.specialist_line import SpecialistLine
from protocol import engine, specialist, station

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.booth.auscultation import Auscultation
    from kiosk.booth.call import Call
    from kiosk.booth.case import Case
    from kiosk.booth.exam import Exam
    from kiosk.booth.guest import Guest
    from kiosk.booth.ports import Ports
    from kiosk.booth.results import Results
    from kiosk.secure.directory import Trust
    from kiosk.secure.handshake import Agreement
    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings

#: the handshake does not wait longer for the call process: values do not depend on it
PREPARE_DEADLINE = 2.0
MINUTE_MS = 60_000
#: seconds that a doctor's code is good for, here as at the station
CODE_LASTS = 15 * 60.0
#: while a specialist may come or is there
_ROOM = (State.WAITING, State.IN_CALL, State.PAUSED)


class Specialist:
    """The booth's side of the line to the specialist's page. `end` ends the consultation; it is told by whom."""

    def __init__(
        self,
        case: Case,
        settings: Settings,
        keys: BoothKeys,
        ports: Ports,
        results: Results,
        call: Call,
        exam: Exam,
        auscultation: Auscultation,
        trust: Trust,
        end: Callable[[str], None],
        guest: Guest,
    ) -> None:
        self._case, self._settings, self._keys, self._ports = case, settings, keys, ports
        self._results, self._call, self._exam, self._auscultation = results, call, exam, auscultation
        self._trust, self._end, self._guest = trust, end, guest
        self._since = 0.0
        self._entered = 0.0
        self._expected: tuple[str, int, int] | None = None
        self._minutes: tuple[int, int] | None = None
        self._on_channel = False
        #: whether the station is reached
        self.online = False

    def wait_for_one(self) -> None:
        """The patient waits from now on."""
        self._entered = self._case.clock.now().monotonic
        self.enter_waiting_room()

    def enter_waiting_room(self) -> None:
        """Ask the station for a place, again after each of its interruptions."""
        if self._case.session.state in _ROOM:
            known = b"" if self._case.gate is None else self._case.gate.admitted
            place = "" if known or self._case.code is None else self._case.code.place
            self._ports.to_station(
                station.OpenRoom(consultation=self._case.session.id, ticket=self._case.session.ticket, code=place, only=known)
            )

    def by_code(self, text: str) -> None:
        """Somebody has typed or scanned a doctor's code: from now on this consultation goes to that doctor only. Raises CodeError."""
        code = codes.read(text)
        if code.kind != "typed":
            raise CodeError("code-malformed", "a guest's link is opened in a browser, not here")
        self.leave_line()
        if code != self._case.code:  # the same one again has as many tries left as before
            self._case.gate = codes.CodeGate((code,), expires=self._now() + CODE_LASTS, now=self._now)
        self._case.code, self._case.code_state = code, "waiting"
        self._case.notify(*(() if self.online else ("code-later",)))
        self._case.write("by-code", place=code.place)
        self.enter_waiting_room()

    def without_code(self) -> None:
        """The patient waits for any specialist. Raises NotAllowedError."""
        if self._case.session.state is not State.WAITING:
            raise session.NotAllowedError("nobody waits")
        self.leave_line()
        self._case.code, self._case.gate, self._case.code_state = None, None, ""
        self._case.notify()
        self._case.write("without-code")
        self.enter_waiting_room()

    def refused(self, reason: str) -> None:
        """The station does not take the code, or makes none: said, and the code may be typed again."""
        if not reason.startswith("code-"):
            return
        if self._case.code_state == "waiting" and self._case.session.state is State.WAITING:
            self._case.code_state = "refused"
            self._case.notify(reason)
        self._guest.refused(reason)

    def _now(self) -> float:
        return self._case.clock.now().monotonic

    def expect(self, message: station.Wait) -> None:
        """How long others have waited."""
        self._expected = message.consultation, message.shortest, message.longest

    @property
    def wait(self) -> tuple[int, int] | None:
        """How many more minutes the patient may wait, as the station knows it from others; None while it does not."""
        case = self._case
        if case.session.state is not State.WAITING or self._expected is None or self._expected[0] != case.session.id:
            return None
        waited = (case.clock.now().monotonic - self._entered) * 1000
        _, shortest, longest = self._expected
        low, high = int(max(0.0, shortest - waited) // MINUTE_MS), math.ceil(max(0.0, longest - waited) / MINUTE_MS)
        return (low, high) if high > 0 else None

    def joined(self, message: station.Joined) -> None:
        """The station says that a specialist has come."""
        if message.consultation != self._case.session.id or self._case.session.state not in _ROOM:
            return
        self.leave_line()
        self._case.line = SpecialistLine(
            self._keys,
            self._case.session.id,
            self._settings.pharmacy,
            self._ports.relay,
            self.admit,
            self,
            gate=self._case.gate,
            resumption=self._case.resumption,
            by_channel=self._call.relay,
            now=self._now,
        )
        self._since = self._case.clock.now().monotonic
        self._call.prepare(tuple(engine.IceServer(server.urls, server.username, server.credential) for server in message.ice_servers))

    def admit(self, agreement: Agreement) -> str:
        """The name of who holds these keys: as the organisation has signed it, or as the page says where there is no organisation.

        Raises:
            TrustError: the organisation does not vouch for these keys.
        """
        now = self._case.clock.now().wall
        if agreement.prekey is not None:
            prekeys.checked(agreement.identity, agreement.prekey, now)
        entry = self._trust.specialist(agreement.identity, now, agreement.sealing)
        return agreement.name if entry is None else entry.name

    def directory(self, octets: bytes) -> None:
        """The organisation's directory, as the station has it: whose key was taken back must go, and gets nothing more."""
        try:
            if self._trust.take(octets):
                self._case.write("directory", epoch=self._trust.position[0], number=self._trust.position[1])
        except TrustError as error:
            self._distrust(error)
        try:
            if self._case.line is not None and self._case.line.agreement is not None:
                self.admit(self._case.line.agreement)
        except TrustError as error:
            self.gone()
            self._distrust(error)
        try:
            if self._case.recipient is not None:
                self._trust.specialist(self._case.recipient.identity, self._case.clock.now().wall)
        except TrustError as error:
            if error.reason == "key-revoked":  # what has merely expired since was good when the specialist came in
                self._case.recipient = None
                self._distrust(error)

    def _distrust(self, error: TrustError) -> None:
        self._case.notify(error.reason)
        if self._case.begins(error.reason):
            self._case.incident(error.reason, detail=str(error))

    def relayed(self, kind: int, body: bytes) -> None:
        """One frame of the specialist's page."""
        if self._case.line is not None:
            self._case.line.received(kind, body)

    def tick(self, now: float) -> None:
        """Go on without media when the call process does not answer; tell when the expected wait has changed."""
        if self.wait != self._minutes:
            self._minutes = self.wait
            self._case.dirty = True
        if self._case.line is not None:
            if now - self._since > PREPARE_DEADLINE:
                self._case.line.prepared(())
            self._case.line.tick()
            if self._case.line.on_channel != self._on_channel:
                self._on_channel = self._case.line.on_channel
                self._case.write("carried", by="channel" if self._on_channel else "socket")

    def agreed(self, agreement: Agreement) -> None:
        """The handshake with the page is done."""
        if self._case.session.state is State.WAITING:
            self._case.step(Event.JOIN)
            self._ports.chime()  # whoever waits may have turned away from the screen
        self._case.specialist = agreement.name
        self._case.recipient = Recipient(agreement.identity, agreement.prekey.key if agreement.prekey is not None else agreement.sealing)
        self._case.write("joined", specialist=agreement.name, key=agreement.identity.hex(), by_code=agreement.by_code)
        self._results.situation()
        self._results.deliver(self._case.recipient)
        self._auscultation.agreed()
        self._exam.greet()
        self._guest.tell()
        self._case.dirty = True

    def said(self, message: specialist.FromSpecialist) -> None:
        """One sealed message of the specialist."""
        match message:
            case specialist.Offer() | specialist.Candidate():
                self._call.negotiate(message)
            case specialist.Draft() | specialist.Text() | specialist.Ask():
                self._read(message)
            case specialist.ShowCamera() | specialist.AskPhoto():
                self._exam.said(message)
            case specialist.Listen() | specialist.AskSite() | specialist.KeepSound():
                self._auscultation.said(message)
            case specialist.Verified():
                self.compare(same=message.same, by="specialist")
            case specialist.Report():
                written = {"text": message.text, "conclusion": message.conclusion, "prescriptions": message.prescriptions}
                self._case.write("report", **written, author=self._case.specialist)
            case specialist.BreakGlass():
                self._reveal(message.reason.strip())
            case specialist.InviteGuest() | specialist.DismissGuest():
                self._guest.wished(message)
            case specialist.Leave():
                self._end("specialist")
        self._case.dirty = True

    def _read(self, message: specialist.Draft | specialist.Text | specialist.Ask) -> None:
        if isinstance(message, specialist.Ask):
            self._case.notify(f"asked-{message.vital}")
            self._case.write("asked", vital=message.vital)
            return
        if isinstance(message, specialist.Draft):
            self._case.draft = message.text
            return
        self._case.draft = ""
        self._case.text("specialist", message.text)
        self._case.send_guest(specialist.Text(message.text, message.at, self._case.specialist))

    def _reveal(self, reason: str) -> None:
        """Break the glass: the name behind the pseudonym, for a reason that the record keeps and the patient reads."""
        if not reason or not self._case.session.hidden:
            return
        self._case.session = replace(self._case.session, revealed=reason)
        self._case.write("break-glass", reason=reason, by=self._case.specialist)
        self._case.notify("name-revealed")
        self._results.situation()

    def say(self, text: str) -> None:
        """A line of text of the booth."""
        now = self._case.clock.now().wall
        if text.strip() and self._case.send(specialist.Text(text=text, at=int(now.timestamp() * 1000))):
            self._case.text("booth", text)

    def write(self, text: str) -> None:
        """The line that is being written in the booth, as it stands."""
        self._case.send(specialist.Draft(text=text))

    def compare(self, *, same: bool, by: str) -> None:
        """Somebody has compared the authentication strings. Raises NotAllowedError."""
        if self._case.line is None or self._case.line.agreement is None:
            raise session.NotAllowedError("there is nothing to compare yet")
        self._case.write("authentication", same=same, by=by)
        self._call.verified = same if by == "booth" or not same else self._call.verified
        if not same:
            self._case.incident("key-mismatch")
            self.leave_line()
            self._case.notify("authentication-differs")

    def broken(self, reason: str, *, detail: str) -> None:
        """The line to the page is over without its final message."""
        self._case.incident(reason, detail=detail)
        self._case.notify(reason)
        if reason.startswith("code-") and self._case.code_state == "waiting":
            self._case.code_state = "refused"
        self._case.dirty = True

    def gone(self) -> None:
        """The specialist has left, or the station is not reached any more."""
        if self._case.line is None:
            return
        self._case.line.left()
        self.leave_line()
        if self._case.session.state in (State.IN_CALL, State.PAUSED):
            self._case.write("left", specialist=self._case.specialist)
            self._case.step(Event.LEAVE)

    def leave_line(self) -> None:
        """Nothing is said to this page any more."""
        if self._case.line is not None:
            self._exam.hide()
            self._case.line, self._case.draft = None, ""
            self._auscultation.gone()
            self._call.hang_up()
