"""What carries one sealed stream to the page: the station's socket, or the call's data channel where that is measured to be faster. Sans-IO.

The records are the same on either way and come in order of their numbers, which begin with 0 for each stream. A switch sends again, on the new way,
all that the page has not said to have; so what comes first on a new way is never later than what the page waits for, and what it has already
is dropped there by its number. docs/crypto.md, "Two ways for one stream".
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from protocol.station import NUMBERED, PROBE, SEALED

if TYPE_CHECKING:
    from collections.abc import Callable

#: seconds between two pairs of probes, one on each way; and between two of the socket's alone, which tell whether its reader keeps up
EVERY, ALONE = 0.25, 1.0
#: seconds above its fastest round trip from which a way is late: what is sent now would stand behind what was sent before
LATE: Final = 0.5
#: round trips that are looked at, and at least so many before anything is judged
LOOKED_AT, ENOUGH = 12, 8
#: the channel is faster when it takes so much of the socket's time at most, and so many seconds less
SHARE, MARGIN = 0.8, 0.005
#: seconds that it must have been faster, or slower, before the stream goes the other way
HYSTERESIS: Final = 3.0
#: the channel is blocked when a probe takes so many times what it took, but so many seconds at least, and so many in any case
TIMES, BLOCKED, TOO_LONG = 4.0, 0.3, 1.0
#: seconds after a blocked channel before it is tried again, doubled each time
REST, LONGEST_REST = 10.0, 320.0
#: probes that may be under way on one way, and seconds after which one is given up
UNDER_WAY, GIVEN_UP = 8, 10.0
#: records that are kept for a switch; more, and the way that holds them is blocked
KEPT: Final = 256


class Way:
    """The round trips of one way."""

    def __init__(self) -> None:
        self._sent: deque[tuple[bytes, float]] = deque()
        self._trips: deque[float] = deque(maxlen=LOOKED_AT)
        self._least = float("inf")

    def probe(self, token: bytes, now: float) -> bool:
        """Whether a probe may be sent: not when too many are under way."""
        while self._sent and now - self._sent[0][1] > GIVEN_UP:
            self._sent.popleft()
        if len(self._sent) >= UNDER_WAY:
            return False
        self._sent.append((token, now))
        return True

    def echo(self, token: bytes, now: float) -> bool:
        """A probe has come back; False when it is none of ours. What was sent before it on the same way is late or lost."""
        for index, (sent, at) in enumerate(self._sent):
            if sent == token:
                self._trips.append(now - at)
                self._least = min(self._least, now - at)
                for _ in range(index + 1):
                    self._sent.popleft()
                return True
        return False

    @property
    def known(self) -> bool:
        """Whether there are enough round trips to judge by."""
        return len(self._trips) >= ENOUGH

    @property
    def _usual(self) -> float:
        """Nearly the longest of the last round trips, s: a late value harms more than a fast one helps, and one alone may be a busy machine."""
        return sorted(self._trips)[-2] if len(self._trips) > 1 else 0.0

    def _silent(self, now: float) -> float:
        """How long the oldest probe under way has been so, s."""
        return now - self._sent[0][1] if self._sent else 0.0

    def trip(self, now: float) -> float:
        """What the way takes there and back, s, or has taken already."""
        return max(self._usual, self._silent(now))

    def late(self, now: float) -> bool:
        """Whether what goes this way waits for a reader, or a link, that is behind. False while nobody answers: an older page does not."""
        return bool(self._trips) and max(self._trips[-1], self._silent(now)) > self._least + LATE

    def blocked(self, now: float) -> bool:
        """Whether nothing comes back."""
        return self._silent(now) > min(max(BLOCKED, TIMES * self._usual), TOO_LONG)

    def forget(self) -> None:
        """The way is another one from now on."""
        self._sent.clear()
        self._trips.clear()
        self._least = float("inf")


class Carrier:
    """One stream's. `by_socket` takes kind and body of a frame, `by_channel` a whole frame; `now` gives seconds; `nonce` is this stream's own."""

    def __init__(
        self, by_socket: Callable[[int, bytes], None], by_channel: Callable[[bytes], None], now: Callable[[], float], nonce: bytes
    ) -> None:
        self._by_socket, self._by_channel, self._now = by_socket, by_channel, now
        self._token = int.from_bytes(nonce[:8])
        self._next = self._acknowledged = 0
        self._kept: deque[bytes] = deque(maxlen=KEPT)  # the last of them has number _next - 1
        self._socket, self._channel = Way(), Way()
        self._ready = self._switched = False
        self.on_channel = False
        self._probed = float("-inf")
        self._otherwise: float | None = None  # since when the other way is the better one
        self._not_before, self._rest = float("-inf"), REST

    def send(self, record: bytes, *, last: bool = False) -> None:
        """Carry the next record. The last one goes by the socket: the call may be closed right after it."""
        if last and self.on_channel:
            self._switch(to_channel=False)
        if self.on_channel and len(self._kept) == KEPT:
            self._blocked(self._now())
        number = self._next
        self._next += 1
        if self._ready:
            self._kept.append(record)
        self._carry(number, record)

    def ready(self, *, ready: bool) -> None:
        """The call's word: whether there is a channel, on a link that has room for it."""
        if ready == self._ready:
            return
        if not ready:
            if self.on_channel:
                self._switch(to_channel=False)
            self._kept.clear()
        self._channel.forget()
        self._ready, self._otherwise = ready, None

    def echo(self, body: bytes, *, by_channel: bool) -> None:
        """A probe has come back. What the page says to have counts only by the channel, where nobody else can say it."""
        now = self._now()
        token, received = body[:8], body[8:16]
        if len(body) != 16 or not (self._channel if by_channel else self._socket).echo(token, now) or not by_channel:
            return
        self._acknowledged = max(self._acknowledged, min(int.from_bytes(received), self._next))
        while self._kept and self._next - len(self._kept) < self._acknowledged:
            self._kept.popleft()

    def tick(self) -> None:
        """To be called several times in a quarter of a second: probes, and the choice of the way."""
        now = self._now()
        if self.on_channel and self._channel.blocked(now):
            self._blocked(now)
        if self._ready:
            self._choose(now)
        if now - self._probed >= (EVERY if self._ready or self._socket.late(now) else ALONE):
            self._probed = now
            self._probe(now)

    def _probe(self, now: float) -> None:
        self._token = (self._token + 1) % (1 << 64)
        token = self._token.to_bytes(8)
        if self._socket.probe(token, now):
            self._by_socket(PROBE, token)
        if self._ready and self._channel.probe(token, now):
            self._by_channel(bytes((PROBE,)) + token)

    @property
    def late(self) -> bool:
        """Whether what is carried now comes late, wherever on its way it waits."""
        return (self._channel if self.on_channel else self._socket).late(self._now())

    def _choose(self, now: float) -> None:
        if not (self._socket.known and self._channel.known) or now < self._not_before:
            self._otherwise = None
            return
        socket, channel = self._socket.trip(now), self._channel.trip(now)
        better = channel > socket if self.on_channel else channel < min(SHARE * socket, socket - MARGIN)
        if not better:
            self._otherwise = None
        elif self._otherwise is None:
            self._otherwise = now
        elif now - self._otherwise >= HYSTERESIS and self._whole:
            self._switch(to_channel=not self.on_channel)

    @property
    def _whole(self) -> bool:
        """Whether all that the page may lack is kept."""
        return self._next - len(self._kept) <= self._acknowledged

    def _blocked(self, now: float) -> None:
        self._not_before, self._rest = now + self._rest, min(2 * self._rest, LONGEST_REST)
        self._switch(to_channel=False)
        self._channel.forget()

    def _switch(self, *, to_channel: bool) -> None:
        self.on_channel, self._switched, self._otherwise = to_channel, True, None
        first = self._next - len(self._kept)
        for number, record in enumerate(tuple(self._kept), first):
            self._carry(number, record)

    def _carry(self, number: int, record: bytes) -> None:
        if not self._switched:
            self._by_socket(SEALED, record)
            return
        body = number.to_bytes(8) + record
        if self.on_channel:
            self._by_channel(bytes((NUMBERED,)) + body)
        else:
            self._by_socket(NUMBERED, body)
