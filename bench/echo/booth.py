"""Both voices through PipeWire with the booth's configuration: what is played to telecabine.speaker and recorded from telecabine.microphone.

In real time, at 48 kHz inside. The room is PipeWire's own convolver between the simulated card's loudspeaker and microphone, with the same ways as
the libraries' room, or, where the echo is given, that goes into the microphone in its place.
"""

from __future__ import annotations

import array
import contextlib
import signal
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av

from bench.echo.figures import lag, part
from bench.echo.sound import ENDS, NEAR, RATE, STOPS, TALKS, clipped
from simulators.sound_server import SoundServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.echo.sound import Room, Samples

FULL: Final = 48_000
#: silence before and after, in seconds: the players are joined one port after another
BEFORE, AFTER = 2, 1
#: the start is looked for so many samples before the first sound, which a filter may have hidden
MARGIN: Final = RATE // 100
#: where the machine let somebody wait, a piece of 512 samples at 48 kHz is missing; so many at 16 kHz are no hole
UNEVEN: Final = 8
TRIES: Final = 8

_ROOM: Final = """context.modules = [ {{ name = libpipewire-module-filter-chain args = {{
    filter.graph = {{ nodes = [ {{ type = builtin name = room label = convolver config = {{ filename = "{path}" gain = {gain} }} }} ] }}
    capture.props = {{ node.name = room.before audio.position = [ MONO ] node.autoconnect = false }}
    playback.props = {{ node.name = room.after audio.position = [ MONO ] node.autoconnect = false }}
}} }} ]
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came out, what the microphone heard, what the loudspeaker gave (from its beginning), and milliseconds of processor a second."""

    out: Samples[int]
    microphone: Samples[int]
    loudspeaker: Samples[int]
    spent: float


class UnevenError(Exception):
    """A piece of sound is missing somewhere: the machine was too busy for a measurement in real time."""


def through(configuration: str, far: Samples[int], near: Samples[int], echo: Samples[int] | None, room: Room, gain: float) -> Recorded:
    """One run, repeated where the machine let a piece of it fall.

    Raises:
        UnevenError: each time.
    """
    for attempt in range(1, TRIES + 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                return _run(Path(folder), configuration, [far, near, echo] if echo else [far, near], room, gain)
            except UnevenError:
                if attempt == TRIES:
                    raise
    raise AssertionError


def _run(folder: Path, configuration: str, played: Sequence[Samples[int]], room: Room, gain: float) -> Recorded:
    _write(
        folder / "played.wav",
        [array.array("h", bytes(2 * RATE * BEFORE)) + one + array.array("h", bytes(2 * RATE * AFTER)) for one in played],
        RATE,
    )
    ways = array.array("h", bytes(2 * FULL // 3))
    for seconds, one in room:
        ways[int(seconds * FULL)] += round(16_000 * one)
    _write(folder / "room.wav", [ways], FULL)
    with SoundServer(folder / "s", configuration, _ROOM.format(path=folder / "room.wav", gain=gain * 32768 / 16_000), first=True) as server:
        first, *rest = (port for port in server.inputs() if port.startswith("telecabine.speaker:"))
        ports = ["telecabine.microphone:capture_" + first.rpartition("_")[2], "room.microphone:capture_MONO", "room.loudspeaker:monitor_FL"]
        recorder = server.record(folder / "recorded.wav", ports, RATE)
        if len(played) == 2:
            server.link("room.loudspeaker:monitor_FL", "room.before:input_MONO")
            server.link("room.after:output_MONO", "room.microphone:input_MONO")
        start = server.processor_seconds()
        player = server.play(folder / "played.wav", [[first, *rest], *([["room.microphone:input_MONO"]] * (len(played) - 1))])
        player.wait(2 * (BEFORE + ENDS + AFTER))
        spent = 1000 * (server.processor_seconds() - start) / (BEFORE + ENDS + AFTER)
        recorder.send_signal(signal.SIGINT)
        recorder.wait(10)
    out, microphone, loudspeaker = _read(folder / "recorded.wav", 3)
    begin = max(0, next(number for number, value in enumerate(microphone) if abs(value) > 8) - MARGIN)
    given = Recorded(out[begin:], microphone[begin:], loudspeaker[begin:], spent)
    _check(given, played[0], played[1])
    return given


def _check(given: Recorded, far: Samples[int], near: Samples[int]) -> None:
    for samples, said, places in (
        (given.loudspeaker, far, (1, STOPS - 1)),
        (given.microphone, near, (TALKS, ENDS - 1)),
        (given.out, near, (STOPS, ENDS - NEAR / 2)),
    ):
        lags = [lag(_breath(part(samples, at, at + 1)), _breath(part(said, at, at + 1))) for at in places]
        if max(lags) - min(lags) > UNEVEN:
            raise UnevenError


def _breath(samples: Samples[int]) -> Samples[int]:
    """The high part of a voice, whose place a filter of the low part leaves alone."""
    return array.array("h", (clipped(a - 2 * b + c) for a, b, c in zip(samples, samples[1:], samples[2:], strict=False)))


def delay_ms(given: Recorded, far: Samples[int]) -> float:
    """How long the canceller kept the far voice from the loudspeaker."""
    return 1000 * (lag(part(given.loudspeaker, 1, 3), part(far, 1, 3)) - MARGIN) / RATE


def _write(path: Path, channels: Sequence[Samples[int]], rate: int) -> None:
    samples = array.array("h", bytes(2 * len(channels) * len(channels[0])))
    for number, channel in enumerate(channels):
        samples[number :: len(channels)] = channel
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def _read(path: Path, channels: int) -> Iterator[Samples[int]]:
    samples = array.array("h")
    with contextlib.closing(av.open(str(path))) as file:
        for frame in file.decode(audio=0):
            samples.frombytes(bytes(frame.planes[0])[: 2 * channels * frame.samples])
    return (samples[number::channels] for number in range(channels))
