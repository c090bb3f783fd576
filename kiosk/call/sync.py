"""The voice with the lips: picture and sound of one moment are seen and heard together. Sans-IO.

Sender reports (RFC 3550 section 6.4.1) tell which time of the sender's clock a time stamp of each stream is; a browser's come after seconds, so its
packets say themselves when their content was recorded (abs-capture-time), from the first on. From it follows how late each stream is here, on one scale. A picture that would be shown long before its sound is heard is held back; where pictures come later than their sound, the sound is
laid back, bit by bit. Sound before its picture is noticed sooner than after it (ITU-R BT.1359: 45 and 125 ms).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["audio", "video"]

#: a header extension: the sender's NTP time of what is in the packet (webrtc.org, rtp-hdrext/abs-capture-time)
URI: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"

#: seconds that a picture may be shown before its sound is heard, and after it
BEFORE, AFTER = 0.06, 0.04
#: a browser aims at no distance at all and holds each picture back for it: when the booth's sound was recorded is told so much later than it was,
#: so a picture may be seen that much before its sound there too
LENIENCE: Final = 0.04
#: a picture is held back for so many seconds at most; more is no measure but a peer's mistake
LONGEST: Final = 0.4
#: of so many pictures, this share shall not be later than `AFTER`: a picture that stands still for two seconds changes nothing
PICTURES, SHARE = 300, 0.8
#: ticks a second of each stream's time stamps
CLOCKS: Final = {"audio": 48_000, "video": 90_000}


@dataclass
class Sync:
    """One call's. Times in seconds of one monotonic clock, but for the sender's; time stamps are RTP's (32 bits)."""

    lateness: float | None = None  #: of the last picture that came, against the sound that is heard: seconds, negative when it is early
    _reports: dict[Kind, tuple[float, int]] = field(default_factory=dict)
    _recorded: set[Kind] = field(default_factory=set)
    _sound: float | None = None
    _behind: float = 0.0
    _late: deque[float] = field(default_factory=lambda: deque(maxlen=PICTURES))

    def reported(self, kind: Kind, ntp: int, timestamp: int) -> None:
        """A sender report: NTP time (64 bits, fixed point) of a time stamp. Of no weight where packets say it themselves."""
        if ntp and kind not in self._recorded:
            self._reports[kind] = (ntp / (1 << 32), timestamp)

    def recorded(self, kind: Kind, ntp: int, timestamp: int) -> None:
        """A packet of this time stamp says when its content was recorded: NTP time, as above."""
        if ntp:
            self._recorded.add(kind)
            self._reports[kind] = (ntp / (1 << 32), timestamp)

    def heard(self, timestamp: int, at: float) -> float:
        """A sound of this time stamp is heard at this time. Gives how many seconds later it had better be heard (earlier, when negative)."""
        said = self._sent("audio", timestamp)
        self._sound = None if said is None else at - said
        return self._behind

    def hold(self, timestamp: int, now: float) -> float:
        """How many seconds to hold back a picture that has come now."""
        taken = self._sent("video", timestamp)
        if taken is None or self._sound is None:
            return 0.0
        self.lateness = now - taken - self._sound
        self._late.append(self.lateness)
        if len(self._late) == PICTURES:
            self._behind = sorted(self._late)[int(SHARE * PICTURES)] - AFTER
        early = -self.lateness - BEFORE
        return early if 0 < early < LONGEST else 0.0

    def _sent(self, kind: Kind, timestamp: int) -> float | None:
        if kind not in self._reports:
            return None
        ntp, known = self._reports[kind]
        ticks = (timestamp - known + (1 << 31)) % (1 << 32) - (1 << 31)
        return ntp + ticks / CLOCKS[kind]
