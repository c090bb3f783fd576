"""The booth's tracks: when what they send was recorded, and that no sound waits for good."""

import asyncio
import fractions
import time

import av
import pytest
from aiortc.mediastreams import MediaStreamError

from kiosk.call.sources import AUDIO_PACKET, AUDIO_RATE
from kiosk.call.tracks import CLOCK, LATE, PIECE, SOONEST, CameraTrack, MicrophoneTrack, black, silence


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def piece(number: int) -> av.AudioFrame:
    """A piece that can be told from others."""
    frame = silence()
    frame.planes[0].update(number.to_bytes(2, "little") * AUDIO_PACKET)
    return frame


def told(frame: av.AudioFrame) -> int:
    return int.from_bytes(bytes(frame.planes[0])[:2], "little")


async def test_sound_from_before_the_call_is_not_sent_and_what_is_sent_says_when_it_was_recorded() -> None:
    """A microphone that has run for a while before the connection must not make the voice late for the whole call."""
    clock = Clock()
    track = MicrophoneTrack(clock)
    for _ in range(9):
        clock.now += PIECE
        track.give(piece(1))
    assert track.start is None
    assert told(await track.recv()) == 0, "silence"
    for number in range(2, 40):
        clock.now += PIECE
        track.give(piece(number))
        frame = await track.recv()
        assert told(frame) == number
    assert track.start is not None
    assert frame.pts == 38 * AUDIO_PACKET
    assert track.start + frame.pts / AUDIO_RATE == pytest.approx(clock.now - PIECE)


@pytest.mark.parametrize("pace", [0.97, 1.03])
async def test_a_microphone_whose_clock_is_off_is_followed(pace: float) -> None:
    """No sound piles up, none is left out, no silence comes between, and the time that is told goes with it."""
    clock = Clock()
    track = MicrophoneTrack(clock)
    await track.recv()
    for number in range(1, 1000):
        clock.now += PIECE * pace
        track.give(piece(number))
        frame = await track.recv()
        assert told(frame) == number
    assert track.start is not None
    assert track.start + (frame.pts or 0) / AUDIO_RATE == pytest.approx(clock.now - PIECE, abs=SOONEST * PIECE * abs(1 - pace) + 1e-6)


async def test_without_sound_there_is_silence_at_its_pace_and_a_piece_that_is_late_is_waited_for() -> None:
    track, began = MicrophoneTrack(), time.monotonic()
    for number in range(10):
        assert (await track.recv()).pts == number * AUDIO_PACKET
    assert time.monotonic() - began > 8 * PIECE
    track.give(piece(7))
    assert told(await track.recv()) == 7
    asyncio.get_running_loop().call_later(2 * PIECE, track.give, piece(8))
    assert told(await track.recv()) == 8
    began = time.monotonic()
    assert told(await track.recv()) == 0
    assert time.monotonic() - began > 0.9 * LATE
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()


async def test_a_picture_has_the_time_at_which_it_came_not_at_which_it_was_fetched() -> None:
    clock = Clock()
    track = CameraTrack(clock)
    clock.now += 1.0
    track.give(black())
    clock.now += 0.08
    frame = await track.recv()
    assert frame.time_base == fractions.Fraction(1, CLOCK)
    assert track.start + (frame.pts or 0) / CLOCK == pytest.approx(101.0, abs=1e-4)
    clock.now += 0.5
    again = await track.recv()
    assert track.start + (again.pts or 0) / CLOCK == pytest.approx(101.58, abs=1e-4), "sent again, a picture is of now"
