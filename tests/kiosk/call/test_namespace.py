"""Calls in a network namespace of their own: nothing can leave it, and what a machine has for interfaces is the test's choice."""

import asyncio
import os
import sys
from pathlib import Path

import aioice.ice
import pytest

from simulators.call import allow_loopback

ONLY_LOOPBACK = "ip link set lo up"
WITH_INTERFACE = (
    f"{ONLY_LOOPBACK} && ip link add e0 type veth peer name e1 && ip addr add 198.18.0.1/24 dev e0 && ip link set e0 up && ip link set e1 up"
    " && ip route add default via 198.18.0.2"
)


async def scene(name: str, setup: str, folder: Path) -> None:
    own = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    process = await asyncio.create_subprocess_exec(
        *own,
        "sh",
        "-c",
        f'{setup} && exec "$@"',
        "sh",
        sys.executable,
        "-m",
        "tests.kiosk.call.namespace",
        name,
        str(folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def test_a_specialist_who_only_receives_and_was_never_asked_for_a_camera(tmp_path: Path) -> None:
    """No permission, hence only an mDNS name and no plain address from the browser."""
    await scene("receive_only", WITH_INTERFACE, tmp_path)


async def test_a_booth_without_network_says_so_at_once(tmp_path: Path) -> None:
    await scene("no_interface", ONLY_LOOPBACK, tmp_path)


async def test_the_simulated_process_works_on_loopback_alone(tmp_path: Path) -> None:
    """Fails when aioice renames what the fallback replaces, or no longer calls it."""
    await scene("loopback", ONLY_LOOPBACK, tmp_path)


async def test_relays_are_tried_in_turn_and_their_failures_are_named(tmp_path: Path) -> None:
    """Needs coturn. Relay-only: the booth's answer names no address of its own."""
    await scene("relay", WITH_INTERFACE, tmp_path)


async def test_the_relay_is_blind(tmp_path: Path) -> None:
    """Needs coturn. Sound and pictures as they were before they were sealed are nowhere in what it carries and writes. Needs F000-08, F004-25."""
    await scene("blind_relay", WITH_INTERFACE, tmp_path)


def test_the_fallback_is_refused_when_aioice_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(aioice.ice, "get_host_addresses")
    with pytest.raises(RuntimeError, match="get_host_addresses"):
        allow_loopback()
