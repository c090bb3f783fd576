"""The booth's sound on its way to the sender."""

import asyncio

from kiosk.call.sources import AUDIO_PACKET
from kiosk.call.tracks import MicrophoneTrack, silence


async def test_a_piece_leaves_as_soon_as_it_is_given_and_a_later_one_not_before_its_time() -> None:
    now = 5.0
    track = MicrophoneTrack(lambda: now)
    first, second, third = silence(), silence(), silence()
    waiting = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    track.give(first)
    assert await waiting is first
    track.give(second)
    waiting = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    assert not waiting.done(), "its time is 20 ms after the first one's"
    assert await waiting is second
    now += 0.05
    track.give(third)
    assert await track.recv() is third
    assert [frame.pts for frame in (first, second, third)] == [0, AUDIO_PACKET, 2 * AUDIO_PACKET]


async def test_silence_takes_the_place_of_what_does_not_come_and_of_what_was_switched_off() -> None:
    track = MicrophoneTrack()
    given = silence()
    track.give(given)
    track.clear()
    frames = [await track.recv() for _ in range(3)]
    assert given not in frames
    assert [frame.pts for frame in frames] == [0, AUDIO_PACKET, 2 * AUDIO_PACKET]
    track.stop()
