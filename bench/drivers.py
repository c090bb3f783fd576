"""Drivers: what decoding one frame costs, beside its limit, bare `struct` and a public library. Run: `python -m bench.drivers [DRIVER ...]`.

The frames are the good ones of each driver's own `.frames` fixture, each with a new instance of the driver; beside the library, one
instance takes all of them as in a connection. A frame is one message; where a
line of a stream holds several, each that gives a Reading counts, and a packet of Nonin's formats 2 and 7 is 25 frames, as Nonin calls them.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
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

LIMIT_US, ROUNDS, ROUND_S = 50.0, 7, 0.01
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
    """Microseconds of processor time for a frame of one driver, or of one `source` of it: ours, bare `struct`'s, the library's where it has it."""

    what: str
    frames: int
    ours: float
    bare: float
    library: float | None = None

    @property
    def good(self) -> bool:
        """Within the limit, and no slower than the library."""
        return self.ours <= LIMIT_US and (self.library is None or self.ours <= self.library)


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


def measure(driver: type[Driver], frames: Sequence[Frame], what: str, peer: Callable[[bytes], object] | None = None) -> Row:
    """One row."""
    layouts = [(struct.Struct(f"<{len(frame.data)}B").unpack, frame.data) for frame in frames]

    shared = driver() if peer is not None else None

    def ours() -> None:
        for frame in frames:
            instance = shared or driver()
            for _ in instance.receive(frame):
                pass
            if driver.stream:
                for _ in instance.finish():
                    pass

    def bare() -> None:
        for unpack, data in layouts:
            unpack(data)

    works: list[Callable[[], object]] = [ours, bare]
    if peer is not None:
        works.append(lambda: [peer(data) for _, data in layouts])
    number = count(driver, frames)
    return Row(what, number, *microseconds(works, number))


def rows(names: Sequence[str] = ()) -> list[Row]:
    """One row a driver, then one for each characteristic that the library decodes too."""
    chosen = [driver for name, driver in load().items() if not names or name in names]
    found = [measure(driver, good_frames(driver), driver.name) for driver in chosen]
    for driver in chosen:
        for source in LIBRARY if not driver.quirk else ():
            frames = [frame for frame in good_frames(driver) if frame.source == source]
            if frames:
                found.append(measure(driver, frames, source, LIBRARY[source]))
    return found


def line(row: Row) -> str:
    """The row as printed."""
    beside = "" if row.library is None else f"{row.library:9.2f} {row.library / row.ours:6.2f}"
    figures = (
        f"{row.frames:7d} {1e6 / row.ours:10.0f} {row.ours:8.2f} {LIMIT_US:6.0f} {row.bare:8.2f} {row.ours / row.bare:7.0f} {beside:16}"
    )
    return f"{row.what:24} {figures} {'yes' if row.good else 'NO'}"


def main() -> int:
    """Print the table; 1 when a driver is too slow."""
    print(
        f"{'driver or characteristic':24} {'frames':>7} {'frames/s':>10} {'us':>8} {'limit':>6} {'struct':>8} {'x':>7} "
        f"{'labmcp':>9} {'ratio':>6} good"
    )
    found = rows(sys.argv[1:])
    for row in found:
        print(line(row))
    return 0 if all(row.good for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
