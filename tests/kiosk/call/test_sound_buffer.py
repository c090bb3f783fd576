"""The specialist's voice through a lossy line: in time, without holes, and without what was never said."""

from __future__ import annotations

import array
import math
import random
from operator import mul
from typing import TYPE_CHECKING

import pytest
from aiortc.codecs.opus import OpusDecoder as PlainDecoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtp import RtpPacket

from kiosk.call.encoders import VoiceEncoder
from kiosk.call.opus import OpusDecoder, OpusError
from kiosk.call.sound_buffer import MADE_UP, PATIENCE, ConcealingDecoder, Piece, SoundBuffer
from simulators import heart

if TYPE_CHECKING:
    from av import AudioFrame


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def packet(sequence: int, timestamp: int | None = None, payload: bytes = b"x") -> RtpPacket:
    made = RtpPacket(payload_type=111, sequence_number=sequence % 65_536, timestamp=sequence * 960 if timestamp is None else timestamp)
    made.payload = payload
    return made


class Line:
    """A buffer, and what came out of it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.buffer = SoundBuffer(self.clock)
        self.pieces: list[Piece] = []

    def give(self, *sequences: int) -> list[tuple[int, int]]:
        """20 ms apart; timestamp and missing samples of what goes out."""
        before = len(self.pieces)
        for sequence in sequences:
            self.clock.now += 0.02
            _, first = self.buffer.add(packet(sequence))
            self.pieces += [*([first] if first else []), *self.buffer.more()]
        return [(piece.timestamp // 960, piece.missing) for piece in self.pieces[before:]]


def test_what_comes_in_order_goes_out_at_once() -> None:
    assert Line().give(7, 8, 9) == [(7, 0), (8, 0), (9, 0)]


def test_what_was_overtaken_is_waited_for() -> None:
    assert Line().give(1, 3, 2, 4) == [(1, 0), (2, 0), (3, 0), (4, 0)]


def test_what_is_lost_is_made_up_after_a_moment() -> None:
    """A conversation bears 60 ms; aiortc's own buffer waits for 320."""
    line = Line()
    assert line.give(1, 3, 4, 5) == [(1, 0)]
    assert line.give(6) == [(3, 960), (4, 0), (5, 0), (6, 0)]
    assert line.give(2) == [], "too late: its place was made up"
    assert PATIENCE < 0.1


def test_no_speech_is_invented_over_a_long_hole() -> None:
    line = Line()
    line.give(1, 2)
    assert line.give(40, 41, 42, 43)[0] == (40, MADE_UP)


def test_a_pause_of_the_sender_is_no_loss() -> None:
    """Discontinuous transmission leaves time out, and no number."""
    line = Line()
    line.give(1, 2)
    line.clock.now += 0.4
    _, piece = line.buffer.add(packet(3, timestamp=30 * 960))
    assert piece is not None
    assert piece.missing == 0


def test_numbers_wrap_and_a_new_start_is_taken() -> None:
    line = Line()
    assert [missing for _, missing in line.give(65_534, 65_535, 65_536, 65_537)] == [0, 0, 0, 0]
    assert len(line.give(30_000, 30_001)) == 2


@pytest.mark.parametrize("seed", range(3))
def test_every_packet_goes_out_once_and_in_order_whatever_the_line_does(seed: int) -> None:
    chance, line = random.Random(seed), Line()
    sent = list(range(400))
    arriving = sorted((number + chance.uniform(0, 3), number) for number in sent if chance.random() > 0.1)
    out = line.give(*(number for _, number in arriving))
    order = [number for number, _ in out]
    assert order == sorted(set(order))
    assert len(order) >= 0.95 * len(arriving)


def coded(samples: array.array[int]) -> list[tuple[bytes, int]]:
    encoder, out = VoiceEncoder(), []
    for frame in heart.frames(samples):
        payloads, timestamp = encoder.encode(frame)
        out += [(payload, timestamp + 960 * at) for at, payload in enumerate(payloads)]
    return out


def heard(frames: list[AudioFrame]) -> array.array[int]:
    out = array.array("h")
    for frame in frames:
        out.frombytes(bytes(frame.planes[0])[: 2 * frame.samples])
    return out


def quietest(samples: array.array[int], window: int = 240) -> float:
    """The lowest loudness of 5 ms in the middle, of full scale."""
    pieces = (samples[at : at + window] for at in range(len(samples) // 4, 3 * len(samples) // 4, window))
    return min(math.sqrt(sum(map(mul, piece, piece)) / window) for piece in pieces) / 32768


def test_a_lost_packet_leaves_no_hole_in_the_sound() -> None:
    """Concealment and error correction of Opus itself, through libopus: as long as what was sent, and never silent."""
    packets = coded(heart.tone(300, 1.0))
    decoder, frames = ConcealingDecoder(), []
    missing = 0
    for number, (payload, timestamp) in enumerate(packets):
        if number in (12, 20, 21, 30):
            missing += 960
            continue
        frames += decoder.decode(Piece(payload, timestamp, missing))
        missing = 0
    whole = heard(frames)
    assert len(whole) == 960 * len(packets)
    assert decoder.made_up == 4 * 960
    assert quietest(whole) > 0.02, "a hole is 0; the tone 0.21, and a guess fades"


def test_the_packet_after_carries_the_lost_one() -> None:
    """In-band error correction: what is recovered is nearer to what was said than a guess."""
    voice = array.array("h", (int(9000 * math.sin(at * at / 3e6) * (1 + math.sin(at / 900)) / 2) for at in range(48_000)))
    packets = [payload for payload, _ in coded(voice)]
    at = 30
    whole, guessed, corrected = OpusDecoder(), OpusDecoder(), OpusDecoder()
    for payload in packets[:at]:
        for decoder in (whole, guessed, corrected):
            decoder.decode(payload)
    truth, guess, recovered = whole.decode(packets[at]), guessed.conceal(960), corrected.recover(packets[at + 1], 960)

    def error(octets: bytes) -> float:
        return sum((a - b) ** 2 for a, b in zip(array.array("h", octets), array.array("h", truth), strict=True))

    assert error(recovered) < error(guess)


def test_constant_packets_say_nothing_of_what_is_said() -> None:
    """Speech and silence have one length, and no packet is left out; at 24 kbit/s with error correction, as before."""
    encoder = VoiceEncoder(constant=True)
    sounds = (heart.tone(300, 0.5), array.array("h", bytes(48_000)), heart.tone(1200, 0.5, 0.05))
    lengths = [len(payload) for samples in sounds for frame in heart.frames(samples) for payload in encoder.encode(frame)[0]]
    assert set(lengths) == {60}
    assert len(lengths) >= 73


def test_what_is_no_packet_does_no_harm() -> None:
    with pytest.raises(OpusError):
        OpusDecoder().decode(b"\xff" * 3)
    assert ConcealingDecoder().decode(JitterFrame(b"\xff" * 3, 0)) == []


def test_pyav_still_conceals_nothing() -> None:
    """When this fails, an update of PyAV has learned it, and kiosk/call/opus.py may go."""
    packets = coded(heart.tone(300, 0.5))
    decoder = PlainDecoder()
    count = sum(frame.samples for at, (data, time) in enumerate(packets) if at != 10 for frame in decoder.decode(JitterFrame(data, time)))
    assert count == 960 * (len(packets) - 1)
