"""The whole test on real stacks: the booth's and the station's sockets, coturn, and a link of known rate and loss between them. Needs F002-20, F000-08."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.network_test.thin_link import RELAYS

pytestmark = pytest.mark.alone


async def figures(folder: Path, profile: dict[str, Any], *, relays: bool = False) -> dict[str, Any]:
    own = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    command = (
        *own,
        sys.executable,
        "-m",
        "tests.kiosk.network_test.thin_link",
        str(folder),
        json.dumps(profile),
        "relays" if relays else "none",
    )
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return dict(json.loads(output))


async def at_rate(folder: Path, kbps: int, *, relays: bool = False) -> dict[str, Any]:
    """The figures of a line of this rate, which are within a quarter of it.

    Once more where the machine was busy: while booth, station or model stand still for longer than what waits on the line (0.15 s), the line is idle,
    and nobody can tell that from a line that stands still.
    """
    for attempt in ("first", "second"):
        (folder / attempt).mkdir()
        found = await figures(folder / attempt, {"both": {"rate": kbps * 1000, "delay": 40}}, relays=relays)
        rates = [float(found.get(way, "nan")) for way in ("up_kbps", "down_kbps")]
        if rates == pytest.approx([kbps, kbps], rel=0.25):
            return found
    raise AssertionError(f"{kbps} kbit/s measured as {found}")


async def test_300_kbit_is_slow_and_each_relay_is_named_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    """Needs coturn. Every way of the relay: one works, one has a certificate of its own, nobody listens at the last."""
    found = await at_rate(tmp_path, 300, relays=True)
    assert found["verdict"] == "network-slow"
    assert 80 <= found["round_trip_ms"] < 160
    assert found["tried"] == {
        RELAYS[0]: ["UDP 3478", "", ""],
        RELAYS[1]: ["TCP 3478", "", ""],
        RELAYS[2]: ["TLS 5349", "relay-certificate", "certificate not trusted"],
        RELAYS[3]: ["TCP 9", "relay-unreachable", "connection refused"],
    }
    assert (found["sent"], found["back"]) == (50, 50)


async def test_64_kbit_is_too_weak_for_a_picture(tmp_path: Path) -> None:
    found = await at_rate(tmp_path, 64)
    assert found["verdict"] == "network-weak"
