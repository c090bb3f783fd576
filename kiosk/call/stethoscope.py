"""The stethoscope: one source, two ways. What is heard goes as samples to the agent, which seals them (the truth), and as a track of its own to the ear.

Nothing is done to the sound: no gain control, no suppression of noise or echo. A device of its own in the settings; 48 kHz come from it.
"""

from __future__ import annotations

import array
import asyncio
import sys
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from kiosk.call.sources import AUDIO_RATE, Reader
from protocol.sound import PIECE, RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.call.sources import Device, SourceError

#: swresample with this filter is flat to 1600 Hz (0.1 dB) and lets nothing through from 2000 Hz on (-120 dB): tests/kiosk/call/test_stethoscope.py
FILTER: Final = f"{RATE}:filter_size=64:cutoff=0.9"
#: samples of the device that one sample of a piece is made of
FACTOR: Final = AUDIO_RATE // RATE
#: a hole of this many samples of the device is one; less is the unsteadiness of its time stamps
HOLE: Final = AUDIO_RATE // 25
#: pieces of 20 ms that may wait for the encoder: what waits longer is late for ever
WAITING: Final = 5

_BASE: Final = Fraction(1, AUDIO_RATE)


class Decimator:
    """From 48 kHz to 4 kHz, 16 bit, behind a filter that keeps what is above 2 kHz from folding down."""

    def __init__(self) -> None:
        self._graph = graph = av.filter.Graph()
        source = graph.add_abuffer(sample_rate=AUDIO_RATE, format="s16", layout="mono", time_base=_BASE)
        slower, sink = graph.add("aresample", FILTER), graph.add("abuffersink")
        source.link_to(slower)
        slower.link_to(sink)
        graph.configure()

    def feed(self, frame: av.AudioFrame) -> array.array[int]:
        """The samples that this frame completes."""
        self._graph.push(frame)
        out = array.array("h")
        while True:
            try:
                done = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return out
            if isinstance(done, av.AudioFrame):
                out.frombytes(bytes(done.planes[0])[: 2 * done.samples])


class Stethoscope:
    """Opened while somebody auscultates. `heard(sequence, samples, at)` gets pieces of PIECE samples (16 bit, little endian).

    `sequence` counts the samples before, those that the device lost with them; `at` is the monotonic time in seconds at which the last sample
    came. `troubled` gets "" when the device gives sound, "no-stethoscope" or "stethoscope-lost" when it does not.
    """

    def __init__(
        self,
        device: Device[av.AudioFrame] | None,
        troubled: Callable[[str], None],
        heard: Callable[[int, bytes, float], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._device, self._troubled, self._heard, self._now = device, troubled, heard, now
        self._reader: Reader | None = None
        self._listening = False
        self._tracks: set[StethoscopeTrack] = set()
        self._begin(0)

    def _begin(self, sequence: int) -> None:
        self._decimator = Decimator()
        self._samples = array.array("h")
        self._sequence = sequence
        self._next: int | None = None

    def switch(self, *, on: bool, listening: bool) -> None:
        """Open or free the device; let its sound go to the specialist's ear or not."""
        self._listening = on and listening
        if on == (self._reader is not None):
            return
        if self._reader:
            self._reader.stop()
            self._reader = None
        elif self._device is None:
            self._troubled("no-stethoscope")
        else:
            self._seen = False
            self._begin(0)
            self._reader = Reader(self._device, self._give, self._lost)

    def _lost(self, _: SourceError | None) -> None:
        self._reader = None
        self._troubled("stethoscope-lost" if self._seen else "no-stethoscope")

    def _give(self, frame: av.AudioFrame) -> None:
        if not self._seen:
            self._seen = True
            self._troubled("")
        at = frame.pts if frame.pts is not None else self._next or 0
        if self._next is not None and at - self._next > HOLE:
            self._begin(self._sequence + len(self._samples) + (at - self._next) // FACTOR)
        self._next = at + frame.samples
        if self._listening:
            for track in self._tracks:
                track.give(frame)
        self._samples.extend(self._decimator.feed(frame))
        while len(self._samples) >= PIECE:
            piece, self._samples = self._samples[:PIECE], self._samples[PIECE:]
            if sys.byteorder == "big":
                piece.byteswap()
            self._heard(self._sequence, piece.tobytes(), self._now())
            self._sequence += PIECE

    def track(self) -> StethoscopeTrack:
        """A new track for one call."""
        track = StethoscopeTrack(self._tracks.discard, self._now)
        self._tracks.add(track)
        return track


class StethoscopeTrack(MediaStreamTrack):
    """What the specialist listens to: nothing at all leaves while nobody listens."""

    kind = "audio"

    def __init__(self, ended: Callable[[StethoscopeTrack], None], now: Callable[[], float]) -> None:
        super().__init__()
        self._ended, self._now = ended, now
        self._frames: asyncio.Queue[av.AudioFrame | None] = asyncio.Queue()
        self._origin = now()
        self._ahead: int | None = None
        self._last = -1

    def give(self, frame: av.AudioFrame) -> None:
        """The next piece of sound; the oldest is dropped where the encoder is behind."""
        self._frames.put_nowait(frame)
        while self._frames.qsize() > WAITING:
            self._frames.get_nowait()

    async def recv(self) -> av.AudioFrame:
        """The next piece, at the device's own pace: time stamps go on over a pause, so that the other side hears one.

        Raises:
            MediaStreamError: the track was stopped.
        """
        frame = None if self.readyState != "live" else await self._frames.get()
        if frame is None:
            raise MediaStreamError
        clock, at = int((self._now() - self._origin) * AUDIO_RATE), frame.pts or 0
        if self._ahead is None or abs(at + self._ahead - clock) > AUDIO_RATE // 2:
            self._ahead = max(clock, self._last + 1) - at
        sent = av.AudioFrame(format="s16", layout="mono", samples=frame.samples)
        sent.planes[0].update(bytes(frame.planes[0])[: 2 * frame.samples])
        sent.sample_rate, sent.time_base, sent.pts = AUDIO_RATE, _BASE, at + self._ahead
        self._last = at + self._ahead + frame.samples
        return sent

    def stop(self) -> None:
        """End the track; the device stays as it is."""
        super().stop()
        self._ended(self)
        self._frames.put_nowait(None)
