"""Files that a power cut neither tears nor loses: what a function has returned from is on disk. New files are of mode 0600.

O_SYNC: each write returns when data and size are on the disk (open(2)).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def create(path: Path, octets: bytes) -> None:
    """A new file.

    Raises:
        FileExistsError: there is one already; it is left alone.
    """
    _write(path, os.O_CREAT | os.O_EXCL, octets)


def append(path: Path, octets: bytes) -> None:
    """Add to the end of a file, which is made when there is none."""
    _write(path, os.O_CREAT | os.O_APPEND, octets)


def overwrite(path: Path, octets: bytes) -> None:
    """Put other octets over the first ones of a file, where they stand on the disk."""
    _write(path, 0, octets)


def replace(path: Path, octets: bytes) -> None:
    """Another file in the place of this one, in one step: after a power cut it is the old one or the new one."""
    new = path.with_name(f"{path.name}.new")
    _write(new, os.O_CREAT | os.O_TRUNC, octets)
    new.replace(path)
    _sync_folder(path)


def remove(path: Path) -> None:
    """The file is gone, and stays so."""
    path.unlink()
    _sync_folder(path)


def _write(path: Path, flags: int, octets: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_SYNC | flags, 0o600), "wb") as file:
        file.write(octets)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
