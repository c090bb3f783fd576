"""Picture and sound that carry the same time, and how far apart they are where both arrive: is the voice with the lips?

The sound's pitch steps each tenth of a second through twenty pitches; the picture carries a stamp of the same clock in ms. A step that is
heard tells the time to some 5 ms, modulo two seconds.
"""

from __future__ import annotations

import array
import cmath
import json
import math
import wave
from bisect import bisect
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from kiosk.call.cushion import RATE
from simulators.stamps import MODULUS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: ms between two steps, how many there are, and the pitches in Hz
STEP: Final = 100
STEPS: Final = 20
LOWEST, BETWEEN = 600, 100
#: one sample of so many is enough for these pitches
EVERY: Final = 8
#: samples (of those) in which a pitch is looked for, and from one place to the next
LOOK, HOP = 120, 30

#: in a browser: `lips()` gives a stream of both, and `compare(peer)` fills `apart` with what the browser says of what it receives
PAGE: Final = """
async function lips(width, height) {
  const context = new AudioContext({sampleRate: 48000}), tone = context.createOscillator(), soft = context.createGain();
  const out = context.createMediaStreamDestination(), canvas = document.createElement('canvas');
  for (let step = 0; step < 1200; step++) tone.frequency.setValueAtTime(600 + 100 * (step % 20), step / 10);
  soft.gain.value = 0.3;
  tone.connect(soft).connect(out);
  tone.start(0);
  canvas.width = width; canvas.height = height;
  const draw = canvas.getContext('2d', {alpha: false});
  setInterval(() => {
    const t = Math.floor(context.currentTime * 1000) % 16777216, b = [t & 255, t >> 8 & 255, t >> 16 & 255];
    b.push(b[0] ^ b[1] ^ b[2] ^ 0x5A);
    draw.fillStyle = `hsl(${t / 10 % 360} 40% 40%)`; draw.fillRect(0, 0, width, height);
    for (let k = 0; k < 32; k++) {
      draw.fillStyle = b[k >> 3] >> (k & 7) & 1 ? '#eee' : '#070707';
      draw.fillRect(Math.floor(k * width / 32), 0, Math.ceil(width / 32) + 1, Math.round(height * 32 / 720));
    }
  }, 1000 / 30);
  return new MediaStream([...out.stream.getTracks(), ...canvas.captureStream(30).getTracks()]);
}
const apart = [];
function compare(peer) {  // what the browser itself says of what it plays and shows: ms that its picture is behind its sound, ten times a second
  const speaker = new Audio();  // what nobody plays has no time of playing
  speaker.srcObject = new MediaStream([peer.getReceivers().find(one => one.track.kind === 'audio').track]);
  speaker.play();
  setInterval(async () => {
    const all = [...(await peer.getStats()).values()].filter(one => one.type === 'inbound-rtp' && one.estimatedPlayoutTimestamp);
    const sound = all.find(one => one.kind === 'audio'), picture = all.find(one => one.kind === 'video');
    if (sound && picture) apart.push(sound.estimatedPlayoutTimestamp - picture.estimatedPlayoutTimestamp);
  }, 100);
}
"""


def steps(sound: Path) -> list[tuple[float, int]]:
    """When each step was heard (s), and its time (ms modulo STEP * STEPS), in what a `Recorder` has written."""
    with wave.open(str(sound)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    times = [json.loads(line) for line in sound.with_suffix(".times").read_text().splitlines()]
    starts = [one["sample"] for one in times]

    def at(sample: int) -> float:
        piece = times[bisect(starts, sample) - 1]
        return float(piece["at"] + (sample - piece["sample"]) / RATE)

    pitches = list(_pitches(samples[::EVERY]))
    found = []
    for place, (earlier, later) in enumerate(pairwise(pitches)):
        steady = pitches[max(0, place - 4) : place + 1] == [earlier] * 5 and pitches[place + 1 : place + 6] == [later] * 5
        if earlier is not None and later == (earlier + 1) % STEPS and steady:
            found.append((at(round((place + 0.5) * HOP + LOOK / 2) * EVERY), later * STEP))
    return found


def _pitches(samples: Sequence[int]) -> Iterator[int | None]:
    turns = [
        [cmath.exp(-2j * math.pi * (LOWEST + BETWEEN * step) * number * EVERY / RATE) for number in range(LOOK)] for step in range(STEPS)
    ]
    for start in range(0, len(samples) - LOOK, HOP):
        piece = samples[start : start + LOOK]
        if max(piece) - min(piece) < 1000:
            yield None
            continue
        powers = [abs(sum(a * b for a, b in zip(piece, turn, strict=True))) for turn in turns]
        yield powers.index(max(powers))


def shown(stamps: Path) -> list[tuple[float, int]]:
    """When each stamp was shown (s), of what a call process's `StampReader` has written."""
    return [(at, stamp) for line in stamps.read_text().splitlines() for at, stamp in json.loads(line)["stamps"]]


def offsets(heard: Sequence[tuple[float, int]], seen: Sequence[tuple[float, int]]) -> list[float]:
    """For each picture shown (s, stamp in ms) how much later it came than the sound of its time, in seconds; negative: earlier."""
    if not seen:
        return []
    known: list[tuple[float, float]] = []  # stamp of the step in ms, when heard
    for at, phase in heard:
        shown_at, near = min(seen, key=lambda one: abs(one[0] - at))
        if abs(shown_at - at) > STEP * STEPS / 4000:  # too long without a picture to tell which round of the pitches this is
            continue
        cycle = STEP * STEPS
        known.append((near + (phase - near + cycle / 2) % cycle - cycle / 2, at))
    known.sort()
    out = []
    for at, stamp in seen:
        after = bisect(known, (stamp % MODULUS, float("inf")))
        if 0 < after < len(known) and known[after][0] - known[after - 1][0] <= 3 * STEP:
            (early, heard_early), (late, heard_late) = known[after - 1], known[after]
            out.append(at - heard_early - (heard_late - heard_early) * (stamp - early) / (late - early))
    return out
