"""What lies between the line, on which sound comes unevenly, and the loudspeaker, which takes it evenly. Sans-IO.

Sound begins to play only once a cushion of it has come, and again after each time that it ran dry. Speech has pauses, and in each the cushion
is made anew: so a sound card whose clock is not the other side's gathers no delay for good, and does not run dry for good either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from av import AudioFrame

#: seconds of sound that come before any is played: what a line may be uneven by
DEPTH: Final = 0.06


class Cushion:
    """One loudspeaker's."""

    def __init__(self, depth: float = DEPTH) -> None:
        self._depth = depth
        self._held: list[AudioFrame] = []
        self._until = float("-inf")

    def add(self, frame: AudioFrame, now: float) -> list[AudioFrame]:
        """The frames that may be played now, in order. `now` in seconds of a monotonic clock."""
        if now < self._until:
            self._until += _seconds(frame)
            return [frame]
        self._held.append(frame)
        held = sum(map(_seconds, self._held))
        if held < self._depth:
            return []
        out, self._held, self._until = self._held, [], now + held
        return out


def _seconds(frame: AudioFrame) -> float:
    return frame.samples / frame.sample_rate
