"""Loudspeaker and microphone by the system's own ALSA library: its devices "file" and "null" need no hardware, and neither has a pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.call import devices
from kiosk.call.alsa import AlsaSpeaker
from kiosk.call.sources import SourceError
from kiosk.call.speaker import SpeakerError
from simulators import heart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_loudspeaker_plays_every_sample(tmp_path: Path) -> None:
    samples = heart.tone(440, 0.5).tobytes()
    speaker = AlsaSpeaker(f"file:'{tmp_path}/played',raw")
    waiting, delay = speaker.fill()
    for at in range(0, len(samples), 4000):
        speaker.write(samples[at : at + 4000])
    speaker.close()
    assert (tmp_path / "played").read_bytes() == samples
    assert (waiting, delay) == (0, 0)


def test_a_microphone_gives_pieces_of_20_ms() -> None:
    made = devices.microphone("alsa:null")
    assert made
    frames = made.open()
    pieces = [next(frames) for _ in range(3)]
    frames.close()
    assert [(piece.pts, piece.samples, piece.sample_rate, piece.format.name) for piece in pieces] == [
        (number * 960, 960, 48_000, "s16") for number in range(3)
    ]


def test_a_device_that_is_not_there_is_said() -> None:
    with pytest.raises(SpeakerError, match="nowhere"):
        AlsaSpeaker("nowhere")
    made = devices.microphone("alsa:nowhere")
    assert made
    with pytest.raises(SourceError, match="nowhere"):
        next(made.open())


@pytest.mark.parametrize("setting", ["wav:/tmp/voice.wav", "lavfi:sine", "oss:/dev/dsp", "default", "alsa", "alsa:", ""])
@pytest.mark.parametrize("made", [devices.speaker, devices.microphone])
def test_one_form_names_a_sound_card_and_another_is_refused_in_words(made: Callable[[str], object], setting: str) -> None:
    assert made("none") is None
    with pytest.raises(ValueError, match="is no sound card: 'none', or 'alsa:' and a name"):
        made(setting)
