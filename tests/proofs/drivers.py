"""The full counts behind the drivers: `./run proofs drivers`."""

import random
import time

from drivers.driver import DecodeError, load
from drivers.ieee11073 import medfloat, sfloat
from tests.drivers.test_fuzz import damaged
from tests.drivers.test_vectors import reference, same


def frames(count: int = 10_000_000, seed: int = 1) -> dict[str, float]:
    """`count` damaged and random frames, shared between all drivers: only a Reading, a Refused or a DecodeError."""
    drivers, started, refused = load(), time.process_time(), 0
    each = -(-count // len(drivers))
    for name, driver in drivers.items():
        instance = driver()
        for frame in damaged(driver, random.Random(f"{name} {seed}"), each):
            try:
                for _ in instance.receive(frame):
                    pass
            except DecodeError:
                refused += 1
    return {
        "drivers": len(drivers),
        "frames": each * len(drivers),
        "refused": refused,
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def floats(count: int = 10_000_000, seed: int = 11073) -> dict[str, float]:
    """All 65,536 SFLOATs and `count` random FLOATs against an independent reference in fractions."""
    chance, wrong = random.Random(seed), 0
    for word in range(1 << 16):
        wrong += not same(reference(word, 12, 4), sfloat(word), (word >> 12) - 16 if word >> 15 else word >> 12)
    for _ in range(count):
        word = chance.getrandbits(32)
        wrong += not same(reference(word, 24, 8), medfloat(word), (word >> 24) - 256 if word >> 31 else word >> 24)
    return {"sfloats": 1 << 16, "floats": count, "wrong": wrong}


PROOFS = {"frames": frames, "floats": floats}
