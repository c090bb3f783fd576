"""Provable erasure: the session's own values as needles, searched in everything that is left on disk."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: shorter needles are found by chance
SHORTEST = 4


def forms(needle: bytes) -> tuple[bytes, ...]:
    """The needle's octets as they may lie about: plain, hex in both cases, base64 in all three alignments."""
    found = [needle, needle.hex().encode(), needle.hex().upper().encode()]
    for shift, first in enumerate((0, 2, 3)):  # `first`: the characters that also hold what stands before the needle
        encoded = base64.b64encode(b"\0" * shift + needle)
        whole = 8 * (shift + len(needle)) // 6
        found.append(encoded[first:whole])
    return tuple(form for form in found if len(form) >= SHORTEST)


def text_forms(text: str) -> tuple[bytes, ...]:
    """A text in UTF-8 and both UTF-16, each in all forms."""
    return tuple(form for encoding in ("utf-8", "utf-16-le", "utf-16-be") for form in forms(text.encode(encoding)))


@dataclass(frozen=True)
class Hit:
    """A needle was found: which one (by its number, never its text) and where."""

    needle: int
    place: str


def search(data: bytes, needles: Iterable[tuple[bytes, ...]], place: str) -> Iterator[Hit]:
    """Every needle that stands in `data` in any form, in one pass over `data`."""
    starts: dict[bytes, list[tuple[int, bytes]]] = {}
    for number, needle in enumerate(needles):
        for form in needle:
            starts.setdefault(form[:SHORTEST], []).append((number, form))
    found: set[int] = set()
    for at in range(len(data)):
        for number, form in starts.get(data[at : at + SHORTEST], ()):
            if number not in found and data.startswith(form, at):
                found.add(number)
                yield Hit(number, place)


def scan(directory: Path, needles: list[tuple[bytes, ...]]) -> list[Hit]:
    """Search every file under `directory`, the database's log and journal included."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return [hit for path in files for hit in search(path.read_bytes(), needles, str(path.relative_to(directory)))]
