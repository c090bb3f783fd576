"""Buckets, so that the size of a sealed message says little of what is in it (docs/crypto.md).

A size is rounded up to the next of 128, 192, 256, 384, 512, 768, ...: two buckets to each doubling, so that at most half is added.
"""

from __future__ import annotations

SMALLEST = 128


def bucket(size: int, smallest: int = SMALLEST) -> int:
    """The smallest bucket that holds `size` octets; `smallest` is a power of two."""
    step = smallest
    while step < size:
        if step + step // 2 >= size:
            return step + step // 2
        step *= 2
    return step


def padded(text: bytes) -> bytes:
    """A JSON text with spaces after it up to its bucket: every JSON reader passes over them."""
    return text.ljust(bucket(len(text)))
