"""What a network test has measured, and the verdict: a text key (after "check-") that says how the call will be and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kiosk.network_test.ramp import Rate
    from protocol.engine import RelaysTried

#: kbit/s both ways from which pictures are large enough for a face; move at all; and voice and values fit (docs/rural-link.md)
GOOD, MOVES, SPEAKS = 450.0, 120.0, 40.0
#: a round trip from which a conversation stumbles, ms, and loss that a call shows, as the call itself judges them (kiosk/booth/call.py)
SLOW_MS, LOSS = 400.0, 0.05
#: nothing that is spoken into it can be answered; what goes missing cannot be made up
LONG_MS, MUCH = 1500.0, 0.25
#: datagrams that say something of loss, at least
SAMPLE: Final = 20

#: verdicts after which somebody should do something before the specialist is called
BAD: Final = frozenset({"network-weak", "network-too-weak", "network-relays", "network-no-station"})


@dataclass(frozen=True, slots=True)
class Figures:
    """One test. `failure`: a text key of why the line was not measured. None is what was not measured. `untried`: the call has relays that nobody could try."""

    failure: str = ""
    up: Rate | None = None
    down: Rate | None = None
    round_trip_ms: float | None = None
    relays: RelaysTried | None = None
    untried: bool = False

    @property
    def loss(self) -> float | None:
        """The share of the datagrams by a relay that did not come back."""
        if self.relays is None or self.relays.sent < SAMPLE:
            return None
        return 1 - self.relays.back / self.relays.sent

    @property
    def no_relay(self) -> bool:
        """Whether the call has relays, and none of them works."""
        return self.relays is not None and bool(self.relays.relays) and all(relay.reason for relay in self.relays.relays)

    @property
    def thin(self) -> bool:
        """Whether the line was full with less than a moving picture takes, one way or the other."""
        return any(rate is not None and not rate.floor and rate.kbps < MOVES for rate in (self.up, self.down))

    @property
    def verdict(self) -> str:
        """How the call will be."""
        if self.failure:
            return self.failure
        if self.up is None or self.down is None or self.round_trip_ms is None:
            return "network-unknown"
        rate, delay, loss = min(self.up.kbps, self.down.kbps), self.round_trip_ms, self.loss or 0.0
        if rate < SPEAKS:
            return "network-too-weak"
        if rate < MOVES or delay > LONG_MS or loss > MUCH:
            return "network-weak"
        if self.no_relay:
            return "network-relays"
        return "network-slow" if rate < GOOD or delay > SLOW_MS or loss > LOSS else "network-good"

    @property
    def written(self) -> dict[str, Any]:
        """For the act record: rates in kbit/s, the rest in ms and percent, of each relay its way and a text key; what was not measured is not there."""
        found: dict[str, Any] = {"verdict": self.verdict}
        for name, rate in (("up_kbps", self.up), ("down_kbps", self.down)):
            if rate is not None:
                found[name] = f"{'≥ ' if rate.floor else ''}{rate.kbps:.0f}"
        if self.round_trip_ms is not None:
            found["round_trip_ms"] = round(self.round_trip_ms)
        if self.loss is not None:
            found["loss_percent"] = round(self.loss * 100)
        if self.untried:
            found["relays"] = "relay-untried"
        elif self.relays is not None and self.relays.relays:
            found["relays"] = [{relay.way or "?": relay.reason or "relay-works"} for relay in self.relays.relays]
        return found
