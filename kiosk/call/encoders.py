"""How the booth's voice and what its stethoscope hears are encoded. aiortc's own Opus encoder is 96 kbit/s stereo without error correction: a quarter of a rural link."""

from __future__ import annotations

import contextlib
import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import av
from aiortc.codecs.base import Encoder
from aiortc.mediastreams import convert_timebase

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.audio.codeccontext import AudioCodecContext
    from av.frame import Frame
    from av.packet import Packet

    from protocol.left import SoundLeft

RATE: Final = 48_000
#: bit/s and samples of one packet: 20 ms, and 80 ms where the headers alone would fill the link
SOUNDS: Final = {"full": (24_000, 960), "thin": (8_000, 3840)}
#: bit/s of what the stethoscope hears
HEART_RATE: Final = 32_000
#: libopus takes the mean away with a filter of first order at 3 Hz, which shifts the phase of 27 Hz by 6 degrees: a shelf (a zero at 3 Hz, a pole
#: at 1 Hz) undoes that, and S1 and S2 keep their shape (correlation 0.9999 in place of 0.9989)
SHELF: Final = "gain=9.54:frequency=1.73:poles=1:precision=f64"
#: with these settings libopus (1.5, variable rate) codes silence in 8 or 9 octets and speech in 30 to 90
SILENT: Final = 10
#: while silent, one packet in this many is sent, as discontinuous transmission does (RFC 6716 section 2.1.9: every 400 ms)
KEEP_ALIVE: Final = 20
#: while sound is off, one piece in this many is coded, as silence; a packet is four of them: twice a second the way is heard of
WHILE_OFF: Final = 6


def hush(frame: av.AudioFrame) -> av.AudioFrame:
    """Silence of the frame's length and time: what keeps the way known while no sound is sent."""
    silent = av.AudioFrame(format="s16", layout="mono", samples=frame.samples)
    silent.planes[0].update(bytes(silent.planes[0].buffer_size))
    silent.sample_rate, silent.pts, silent.time_base = frame.sample_rate, frame.pts, frame.time_base
    return silent


class VoiceEncoder(Encoder):
    """Opus for speech: mono, 24 kbit/s, in-band error correction; silence costs one packet in 400 ms (RFC 7587).

    FFmpeg's libopus wrapper has no switch for discontinuous transmission, so packets that code silence are left out here: the RTP
    timestamp goes on, the sequence number does not, which is what a receiver sees of Opus DTX.
    """

    def __init__(self, sound: Callable[[], SoundLeft] = lambda: "full", *, constant: bool = False) -> None:
        """`sound` tells how much of it the link carries; it is asked at each piece, where that is coded.

        `constant`: every packet has one length and silence is sent too, so that lengths say nothing of what is said (RFC 6562).
        """
        self._sound, self._constant = sound, constant
        self._open("full")
        self._silent = self._off = 0

    def _open(self, sound: SoundLeft) -> None:
        rate, samples = SOUNDS[sound]
        codec: AudioCodecContext = av.CodecContext.create("libopus", "w")
        codec.bit_rate = rate
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = RATE
        codec.time_base = Fraction(1, RATE)
        duration = str(1000 * samples // RATE)
        codec.options = {
            "application": "voip",
            "fec": "1",
            "packet_loss": "10",
            "vbr": "off" if self._constant else "on",
            "frame_duration": duration,
        }
        self._opened, self._codec = sound, codec
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=samples)

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """RTP payloads and the timestamp of the first, the frame's own; none while the resampler fills or while nothing is said."""
        if not isinstance(frame, av.AudioFrame):
            raise TypeError("the voice encoder takes audio frames")
        sound = self._sound()
        if sound == "none":
            self._off += 1
            if self._off % WHILE_OFF:
                return [], 0
            frame = hush(frame)
        if (sound == "full") != (self._opened == "full"):
            self._open("full" if sound == "full" else "thin")
        packets = [packet for piece in self._resampler.resample(frame) for packet in self._codec.encode(piece)]
        sent = packets if sound == "none" else [packet for packet in packets if self._worth_sending(bytes(packet))]
        if not sent or sent[0].pts is None:
            return [], 0
        return [bytes(packet) for packet in sent], sent[0].pts

    def _worth_sending(self, packet: bytes) -> bool:
        if self._constant:
            return True
        self._silent = self._silent + 1 if len(packet) <= SILENT else 0
        return self._silent % KEEP_ALIVE <= 1

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """An Opus packet that is already encoded."""
        return [bytes(packet)], convert_timebase(packet.pts or 0, packet.time_base or Fraction(1, RATE), Fraction(1, RATE))


class HeartEncoder(Encoder):
    """Opus for what a stethoscope hears: mono, 32 kbit/s, tuned for fidelity. Opus "voip" takes 8 dB off at 40 Hz, where heart sounds are.

    Silence is sent as it is: a pause between two beats is part of the sound. Nothing is sent where the link does not carry the voice whole.
    """

    def __init__(self, sound: Callable[[], SoundLeft] = lambda: "full") -> None:
        """`sound` as for `VoiceEncoder`."""
        self._sound = sound
        codec: AudioCodecContext = av.CodecContext.create("libopus", "w")
        codec.bit_rate, codec.sample_rate, codec.time_base = HEART_RATE, RATE, Fraction(1, RATE)
        codec.format, codec.layout = "s16", "mono"
        codec.options = {"application": "audio", "vbr": "on", "frame_duration": "20"}
        self._codec = codec
        self._origin: int | None = None
        self._graph = graph = av.filter.Graph()
        source = graph.add_abuffer(sample_rate=RATE, format="s16", layout="mono", time_base=Fraction(1, RATE))
        parts = (source, graph.add("lowshelf", SHELF), graph.add("aformat", "sample_fmts=s16"), graph.add("abuffersink"))
        for part, following in itertools.pairwise(parts):
            part.link_to(following)
        graph.configure()

    def _straightened(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        self._graph.push(frame)
        out: list[av.AudioFrame] = []
        with contextlib.suppress(av.BlockingIOError, av.EOFError):
            while isinstance(done := self._graph.pull(), av.AudioFrame):
                out.append(done)
        return out

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """RTP payloads and the timestamp of the first; `frame` is 20 ms of 48 kHz, mono, 16 bit."""
        if not isinstance(frame, av.AudioFrame):
            raise TypeError("the heart encoder takes audio frames")
        packets = [packet for piece in self._straightened(frame) for packet in self._codec.encode(piece)]
        if not packets or packets[0].pts is None or self._sound() != "full":
            return [], 0
        if self._origin is None:
            self._origin = packets[0].pts
        return [bytes(packet) for packet in packets], packets[0].pts - self._origin

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """An Opus packet that is already encoded."""
        return [bytes(packet)], convert_timebase(packet.pts or 0, packet.time_base or Fraction(1, RATE), Fraction(1, RATE))
