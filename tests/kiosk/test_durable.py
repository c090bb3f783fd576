"""What a power cut may not tear. Needs F004-30."""

from pathlib import Path

import pytest

from kiosk import durable
from kiosk.storage import KNOWN


def test_files_are_made_added_to_written_over_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.create(path, b"one")
    with pytest.raises(FileExistsError):
        durable.create(path, b"another")
    durable.append(path, b"two")
    durable.overwrite(path, b"ONE")
    assert path.read_bytes() == b"ONEtwo"
    durable.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    durable.remove(path)
    assert list(tmp_path.iterdir()) == []
    durable.append(path, b"first")
    assert path.read_bytes() == b"first"
    with pytest.raises(FileNotFoundError):
        durable.overwrite(tmp_path / "none", b"x")


def test_a_replacement_that_the_power_cut_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "directory.new").write_bytes(b"a longer one, torn")
    durable.replace(tmp_path / "directory", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["directory"]
    assert "directory.new" in KNOWN
