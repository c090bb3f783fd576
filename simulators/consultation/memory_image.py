"""The memory of a running process of ours, as a crash dump would hold it. For searches, never in production. Source: proc(5), /proc/pid/mem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_EMPTY = bytes(4096)


def memory_image(pid: int) -> bytes:
    """Every page that the process can write, one mapping after the other: its heap, stacks and buffers. Code, files and empty pages are left out.

    Raises:
        PermissionError: this machine lets nobody look into a process of the same user (/proc/sys/kernel/yama/ptrace_scope).
    """
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(address, 16) for address in span.split("-"))
            memory.seek(start)
            try:
                while start < end and (piece := memory.read(end - start)):
                    found.append(piece.replace(_EMPTY, b"\0"))
                    start += len(piece)
            except OSError:  # a page of the kernel's own, or gone since
                continue
    return b"".join(found)


def standing(needles: Sequence[tuple[bytes, ...]], memory: bytes) -> list[int]:
    """The numbers of the needles that stand in it in any form: faster than a search in one pass where the needles are few and the memory is large."""
    return [number for number, forms in enumerate(needles) if any(form in memory for form in forms)]
