"""The file of an open consultation: what opens it, for how long, and what erasing leaves. Needs F004-20, F004-30."""

from datetime import timedelta
from pathlib import Path

from nacl.secret import SecretBox

from kiosk.consultation.sealed_session import SealedSession
from kiosk.secure.keys import BoothKeys
from tests.kiosk.booth_rig import KEYS, START


def test_another_booth_and_a_damaged_file_give_nothing(tmp_path: Path) -> None:
    path = tmp_path / "session.sealed"
    file = SealedSession(path, KEYS)
    file.save(b"first", START)
    first = len(path.read_bytes())
    file.save(b"second", START + timedelta(seconds=5))
    whole = path.read_bytes()
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        found = SealedSession(path, KEYS).load(START + timedelta(minutes=1))
        expected = None if size < first else b"first" if size < len(whole) else b"second"
        assert (found[0] if found else None) == expected, size
    path.write_bytes(whole[: first + 10])
    again = SealedSession(path, KEYS)
    again.load(START)
    again.save(b"third", START)
    assert SealedSession(path, KEYS).load(START) == (b"third", START)
    for at in range(0, first, 7):
        path.write_bytes(bytes((*whole[:at], whole[at] ^ 1, *whole[at + 1 :])))
        assert SealedSession(path, KEYS).load(START + timedelta(minutes=1)) is None
    path.write_bytes(whole)
    assert SealedSession(path, BoothKeys(b"x" * 32)).load(START) is None
    assert not path.exists()


def test_the_file_is_as_its_description_says(tmp_path: Path) -> None:
    """A booth that was updated during the cut reads what the version before has written."""
    path = tmp_path / "session.sealed"
    SealedSession(path, KEYS).save(b"state", START)
    octets = path.read_bytes()
    key = SecretBox(KEYS.secret(b"telecabine-session-v1")).decrypt(octets[4:76])
    assert (octets[:4], int.from_bytes(octets[76:80], "big")) == (b"TCS1", len(octets) - 80)
    assert SecretBox(key).decrypt(octets[80:]) == int(START.timestamp() * 1000).to_bytes(8, "big") + b"state"


def test_it_is_taken_up_to_the_last_moment_and_not_from_the_future(tmp_path: Path) -> None:
    file = SealedSession(tmp_path / "session.sealed", KEYS)
    file.save(b"state", START)
    assert file.load(START + timedelta(minutes=15)) == (b"state", START)
    assert file.load(START - timedelta(seconds=1)) is None


def test_erasing_destroys_the_key_before_the_name_and_a_new_one_takes_its_place(tmp_path: Path) -> None:
    """Whoever still holds the file (a backup's link, an open descriptor) holds nothing that opens."""
    path, held = tmp_path / "session.sealed", tmp_path / "held"
    SealedSession(path, KEYS).save(b"one", START)
    held.hardlink_to(path)
    SealedSession(path, KEYS).save(b"another", START)  # by a booth that has not looked what was there
    assert held.read_bytes()[:76] == bytes(76)
    assert SealedSession(held, KEYS).load(START) is None
    assert SealedSession(path, KEYS).load(START) == (b"another", START)
