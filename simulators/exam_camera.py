"""Drawn exam cameras for demonstration and training: an ear drum, a mole. Every picture says that it is simulated."""

from __future__ import annotations

import math
import random
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av
from PIL import Image, ImageDraw, ImageFilter, ImageFont

if TYPE_CHECKING:
    from collections.abc import Generator

#: the size of a photograph
STILL: Final = (1600, 1200)
#: the hand that holds it trembles by so much of the picture
TREMBLES: Final = 0.012


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype("DejaVuSans.ttf", size)


def _grain(image: Image.Image, strength: int, seed: int) -> Image.Image:
    """The unevenness of skin, the same each time."""
    chance = random.Random(seed)  # noqa: S311 - a drawing
    width, height = image.width // 8, image.height // 8
    noise = Image.frombytes("L", (width, height), bytes(128 + chance.randint(-strength, strength) for _ in range(width * height)))
    return Image.blend(image, Image.merge("RGB", [noise.resize(image.size, Image.Resampling.BICUBIC)] * 3), 0.12)


def otoscope() -> Image.Image:
    """An ear drum at the end of its canal, seen through the speculum."""
    width, height = STILL
    image = Image.new("RGB", STILL, (150, 92, 78))
    draw = ImageDraw.Draw(image)
    middle, radius = (width // 2, height // 2), 430
    for step in range(60):
        shade = 150 - step
        size = 620 - step * 3
        draw.ellipse((middle[0] - size, middle[1] - size, middle[0] + size, middle[1] + size), fill=(shade + 40, shade - 30, shade - 50))
    drum = (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius)
    draw.ellipse(drum, fill=(206, 190, 178), outline=(176, 120, 108), width=26)
    draw.line((middle[0] - 70, middle[1] - 330, middle[0] - 20, middle[1] + 40), fill=(232, 214, 190), width=40)
    draw.ellipse((middle[0] - 60, middle[1] - 10, middle[0] + 30, middle[1] + 80), fill=(226, 206, 184))
    draw.polygon([(middle[0], middle[1] + 60), (middle[0] + 220, middle[1] + 300), (middle[0] + 90, middle[1] + 350)], fill=(250, 246, 236))
    for angle in (10, 95, 150, 214, 255, 330):
        at = math.radians(angle)
        start = (middle[0] + radius * math.cos(at), middle[1] + radius * math.sin(at))
        draw.line((start, (start[0] - 150 * math.cos(at), start[1] - 150 * math.sin(at))), fill=(198, 120, 112), width=5)
    return _speculum(_grain(image.filter(ImageFilter.GaussianBlur(5)), 60, 3), "OTOSCOPE SIMULÉ")


def dermatoscope() -> Image.Image:
    """A mole on skin, with a scale of millimetres."""
    width, height = STILL
    image = Image.new("RGB", STILL, (224, 178, 150))
    draw = ImageDraw.Draw(image)
    chance = random.Random(11)  # noqa: S311 - a drawing
    for size, shade in ((330, (168, 110, 78)), (250, (132, 80, 54)), (150, (96, 56, 40))):
        edge = [
            (
                width / 2 + size * (1 + chance.uniform(-0.12, 0.12)) * math.cos(at),
                height / 2 + size * (0.8 + chance.uniform(-0.1, 0.1)) * math.sin(at),
            )
            for at in (math.radians(angle) for angle in range(0, 360, 12))
        ]
        draw.polygon(edge, fill=shade)
    for _ in range(90):
        x, y = width / 2 + chance.gauss(0, 130), height / 2 + chance.gauss(0, 100)
        draw.ellipse((x - 7, y - 7, x + 7, y + 7), fill=(74, 44, 34))
    for _ in range(14):
        x, y = chance.uniform(300, 1300), chance.uniform(200, 1000)
        draw.line((x, y, x + chance.uniform(-120, 120), y + chance.uniform(60, 180)), fill=(70, 52, 44), width=4)
    image = _grain(image.filter(ImageFilter.GaussianBlur(3)), 50, 5)
    draw = ImageDraw.Draw(image)
    for at in range(11):
        x = 500 + at * 60
        draw.line((x, 1010, x, 1010 - (40 if at % 5 == 0 else 24)), fill=(30, 30, 30), width=4)
    draw.text((500 + 600 - 60, 920), "10 mm", fill=(30, 30, 30), font=_font(40))
    return _speculum(image, "DERMATOSCOPE SIMULÉ")


def _speculum(image: Image.Image, words: str) -> Image.Image:
    """Round, black around, and marked."""
    mask = Image.new("L", STILL, 0)
    ImageDraw.Draw(mask).ellipse((230, 30, STILL[0] - 230, STILL[1] - 30), fill=255)
    shown = Image.composite(image, Image.new("RGB", STILL, (8, 8, 8)), mask.filter(ImageFilter.GaussianBlur(6)))
    draw = ImageDraw.Draw(shown)
    font = _font(54)
    left, _, right, bottom = draw.textbbox((0, 0), words, font=font)
    at = ((STILL[0] - (right - left)) / 2, STILL[1] - 120)
    draw.rounded_rectangle((at[0] - 30, at[1] - 14, at[0] + right + 30, at[1] + bottom + 20), 24, fill=(255, 255, 255))
    draw.text(at, words, fill=(90, 30, 120), font=font)
    return shown


DRAWN: Final = {"otoscope": otoscope, "dermatoscope": dermatoscope}


def _frame(image: Image.Image, form: str) -> av.VideoFrame:
    made: av.VideoFrame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
    return made.reformat(format=form)


class DrawnCamera:
    """See `kiosk.call.sources.Camera`: a drawing in a trembling hand."""

    def __init__(self, kind: str, width: int = 640, height: int = 480, rate: int = 15) -> None:
        """Raises ValueError for what is not drawn."""
        if kind not in DRAWN:
            raise ValueError(f"there is no drawing of {kind!r}, only of {', '.join(DRAWN)}")
        self._kind, self._size, self._rate = kind, (width, height), rate

    def open(self) -> Generator[av.VideoFrame, None, None]:
        """See `Device`."""
        drawing, (width, height) = DRAWN[self._kind](), self._size
        room = (round(width * (1 + 2 * TREMBLES)), round(height * (1 + 2 * TREMBLES)))
        base = drawing.resize(room, Image.Resampling.LANCZOS)
        start = time.monotonic()
        for number in range(1 << 30):
            time.sleep(max(0.0, start + number / self._rate - time.monotonic()))
            at = number / self._rate
            x = round((room[0] - width) / 2 * (1 + math.sin(at * 5.1)))
            y = round((room[1] - height) / 2 * (1 + math.cos(at * 3.7)))
            frame = _frame(base.crop((x, y, x + width, y + height)), "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, self._rate)
            yield frame

    def still(self) -> av.VideoFrame:
        """See `Camera`: the whole drawing."""
        return _frame(DRAWN[self._kind](), "yuvj422p")
