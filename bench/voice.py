"""What becomes of a voice on a lossy line: the booth's receiver beside aiortc's own, on the same packets. Run: `./run bench voice`.

Half a minute of a voice-like sound, coded as the booth and the browser code it (24 kbit/s, in-band error correction, no pauses), sent every 20 ms of a virtual clock
with 30 to 50 ms of delay; what is lost is drawn from a fixed seed. "Holes": samples that were never given out. "Error": of what was given out
for the lost packets, in dB relative to what was said (0 dB: no better than silence). "Waited": how long packets stood in the buffer behind a
lost one, the 99th of a hundred, ms.
"""

from __future__ import annotations

import array
import math
import random
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiortc.codecs.opus import OpusDecoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket
from av import AudioResampler

from kiosk.call.encoders import VoiceEncoder
from kiosk.call.sound_buffer import ConcealingDecoder, SoundBuffer
from simulators import heart

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS, PACKET, DELAY, JITTER = 30, 960, 0.03, 0.02


def voice() -> array.array[int]:
    """Vowels of a falling and rising pitch under syllables of a quarter of a second."""
    out, phase = array.array("h"), 0.0
    for number in range(SECONDS * 48_000):
        at = number / 48_000
        phase += 2 * math.pi * (130 + 30 * math.sin(2 * math.pi * 0.7 * at)) / 48_000
        syllable = 0.25 + 0.75 * math.sin(math.pi * 4 * at) ** 2
        out.append(int(9000 * syllable * (0.5 * math.sin(phase) + 0.3 * math.sin(3 * phase) + 0.2 * math.sin(7 * phase))))
    return out


def random_loss(share: float) -> Callable[[int, random.Random], bool]:
    return lambda _, chance: chance.random() < share


def bursts(number: int, _: random.Random) -> bool:
    """Three packets in a row, once a second."""
    return number % 50 < 3 and number > 50


CELLS = {"no loss": random_loss(0), "5 % loss": random_loss(0.05), "10 % loss": random_loss(0.1), "3 packets a second": bursts}


@dataclass(frozen=True, slots=True)
class Row:
    """One receiver on one line."""

    holes: float
    error: float
    waited: float


def receive(packets: list[bytes], lost: set[int], arrivals: list[tuple[float, int]], *, ours: bool, truth: array.array[int]) -> Row:
    """Play the line into one receiver."""
    clock = [0.0]
    buffer = SoundBuffer(lambda: clock[0]) if ours else JitterBuffer(capacity=16, prefetch=4)
    decoder = ConcealingDecoder() if ours else OpusDecoder()
    mono = AudioResampler(format="s16", layout="mono", rate=48_000)
    out: dict[int, array.array[int]] = {}
    came: dict[int, float] = {}
    waits: list[float] = []
    for at, number in arrivals:
        clock[0], came[number] = at, at
        packet = RtpPacket(payload_type=111, sequence_number=number, timestamp=number * PACKET)
        packet.payload = packet._data = packets[number]  # type: ignore[attr-defined]  # noqa: SLF001
        _, first = buffer.add(packet)
        for piece in [*([first] if first else []), *(buffer.more() if isinstance(buffer, SoundBuffer) else ())]:
            waits.append(at - came[piece.timestamp // PACKET])
            for frame in decoder.decode(piece):
                for one in mono.resample(frame):
                    samples = array.array("h", bytes(one.planes[0])[: 2 * one.samples])
                    start = (frame.pts or 0) // PACKET
                    for step in range(len(samples) // PACKET):
                        out[start + step] = samples[step * PACKET : (step + 1) * PACKET]
    judged = list(range(60, len(packets) - 30))
    noise = signal = 0.0
    for number in lost & set(judged):
        said = truth[number * PACKET : (number + 1) * PACKET]
        given = out.get(number, array.array("h", bytes(2 * PACKET)))
        signal += sum(a * a for a in said)
        noise += sum((a - b) ** 2 for a, b in zip(given, said, strict=True))
    error = 10 * math.log10(noise / signal) if signal else float("nan")
    waits.sort()
    holes = sum(number not in out for number in judged) / len(judged)
    return Row(100 * holes, error, 1000 * waits[int(0.99 * len(waits))])


def main() -> int:
    """Print the table."""
    encoder, packets = VoiceEncoder(), []
    for frame in heart.frames(voice()):
        packets += encoder.encode(frame)[0]
    plain = ConcealingDecoder()
    whole = array.array("h", b"".join(bytes(plain._opus.decode(packet)) for packet in packets))  # noqa: SLF001
    sys.stdout.write("| line | receiver | holes % | error of what was lost, dB | waited ms |\n|---|---|---|---|---|\n")
    for name, loses in CELLS.items():
        chance = random.Random(7)
        lost = {number for number in range(len(packets)) if loses(number, chance)}
        arrivals = sorted(
            (number * 0.02 + DELAY + chance.uniform(0, JITTER), number) for number in range(len(packets)) if number not in lost
        )
        for receiver, ours in (("telecabine", True), ("aiortc", False)):
            row = receive(packets, lost, arrivals, ours=ours, truth=whole)
            error = "" if math.isnan(row.error) else f"{row.error:.1f}"
            sys.stdout.write(f"| {name} | {receiver} | {row.holes:.1f} | {error} | {row.waited:.0f} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
