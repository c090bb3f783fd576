"""The quality tier of a driver, from what its fixture cites: never declared by hand."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

from tests.drivers.frames import FRAMES

if TYPE_CHECKING:
    from drivers.driver import Driver

NONE, BRONZE, SILVER, GOLD = "none", "bronze", "silver", "gold"
RULE = (
    "*Tier*, computed from the fixture in tests/frames: **bronze** = the examples of a specification, a manual or a public test suite decode as\n"
    "they say; **silver** = besides, the fixture holds third-party bytes of a real device which decode to what its display or its owner said\n"
    "(a vector of origin `capture`); **gold** = our own runs with the device in hand: no driver has it yet; **none** = only bytes that we\n"
    "encoded ourselves.\n"
)


@cache
def _captures() -> frozenset[str]:
    rows = [row for name in ("bluetooth", "serial") for row in json.loads((FRAMES.parent / f"vectors/{name}.json").read_text("utf-8"))]
    return frozenset(row["id"] for row in rows if row["origin"] == "capture")


def tier(driver: type[Driver]) -> str:
    """By RULE."""
    if driver.proven_by == "simulator":
        return NONE
    cited = set(re.findall(r"\bV\d{3}\b", (FRAMES / f"{driver.name}.frames").read_text("utf-8")))
    return SILVER if driver.proven_by == "capture" and cited & _captures() else BRONZE
