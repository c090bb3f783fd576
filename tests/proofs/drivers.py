"""The full counts behind the drivers: `./run proofs drivers`."""

import random
import time
from functools import partial

from drivers.driver import DecodeError, load
from drivers.ieee11073 import medfloat, sfloat
from drivers.measurement import Reading, Refused
from tests.drivers.test_fuzz import damaged
from tests.drivers.test_vectors import reference, same
from tests.proofs._sliced import Sliced

FRAMES, FLOATS, SLICES = 10_000_000, 10_000_000, 20
EACH = -(-FRAMES // len(load()))


def frames(name: str, count: int = EACH, seed: int = 1) -> dict[str, float]:
    """`count` damaged and random frames for one driver: only a Reading, a Refused or a DecodeError."""
    started, refused = time.process_time(), 0
    driver = load()[name]
    instance = driver()
    for frame in damaged(driver, random.Random(f"{name} {seed}"), count):
        try:
            for item in instance.receive(frame):
                if not isinstance(item, Reading | Refused):
                    raise TypeError(f"{name} gave a {type(item).__name__} for {frame.data.hex()}")
        except DecodeError:
            refused += 1
    return {"drivers": 1, "frames": count, "refused": refused, "cpu_seconds": time.process_time() - started}


def sfloats() -> dict[str, float]:
    """All 65,536 SFLOATs against an independent reference in fractions."""
    for word in range(1 << 16):
        if not same(reference(word, 12, 4), sfloat(word), (word >> 12) - 16 if word >> 15 else word >> 12):
            raise AssertionError(f"the SFLOAT 0x{word:04x}")
    return {"sfloats": 1 << 16, "wrong": 0}


def floats(seed: int, count: int = FLOATS // SLICES) -> dict[str, float]:
    """`count` random FLOATs against the same reference."""
    chance = random.Random(seed)
    for _ in range(count):
        word = chance.getrandbits(32)
        if not same(reference(word, 24, 8), medfloat(word), (word >> 24) - 256 if word >> 31 else word >> 24):
            raise AssertionError(f"the FLOAT 0x{word:08x}")
    return {"floats": count}


PROOFS = {
    "frames": Sliced({name: partial(frames, name) for name in load()}),
    "floats": Sliced({"sfloats": sfloats, **{f"floats {seed}": partial(floats, seed) for seed in range(SLICES)}}),
}
