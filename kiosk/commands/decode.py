"""`telecabine decode`: bytes of a device in, one JSON object a frame out. What a technician checks a device with."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from drivers.driver import DecodeError, Driver, for_source, load
from drivers.measurement import Absent, Frame, Instant, Reading, Refused

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

#: `decode` judges bytes, not when they came
_NOW = Instant(0.0, datetime(2000, 1, 1, tzinfo=UTC))


def number(value: Decimal) -> str:
    """A decimal with the digits it was sent with, never in scientific notation."""
    return format(value, "f")


def _row(vital: str, value: Decimal | Absent, unit: str) -> dict[str, Any]:
    absent = value if isinstance(value, Absent) else None
    return {"vital": vital, "value": None if isinstance(value, Absent) else number(value), "unit": unit, "absent": absent}


def _rows(reading: Reading) -> Iterator[dict[str, Any]]:
    for measurement in reading.measurements:
        yield _row(measurement.vital, measurement.value, measurement.unit)
    for wave in reading.waveforms:
        for raw in wave.samples:
            sample = Absent.NOT_PERFORMED if raw is None else raw * wave.scale + (wave.offset or 0)
            yield _row(wave.vital, sample, wave.unit)


def as_json(source: str, driver: str, reading: Reading | None, rejected: str | None) -> dict[str, Any]:
    """The JSON object of one frame: a Reading, or the reason why there is none."""
    return {
        "source": source,
        "driver": driver,
        "measurements": [] if reading is None else list(_rows(reading)),
        "time": None if reading is None or reading.device_time is None else reading.device_time.isoformat(),
        "user": None if reading is None else reading.user,
        "sequence": None if reading is None else reading.sequence,
        "flags": [] if reading is None else list(reading.flags),
        "rejected": rejected,
    }


def decode(driver_class: type[Driver], source: str, pieces: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    """One JSON object per frame of a stream, per piece otherwise. A piece that says nothing is said to be refused."""
    driver, silent = driver_class(), True
    for data in pieces:
        try:
            found: list[Reading | Refused] = list(driver.receive(Frame(source, data, _NOW)))
        except DecodeError as error:
            yield as_json(source, driver.name, None, str(error))
            continue
        if not found and not driver_class.stream:
            yield as_json(source, driver.name, None, "the frame says nothing")
        for item in found:
            silent = False
            yield _item(source, driver.name, item)
    for item in driver.finish():
        silent = False
        yield _item(source, driver.name, item)
    if driver_class.stream and silent:
        yield as_json(source, driver.name, None, "no frame: the bytes are an empty stream, or say nothing by themselves")


def _item(source: str, driver: str, item: Reading | Refused) -> dict[str, Any]:
    if isinstance(item, Refused):
        return as_json(source, driver, None, f"{item.reason}: {item.data.hex()}")
    return as_json(source, driver, item, None)


def _usage(message: str) -> int:
    print(f"telecabine decode: {message}", file=sys.stderr)  # noqa: T201 - a command speaks on its terminal
    return 2


def run(arguments: argparse.Namespace, output: TextIO | None = None) -> int:
    """Carry out the command. Exit 0: all decoded; 1: something was refused; 2: unknown source or driver, or bad hex."""
    source = str(arguments.source)
    drivers = load()
    driver = drivers.get(arguments.driver) if arguments.driver else for_source(source)
    if driver is None:
        what = f"unknown driver {arguments.driver!r}" if arguments.driver else f"unknown source {source!r}"
        return _usage(f"{what}; docs/devices.md lists all: a characteristic, as 2A35, or a protocol, as contec-cms50")
    names = {known.casefold(): known for known in driver.link.sources}
    if source.casefold() not in names:
        return _usage(f"driver {driver.name!r} does not read {source!r}; it reads {', '.join(driver.link.sources)}")
    try:
        pieces = [bytes.fromhex(piece) for piece in arguments.hex]
    except ValueError:
        return _usage("bad hex: two digits 0-9 a-f for each byte, as in 0062004800")
    status = 0
    for item in decode(driver, names[source.casefold()], pieces):
        (output or sys.stdout).write(json.dumps(item, ensure_ascii=False) + "\n")
        status = status or (1 if item["rejected"] else 0)
    return status


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("decode", help="decode bytes of a device, JSON out")
    parser.add_argument("source", help="a GATT characteristic (2A35) or a serial protocol (contec-cms50)")
    parser.add_argument("hex", nargs="+", help="the bytes of one frame; of a stream, any pieces in order")
    parser.add_argument("--driver", help="a driver by name, where a model needs its own")
    parser.set_defaults(run=run)
