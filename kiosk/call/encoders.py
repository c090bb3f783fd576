"""How the booth's sound is encoded. aiortc's own Opus encoder is 96 kbit/s stereo without error correction: a quarter of a rural link."""

from __future__ import annotations

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

    from kiosk.call.bandwidth import Sound

RATE: Final = 48_000
#: bit/s and samples of one packet: 20 ms, and 80 ms where the headers alone would fill the link
SOUNDS: Final = {"full": (24_000, 960), "thin": (8_000, 3840)}
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

    def __init__(self, sound: Callable[[], Sound] = lambda: "full") -> None:
        """`sound` tells how much of it the link carries; it is asked at each piece, on the encoder's thread."""
        self._sound = sound
        self._open("full")
        self._origin: int | None = None
        self._silent = self._off = 0

    def _open(self, sound: Sound) -> None:
        rate, samples = SOUNDS[sound]
        codec: AudioCodecContext = av.CodecContext.create("libopus", "w")
        codec.bit_rate = rate
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = RATE
        codec.time_base = Fraction(1, RATE)
        duration = str(1000 * samples // RATE)
        codec.options = {"application": "voip", "fec": "1", "packet_loss": "10", "vbr": "on", "frame_duration": duration}
        self._opened, self._codec = sound, codec
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=samples)

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """RTP payloads and the timestamp of the first; none while the resampler fills or while nothing is said."""
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
        if self._origin is None:
            self._origin = sent[0].pts
        return [bytes(packet) for packet in sent], sent[0].pts - self._origin

    def _worth_sending(self, packet: bytes) -> bool:
        self._silent = self._silent + 1 if len(packet) <= SILENT else 0
        return self._silent % KEEP_ALIVE <= 1

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """An Opus packet that is already encoded."""
        return [bytes(packet)], convert_timebase(packet.pts or 0, packet.time_base or Fraction(1, RATE), Fraction(1, RATE))
