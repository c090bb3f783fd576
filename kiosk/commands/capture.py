"""`telecabine capture DEVICE > x.frames`: what a device sends, as a file that `tests/frames` and the replay link read."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, TextIO

from drivers.measurement import Frame
from kiosk.commands.devices import UsageError, common, link_to, watch
from kiosk.commands.trial import Trial
from kiosk.known_devices import KnownDevicesError
from kiosk.links.bluez import BlueZError, BlueZRadio
from kiosk.links.link import LinkState
from kiosk.links.replay import line

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from kiosk.links.link import Event
    from kiosk.links.radio import Radio


async def capture(radio: Radio, device: str, driver: str, state: Path, seconds: float, output: TextIO, errors: TextIO) -> int:
    """Write every frame of one device; 0 when there was one. States go to `errors`, so that the file holds frames alone."""
    known, link = link_to(radio, device, driver, state)
    trial, first = Trial(known, link), list[float]()

    def tell(event: Event) -> None:
        if isinstance(event, LinkState):
            errors.write(f"{'up' if event.up else 'down'}: {event.reason}\n")
        if isinstance(event, Frame):
            first.append(event.received.monotonic)
            output.write(line(event, first[0]) + "\n")
            output.flush()
            trial.take(event)  # a meter sends only what it is asked for

    output.write(
        f"# source: captured with telecabine from {known.manufacturer or 'a device'} {known.model or known.name} (driver {known.driver})\n"
    )
    await watch(link, seconds, tell)
    return 0 if first else 1


def run(arguments: argparse.Namespace, output: TextIO = sys.stdout) -> int:
    """Carry out the command. Exit 0: something was captured; 1: nothing came; 2: a usage error."""
    radio = BlueZRadio(arguments.adapter)
    try:
        return asyncio.run(capture(radio, arguments.device, arguments.driver, arguments.state, arguments.seconds, output, sys.stderr))
    except BlueZError as error:
        sys.stderr.write(f"telecabine capture: {error}\n")
        return 1
    except (UsageError, KnownDevicesError) as error:
        sys.stderr.write(f"telecabine capture: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    parser = commands.add_parser("capture", help="write the frames of one device, as a .frames file")
    parser.add_argument("device", help="a known device's key or Bluetooth address, or a serial line's path")
    parser.add_argument("--driver", default="", help="the driver of a serial line")
    common(parser, 60.0)
    parser.set_defaults(run=run)
