"""How long identification takes: from card-in to candidate under a real pcscd, and the reading of a datamatrix in a camera frame.

Cards are virtual (vpcd): pcscd looks at them every 400 ms, where a USB reader reports by interrupt. Run: `python -m bench.identity`.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import zxingcpp

from drivers.cards import ins_datamatrix
from drivers.cards.card import Policy
from kiosk.links.scanner import codes_in
from kiosk.links.smart_card import CardMonitor, CardReader, CardSettings
from kiosk.links.smart_card_monitor import Seen
from simulators import patient_cards
from simulators.patient_cards import Person
from simulators.pcscd import Pcscd

WIDTH, HEIGHT = 1280, 720
CODE = b"IS01" + b"0" * 22 + b"S1277010115400329S21.2.250.1.213.1.4.8\x1dS3SARAH-LOU ANNA\x1dS4GARCIA-HAMMADI\x1dS5FS621-01-1977S701154"
#: what each figure is held against: the deadline of a read, the time between two looks at a camera that gives 5 frames a second
CARD_LIMIT_S, FRAME_LIMIT_MS = 5.0, 200.0


def percentile(values: list[float], share: int) -> float:
    """The value that `share` percent of the values do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def figure(name: str, values: list[float], unit: str, limit: float) -> dict[str, object]:
    """One line of the result."""
    middle, slow = statistics.median(values), percentile(values, 95)
    return {
        "figure": name,
        "unit": unit,
        "n": len(values),
        "median": round(middle, 4),
        "p95": round(slow, 4),
        "limit": limit,
        "within": slow <= limit,
    }


async def cards(count: int) -> tuple[list[float], list[float]]:
    """Seconds to the candidate, from the moment the card goes in and from the monitor's event."""
    settings = CardSettings(policy=Policy(vitale_legal_basis="a measurement"))
    from_insertion, from_event = [], []
    with tempfile.TemporaryDirectory() as directory, Pcscd(Path(directory)) as service:
        reader, events = CardReader(settings), CardMonitor(settings).events()
        await reader.prepare()
        for number in range(count):
            card = patient_cards.vitale([Person("DURAND", f"ANNE {'I' * number}", "19530714", "253072A07300443")])
            start = time.perf_counter()
            service.readers[0].insert(card)
            await _until(events, Seen.CARD_IN)
            seen = time.perf_counter()
            await reader.read()
            done = time.perf_counter()
            from_insertion.append(done - start)
            from_event.append(done - seen)
            service.readers[0].remove()
            await _until(events, Seen.CARD_OUT)
        await reader.aclose()
        await events.aclose()  # type: ignore[attr-defined]
    return from_insertion, from_event


async def _until(events, seen: Seen) -> None:  # type: ignore[no-untyped-def]
    async for event in events:
        if event.seen is seen:
            return


def frame(scale: int, seed: int, *, empty: bool = False) -> bytearray:
    """A grey frame with noise and, unless `empty`, one code somewhere in it."""
    random_ = random.Random(seed)
    pixels = bytearray(random_.choices(range(192, 209), k=WIDTH * HEIGHT))
    if empty:
        return pixels
    image = memoryview(zxingcpp.create_barcode(CODE.decode(), zxingcpp.BarcodeFormat.DataMatrix, forceSquare=True).to_image(scale=scale))
    height, width = image.shape
    left, top = random_.randrange(WIDTH - width), random_.randrange(HEIGHT - height)
    flat = image.tobytes()
    for row in range(height):
        pixels[(top + row) * WIDTH + left : (top + row) * WIDTH + left + width] = flat[row * width : (row + 1) * width]
    return pixels


def frames(count: int, *, empty: bool) -> list[float]:
    """Milliseconds of one processor to look at a frame and to parse the code that is in it."""
    times = []
    for number in range(count):
        pixels = frame(3 + number % 4, number, empty=empty)
        start = time.process_time()
        found = codes_in(pixels, WIDTH, HEIGHT)
        for code in found:
            ins_datamatrix.read(code)
        times.append((time.process_time() - start) * 1000)
        assert (found == ()) == empty, "a code was missed or made up"
    return times


def main(count: int = 40) -> list[dict[str, object]]:
    """Measure, print one JSON line a figure, and return them."""
    from_insertion, from_event = asyncio.run(cards(count))
    results = [
        figure("card in to candidate", from_insertion, "s", CARD_LIMIT_S),
        figure("card event to candidate", from_event, "s", CARD_LIMIT_S),
        figure("datamatrix in a 1280x720 frame", frames(count, empty=False), "ms", FRAME_LIMIT_MS),
        figure("1280x720 frame without a code", frames(count, empty=True), "ms", FRAME_LIMIT_MS),
    ]
    for result in results:
        print(json.dumps(result))
    return results


if __name__ == "__main__":
    sys.exit(0 if all(result["within"] for result in main()) else 1)
