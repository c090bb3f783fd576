"""`telecabine check`: the technician's look at the line: what it carries, which relays of a call work; and at the names of the sound cards."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from kiosk import settings as settings_module
from kiosk.network_test.station import measure
from kiosk.secure.errors import KeyFileError, SecureError
from kiosk.secure.keys import CREDENTIAL, load_or_create
from kiosk.secure.tls import context
from protocol import engine

if TYPE_CHECKING:
    import argparse

    from kiosk.network_test.figures import Figures
    from kiosk.network_test.ramp import Rate
    from kiosk.settings import Settings

#: verdict -> exit status, and what it means
VERDICTS: Final = {
    "network-good": (0, "good: picture, voice and values"),
    "network-slow": (3, "slow: a smaller picture, values pass"),
    "network-weak": (4, "too weak for a picture: voice and values pass; stop other uses of the line, or take another one"),
    "network-too-weak": (5, "too weak for a call: stop other uses of the line, or take another one"),
    "network-relays": (
        6,
        "no relay works: picture and voice may be missing, values pass; see the reasons above, and let the firewall through",
    ),
    "network-no-station": (1, "the station is not reached, or does not take this booth: see address, cable, clock and enrolment"),
    "network-busy": (1, "not measured: the station has no room for a test now, or this booth has just had several; try in ten minutes"),
    "network-in-use": (1, "not measured: somebody is in a consultation with this booth, whose values need the line"),
    "network-unknown": (1, "not measured: the station did not answer the test to its end; is it of this version, is the line cut?"),
}
#: the exit status where a sound card's setting names what is not there, and the line is good
NO_CARD: Final = 7


def cards(settings: Settings) -> tuple[list[str], bool]:
    """One line for each sound card that is to be a node of PipeWire, and whether all that could be looked for are there."""
    from kiosk.call import pipewire

    said, whole = [], True
    kinds: tuple[pipewire.Kind, ...] = ("microphone", "speaker", "stethoscope")
    for kind in kinds:
        node = pipewire.node(getattr(settings, kind))
        if node is None:
            continue
        try:
            absent = pipewire.absent(kind, getattr(settings, kind))
        except pipewire.PipewireError as error:
            said.append(f"{kind:12}{node}: not looked for, {error}; run this as the user whose PipeWire it is")
            continue
        whole = whole and not absent
        instead = "it is not opened" if kind == "stethoscope" else "the default card is used, without the echo canceller"
        said.append(
            f"{kind:12}{node}: " + (f"PipeWire has no such node: {instead}; see `wpctl status`, docs/sound.md" if absent else "there")
        )
    return said, whole


async def look(settings: Settings, output: TextIO, state: Path) -> int:
    """Measure, say it, and return the exit status.

    Raises:
        SecureError: there is no key, or no authority.
    """
    from kiosk.call import relays

    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    folder = Path(credentials) if credentials else None
    if not any(path.exists() for path in (state / CREDENTIAL, (folder or state) / CREDENTIAL)):
        raise KeyFileError("no-key", f"{state} holds no key of this booth: `telecabine enrol` comes first")
    keys = load_or_create(state / CREDENTIAL, folder)
    tls = context(Path(settings.authority) if settings.authority else None)
    figures, servers = await measure(settings.station, keys, settings.pharmacy, tls, time.time_ns() // 1_000_000, time.monotonic)
    if not figures.failure:
        listed = tuple(engine.IceServer(server.urls, server.username, server.credential) for server in servers)
        figures = replace(figures, relays=await relays.tried(listed))
    status, words = VERDICTS[figures.verdict]
    sound, whole = cards(settings)
    said = (f"station     {settings.station}", *lines(figures), *sound, f"verdict     {words}")
    output.write("".join(line + "\n" for line in said))
    return status or (0 if whole else NO_CARD)


def lines(figures: Figures) -> list[str]:
    """One line for each figure; what was not measured says so."""
    if figures.failure:
        return []
    trip = "not measured" if figures.round_trip_ms is None else f"{figures.round_trip_ms:.0f} ms"
    tried = figures.relays
    lost = "not measured: no relay by UDP works and passes datagrams on"
    if tried is not None and tried.sent:
        lost = f"{tried.sent - tried.back} of {tried.sent} datagrams, there and back by the relay"
    relays = [f"relay       {relay.url}: {relay.detail or 'works'}" for relay in tried.relays] if tried is not None else []
    return [
        f"up          {_rate(figures.up)}",
        f"down        {_rate(figures.down)}",
        f"round trip  {trip}",
        f"loss        {lost}",
        *(relays or ["relay       the station names none: a call needs a direct way between booth and specialist"]),
    ]


def _rate(rate: Rate | None) -> str:
    return "not measured" if rate is None else f"{'at least ' if rate.floor else ''}{rate.kbps:.0f} kbit/s"


def run(arguments: argparse.Namespace, output: TextIO = sys.stdout) -> int:
    """Carry out the command; its status is the verdict's."""
    logging.getLogger("aioice").setLevel(logging.CRITICAL)
    try:
        settings = settings_module.load(arguments.settings)
        return asyncio.run(look(settings, output, Path(settings.state_directory)))
    except settings_module.SettingsError as error:
        sys.stderr.write(f"telecabine check: {error}\n")
        return 2
    except (SecureError, OSError) as error:
        sys.stderr.write(f"telecabine check: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `telecabine`."""
    codes = ", ".join(f"{status}: {words.partition(':')[0]}" for status, words in VERDICTS.values() if status != 1)
    parser = commands.add_parser(
        "check",
        help="measure the line to the station, try the relays of a call, look for the sound cards of the settings",
        epilog=f"Exit status: {codes}, {NO_CARD}: good, but a sound card of the settings is not there, 1: not measured, 2: wrong settings. About ten seconds and less than a megabyte.",
    )
    parser.add_argument("--settings", type=Path, default=Path("/etc/telecabine/booth.toml"))
    parser.set_defaults(run=run)
