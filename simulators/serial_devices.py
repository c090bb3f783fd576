"""A virtual Contec CMS50D+ on a pseudo-terminal: 60 frames of 5 bytes a second, as the device sends them unasked.

Layout: see `drivers.wire.contec_cms50`. The stream is composed here: a plausible pleth, slow changes of pulse and saturation.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import tty
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATE_HZ = 60
_SYNC, _FINGER_OUT, _BEEP = 0x80, 0x10, 0x40
_SEARCHING, _PULSE_BIT_7 = 0x20, 0x40
_NO_PULSE, _NO_SPO2 = 255, 127


class PseudoTerminal:
    """A serial line that can be pulled out and plugged in again: `path` is what the booth opens, absent while unplugged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        """Make the line appear under `path`."""
        if self._ends is not None:
            return
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._ends = ours, theirs
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(theirs))

    def unplug(self) -> None:
        """Pull the line out: whoever has it open gets an error."""
        if self._ends is None:
            return
        self.path.unlink(missing_ok=True)
        for end in self._ends:
            os.close(end)
        self._ends = None

    @property
    def plugged(self) -> bool:
        """Whether the line is there."""
        return self._ends is not None

    def send(self, data: bytes) -> None:
        """Send; what nobody takes is dropped, as on a real line."""
        if self._ends is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._ends[0], data)

    def received(self) -> bytes:
        """What the booth sent since the last call."""
        if self._ends is None:
            return b""
        try:
            return os.read(self._ends[0], 4096)
        except BlockingIOError:
            return b""


def _wave(phase: float) -> float:
    """One heart beat of a pleth, 0 to 1 for a phase 0 to 1: a steep systolic peak and a dicrotic bump."""
    return 0.95 * math.exp(-(((phase - 0.22) / 0.11) ** 2)) + 0.38 * math.exp(-(((phase - 0.52) / 0.13) ** 2))


def frame(*, pleth: int, pulse: int, spo2: int, strength: int = 7, finger: bool = True, beep: bool = False) -> bytes:
    """One 5-byte frame."""
    head = _SYNC | strength | (_BEEP if beep else 0) | (0 if finger else _FINGER_OUT)
    bar = pleth * 15 // 127 | (_PULSE_BIT_7 if pulse & 0x80 else 0) | (0 if finger else _SEARCHING)
    return bytes((head, pleth, bar, pulse & 0x7F, spo2))


def stream() -> Iterator[bytes]:
    """The endless stream of a finger at rest: SpO2 97 to 98, pulse 70 to 75, changing slowly."""
    phase, sample = 0.0, 0
    while True:
        second = sample / RATE_HZ
        rate = 72.5 + 2.4 * math.sin(second / 9)
        spo2 = 97 if math.sin(second / 13) < 0 else 98
        beat, phase = phase, (phase + rate / 60 / RATE_HZ) % 1
        yield frame(pleth=10 + round(105 * _wave(phase)), pulse=round(rate), spo2=spo2, beep=phase < beat)
        sample += 1


FINGER_OUT = frame(pleth=0, pulse=_NO_PULSE, spo2=_NO_SPO2, strength=0, finger=False)


class ContecOximeter:
    """The device on `line`. Scripts: normal, finger-out, unplugged."""

    scripts = ("normal", "finger-out", "unplugged")

    def __init__(self, line: PseudoTerminal) -> None:
        self.line = line
        self._stream = stream()

    async def play(self, script: str) -> None:
        """Send until cancelled; "unplugged" pulls the line out and returns."""
        if script == "unplugged":
            self.line.unplug()
            return
        self.line.plug()
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.line.send(next(self._stream) if script == "normal" else FINGER_OUT)
            due += 1 / RATE_HZ
            await asyncio.sleep(max(0.0, due - loop.time()))
