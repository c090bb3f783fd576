"""The booth's end of the sealed stream during a call: ten numbers and ten pieces of an ECG a second, by the product's own gate, line and socket.

`python -m bench.rural.values FOLDER [--text] [--test]`. FOLDER holds the authority's certificate; "due" there gets the time of each reading. Each
line on stdin is what the call leaves of picture and sound, and is told to the specialist. With --text somebody writes three characters a second;
"written" gets a JSON line for each, when it was typed and when it left. With --test the line is tested first, as the booth does before a call: the
first line on stdout says whether it is thin.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from bench.rural.wire import SPECIALIST, STATION_PORT
from drivers.measurement import Instant, Measurement, Reading, Waveform
from kiosk.booth.view import curve_message, numbers
from kiosk.consultation.live import LiveGate
from kiosk.consultation.measuring import Live
from kiosk.network_test import station as network_test
from kiosk.secure import tls
from kiosk.secure.keys import BoothKeys
from kiosk.specialist_line import SpecialistLine
from kiosk.station_client import StationClient
from protocol import specialist, station

if TYPE_CHECKING:
    from kiosk.secure.handshake import Agreement

KEYS = BoothKeys(b"rural bench: no booth has this key"[:32])
CONSULTATION, NAME = "c1", "Bench"
DEVICE, PERIOD, SAMPLE = "ble-00:00:5e:00:53:01", 0.1, Decimal("0.004")
#: s between two looks at what may leave, as the agent has it
TICK = 0.0125
#: characters a second, and of a line
TYPED, LINE = 3, 40
SIOCOUTQNSD = 0x894B


def instant() -> Instant:
    """Now."""
    return Instant(time.monotonic(), datetime.now(UTC))


class Client(StationClient):
    """Tells too whether what was given to it has left."""

    def waiting(self) -> bool:
        """Whether something has not been put on the wire yet (SIOCOUTQNSD of linux/sockios.h)."""
        sock = self._socket.get_extra_info("socket") if self._socket is not None else None
        if sock is None or not self._queue.empty():
            return True
        return fcntl.ioctl(sock.fileno(), SIOCOUTQNSD, bytes(4)) != bytes(4)


class Booth:
    """Listener of the client and of the line."""

    def __init__(self) -> None:
        self.up = asyncio.Event()
        self.client: Client
        self._line: SpecialistLine | None = None
        self._gate = LiveGate()

    def station_up(self) -> None:
        """See `station_client.Listener`."""
        self.client.send(station.OpenRoom(consultation=CONSULTATION, ticket="A12"))

    def station_down(self, reason: str) -> None:
        """See `station_client.Listener`."""
        sys.stderr.write(f"station down: {reason}\n")

    def from_station(self, message: station.ToBooth) -> None:
        """See `station_client.Listener`."""
        if isinstance(message, station.Joined):
            self._line = SpecialistLine(KEYS, CONSULTATION, NAME, self.client.relay, lambda agreement: agreement.name, self)
            self._line.prepared(())

    def relayed(self, kind: int, body: bytes) -> None:
        """See `station_client.Listener`."""
        if self._line is not None:
            self._line.received(kind, body)

    def unreadable(self) -> None:
        """See `station_client.Listener`."""

    def agreed(self, _: Agreement) -> None:
        """See `specialist_line.Listener`."""
        self.up.set()

    def said(self, message: specialist.FromSpecialist) -> None:
        """See `specialist_line.Listener`."""
        if isinstance(message, specialist.Draft):
            sys.stdout.write(json.dumps({"text": message.text, "came": time.time()}) + "\n")
            sys.stdout.flush()

    def broken(self, reason: str, *, detail: str) -> None:
        """See `specialist_line.Listener`."""
        sys.stderr.write(f"line broken: {reason} {detail}\n")

    def send(self, message: specialist.FromBooth) -> None:
        """Seal and send."""
        if self._line is not None:
            self._line.send(message)

    def measured(self, number: int) -> float:
        """A reading of the oximeter and one of the ECG have come; when, in s since the epoch."""
        now = instant()
        said = (Measurement("heart-rate", Decimal(60 + number % 40), "/min"), Measurement("spo2", Decimal(97), "%"))
        samples = tuple((number * 7 + step * 13) % 200 - 100 for step in range(25))
        wave = Waveform("ecg", samples, SAMPLE, Decimal(1), "uV")
        self._gate.take(Live(Reading("bench", "bench", now, "", DEVICE, said, settled=False), ()))
        self._gate.take(Live(Reading("bench", "bench", now, "", DEVICE, waveforms=(wave,), settled=False), ()))
        return now.wall.timestamp()

    def flow(self) -> None:
        """Let go what is due, as `kiosk.booth.results` does."""
        now, congested = instant(), self.client.congested()
        for live in self._gate.numbers_due(now.monotonic, congested=congested):
            at = live.reading.received.wall
            told = numbers(live.reading)
            self.send(specialist.Values(f"live:{DEVICE}", DEVICE, "Bench 3000", told, False, at.timestamp() * 1000, at.isoformat(), (), ()))
        for batch in self._gate.curves_due(now.monotonic, congested=congested):
            self.send(curve_message(batch, now))


async def measure(booth: Booth, out: Path) -> None:
    """Readings at their time, and a look at the gate every `TICK`."""
    start, number = time.monotonic(), 0
    with out.open("w", encoding="utf-8") as file:
        while True:
            if time.monotonic() >= start + number * PERIOD:
                file.write(f"{booth.measured(number)}\n")
                file.flush()
                number += 1
            booth.flow()
            await asyncio.sleep(TICK)


async def write(booth: Booth, out: Path) -> None:
    """Somebody writes, character by character; when each was typed and when it had left the kernel's queue."""
    with out.open("w", encoding="utf-8") as file:
        number = 0
        while True:
            text, typed = written(number), time.time()
            booth.send(specialist.Draft(text=text))
            await asyncio.sleep(0)
            while booth.client.waiting():  # noqa: ASYNC110 -- the kernel has no event for it
                await asyncio.sleep(0.005)
            file.write(json.dumps({"text": text, "typed": typed, "left": time.time()}) + "\n")
            file.flush()
            number += 1
            await asyncio.sleep(max(0.0, typed + 1 / TYPED - time.time()))


def written(number: int) -> str:
    """The line after `number` characters: each text is another one."""
    return f"{number // LINE}:" + "x" * (number % LINE + 1)


async def relay_words(booth: Booth) -> None:
    """What the call says of picture and sound."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        booth.send(specialist.Media(**json.loads(line)))


async def main() -> None:
    """Until the other side is gone."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--text", action="store_true")
    options.add_argument("--test", action="store_true")
    given = options.parse_args()
    booth = Booth()
    url, sealed = f"wss://{SPECIALIST}:{STATION_PORT}/booth", tls.context(given.folder / "authority.pem")
    if given.test:
        figures, _ = await network_test.measure(url, KEYS, NAME, sealed, time.time_ns() // 1_000_000, time.monotonic)
        sys.stdout.write(json.dumps(figures.thin) + "\n")
        sys.stdout.flush()
    booth.client = Client(url, KEYS, NAME, booth, lambda: time.time_ns() // 1_000_000, sealed)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(booth.client.run())
        await booth.up.wait()
        sys.stdout.write("up\n")
        sys.stdout.flush()
        tasks.create_task(measure(booth, given.folder / "due"))
        tasks.create_task(relay_words(booth))
        if given.text:
            tasks.create_task(write(booth, given.folder / "written"))


if __name__ == "__main__":
    asyncio.run(main())
