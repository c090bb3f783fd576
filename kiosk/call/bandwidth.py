"""How much picture the link carries: a sans-IO rate controller and the ladder of picture sizes. Time is passed in.

Two things are known of the link: REMB (draft-alvestrand-rmcat-remb), the other side's estimate from the delay of our packets, fast to fall and
slow to rise; and receiver reports (RFC 3550 section 6.4), loss and round trip, about once a second. REMB alone climbs over a queue that
is already full, because a full queue has no delay gradient; reports alone are late. So a falling REMB is obeyed at once, a long
round trip overrules a rising one, and loss without delay is weather, not congestion.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.call.delay_rate import DelayRate

if TYPE_CHECKING:
    from kiosk.call.delay_rate import Result
    from protocol.left import PictureLeft, SoundLeft

#: bit/s of video. The start is a question to the link, asked in a low voice
START: Final = 32_000
#: where the line is known to carry no moving picture
THIN: Final = 12_000
FLOOR: Final = 8_000
TOP: Final = 1_600_000

#: seconds of round trips that tell what the empty path takes
MEMORY: Final = 20.0
#: queue, in seconds of round trip above the empty path: hold, and back off
HOLD: Final = 0.060
LONG: Final = 0.100
#: seconds between two back-offs because of the queue: what was sent before still stands in it
REST: Final = 0.45
#: a queue that is believed at first sight, s
VERY_LONG: Final = 0.25
#: the part of what was sent that is kept when the link is too full
BACK_OFF: Final = 0.85
#: seconds without rising after a back-off
PATIENCE: Final = 1.5
#: growth a second while nothing was ever too much: at first, more after each report that shows no queue, and at most
FIRST, FASTER, FASTEST = 1.20, 0.05, 1.50
#: and at least so much a second, bit/s
FIRST_STEP: Final = 27_000
#: growth a second afterwards: far from the last limit, and near it
FAR, NEAR = 1.12, 1.04
#: how far the rate may run ahead of a REMB that does not fall, while the queue is empty: before any limit was met, and after
AHEAD_FIRST, AHEAD = 2.0, 1.4
#: loss that is no weather any more even when the path is fast
STORM: Final = 0.25


class RateController:
    """Video rate in bit/s from what the other side reports.

    `remb` and `report` may come in any order; `target` is what to send now. All times in seconds of one monotonic clock.
    """

    def __init__(self, now: float, *, start: int = START, floor: int = FLOOR, top: int = TOP, thin: bool = False) -> None:
        self.thin = thin  #: whether the line is known to carry no moving picture
        self._floor, self._top = floor, top
        start = min(start, THIN) if thin else start
        self._target = float(start)
        self._remb: float | None = None
        self._limit: float | None = None
        self._trips: deque[tuple[float, float]] = deque()
        self._queue = self._seen = 0.0
        self._clean = 0
        self._used = float(start)
        self._fell = float("-inf")
        self._grown = now
        self._quiet_until = now + 1.0
        self._direct: DelayRate | None = None

    @property
    def target(self) -> int:
        """Bit/s of video to send."""
        return int(self._target if self._direct is None else self._direct.target)

    def feedback(self, results: list[Result], now: float) -> None:
        """What became of single packets. A side that says it is believed alone from then on: REMB and reports are a coarser view of the same."""
        if self._direct is None:
            self._direct = DelayRate(now, start=self._target, floor=self._floor, top=self._top, met=self.thin)
        self._direct.feedback(results, now)

    @property
    def queue(self) -> float:
        """Seconds that a packet stands in a queue on the way, as far as it is known."""
        return self._queue if self._direct is None else self._direct.queue

    @property
    def tells(self) -> bool:
        """Whether the other side tells of single packets."""
        return self._direct is not None

    @property
    def free(self) -> bool:
        """Whether the other side tells of single packets and no limit of the link is known."""
        return self._direct is not None and self._direct.free

    @property
    def round_trip(self) -> float:
        """The way to the other side and back, s, as its word on single packets shows it."""
        return 0.0 if self._direct is None else self._direct.round_trip

    def unheard(self, since: float, now: float) -> None:
        """See `DelayRate`."""
        if self._direct is not None:
            self._direct.unheard(since, now)

    def remb(self, bitrate: float, now: float) -> None:
        """The other side's estimate for all of this side's video, bit/s."""
        fell = self._remb is not None and bitrate < 0.95 * self._remb
        self._remb = bitrate
        if bitrate < self._target and (fell or self._queue > HOLD):
            self._fall(bitrate, now)

    def report(self, loss: float, round_trip: float | None, sent: float, now: float) -> None:
        """One receiver report: share of packets lost (0 to 1), round trip in s if it is known, and the video rate sent since the last, bit/s."""
        self._used = used = min(self._target, sent) if sent > 0 else self._target
        if round_trip is not None:
            self.trip(round_trip, now)
        if self._queue > LONG:
            return
        if self._queue > HOLD and loss > 0.02:
            self._fall(BACK_OFF * (1 - loss / 2) * used, now)
        elif loss > STORM:
            self._fall(0.9 * used, now)
        else:
            self._grow(sent, now)

    def trip(self, round_trip: float, now: float) -> None:
        """One round trip in s, of any stream on this path.

        A single long one may be a busy machine, and only stops the growth; two in a row, or a very long one, are a queue.
        """
        before = self._trips[-1] if self._trips else (now, round_trip)
        self._trips.append((now, round_trip))
        while self._trips[0][0] < now - MEMORY:
            self._trips.popleft()
        base = min(trip for _, trip in self._trips)
        recent = min(before[1], round_trip) if now - before[0] < 4 else round_trip
        self._seen = round_trip - base
        self._queue = max(recent - base, 0.0 if round_trip - base < VERY_LONG else round_trip - base)
        if self._queue > LONG and now - self._fell > REST:
            self._fall(BACK_OFF * min(self._used, self._target), now)

    def _fall(self, rate: float, now: float) -> None:
        self._limit = self._target if self._limit is None else min(self._target, 1.5 * self._limit)
        self._target = max(float(self._floor), min(self._target, rate))
        self._clean = 0
        self._grown = self._fell = now
        self._quiet_until = now + PATIENCE

    def _grow(self, sent: float, now: float) -> None:
        elapsed, self._grown = min(1.5, now - self._grown), now
        if now < self._quiet_until or self._seen > HOLD / 2:
            return
        if self._limit is not None and self._target > 1.1 * self._limit:
            self._limit = None  # the old limit was passed without harm: the link has grown
        growth = self._growth()
        ceiling = float(self._top)
        if self._remb is not None:
            ceiling = min(ceiling, (AHEAD_FIRST if self._limit is None else AHEAD) * self._remb)
        if sent > 0:
            ceiling = min(ceiling, 1.6 * sent + 20_000)  # what was never sent proves nothing
        least = FIRST_STEP * elapsed if self._limit is None else 0.0
        self._target = max(self._target, min(max(self._target * growth**elapsed, self._target + least), ceiling))

    def _growth(self) -> float:
        if self._limit is None:
            self._clean += 1
            return min(FASTEST, FIRST + FASTER * (self._clean - 1))
        return NEAR if self._target > 0.85 * self._limit else FAR


@dataclass(frozen=True, slots=True)
class Rung:
    """From this rate on, pictures of `height` rows at `fps`, at `most` bit/s."""

    least: int
    height: int
    fps: float
    most: int

    @property
    def picture(self) -> PictureLeft:
        """What the other side sees."""
        return "moving" if self.fps >= 5 else "stills"


LADDER: Final = (
    Rung(0, 90, 0.25, 20_000),
    Rung(20_000, 180, 0.5, 40_000),
    Rung(32_000, 180, 10, 60_000),
    Rung(60_000, 180, 15, 110_000),
    Rung(100_000, 180, 30, 260_000),
    Rung(220_000, 360, 30, 700_000),
    Rung(600_000, 540, 30, 1_200_000),
    Rung(920_000, 720, 30, TOP),
)
#: a rung is climbed when this times its least is there, so that a rate on the edge does not rock the picture
CLIMB: Final = 1.12
#: seconds on a rung before the next is climbed; going down is at once
STAY: Final = 1.2
#: a rung that was left within this many seconds was too high: the next try comes after twice the stay, and at last after the second
TOO_HIGH, LONGEST_STAY = 6.0, 24.0


class Ladder:
    """The rung for a rate, with hysteresis: down at once, up one at a time with a margin and after a stay."""

    def __init__(self, now: float, rate: int = START) -> None:
        self._index = _index(rate)
        self._since = now
        self._climbed = float("-inf")
        self._stay = STAY

    @property
    def rung(self) -> Rung:
        """The rung that holds now."""
        return LADDER[self._index]

    @property
    def least(self) -> bool:
        """Whether no picture takes less: a still of two packets each four seconds."""
        return self._index == 0

    @property
    def wide(self) -> bool:
        """Whether the link carries the largest picture: then there is room for what is not video-time traffic beside it."""
        return self._index == len(LADDER) - 1

    def update(self, rate: int, now: float) -> Rung:
        """The rung for this rate."""
        fits = _index(rate)
        if fits < self._index:
            self._stay = min(2 * self._stay, LONGEST_STAY) if now - self._climbed < TOO_HIGH else STAY
            self._index, self._since, self._climbed = fits, now, float("-inf")
        elif fits > self._index and now - self._since >= self._stay and _index(int(rate / CLIMB)) > self._index:
            self._index, self._since, self._climbed = self._next(_index(int(rate / CLIMB))), now, now
        return self.rung

    def _next(self, most: int) -> int:
        """One size up at a time, and of that size the rung that fits."""
        index = self._index + 1
        while index < most and LADDER[index + 1].height == LADDER[index].height:
            index += 1
        return index


#: what sound costs the link, packets and all: at most, and at least while it is on, bit/s
SOUNDS: Final[tuple[SoundLeft, ...]] = ("none", "thin", "full")
#: a queue of this many seconds although the picture has no more to give is too much sound, after as many seconds of it
TOO_LONG, STANDING = 0.20, 0.8
#: a queue of this many seconds is none
SHORT: Final = 0.05
#: seconds without a queue before there is more sound, at first and again, doubled when that was too early
BEGINNING, EASE, LONGEST_EASE = 2.0, 6.0, 60.0


class SoundLadder:
    """Sound gives way only after the picture, and comes back before it: full, thin (longer packets, a lower rate), none."""

    def __init__(self, now: float, beginning: float = BEGINNING) -> None:
        """`beginning`: seconds without a queue before the voice is whole."""
        self._index = SOUNDS.index("thin")  # until it is known what the link carries
        self._standing: float | None = None
        self._easy = now
        self._climbed = float("-inf")
        self._ease = beginning

    @property
    def sound(self) -> SoundLeft:
        """What holds now."""
        return SOUNDS[self._index]

    def update(self, queue: float, now: float, *, least: bool, blocked: bool = False) -> SoundLeft:
        """What holds with this queue (s); to be asked several times a second.

        `least`: the picture has no more to give; `blocked`: nothing is heard of what was sent.
        """
        if blocked:
            self._index, self._easy, self._ease = min(self._index, SOUNDS.index("thin")), now, max(self._ease, EASE)
        if queue < TOO_LONG or not least:
            self._standing = None
        elif self._standing is None:
            self._standing = now
        if queue > SHORT:
            self._easy = now
        if self._standing is not None and now - self._standing > STANDING and self._index > 0:
            self._index -= 1
            self._ease = min(2 * self._ease, LONGEST_EASE) if now - self._climbed < 2 * EASE else EASE
            self._standing = self._easy = now
        elif now - self._easy > self._ease and self._index < len(SOUNDS) - 1:
            self._index += 1
            self._climbed = self._easy = now
            self._ease = max(self._ease, EASE)
        return self.sound


def _index(rate: int) -> int:
    return max(index for index, rung in enumerate(LADDER) if rate >= rung.least)
