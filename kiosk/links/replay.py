"""Plays the frames of a `.frames` file as a link would bring them: for training, for checking a driver, for a capture brought home.

One frame a line: `> SOURCE HEX`, or `> SOURCE @SECONDS HEX` with the time since the first frame. Lines with another mark are left out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.measurement import Frame
from kiosk.links.link import NotAllowedError, States

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from drivers.device import Device
    from kiosk.links.link import Clock, Emit


class ReplayError(ValueError):
    """A line that is not one of a `.frames` file; the message names it by its number."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One frame of a file: when, in seconds since the first one (None when not written), from where, what."""

    at: float | None
    source: str
    data: bytes


def parse(text: str) -> tuple[Recorded, ...]:
    """The frames of a file.

    Raises:
        ReplayError: a frame without a source, a time that is none, or bad hex.
    """
    return tuple(_parse_line(number, line[1:].split()) for number, line in enumerate(text.splitlines(), 1) if line.startswith(">"))


def _parse_line(number: int, words: list[str]) -> Recorded:
    if len(words) < 2:
        raise ReplayError(f"line {number}: a frame is '> SOURCE HEX'")
    source, *rest = words
    try:
        at = float(rest.pop(0)[1:]) if rest[0].startswith("@") else None
        return Recorded(at, source, bytes.fromhex("".join(rest)))
    except ValueError as error:
        raise ReplayError(f"line {number}: not a time or not hex") from error


def line(frame: Frame, since: float) -> str:
    """The line of a file for `frame`, `since` being the monotonic time of the first one."""
    return f"> {frame.source} @{frame.received.monotonic - since:.3f} {frame.data.hex(' ')}"


class ReplayLink:
    """Brings `frames` as from `device`, each at its time (at once where none is written), then says that it ended."""

    def __init__(
        self, device: Device, frames: Iterable[Recorded], clock: Clock, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._device, self._frames, self._clock, self._pause = device, tuple(frames), clock, pause

    async def run(self, emit: Emit) -> None:
        """Play once, then stay until cancelled; see `Link.run`."""
        states, start = States(emit, self._clock), self._clock.now().monotonic
        states.up(self._device, "replay")
        for frame in self._frames:
            wait = (frame.at or 0.0) - (self._clock.now().monotonic - start)
            if wait > 0:
                await self._pause(wait)
            emit(Frame(frame.source, frame.data, self._clock.now(), self._device.key))
        states.down(self._device, "the recording ended")
        await asyncio.Event().wait()

    async def write(self, device: str, source: str, data: bytes) -> None:
        """A recording takes no command."""
        raise NotAllowedError(f"{device} is a recording")
