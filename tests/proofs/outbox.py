"""The full counts behind the claim that the outbox loses, doubles and spoils nothing, whatever ends the booth."""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.kiosk.secure import killed_outbox, power_loss
from tests.proofs._sliced import Sliced, counted

#: kills of one outbox before it is drained and judged
LIFE = 25


def _life(number: int) -> dict[str, int]:
    return killed_outbox.kills(LIFE, random.Random(number))


def killed(first: int, count: int) -> dict[str, int]:
    """`count` kills at random moments, two booths at a time."""
    figures: dict[str, int] = {"lost": 0, "delivered_twice": 0, "unreadable": 0}
    with ProcessPoolExecutor(2, get_context("fork")) as pool:
        for one in pool.map(_life, range(first // LIFE, (first + count) // LIFE)):
            for name, value in one.items():
                figures[name] = figures.get(name, 0) + value
    return figures


def power(first: int, count: int) -> dict[str, int]:
    """`count` recorded scenarios, each replayed at every moment."""
    figures = {"lost": 0}
    for number in range(first, first + count):
        for name, value in power_loss.replay(random.Random(number), 30).items():
            figures[name] = figures.get(name, 0) + value
    return figures


PROOFS = {
    "10,000 kills": Sliced(counted(killed, 10_000, 500)),
    "power loss at every write": Sliced(counted(power, 20, 1)),
}
