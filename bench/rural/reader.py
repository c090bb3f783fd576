"""The station, and the specialist's end of the sealed stream beside it: `python -m bench.rural.reader FOLDER [--text]`.

FOLDER holds the station's certificate; "heard" there gets a JSON line a message: its kind, when it was due and when it came; stdout gets
those about picture and sound. With --text the specialist writes three characters a second; "typed" gets when.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from bench.rural.values import CONSULTATION, KEYS, NAME, TYPED, written
from bench.rural.wire import SPECIALIST, STATION_PORT
from kiosk.secure import tls
from protocol import specialist, station
from simulators.headless import HeadlessSpecialist
from station import directory
from station.app import Settings, application, wall_clock
from station.serving import Where, serve, tls_context
from station.store import Store

if TYPE_CHECKING:
    from protocol.specialist import FromBooth

ORIGIN = f"https://{SPECIALIST}:{STATION_PORT}"


def enrolled(database: Path) -> str:
    """A station's database that knows the booth, and a token for one specialist."""
    store = Store(database)
    try:
        store.call_now(lambda opened: directory.enrol_booth(opened, KEYS.public, NAME, wall_clock()))
        return str(store.call_now(lambda opened: directory.make_link(opened, "Dr Bench", wall_clock(), 60_000)))
    finally:
        store.close()


class Reader(HeadlessSpecialist):
    """Notes when each message came."""

    def __init__(self, session: aiohttp.ClientSession, token: str, out: Path) -> None:
        super().__init__(session, ORIGIN, ORIGIN, token)
        self._out = out.open("w", encoding="utf-8")

    def hear(self, message: FromBooth) -> None:
        """One line a message."""
        super().hear(message)
        came = time.time()
        match message:
            case specialist.Values():
                line = {"kind": "number", "due": message.received / 1000, "came": came}
            case specialist.Curve():
                line = {
                    "kind": "curve",
                    "due": message.received / 1000,
                    "came": came,
                    "first": message.sequence,
                    "samples": len(message.samples),
                }
            case specialist.Draft():
                line = {"kind": "text", "text": message.text, "came": came}
            case specialist.Media():
                line = {"kind": "media", "picture": message.picture, "sound": message.sound, "came": came}
            case _:
                return
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()
        if line["kind"] == "media":
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


async def write(reader: Reader, out: Path) -> None:
    """The specialist writes."""
    with out.open("w", encoding="utf-8") as file:
        number = 0
        while True:
            text, typed = written(number), time.time()
            with contextlib.suppress(ConnectionError):  # the booth may be gone
                await reader.say(specialist.Draft(text=text))
            file.write(json.dumps({"text": text, "typed": typed}) + "\n")
            file.flush()
            number += 1
            await asyncio.sleep(max(0.0, typed + 1 / TYPED - time.time()))


async def main(folder: Path, *, text: bool) -> None:
    """Until ended."""
    token = enrolled(folder / "station.sqlite")
    listener = socket.create_server((SPECIALIST, STATION_PORT), backlog=8)
    settings = Settings(folder / "station.sqlite", ORIGIN)
    context = tls_context(folder / "station.pem", folder / "station.key")
    connector = aiohttp.TCPConnector(ssl=tls.context(folder / "authority.pem"))
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as tasks:
        ready = asyncio.Event()
        tasks.create_task(serve(application(settings), Where(listener, ORIGIN, context), ready.set))
        await ready.wait()
        reader = Reader(session, token, folder / "heard")
        await reader.connect()
        tasks.create_task(reader.run())
        await reader.until(lambda: any(isinstance(one, station.WaitingRoom) and one.entries for one in reader.control))
        await reader.join(CONSULTATION)
        await reader.until(lambda: reader.authentication)
        if text:
            tasks.create_task(write(reader, folder / "typed"))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), text="--text" in sys.argv))
