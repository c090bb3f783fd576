"""A microphone that hears what libavfilter makes or plays, at the pace of a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av

from kiosk.call.libav import paced
from kiosk.call.sources import AUDIO_PACKET, AUDIO_RATE, SourceError

if TYPE_CHECKING:
    from collections.abc import Generator


class LavfiMicrophone:
    """See `kiosk.call.sources.Device`. `graph` is a filter graph: "sine=frequency=440", "amovie=FILE". Frames are 20 ms, mono, 16 bit, 48 kHz."""

    def __init__(self, graph: str) -> None:
        self._graph = graph

    def open(self) -> Generator[av.AudioFrame, None, None]:
        """See `Device`."""
        resampler = av.AudioResampler(format="s16", layout="mono", rate=AUDIO_RATE, frame_size=AUDIO_PACKET)
        try:
            with av.open(self._graph, format="lavfi") as opened:
                # a file's frames may be four pieces long, which a sound card would not hand over at once
                yield from paced(piece for frame in opened.decode(audio=0) for piece in resampler.resample(frame))
        except (av.FFmpegError, IndexError) as error:
            raise SourceError(f"microphone {self._graph}: {error}") from None
