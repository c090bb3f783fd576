"""What the other side may send: the booth's own rate control, run where the packets arrive. Sans-IO; time is passed in.

A browser steers by the feedbacks that it gets, and those are lost and late just when the link is full. Each of its packets says when it was
sent (abs-send-time), so the queue on its way is seen here at once; it is then told what to send at most (REMB), which it obeys at once.
"""

from __future__ import annotations

from typing import Final

from kiosk.call.delay_rate import DelayRate, Result

URI: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
#: abs-send-time: seconds in 24 bits, 18 of them after the point
_SECOND, _TURN = 1 << 18, 1 << 24
#: bit/s when the link has to be left to the values, and where no limit of it is known
LITTLE, PLENTY = 20_000, 10_000_000
#: below this much video the rest is not worth its price
LEAST: Final = 32_000
#: what the other side's sound takes beside it, bit/s
VOICE: Final = 40_000


class Incoming:
    """`note` each packet, `settle` several times a second; `wish` is what the other side may send in all, bit/s."""

    def __init__(self, now: float) -> None:
        self._control = DelayRate(now, start=PLENTY, floor=LITTLE, top=PLENTY)
        self._noted: list[Result] = []
        self._last: tuple[int, float] | None = None

    def note(self, stamp: int, came: float, octets: int) -> None:
        """A packet with this abs-send-time came; `octets` of video."""
        last, at = (stamp, came) if self._last is None else self._last
        ahead = (stamp - last) % _TURN
        sent = at + (ahead - (_TURN if ahead >= _TURN // 2 else 0)) / _SECOND
        self._last = stamp, sent
        self._noted.append(Result(sent, came, octets))

    def settle(self, round_trip: float, now: float) -> None:
        """Take what came since the last time; `round_trip` in s is how long a wish takes to be seen."""
        noted, self._noted = self._noted, []
        if noted:
            self._control.feedback(noted, now, round_trip)

    @property
    def free(self) -> bool:
        """Whether no limit is known that the other side comes near."""
        return self._control.free

    @property
    def wish(self) -> int:
        """Bit/s."""
        if self.free:
            return PLENTY
        return LITTLE if self._control.target < LEAST else int(self._control.target) + VOICE
