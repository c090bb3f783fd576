"""How long others have waited. Pure."""

from station.waiting_room import WaitingRoom


def test_the_wait_is_told_once_enough_are_known_and_each_consultation_counts_once() -> None:
    waiting: WaitingRoom[str] = WaitingRoom()
    for number, minutes in enumerate((2, 30, 4, 6, 8)):
        assert waiting.wait() is None
        room, _ = waiting.open(f"c{number}", bytes([number]), "Cabine", "K47", "booth", 0)
        assert waiting.waiting()[-1] is room
        waiting.join(room.consultation, f"s{number}", "Dr", f"page{number}")
        for again in (minutes, minutes + 60):
            waiting.waited(room, again * 60_000)
    assert waiting.wait() == (4 * 60_000, 8 * 60_000)
    assert waiting.waiting() == ()
