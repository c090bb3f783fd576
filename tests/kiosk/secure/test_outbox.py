"""The parts of a large result are kept together or not at all, and a closed outbox is on disk. Needs F004-30, F002-01."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from kiosk.secure.outbox import Item, Outbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def parts(count: int, of: str = "e1") -> list[Item]:
    return [Item(f"{of}.{number}", "c1", b"r" * 32, number, b"sealed", None) for number in range(count)]


def ids(path: Path) -> list[str]:
    """What another process finds on the disk now."""
    outbox = Outbox(path)
    found = [item.id for item in outbox.waiting()]
    outbox.close()
    return found


def test_all_parts_are_on_disk_when_they_are_said_to_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path)
    outbox.put_all(parts(3))
    assert ids(path) == ["e1.0", "e1.1", "e1.2"]
    assert outbox.left("c1") == (1, 2), "parts of one result"
    outbox.put_all(parts(4))
    assert ids(path) == ["e1.0", "e1.1", "e1.2", "e1.3"], "a part that is there already is kept once"


def test_when_one_part_cannot_be_made_none_is_kept_and_the_next_result_is(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path)

    def sealing() -> Iterator[Item]:
        yield from parts(2)
        assert ids(path) == [], "nothing of it can be seen before the last"
        raise ValueError("cannot be sealed")

    with pytest.raises(ValueError, match="cannot be sealed"):
        outbox.put_all(sealing())
    assert ids(path) == []
    outbox.put_all(parts(2, of="e2"))
    assert ids(path) == ["e2.0", "e2.1"]


def test_a_closed_outbox_leaves_one_file_and_takes_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path)
    outbox.put_all(parts(1))
    outbox.close()
    assert [file.name for file in tmp_path.iterdir()] == ["outbox.db"]
    with pytest.raises(sqlite3.ProgrammingError):
        outbox.waiting()
    assert ids(path) == ["e1.0"]
