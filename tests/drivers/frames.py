"""Reads a `.frames` fixture: `#` comment, `>` source and hex, `=` what the frame says, `!` why it must be refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from drivers.driver import DecodeError, Driver
from drivers.measurement import Absent, Frame, Instant, Measurement, Reading, Refused

FRAMES = Path(__file__).parent.parent / "frames"
RECEIVED = Instant(100.0, datetime(2026, 1, 12, 10, 0, tzinfo=UTC))


@dataclass
class Expectation:
    frame: Frame
    says: list[str] = field(default_factory=list)
    refused: str | None = None


def parse(text: str) -> list[Expectation]:
    found: list[Expectation] = []
    for line in text.splitlines():
        mark, _, rest = line.strip().partition(" ")
        if mark == ">":
            source, _, digits = rest.partition(" ")
            found.append(Expectation(Frame(source, bytes.fromhex(digits), RECEIVED, "device")))
        elif mark == "=":
            found[-1].says.append(rest.strip())
        elif mark == "!":
            found[-1].refused = rest.strip()
        elif mark not in ("", "#"):
            raise ValueError(f"not a line of a .frames file: {line!r}")
    return found


def expectations(driver: type[Driver]) -> list[Expectation]:
    return parse((FRAMES / f"{driver.name}.frames").read_text())


def line(measurement: Measurement) -> str:
    if isinstance(measurement.value, Absent):
        return f"{measurement.vital} - {measurement.value}"
    return f"{measurement.vital} {measurement.value:f} {measurement.unit}"


def says(item: Reading | Refused) -> list[str]:
    """The lines that a fixture would hold for this item."""
    if isinstance(item, Refused):
        return [f"refused {item.reason}"]
    lines = [line(measurement) for measurement in item.measurements]
    for wave in item.waveforms:
        for raw in wave.samples:
            value = "- not-performed" if raw is None else f"{raw * wave.scale + (wave.offset or 0):f} {wave.unit}"
            lines.append(f"{wave.vital} {value}")
    if item.device_time is not None:
        lines.append(f"time {item.device_time.isoformat()}")
    if item.user is not None:
        lines.append(f"user {item.user}")
    if item.sequence is not None:
        lines.append(f"sequence {item.sequence}")
    return lines + [f"flag {flag}" for flag in item.flags]


def run(driver: type[Driver], *frames: Frame) -> list[Reading | Refused]:
    """What a new instance makes of the frames, the end of the stream included. Raises DecodeError as the driver does."""
    instance = driver()
    found = [item for frame in frames for item in instance.receive(frame)]
    return found + list(instance.finish())


__all__ = ["DecodeError", "expectations", "line", "parse", "run", "says"]
