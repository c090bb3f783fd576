"""Light and noise in the booth, from its own camera and microphone, before anybody is called. Nothing of it is kept or sent."""

from __future__ import annotations

import math
from array import array
from collections import deque
from typing import TYPE_CHECKING, Final

from av.video.reformatter import VideoReformatter

from protocol.engine import Room

if TYPE_CHECKING:
    from collections.abc import Callable

    from av import AudioFrame, VideoFrame

#: the picture as it is judged, in cells
WIDTH, HEIGHT = 32, 18
#: the outline that the screen draws for the face: centre and half axes, of the picture's width and height
OVAL: Final = (0.5, 0.46, 0.17, 0.34)
#: how long sound is remembered, in seconds, and how long one figure of it is
MEMORY, MOMENT = 4.0, 0.1
#: moments of sound from which on the quietest of them says something about the room
ENOUGH: Final = 15
#: a picture is looked at so often, in seconds
LOOK: Final = 0.25
#: what digital silence counts as, in dB below full scale
SILENCE: Final = -96.0


class Surroundings:
    """Keeps the newest figures. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._reformatter = VideoReformatter()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._light: tuple[float, float, float] | None = None
        self._looked = float("-inf")
        self._levels: deque[float] = deque(maxlen=round(MEMORY / MOMENT))
        self._samples = array("h")

    def seen(self, frame: VideoFrame) -> None:
        """One picture of the booth's camera."""
        now = self._clock()
        if now - self._looked >= LOOK:
            self._looked = now
            self._light = light(
                self._reformatter.reformat(frame, WIDTH, HEIGHT, format="gray", interpolation="AREA", dst_color_range="JPEG")
            )

    def heard(self, frame: AudioFrame) -> None:
        """One piece of the microphone's sound: 16 bit, mono, 48 kHz."""
        self._samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
        moment = round(MOMENT * frame.sample_rate)
        while len(self._samples) >= moment:
            self._levels.append(level(self._samples[:moment]))
            del self._samples[:moment]

    def figures(self) -> Room:
        """As they are now."""
        face, around, spread = self._light or (None, None, None)
        ordered = sorted(self._levels)
        return Room(
            face=face,
            around=around,
            spread=spread,
            level=max(list(self._levels)[-5:]) if ordered else None,
            noise=ordered[len(ordered) // 10] if len(ordered) >= ENOUGH else None,
        )


def light(picture: VideoFrame) -> tuple[float, float, float]:
    """Of a gray picture of WIDTH x HEIGHT: mean luma inside and outside the outline, and the spread inside, from 0 to 1."""
    plane = picture.planes[0]
    rows, stride = bytes(plane), plane.line_size
    inside: list[int] = []
    outside: list[int] = []
    across, down, half_width, half_height = OVAL
    for y in range(HEIGHT):
        for x in range(WIDTH):
            far = (((x + 0.5) / WIDTH - across) / half_width) ** 2 + (((y + 0.5) / HEIGHT - down) / half_height) ** 2
            (inside if far <= 1 else outside).append(rows[y * stride + x])
    mean = sum(inside) / len(inside)
    spread = math.sqrt(sum((value - mean) ** 2 for value in inside) / len(inside))
    return round(mean / 255, 3), round(sum(outside) / len(outside) / 255, 3), round(spread / 255, 3)


def level(samples: array[int]) -> float:
    """Root mean square of 16-bit samples, in dB below full scale."""
    power = sum(sample * sample for sample in samples) / max(len(samples), 1)
    return SILENCE if power == 0 else round(max(SILENCE, 10 * math.log10(power / 32768**2)), 1)
