"""Drivers: what decoding one frame costs, beside its limit, bare `struct` and a public library. Run: `python -m bench.drivers [DRIVER ...]`.

The frames are the good ones of each driver's own `.frames` fixture, each with a new instance of the driver; beside the library, one
instance takes all of them as in a connection. The library keeps no evidence of what it decoded: beside it, the hash of each frame's bytes
has a column of its own ("hash"), and the ratio is that of the decoding without it. A frame is one message; where a line of a stream holds several, each that gives a Reading counts, and a packet of Nonin's formats 2 and 7 is 25 frames, as Nonin calls them.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from hashlib import sha256
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

from labmcp_ble_health import driver as library

from drivers.driver import load
from tests.drivers.frames import expectations, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drivers.driver import Driver
    from drivers.measurement import Frame

LIMIT_US, ROUNDS, ROUND_S = 50.0, 15, 0.01
#: bytes of a frame in the formats whose packets hold several
FRAME_BYTES = {"nonin-df2": 5, "nonin-df7": 5}
#: the characteristics that the library decodes as well
LIBRARY: dict[str, Callable[[bytes], object]] = {
    "2A35": library.parse_blood_pressure_measurement,
    "2A37": library.parse_heart_rate_measurement,
    "2A1C": library.parse_temperature_measurement,
    "2A5E": library.parse_plx_spot_check,
    "2A5F": library.parse_plx_continuous,
    "2A9D": library.parse_weight_measurement,
}


@dataclass(frozen=True, slots=True)
class Row:
    """Microseconds of processor time for a frame of one driver, or of one `source` of it: ours, bare `struct`'s and, where it has it, the library's.

    `evidence` is what hashing the bytes takes of ours.
    """

    what: str
    frames: int
    ours: float
    bare: float
    evidence: float = 0.0
    library: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the library takes what ours takes to decode, evidence left out."""
        return None if self.library is None else self.library / (self.ours - self.evidence)

    @property
    def good(self) -> bool:
        """Within the limit, and no slower than the library."""
        return self.ours <= LIMIT_US and (self.ratio is None or self.ratio >= 1)


def microseconds(works: Sequence[Callable[[], object]], frames: int) -> list[float]:
    """What one of `frames` costs each of `works`, in turns, so that a busy machine slows all of them: medians of ROUNDS rounds."""
    counts = []
    for work in works:
        count, start = 0, process_time()
        while process_time() - start < ROUND_S:
            work()
            count += 1
        counts.append(count)
    rounds: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, count, times in zip(works, counts, rounds, strict=True):
            start = process_time()
            for _ in range(count):
                work()
            times.append((process_time() - start) / count / frames * 1e6)
    return [median(times) for times in rounds]


def good_frames(driver: type[Driver]) -> list[Frame]:
    """The frames of its fixture that say something."""
    return [expected.frame for expected in expectations(driver) if expected.refused is None]


def count(driver: type[Driver], frames: Sequence[Frame]) -> int:
    """How many messages these are."""
    size = FRAME_BYTES.get(driver.name)
    return sum(len(frame.data) // size if size else max(1, len(run(driver, frame))) for frame in frames)


def bare(frames: Sequence[Frame]) -> Callable[[], object]:
    """Unpack the bytes and no more."""
    layouts = [(struct.Struct(f"<{len(frame.data)}B").unpack, frame.data) for frame in frames]
    return lambda: [unpack(data) for unpack, data in layouts]


def alone(driver: type[Driver]) -> Row:
    """What the frames of its fixture cost a driver."""
    frames = good_frames(driver)

    def ours() -> None:
        for frame in frames:
            instance = driver()
            for _ in instance.receive(frame):
                pass
            if driver.stream:
                for _ in instance.finish():
                    pass

    number = count(driver, frames)
    return Row(driver.name, number, *microseconds((ours, bare(frames)), number))


def beside(driver: type[Driver], source: str, peer: Callable[[bytes], object]) -> Row | None:
    """What those of one characteristic cost the driver and the library; None when the fixture has none."""
    frames, instance = [frame for frame in good_frames(driver) if frame.source == source], driver()
    if not frames:
        return None

    def ours() -> None:
        for frame in frames:
            for _ in instance.receive(frame):
                pass

    def evidence() -> None:
        for frame in frames:
            sha256(frame.data).hexdigest()

    def theirs() -> None:
        for frame in frames:
            peer(frame.data)

    return Row(source, len(frames), *microseconds((ours, bare(frames), evidence, theirs), len(frames)))


def rows(names: Sequence[str] = ()) -> list[Row]:
    """One row a driver, then one for each characteristic that the library decodes too."""
    chosen = [driver for name, driver in load().items() if not names or name in names]
    found = [alone(driver) for driver in chosen]
    shared = [beside(driver, source, peer) for driver in chosen if not driver.quirk for source, peer in LIBRARY.items()]
    return [*found, *(row for row in shared if row is not None)]


def line(row: Row) -> str:
    """The row as printed."""
    beside = "" if row.ratio is None else f"{row.evidence:6.2f} {row.library:9.2f} {row.ratio:6.2f}"
    figures = (
        f"{row.frames:7d} {1e6 / row.ours:10.0f} {row.ours:8.2f} {LIMIT_US:6.0f} {row.bare:8.2f} {row.ours / row.bare:7.0f} {beside:23}"
    )
    return f"{row.what:24} {figures} {'yes' if row.good else 'NO'}"


def main() -> int:
    """Print the table; 1 when a driver is too slow."""
    print(
        f"{'driver or characteristic':24} {'frames':>7} {'frames/s':>10} {'us':>8} {'limit':>6} {'struct':>8} {'x':>7} "
        f"{'hash':>6} {'labmcp':>9} {'ratio':>6} good"
    )
    found = rows(sys.argv[1:])
    for row in found:
        print(line(row))
    return 0 if all(row.good for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
