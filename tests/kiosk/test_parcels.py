"""Large envelopes give way: nothing of them leaves while the line has no room, and all of it once it has. Need F002-01."""

import asyncio

from kiosk.parcels import PIECE, WHOLE, Parcels, pieces
from protocol.station import Deposit, Part, from_booth

SOUND = Deposit("s1", bytes(32), bytes(range(256)) * 512)


def test_the_pieces_are_the_envelope() -> None:
    cut = pieces(SOUND)
    assert b"".join(part.octets for part in cut) == SOUND.envelope
    assert [part.number for part in cut] == list(range(cut[0].of))
    assert max(len(from_booth.encode(part)) for part in cut) < 2300, "little enough that no value waits for long behind one"
    assert len(SOUND.envelope) > WHOLE > PIECE


async def test_a_piece_leaves_only_while_there_is_room() -> None:
    """Between two pieces the line is asked again: whatever else is to be said goes first."""
    sent: list[Part] = []
    room, asked = True, asyncio.Event()

    def has_room() -> bool:
        asked.set()
        return room

    parcels = Parcels(has_room, sent.append)
    running = asyncio.create_task(parcels.run())
    parcels.add(SOUND)
    async with asyncio.timeout(10):
        while len(sent) < 3:  # noqa: ASYNC110 -- what is awaited is the carrier's own pace
            await asyncio.sleep(0.001)
        room = False
        before = len(sent)
        for _ in range(5):
            asked.clear()
            await asked.wait()
        assert len(sent) == before
        room = True
        while len(sent) < len(pieces(SOUND)):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    running.cancel()
    assert sent == pieces(SOUND)
