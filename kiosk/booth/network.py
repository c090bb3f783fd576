"""The network test at the desk: once by itself when the patient has agreed, and at a touch; never beside a specialist or a guest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kiosk.consultation import session
from kiosk.consultation.session import State
from kiosk.network_test.figures import BAD, Figures
from protocol import engine, screen

if TYPE_CHECKING:
    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports
    from kiosk.network_test.ramp import Rate
    from protocol import station

#: seconds after which a test that has not come to an end is given up, and the relays' part of it
DEADLINE, RELAYS_S = 32.0, 12.0
_BEFORE: Final = (State.CONSENTED, State.WAITING)


class Network:
    """What the desk knows of the line before a call."""

    def __init__(self, case: Case, ports: Ports) -> None:
        self._case, self._ports = case, ports
        self._begun: float | None = None
        #: the line's figures while the relays are tried, and since when
        self._half: Figures | None = None
        self._asked = 0.0
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self.stop()
        self._figures: Figures | None = None
        self._tested = False

    @property
    def running(self) -> bool:
        """Whether a test is under way."""
        return self._begun is not None

    @property
    def thin(self) -> bool:
        """Whether it is known to carry no moving picture."""
        return self._figures is not None and self._figures.thin

    @property
    def notice(self) -> str:
        """The text key of what should be done before the specialist is called; "" where there is nothing, or somebody is there."""
        if self.running or self._figures is None or self._figures.verdict not in BAD or self._case.session.state not in _BEFORE:
            return ""
        return f"check-{self._figures.verdict}"

    def view(self, reached: str) -> screen.NetworkView:
        """What the screen shows of it before the call; `reached`: the state of the station's own socket."""
        if self._case.session.state not in _BEFORE:
            return screen.NetworkView()
        if self.running:
            return screen.NetworkView(says="network-running", running=True)
        if reached == "connecting":
            return screen.NetworkView(says="network-no-station")
        if self._figures is None or reached == "refused":  # why it is refused is a notice
            return screen.NetworkView()
        found = self._figures
        return screen.NetworkView(
            says=found.verdict,
            good=found.verdict == "network-good",
            up=_shown(found.up),
            down=_shown(found.down),
            round_trip_ms=None if found.round_trip_ms is None else round(found.round_trip_ms),
            loss_percent=None if found.loss is None else round(found.loss * 100),
            relays=_relays(found),
        )

    @property
    def _allowed(self) -> bool:
        """Whether it is between the consent and the call, and nobody's values need the line."""
        visit = self._case.visit
        return self._case.session.state in _BEFORE and self._case.line is None and (visit is None or visit.line is None)

    def begin(self) -> None:
        """Test the line. Raises NotAllowedError before the consent and beside a specialist or a guest."""
        if not self._allowed:
            raise session.NotAllowedError("the line is tested between the consent and the call")
        if self.running:
            return
        self._tested = True
        self._figures = None
        self._begun = self._case.clock.now().monotonic
        self._ports.test_network(on=True)
        self._case.dirty = True

    def opened(self, *, online: bool) -> None:
        """The check before the call is on the screen: what has not been measured well is measured now."""
        if online and self._allowed and (self._figures is None or self._figures.verdict not in ("network-good", "network-slow")):
            self.begin()

    def reached(self) -> None:
        """The station is there: a test that has not reached it is done again."""
        if self._figures is not None and self._figures.verdict == "network-no-station":
            self._figures, self._tested = None, False

    def stop(self) -> None:
        """Somebody comes, or it is over: the line is free at once."""
        if self._begun is not None:
            self._begun = self._half = None
            self._ports.test_network(on=False)
            self._case.dirty = True

    def measured(self, figures: Figures, servers: tuple[station.IceServer, ...]) -> None:
        """What the line carries; the relays are tried after it, so that neither disturbs the other."""
        if not self.running:
            return
        if servers and not figures.failure:
            self._half, self._asked = figures, self._case.clock.now().monotonic
            self._ports.to_call(engine.TryRelays(tuple(engine.IceServer(one.urls, one.username, one.credential) for one in servers)))
        else:
            self._finish(figures)

    def tried(self, message: engine.RelaysTried) -> None:
        """What the relays do."""
        if self._half is not None:
            self._finish(replace(self._half, relays=message))

    def tick(self, now: float, *, online: bool) -> None:
        """Begins by itself, once a consultation; ends what takes too long."""
        if self._case.session.state is State.CONSENTED and not self._tested and online and self._allowed:
            self.begin()
        if self._half is not None and now - self._asked > RELAYS_S:
            self._finish(replace(self._half, untried=True))  # the call process says nothing
        elif self._begun is not None and now - self._begun > DEADLINE:
            self._finish(Figures("network-unknown"))

    def _finish(self, figures: Figures) -> None:
        self.stop()
        self._figures = figures
        self._case.write("network-tested", **figures.written)
        if figures.verdict in BAD:
            self._case.incident(figures.verdict)
        self._case.dirty = True


def _relays(found: Figures) -> tuple[screen.RelayLine, ...]:
    if found.untried:
        return (screen.RelayLine("", "relay-untried"),)
    tried = found.relays.relays if found.relays is not None else ()
    return tuple(screen.RelayLine(relay.way or relay.url, relay.reason or "relay-works") for relay in tried)


def _shown(rate: Rate | None) -> screen.LineRate | None:
    return None if rate is None else screen.LineRate(round(rate.kbps), rate.floor)
