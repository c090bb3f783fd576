"""A guest of the specialist at the desk: the patient is asked, the guest comes by a link or digits, reads and writes, and leaves.

A guest has a line of its own, sealed as the specialist's is, and no media (docs/decisions, "A guest has a line of its own"). The invitation vouches for who it is, not the
organisation: nobody without its secret is let in, and the first who knew it is the only one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.booth.case import Visit
from kiosk.consultation import session
from kiosk.consultation.session import State
from kiosk.secure import codes
from kiosk.secure.errors import StreamError, TrustError
from kiosk.specialist_line import SpecialistLine
from protocol import screen, specialist, station

if TYPE_CHECKING:
    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports
    from kiosk.booth.results import Results
    from kiosk.secure.handshake import Agreement
    from kiosk.secure.keys import BoothKeys
    from kiosk.settings import Settings

#: seconds that an invitation is good for, here as at the station
INVITATION_LASTS = 30 * 60.0
NAME_LIMIT = 80
#: seconds that a guest may be away
AWAY = 90.0


class Guest:
    """What the desk does with `Case.visit`."""

    def __init__(self, case: Case, settings: Settings, keys: BoothKeys, ports: Ports, results: Results) -> None:
        self._case, self._settings, self._keys, self._ports, self._results = case, settings, keys, ports, results

    # before anybody comes

    def wished(self, message: specialist.InviteGuest | specialist.DismissGuest) -> None:
        """The specialist would like a guest: the patient is asked. Or would not any more."""
        if isinstance(message, specialist.DismissGuest):
            self.dismiss("specialist")
            return
        if self._case.visit is None and self._case.session.state is State.IN_CALL:
            self._case.visit = Visit()
            self._case.write("guest-wished", by=self._case.specialist)
        self.tell()

    def answer(self, message: screen.Guest) -> None:
        """The patient's word. Raises NotAllowedError."""
        visit = self._case.visit
        if visit is None:
            raise session.NotAllowedError("nobody has asked for a guest")
        if visit.state == "asked":
            self._case.write("consent", subject="guest", given=message.agreed, information=self._case.session.information)
            if message.agreed:
                visit.state = "agreed"
                self._ports.to_station(station.Invite(consultation=self._case.session.id))
            else:
                self._over("refused")
        elif not message.agreed:
            self.dismiss("booth")

    def invited(self, message: station.Invited) -> None:
        """The station's part of the invitation; the secret parts are made here."""
        visit = self._case.visit
        if visit is None or visit.state != "agreed" or message.consultation != self._case.session.id:
            self._ports.to_station(station.CloseCode(place=message.place))
            return
        visit.codes, visit.expires = (codes.link(message.place), codes.typed(message.place)), message.expires
        visit.gate = codes.CodeGate(visit.codes, expires=self._now() + INVITATION_LASTS, now=self._now)
        visit.state = "invited"
        self._case.write("guest-invited", place=message.place)
        self._case.notify("guest-invited")
        self._case.dirty = True
        self.tell()

    def refused(self, reason: str) -> None:
        """The station makes no place."""
        if self._case.visit is not None and self._case.visit.state == "agreed":
            self._over("failed", reason)

    def tell(self) -> None:
        """The specialist learns how far it is; again at the start of each stream."""
        visit = self._case.visit
        if visit is None or visit.state == "agreed":
            return
        if visit.state != "invited":
            self._case.send(specialist.Guest(visit.state, visit.name))
            return
        link, digits = visit.codes
        self._case.send(specialist.Guest("invited", link=link.text, digits=digits.text, expires=visit.expires))

    # the guest's line

    def joined(self, message: station.Joined) -> None:
        """The station says that somebody has come by the invitation."""
        visit = self._case.visit
        if visit is None or visit.gate is None or message.consultation != self._case.session.id:
            self._ports.to_station(station.DismissGuest(consultation=message.consultation))
            return
        self.gone()  # the same page again, before the station has noticed that the line before is over
        visit.line = SpecialistLine(
            self._keys,
            self._case.session.id,
            self._settings.pharmacy,
            lambda kind, body: self._ports.relay(kind | station.GUEST, body),
            self._admit,
            self,
            gate=visit.gate,
            resumption=visit.resumption,
        )
        visit.line.prepared(())

    def relayed(self, kind: int, body: bytes) -> None:
        """One frame of the guest's page."""
        if self._case.visit is not None and self._case.visit.line is not None:
            self._case.visit.line.received(kind, body)

    def _admit(self, agreement: Agreement) -> str:
        visit = self._case.visit
        if visit is None or (not agreement.by_code and agreement.identity != visit.identity):
            raise TrustError("code-missing", "nobody is invited")
        return agreement.name[:NAME_LIMIT]

    def agreed(self, agreement: Agreement) -> None:
        """The guest is in: said, recorded, and told everything that the specialist was told."""
        visit = self._case.visit
        if visit is None:
            return
        if visit.state == "invited":
            self._ports.to_station(station.CloseCode(place=visit.codes[0].place))
        visit.identity, visit.name, visit.state, visit.codes = agreement.identity, agreement.name, "here", ()
        self._case.write("present", role="guest", here=True, name=visit.name, key=agreement.identity.hex(), by_code=agreement.by_code)
        self._case.notify("guest-joined")
        self._case.dirty = True
        self._results.situation()
        self._results.tell_all()
        self.tell()

    def said(self, message: specialist.FromSpecialist) -> None:
        """One sealed message of the guest: text, or leave."""
        visit = self._case.visit
        if visit is None:
            return
        match message:
            case specialist.Text():
                self._case.text("guest", message.text)
                if self._case.line is not None:
                    self._case.line.send(specialist.Text(message.text, message.at, visit.name))
            case specialist.Draft():
                pass
            case specialist.Leave():
                self._left("left")
            case _:
                raise StreamError("bad-message", f"a guest does not send {type(message).__name__}")
        self._case.dirty = True

    def broken(self, reason: str, *, detail: str) -> None:
        """The guest's line is over without its final message: somebody without the code, an altered frame, a cut."""
        visit = self._case.visit
        self._case.incident(reason, of="guest", detail=detail)
        if visit is None:
            return
        if reason.startswith("code-"):
            visit.line = None
            self._case.notify("guest-refused")
            if visit.gate is not None and visit.gate.spent and visit.state == "invited":
                self._left("failed", "code-tries")
        elif visit.state == "here" and reason != "stream-cut":
            self._left("failed", reason)
        self._case.dirty = True

    # the end of it

    def gone(self) -> None:
        """The guest's page is away, or the station is: it may come back."""
        visit = self._case.visit
        if visit is None or visit.line is None:
            return
        visit.line.left()
        visit.line = None
        if visit.state == "here":
            self._absent()
            visit.state, visit.lost = "away", self._now()
            self.tell()
            self._results.situation()
        self._case.dirty = True

    def tick(self, now: float) -> None:
        """Who stays away longer than the station keeps the seat has left."""
        visit = self._case.visit
        if visit is not None and visit.state == "away" and now - visit.lost > AWAY:
            self._left("left")

    def dismiss(self, by: str) -> None:
        """The specialist or the patient takes the invitation back, or sends the guest away."""
        if self._case.visit is not None:
            self._case.write("guest-dismissed", by=by)
            self._left("dismissed")

    def _left(self, how: str, reason: str = "") -> None:
        """Nobody comes by this invitation any more, and whoever has come goes."""
        visit = self._case.visit
        if visit is None:
            return
        if visit.codes:
            self._ports.to_station(station.CloseCode(place=visit.codes[0].place))
        self._case.send_guest(specialist.Ended(record=""), final=True)
        if how != "failed" or not visit.codes:
            self._ports.to_station(station.DismissGuest(consultation=self._case.session.id))
        if visit.state == "here":
            self._absent()
        self._over(how, reason, visit.name)
        self._results.situation()

    def _absent(self) -> None:
        if self._case.visit is not None:
            self._case.write("present", role="guest", here=False, name=self._case.visit.name)
            self._case.notify("guest-left")

    def _over(self, how: str, reason: str = "", name: str = "") -> None:
        self._case.visit = None
        self._case.send(specialist.Guest(how, name, reason=reason))  # type: ignore[arg-type]
        self._case.dirty = True

    def _now(self) -> float:
        return self._case.clock.now().monotonic
