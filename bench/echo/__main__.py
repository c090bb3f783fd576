"""Echo cancellation on double talk: PipeWire as a booth has it, beside "off" and two libraries, in a simulated room. Run: `./run bench echo`.

The other side's voice goes through a room (30 ms to the microphone, 60 reflections over 200 ms, falling by 60 dB in 0.3 s) into the booth's microphone,
8 dB below what a person in the booth says, with a noise of -64 dB of full scale. Three stretches after five seconds to settle: the other side alone, both,
the person alone. "Echo": what is left of it while the other side talks alone, dB relative to the microphone. "Kept": how much of the person's voice is in
the output (projection on the clean voice), and "clean": that voice against all else in the output, dB; both while both talk. "Level" is the
output's power against the clean voice's, whatever the wave form. 16 kHz, mono; PipeWire works at 48 kHz, in real time, and its milliseconds are those of
the whole server. Where the clocks differ the microphone's is slow by 100 millionths; where somebody moves, the room becomes another at the
beginning of the stretch that "echo" is taken from.

Last: how much sound waits between a program and PipeWire when four seconds are offered as fast as they are taken, by the call process's loudspeaker and by FFmpeg's.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

from bench.echo import booth, figures, libraries, waiting
from bench.echo.sound import RATE, SETTLE, STOPS, TALKS, Room, Samples, drifting, heard, loudness, mixed, noise, reflections, voice
from simulators.sound_server import CONFIGURATION

#: the option that the configuration once had
FILTERED: Final = ("webrtc.high_pass_filter = false", "webrtc.high_pass_filter = true")


@dataclass(frozen=True, slots=True)
class Case:
    """What the microphone hears of the loudspeaker; `live`: PipeWire's own convolver makes it while it runs."""

    name: str
    echo: Samples[int]
    live: bool = False


def cases(far: Samples[int], room: Room, gain: float) -> list[Case]:
    still = [gain * value for value in heard(far, room)]
    other = [gain * value for value in heard(far, reflections(7, 0.033))]
    moved = still[: SETTLE * RATE] + other[SETTLE * RATE :]
    return [
        Case("one clock, nobody moves", mixed(still), live=True),
        Case("two clocks, 100 ppm apart", mixed(drifting(still, 100))),
        Case("somebody moves", mixed(moved)),
    ]


def main() -> int:
    """Print the tables."""
    far, near = voice(170, 1, lambda at: at < STOPS), voice(110, 2, lambda at: at >= TALKS)
    room, said = reflections(3, 0.03), mixed(near, noise())
    gain = 0.4 * loudness(far) / loudness(heard(far, room))
    configuration = CONFIGURATION.read_text()
    before = configuration.replace(*FILTERED)
    if before == configuration:
        raise SystemExit(f"{CONFIGURATION.name} has no line {FILTERED[0]!r} to compare with")
    for case in cases(far, room, gain):
        microphone = mixed(said, case.echo)
        sys.stdout.write(f"\n| {case.name} | {' | '.join(figures.COLUMNS)} |\n{'|---' * (len(figures.COLUMNS) + 1)}|\n")
        for name in libraries.LIBRARIES:
            made = libraries.through(name, far, microphone)
            columns = [*figures.row(made[0], microphone, near), f"{made[1]:.1f}"] if made else ["not installed"]
            sys.stdout.write(f"| {name} | {' | '.join(columns)} |\n")
        for name, text in {"PipeWire as configured": configuration, "PipeWire with its high-pass filter": before}.items():
            given = booth.through(text, far, said, None if case.live else case.echo, room, gain)
            columns = [*figures.row(given.out, given.microphone, near), f"{given.spent:.1f}"]
            sys.stdout.write(f"| {name} | {' | '.join(columns)} |\n")
            sys.stdout.flush()
    sys.stdout.write(f"\nPipeWire kept the far voice from the loudspeaker for {booth.delay_ms(given, far):.1f} ms.\n\n{waiting.table()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
